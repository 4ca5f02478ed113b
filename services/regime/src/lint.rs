//! Checks across records and files. Each check notes every fault it finds; none stops another.
//!
//! Reading has already noted missing and unreadable values and left them blank, so a blank id is never reported again.

mod acts;
mod authority;
mod carried;
mod documents;
mod due;
mod duties;
mod effects;
mod facts;
mod field;
mod files;
mod groups;
mod idle;
mod numbers;
mod organisation;
mod pack;
mod places;
mod record_numbers;
mod records;
mod recurring;
mod registers;
mod retention;
mod roles;
mod slots;
mod stages;
mod template;
mod unused;
mod visibility;
mod volumes;

use crate::fault::{Fault, Severity};
use crate::read::{Node, Reader, Shape};

pub(crate) use organisation::organisations;
pub(crate) use pack::packs;
pub(crate) use template::templates;

/// A file that has been read.
pub(crate) struct Paper<T> {
    /// Its name.
    pub(crate) file: String,
    /// Its tree, for lines.
    pub(crate) root: Node,
    /// What it says.
    pub(crate) content: T,
}

/// Which kinds of files were all readable. A reference into a kind that was not is no fault of who refers.
#[derive(Clone, Copy)]
pub(crate) struct Readable {
    /// Every pack.
    pub(crate) packs: bool,
    /// Every template.
    pub(crate) templates: bool,
    /// Every calendar.
    pub(crate) calendars: bool,
}

/// Notes faults of one paper.
pub(crate) struct Context<'a> {
    root: &'a Node,
    faults: &'a mut Vec<Fault>,
}

// === impl Paper ===

impl<T: Shape> Paper<T> {
    /// Reads a tree; what cannot be read is a fault and blank.
    pub(crate) fn read(file: &str, root: &Node, faults: &mut Vec<Fault>) -> Self {
        let content = T::read(root, &mut Reader::new(faults));
        Self { file: file.to_owned(), root: root.clone(), content }
    }
}

// === impl Context ===

impl<'a> Context<'a> {
    /// A context for a paper.
    pub(crate) fn of<T>(paper: &'a Paper<T>, faults: &'a mut Vec<Fault>) -> Self {
        Self { root: &paper.root, faults }
    }

    /// Notes a fault at a path.
    pub(crate) fn fault(&mut self, path: impl Into<String>, sentence: impl Into<String>) {
        self.note(path.into(), sentence.into(), Severity::Error);
    }

    /// Notes a warning at a path.
    pub(crate) fn warn(&mut self, path: impl Into<String>, sentence: impl Into<String>) {
        self.note(path.into(), sentence.into(), Severity::Warning);
    }

    /// A fault unless the reference is blank or one of the known ids.
    pub(crate) fn refers(&mut self, path: impl Into<String>, what: &str, id: &str, known: bool) {
        if !id.is_empty() && !known {
            self.fault(path, format!("there is no {what} `{id}`"));
        }
    }

    /// A fault for every key that occurred before, and for every id that is not an id.
    pub(crate) fn ids<'i>(&mut self, list: &str, key: &str, what: &str, ids: impl Iterator<Item = &'i str>) {
        let mut seen: Vec<&str> = Vec::new();
        for (at, id) in ids.enumerate() {
            let path = if key.is_empty() { format!("{list}[{at}]") } else { format!("{list}[{at}].{key}") };
            if id.is_empty() {
                continue;
            }
            if seen.contains(&id) {
                self.fault(path, format!("{what} `{id}` is given twice"));
            } else if !is_id(id) {
                self.fault(path, format!("`{id}` is no id: letters, digits, `_`, `-` and `.`, at most 64"));
            }
            seen.push(id);
        }
    }

    /// A fault if a list that must not be empty is.
    pub(crate) fn filled<T>(&mut self, path: &str, list: &[T], sentence: &str) {
        if list.is_empty() && !self.is_faulty(path) {
            self.fault(path, sentence);
        }
    }

    /// Whether reading has already noted a fault at exactly this path, or at its parent for a missing key.
    fn is_faulty(&self, path: &str) -> bool {
        let (parent, key) = path.rsplit_once('.').unwrap_or(("", path));
        let missing = format!("key `{key}` is missing");
        let stands = |fault: &Fault, at: &str| fault.path == at && *fault.file == *self.root.place_of(at).file;
        self.faults.iter().any(|one| stands(one, path) || (one.sentence == missing && stands(one, parent)))
    }

    /// Whether the file, or one that it inherits from, says something at this path.
    pub(crate) fn says(&self, path: &str) -> bool {
        self.root.has(path)
    }

    fn note(&mut self, path: String, sentence: String, severity: Severity) {
        let at = self.root.place_of(&path);
        let (file, line) = (at.file.to_string(), at.line);
        self.faults.push(Fault { file, line, path, sentence, severity });
    }
}

fn is_id(id: &str) -> bool {
    id.len() <= 64 && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// A fault at each paper whose id an earlier paper has.
fn unique<T>(papers: &[Paper<T>], what: &str, key: &str, id: impl Fn(&T) -> &str, faults: &mut Vec<Fault>) {
    for (at, paper) in papers.iter().enumerate() {
        let mine = id(&paper.content);
        let earlier = papers.iter().take(at).find(|other| !mine.is_empty() && id(&other.content) == mine);
        if let Some(other) = earlier {
            Context::of(paper, faults).fault(key, format!("{what} `{mine}` exists in {} too", other.file));
        }
    }
}

#[cfg(test)]
mod tests;
