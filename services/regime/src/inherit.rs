//! Packs that extend another: the tree of a pack with all that it inherits, before anything of it is read.
//!
//! Merging happens on trees, so that each line keeps the file it was written in and a fault of an inherited line is told
//! where it is mended.

use sha2::{Digest, Sha256};

use crate::fault::{Fault, Severity};
use crate::model::Pack;
use crate::read::{Key, Node, Outline, Reader, Scalar, Shape, merge, take};
use crate::source::Source;

/// A pack as it was written.
struct Sheet {
    file: String,
    root: Node,
    id: String,
    version: Option<u32>,
    extends: Option<String>,
    is_abstract: bool,
}

/// A pack with all that it inherits.
pub(crate) struct Heir {
    /// Its file.
    pub(crate) file: String,
    /// Its id; empty if it has none.
    pub(crate) id: String,
    /// What it says, and what its parents say where it says nothing.
    pub(crate) root: Node,
    /// Files of its parents, the nearest first.
    pub(crate) parents: Vec<String>,
    /// Whether it is not complete by itself, and only read through those that extend it.
    pub(crate) is_abstract: bool,
}

const EXTENDS: &str = "extends";
const WITHOUT: &str = "without";
const ABSTRACT: &str = "abstract";

/// What a pack never has from its parent.
const OWN: [&str; 5] = ["id", "version", EXTENDS, WITHOUT, ABSTRACT];

/// The keys of a pack that are gone once it is merged, with what they are for.
pub(crate) fn keys() -> [Key; 3] {
    let text = || Outline::Scalar(Scalar::Text);
    let key = |key, about, shape| Key { key, about, optional: true, shape };
    [
        key(
            EXTENDS,
            "Id of the pack that this one says more than; everything but `id` and `version` comes from there. Its own \
             id: the version before.",
            text(),
        ),
        key(
            WITHOUT,
            "What of the parent does not hold: ids below a list or a map, `all` for a whole key.",
            Outline::Taken,
        ),
        key(
            ABSTRACT,
            "Whether this pack is not complete: nobody lives under it, it is checked through those that extend it.",
            Outline::Scalar(Scalar::Flag),
        ),
    ]
}

/// Parses and merges packs. One that cannot be parsed, or whose parents cannot be found, is left out; why is a fault.
pub(crate) fn heirs(sources: &[Source], faults: &mut Vec<Fault>) -> Vec<Heir> {
    let sheets: Vec<Sheet> = sources.iter().filter_map(|source| Sheet::parse(source, faults)).collect();
    twice(&sheets, faults);
    versions(&sheets, faults);
    childless(&sheets, faults);
    let complete = sheets.len() == sources.len();
    let mut heirs = Vec::new();
    for own in &sheets {
        let Some(parents) = parents(&sheets, own, complete, faults) else { continue };
        heirs.push(Heir {
            file: own.file.clone(),
            id: own.id.clone(),
            root: inherit(own, &parents, faults),
            parents: parents.iter().map(|one| one.file.clone()).collect(),
            is_abstract: own.is_abstract,
        });
    }
    heirs
}

// The parents of a pack, the nearest first; nothing where one is not there or the pack is its own parent.
fn parents<'s>(sheets: &'s [Sheet], own: &'s Sheet, complete: bool, faults: &mut Vec<Fault>) -> Option<Vec<&'s Sheet>> {
    let mut line = vec![own];
    let mut last = own;
    while let Some(id) = &last.extends {
        let found = match *id == last.id {
            true => before(sheets, last).or(Some(last)),
            false => sheets.iter().find(|one| !id.is_empty() && one.id == *id),
        };
        let Some(next) = found else {
            // Whoever names a parent that is not there is told, unless some file could not be parsed: it may be that one.
            if line.len() == 1 && complete && !id.is_empty() {
                own.fault(EXTENDS, format!("there is no pack `{id}`"), faults);
            }
            return None;
        };
        if line.iter().any(|one| one.file == next.file) {
            if next.file == own.file {
                let round: Vec<&str> = line.iter().chain([&next]).map(|one| one.id.as_str()).collect();
                own.fault(EXTENDS, format!("the pack extends itself: {}", round.join(" extends ")), faults);
            }
            return None;
        }
        line.push(next);
        last = next;
    }
    line.remove(0);
    Some(line)
}

// The version of a pack that comes before another.
fn before<'s>(sheets: &'s [Sheet], own: &Sheet) -> Option<&'s Sheet> {
    let earlier = sheets.iter().filter(|one| one.id == own.id && one.version < own.version);
    earlier.filter(|one| one.version.is_some()).max_by_key(|one| one.version)
}

