//! Volumes: the papers of a file as they are bound (P-92 to P-101).
//!
//! [`compose`] says which volumes they make, [`bundle`] what belongs together, [`order`] how they lie in one, [`printed`] what stands on
//! their sheets; all of it is pure.

pub mod bundle;
pub mod compose;
pub mod order;
pub mod paper;
pub mod printed;
#[cfg(test)]
mod tests;
pub mod why;

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{etag, name, states};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::compose::Key;
use self::order::Numbers;
use self::paper::Class;
use self::why::Why;

/// What stands in a name behind that of the file.
pub const PART: &str = "volumes";
/// Most documents of a file that volumes are composed of.
pub const MOST_PAPERS: usize = 5_000;

states! {
    /// Where the life of a volume stands.
    pub enum State {
        /// It takes documents.
        Open = "open",
        /// It is bound: nothing is laid into it or taken out.
        Closed = "closed",
    }
}

states! {
    /// What stands against forming or closing a volume.
    pub enum Against {
        /// Nothing lies in it.
        Empty = "empty",
        /// Sheets or pages of a document were not counted.
        Uncounted = "uncounted",
        /// A document is bound into no volume: it is not on paper, is void, or is kept by itself.
        Unbound = "unbound",
        /// A document lies in another volume.
        Elsewhere = "elsewhere",
        /// A document is kept together with others that would lie elsewhere.
        Split = "split",
        /// More would lie with what has volumes of its own than may.
        Guests = "guests",
        /// A paper of the file lies in no volume.
        Loose = "loose",
    }
}

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    /// Its id.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// Which of the file's it is, from 1.
    pub number: i64,
    /// The rule that formed it.
    pub rule: String,
    /// Its year; `None`: it was not formed by it.
    pub year: Option<i64>,
    /// Its retention class; empty: it was not formed by it.
    pub class: String,
    /// Whether it is for what has volumes of its own.
    pub apart: bool,
    /// Where its life stands.
    pub state: State,
    /// The highest level of what lies in it.
    pub level: String,
    /// What lies in it, in order.
    pub contents: Vec<Line>,
    /// Sheets of all of it.
    pub sheets: i64,
    /// Pages with text of all of it.
    pub pages: i64,
    /// The record that closed it, in the same file.
    pub record: Option<Uuid>,
    /// When that did.
    pub closed_at: Option<Timestamp>,
    /// Who made it.
    pub creator: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How often it changed, from 1.
    pub version: i64,
}

/// A document in a volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// It.
    pub document: Uuid,
    /// Why it lies here.
    pub why: Vec<Why>,
    /// Its first number; 0: it bears none.
    pub first: i64,
    /// Its last.
    pub last: i64,
}

// === impl Volume ===

impl Volume {
    /// A new one in which nothing lies yet.
    pub fn new((id, file): (Uuid, Uuid), (number, rule): (i64, &str), key: &Key, by: (Uuid, Timestamp)) -> Self {
        let (creator, now) = by;
        Self {
            id,
            file,
            number,
            rule: rule.to_owned(),
            year: key.year.map(i64::from),
            class: key.class.as_ref().map(|class| class.id.clone()).unwrap_or_default(),
            apart: key.apart,
            state: State::Open,
            level: String::new(),
            contents: Vec::new(),
            sheets: 0,
            pages: 0,
            record: None,
            closed_at: None,
            creator,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    /// `files/{uuid}/volumes/{uuid}`.
    pub fn name(&self) -> String {
        name_of(self.file, self.id)
    }

    /// What tells it apart; `weight` is that of its class by the rules of the day.
    pub fn key(&self, weight: impl Fn(&str) -> u32) -> Key {
        let class = Some(&self.class).filter(|class| !class.is_empty());
        Key {
            year: self.year.and_then(|year| i16::try_from(year).ok()),
            class: class.map(|id| Class { weight: weight(id), id: id.clone() }),
            apart: self.apart,
        }
    }

    /// Refuses a change of one that is closed.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_open(&self) -> Result<()> {
        match self.state {
            State::Open => Ok(()),
            State::Closed => Err(Error::wrong_state(self.name(), self.state.as_str(), &[State::Open.as_str()])),
        }
    }

    /// Its etag.
    pub fn etag(&self) -> String {
        etag::of(self.version)
    }

    /// Whether a document lies in it.
    pub fn has(&self, document: Uuid) -> bool {
        self.contents.iter().any(|line| line.document == document)
    }
}

// === impl Line ===

impl Line {
    /// One that bears no numbers yet.
    pub fn new(document: Uuid, why: Vec<Why>) -> Self {
        Self { document, why, first: 0, last: 0 }
    }

    /// One as the journal says it: the document, its numbers, and why.
    pub fn text(&self) -> String {
        let why: Vec<_> = self.why.iter().map(Why::text).collect();
        format!("{} {}-{} {}", self.document, self.first, self.last, why.join(","))
    }

    /// With its numbers.
    #[must_use]
    pub fn numbered(self, numbers: Numbers) -> Self {
        Self { first: numbers.first, last: numbers.last, ..self }
    }
}

/// `files/{uuid}/volumes/{uuid}`.
pub fn name_of(file: Uuid, id: Uuid) -> String {
    name::below("files", file, PART, id)
}

/// The ids in the name of a volume: its file's and its own.
///
/// # Errors
/// A violation of `field`.
pub fn ids(field: &str, text: &str) -> Result<(Uuid, Uuid)> {
    name::ids_below(field, "files", PART, text)
}

/// That something stands against forming or closing a volume; `what` is the document or the volume that it is about, by name.
pub fn refused(what: impl Into<String>, ground: Against) -> Error {
    Error::new(Reason::VolumeRefused).with("subject", what.into()).with("ground", ground.as_str())
}
