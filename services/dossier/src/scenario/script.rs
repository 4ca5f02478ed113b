//! The script as it is written: who does what, when, and what must come of it.

use std::path::Path;

use dossier_regime::read::{Node, Outline, Reader, Scalar, Shape, document};
use dossier_regime::{Fault, Faults, Severity, Source, Unit, shape};
use jiff::civil::DateTime;

use super::check;

shape! {
    /// A story of one rule book.
    pub struct Script {
        /// Id: the name of its file, and of its company.
        pub id: String,
        /// What it tells, in the words of the rule book.
        pub label: String,
        /// Id of the pack.
        pub pack: String,
        /// When it begins, in the time zone of the pack.
        pub start: Moment,
        /// Units of the company; one, `main`, where none is named.
        pub units: Vec<Unit> = Vec::new(),
        /// Its people.
        pub people: Vec<At<Person>>,
        /// Templates besides those of the pack.
        pub extra_templates: Vec<String> = Vec::new(),
        /// What content is read for, in every request that has a purpose and says none.
        pub purpose: Option<String> = None,
        /// Where values come from that say nothing of it (P-20).
        pub provenance: Free = Free::default(),
        /// What happens, in order.
        pub steps: Vec<At<Step>>,
    }
}

shape! {
    /// Somebody of the story.
    pub struct Person {
        /// Short name within the script.
        pub id: String,
        /// Name shown.
        pub label: String,
        /// Posts held.
        pub posts: Vec<Post>,
    }
}

shape! {
    /// A post held in a unit.
    pub struct Post {
        /// Id of the post.
        pub post: String,
        /// Id of the unit; the only one where there is one.
        pub unit: Option<String> = None,
    }
}

shape! {
    /// One thing that happens: somebody calls an rpc, or time passes.
    pub struct Step {
        /// What the rule book says, printed before the step.
        pub rule: Option<String> = None,
        /// Who acts: the id of a person.
        pub who: Option<String> = None,
        /// What they do, in plain words.
        pub say: Option<String> = None,
        /// The rpc by its name; `service.Rpc` where several services have it.
        pub call: Option<String> = None,
        /// The request.
        pub with: Free = Free::default(),
        /// Words of the content that a document gets which the step files; the reply is the document with it.
        pub content: Option<String> = None,
        /// Keeps the reply under this name.
        pub keep("as"): Option<String> = None,
        /// The reason for which it must be refused.
        pub refused: Option<String> = None,
        /// What the refusal must tell: metadata, `field`, what is unmet.
        pub told: Free = Free::default(),
        /// A part of the reply that must be there.
        pub expect: Free = Free::default(),
        /// Values of the reply that are printed: paths, or words with a path each.
        pub shows: Free = Free::default(),
        /// How much time passes.
        pub pass: Option<String> = None,
        /// The moment until which time passes.
        pub until: Option<Moment> = None,
    }
}

/// A moment of the day as people write it, `2026-03-02 09:00`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moment(pub DateTime);

/// Something and the line where it stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct At<T> {
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub it: T,
}

/// What is written freely: a request, a part of a reply.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Free(pub Option<Node>);

// === impl Script ===

impl Script {
    /// Reads the script of a file and checks what can be known before it runs.
    ///
    /// # Errors
    /// Every fault, with file, line and a sentence.
    pub fn open(path: &Path) -> Result<Self, Faults> {
        let file = path.display().to_string();
        match std::fs::read(path) {
            Ok(bytes) => Self::read(&Source { file, bytes }),
            Err(fault) => Err(Faults(vec![at(&file, 0, format!("the file cannot be read: {}", fault.kind()))])),
        }
    }

    /// The same from a text.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(source: &Source) -> Result<Self, Faults> {
        let script: Self = document(source)?;
        let mut faults = check::faults(&source.file, &script);
        faults.sort();
        if faults.is_empty() { Ok(script) } else { Err(Faults(faults)) }
    }

    /// The person of this id.
    pub fn person(&self, id: &str) -> Option<&Person> {
        self.people.iter().map(|one| &one.it).find(|one| one.id == id)
    }

    /// Its units: those that it names, or the one that every script has.
    pub fn all_units(&self) -> Vec<Unit> {
        match self.units.is_empty() {
            true => vec![Unit { id: "main".to_owned(), label: "公司".to_owned(), ..Unit::default() }],
            false => self.units.clone(),
        }
    }
}

/// A fault of a script.
pub(super) fn at(file: &str, line: usize, sentence: String) -> Fault {
    Fault { file: file.to_owned(), line, path: String::new(), sentence, severity: Severity::Error }
}

// === impl Moment ===

impl Moment {
    /// Reads `2026-03-02 09:00`, or a day, which is its beginning.
    ///
    /// # Errors
    /// How it must be written.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let read = text.parse().or_else(|fault| text.parse::<jiff::civil::Date>().map(Into::into).map_err(|_| fault));
        read.map(Self).map_err(|_| format!("`{text}` is no moment such as `2026-03-02 09:00`"))
    }
}

impl Shape for Moment {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        reader.parsed(node, "a moment", Self::parse)
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Text)
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

// === impl At ===

impl<T: Shape> Shape for At<T> {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        Self { line: node.place.line, it: T::read(node, reader) }
    }

    fn outline() -> Outline {
        T::outline()
    }
}

impl<T: serde::Serialize> serde::Serialize for At<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.it.serialize(to)
    }
}

// === impl Free ===

impl Free {
    /// Whether something is written.
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }
}

impl Shape for Free {
    fn read(node: &Node, _: &mut Reader<'_>) -> Self {
        Self(Some(node.clone()))
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Text)
    }
}

impl serde::Serialize for Free {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        // It is read where it is used, by what it is used for.
        to.serialize_bool(self.is_given())
    }
}
