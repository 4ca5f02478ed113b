//! Documents: what a file holds on paper or as content, each of a kind of the pack (P-29, P-37, P-58, P-61, P-64).

pub mod content;
pub mod media;
pub mod said;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::{etag, name, states};
use dossier_regime::{DocumentKind, DocumentNeed, Pack, Template};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::content::Kept;
use self::said::Said;
use super::customer_file::Weights;

/// What stands in a name behind that of the file.
pub const PART: &str = "documents";

states! {
    /// Where the life of a document stands.
    pub enum State {
        /// It holds.
        Current = "current",
        /// Another took its place.
        Superseded = "superseded",
        /// It was filed in error.
        Void = "void",
    }
}

states! {
    /// What a document is on.
    pub enum Carrier {
        /// The paper itself.
        Original = "original",
        /// A copy on paper.
        Copy = "copy",
        /// A picture of a paper.
        Scan = "scan",
        /// It was never on paper.
        Electronic = "electronic",
    }
}

/// One document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: Uuid,
    /// The file it lies in.
    pub file: Uuid,
    /// Its kind in the pack.
    pub kind: String,
    /// What it is on.
    pub carrier: Carrier,
    /// Where its life stands.
    pub state: State,
    /// The record it belongs to; `None`: to its file alone.
    pub record: Option<Uuid>,
    /// How it hangs together with others of the file.
    pub relations: Vec<Relation>,
    /// What else is said of it in clear.
    pub said: Said,
    /// Its template.
    pub template: String,
    /// Version of the template when it was filed.
    pub template_version: i64,
    /// Its key, sealed under that of its file.
    pub sealed_key: Vec<u8>,
    /// The content that is kept of it.
    pub content: Option<Kept>,
    /// Who filed it.
    pub creator: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How complete its form is.
    pub weights: Weights,
    /// Its newest revision, from 1.
    pub version: i64,
}

states! {
    /// In what way a document hangs together with another.
    pub enum Link {
        /// It answers it.
        RepliesTo = "replies_to",
        /// It is an annex of it.
        AnnexOf = "annex_of",
        /// It is a copy or a scan of it.
        CopyOf = "copy_of",
        /// It hands it on.
        Forwards = "forwards",
        /// It says the same in another language.
        TranslationOf = "translation_of",
        /// It is a draft of it.
        DraftOf = "draft_of",
        /// It takes its place.
        Supersedes = "supersedes",
    }
}

/// That a document hangs together with another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Relation {
    /// The word of a [`Link`].
    pub link: String,
    /// The other.
    pub document: Uuid,
}

// === impl Document ===

impl Document {
    /// A new one of `kind` on `carrier`.
    pub fn new(
        (id, file): (Uuid, Uuid),
        (kind, template): (&DocumentKind, &Template),
        carrier: Carrier,
        creator: Uuid,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            file,
            kind: kind.id.clone(),
            carrier,
            state: State::Current,
            record: None,
            relations: Vec::new(),
            said: Said::default(),
            template: template.id.clone(),
            template_version: i64::from(template.version),
            sealed_key: Vec::new(),
            content: None,
            creator,
            created_at: now,
            updated_at: now,
            weights: Weights::default(),
            version: 1,
        }
    }

    /// `files/{uuid}/documents/{uuid}`.
    pub fn name(&self) -> String {
        name_of(self.file, self.id)
    }

    /// The name of the record it belongs to; empty: none.
    pub fn record_name(&self) -> String {
        self.record.map(|record| name::below("files", self.file, super::record::PART, record)).unwrap_or_default()
    }

    /// The one whose place it takes.
    pub fn replaced(&self) -> Option<Uuid> {
        let found = self.relations.iter().find(|one| one.link == Link::Supersedes.as_str());
        found.map(|one| one.document)
    }

    /// Refuses a change that was based on another version.
    ///
    /// # Errors
    /// `ETAG_STALE`.
    pub fn require_etag(&self, given: &str) -> Result<()> {
        etag::require(given, &etag::of(self.version), &self.name())
    }

    /// Refuses a change of one that holds no more.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_current(&self) -> Result<()> {
        match self.state {
            State::Current => Ok(()),
            _ => Err(Error::wrong_state(self.name(), self.state.as_str(), &[State::Current.as_str()])),
        }
    }

    /// Refuses content for one that has some: another content is another document.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_empty(&self) -> Result<()> {
        self.require_current()?;
        match self.content {
            None => Ok(()),
            Some(_) => Err(Error::wrong_state(self.name(), "with_content", &["without_content"])),
        }
    }
}

// === impl Carrier ===

impl Carrier {
    /// Whether it is paper.
    pub const fn is_paper(self) -> bool {
        matches!(self, Self::Original | Self::Copy)
    }
}

// === impl Relation ===

impl Relation {
    /// One as the journal says it.
    pub fn text(&self, file: Uuid) -> String {
        format!("{} {}", self.link, name_of(file, self.document))
    }
}

/// `files/{uuid}/documents/{uuid}`.
pub fn name_of(file: Uuid, id: Uuid) -> String {
    name::below("files", file, PART, id)
}

/// The ids in the name of a document: its file's and its own.
///
/// # Errors
/// A violation of `field`.
pub fn ids(field: &str, text: &str) -> Result<(Uuid, Uuid)> {
    name::ids_below(field, "files", PART, text)
}

/// The kind that a call names, or a fault.
pub fn kind<'p>(pack: &'p Pack, id: &str, faults: &mut Faults) -> Option<&'p DocumentKind> {
    let found = pack.document(id);
    if found.is_none() {
        faults.add("document.kind", one_of(pack.documents.iter().map(|kind| kind.id.as_str())));
    }
    found
}

/// That files of this kind hold documents of `kind`.
///
/// # Errors
/// A violation of `document.kind`.
pub fn require_kind(kind: &DocumentKind, file_kind: &str) -> Result<()> {
    match kind.is_in(file_kind) {
        true => Ok(()),
        false => Err(Error::violation("document.kind", "is not one that files of this kind hold")),
    }
}

/// A refusal for who may not file or change such documents.
pub fn denied(action: &'static str) -> Error {
    Error::new(Reason::PermissionDenied).with("action", action)
}

/// How many documents that hold a file has, by kind and carrier.
pub type Counts = BTreeMap<(String, Carrier), i64>;

/// The kinds that `needs` ask for.
pub fn asked(needs: &[DocumentNeed]) -> BTreeSet<&str> {
    needs.iter().map(|need| need.kind.as_str()).collect()
}

/// The kinds of `needs` of which too few are there, where they are needed at all (P-37).
pub fn missing<'n>(needs: &'n [DocumentNeed], counts: &Counts, needed: impl Fn(&DocumentNeed) -> bool) -> Vec<&'n str> {
    let there = |need: &DocumentNeed| {
        let fits = |(kind, carrier): &(String, Carrier)| {
            *kind == need.kind && need.carrier.is_none_or(|asked| asked.as_str() == carrier.as_str())
        };
        counts.iter().filter(|(key, _)| fits(key)).map(|(_, count)| count).sum::<i64>()
    };
    let few = |need: &&DocumentNeed| needed(need) && there(need) < i64::from(need.least);
    needs.iter().filter(few).map(|need| need.kind.as_str()).collect()
}