fn inherit(own: &Sheet, parents: &[&Sheet], faults: &mut Vec<Fault>) -> Node {
    let outline = Pack::outline();
    let mut eldest_first = parents.iter().rev().copied().chain([own]);
    let mut merged = eldest_first.next().map_or_else(|| own.root.clone(), |eldest| eldest.root.clone());
    for heir in eldest_first {
        merged.drop_keys(&OWN);
        if let Some(without) = heir.root.entry(WITHOUT) {
            let read = |reader: &mut Reader<'_>| take(&mut merged, &without.node, &outline, reader);
            Reader::new(faults).within(WITHOUT.to_owned(), read);
        }
        merged = merge(&merged, &heir.root, &outline);
    }
    merged.drop_keys(&[EXTENDS, WITHOUT, ABSTRACT]);
    if let (Outline::Keyed(pack), false) = (outline, parents.is_empty()) {
        // Else the keys that are never inherited would stand last. A pack without parents stays as it was digested before.
        merged.arrange(&pack);
    }
    merged
}

fn twice(sheets: &[Sheet], faults: &mut Vec<Fault>) {
    for (at, one) in sheets.iter().enumerate() {
        let same = |other: &&Sheet| other.id == one.id && (other.version == one.version || one.is_abstract);
        let earlier = sheets.iter().take(at).filter(|_| !one.id.is_empty()).find(same);
        if let Some(other) = earlier {
            let sentence = match one.version {
                Some(version) if other.version == one.version => {
                    format!("pack `{}` exists in {} too, with version {version}", one.id, other.file)
                }
                _ => format!("pack `{}` exists in {} too", one.id, other.file),
            };
            one.fault("id", sentence, faults);
        }
    }
}

// Which of them an heir would get, and from when on, nobody could say.
fn versions(sheets: &[Sheet], faults: &mut Vec<Fault>) {
    for heir in sheets {
        let Some(parent) = heir.extends.as_ref().filter(|id| **id != heir.id) else { continue };
        if sheets.iter().filter(|one| one.id == *parent).count() > 1 {
            let sentence = format!("pack `{parent}` has several versions; only one that nobody extends may");
            heir.fault(EXTENDS, sentence, faults);
        }
    }
}

fn childless(sheets: &[Sheet], faults: &mut Vec<Fault>) {
    for one in sheets.iter().filter(|one| one.is_abstract) {
        if !sheets.iter().any(|other| other.extends.as_ref() == Some(&one.id)) {
            let sentence = format!("nothing extends the abstract pack `{}`, so nothing of it is checked", one.id);
            one.note(ABSTRACT, sentence, Severity::Warning, faults);
        }
    }
}

/// SHA-256 of what a pack says. Of one that inherits whatever the order of its keys, which is that of the model and may be another
/// in a later version of this program.
pub(crate) fn meaning(heir: &Heir) -> [u8; 32] {
    if heir.parents.is_empty() { heir.root.digest() } else { heir.root.clone().by_key().digest() }
}

/// SHA-256 of the bytes that a pack was read from: of its file alone, or of its file and those of its parents.
pub(crate) fn digest(heir: &Heir, sources: &[Source]) -> [u8; 32] {
    let bytes = |file: &str| sources.iter().find(|source| source.file == file).map_or(&[][..], |source| &source.bytes);
    if heir.parents.is_empty() {
        return Sha256::digest(bytes(&heir.file)).into();
    }
    let mut hash = Sha256::new();
    for file in std::iter::once(&heir.file).chain(&heir.parents) {
        // The length first, so that no two families share their bytes.
        hash.update(u64::try_from(bytes(file).len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(bytes(file));
    }
    hash.finalize().into()
}

// === impl Sheet ===

impl Sheet {
    fn parse(source: &Source, faults: &mut Vec<Fault>) -> Option<Self> {
        let root = Node::of(source, faults)?;
        let id = root.entry("id").and_then(|entry| entry.node.text()).unwrap_or_default().to_owned();
        let mut reader = Reader::new(faults);
        let version = root.entry("version").and_then(|entry| entry.node.text()?.parse().ok());
        let mut sheet = Self { file: source.file.clone(), id, version, extends: None, is_abstract: false, root };
        if let Some(map) = Reader::part(&sheet.root) {
            sheet.extends = reader.optional(map, EXTENDS);
            sheet.is_abstract = reader.optional(map, ABSTRACT).unwrap_or_default();
        }
        if let Some(entry) = sheet.root.entry(WITHOUT).filter(|_| sheet.extends.is_none()) {
            reader.note(&entry.place, "a pack that extends no other has nothing to take away".to_owned());
        }
        Some(sheet)
    }

    fn fault(&self, key: &str, sentence: String, faults: &mut Vec<Fault>) {
        self.note(key, sentence, Severity::Error, faults);
    }

    fn note(&self, key: &str, sentence: String, severity: Severity, faults: &mut Vec<Fault>) {
        let line = self.root.place_of(key).line;
        faults.push(Fault { file: self.file.clone(), line, path: key.to_owned(), sentence, severity });
    }
}

#[cfg(test)]
mod tests;
