//! Rules of volumes: which papers of a file are bound together, in which order, and how they are counted (P-92 to P-101).

use std::collections::BTreeMap;
use std::fmt;

use super::pack::Pack;
use crate::read::{Node, Outline, Reader, Scalar, Shape};

words! {
    /// What volumes are formed by.
    pub enum VolumeDivision {
        /// Each file has volumes of its own.
        File = "file",
        /// Each year has, as `year` says (P-92).
        Year = "year",
        /// Each retention class has (P-100).
        Retention = "retention",
    }
}

words! {
    /// The year that a document lies in (P-92).
    pub enum YearRule {
        /// That of its own date; without one, that in which it was filed.
        Date = "date",
        /// That of the document that replies to it; without a reply its own.
        Answered = "answered",
        /// The first of its period, which is the field `period` of its form.
        First = "first",
        /// The last of its period.
        Last = "last",
    }
}

words! {
    /// How documents of a file hang together.
    pub enum Relation {
        /// It answers the other.
        RepliesTo = "replies_to",
        /// It is an annex of the other.
        AnnexOf = "annex_of",
        /// It is a copy or a scan of the other.
        CopyOf = "copy_of",
        /// It hands the other on.
        Forwards = "forwards",
        /// It says the same in another language.
        TranslationOf = "translation_of",
        /// It is a draft of the other.
        DraftOf = "draft_of",
        /// It takes the place of the other.
        Supersedes = "supersedes",
    }
}

words! {
    /// What the documents of a volume are numbered by (P-96).
    pub enum PageCount {
        /// Every sheet, covers too.
        Sheets = "sheets",
        /// Pages with text alone.
        TextPages = "text_pages",
    }
}

/// By what the documents of a volume are ordered (P-95): `position`, `date`, `received` or a relation; `-` before it turns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VolumeOrder {
    /// By what.
    pub by: OrderKey,
    /// Whether it is turned.
    pub turned: bool,
}

/// By what documents are ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderKey {
    /// The `position` of their kinds; kinds without one come last.
    Position,
    /// The day that stands on them; without one, that on which they were filed.
    Date,
    /// When they were filed.
    Received,
    /// Whether one hangs on the other: a reply before the request, everything else behind what it hangs on; what forwards or supersedes
    /// another stands before it.
    Relation(Relation),
}

shape! {
    /// How the papers of a kind of file are bound into volumes.
    pub struct VolumeRule by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// The kinds of file whose papers it binds; none: every kind. A kind of file has one rule at most.
        pub files("in"): Vec<String> = Vec::new(),
        /// What volumes are formed by; `file` is always one.
        pub per: Vec<VolumeDivision>,
        /// The year that documents of a kind lie in, by kind; `other`: that of every other kind, without it their `date` (P-92).
        pub year: BTreeMap<String, YearRule> = BTreeMap::new(),
        /// Relations that keep documents in one volume (P-93).
        pub together: Vec<Relation> = Vec::new(),
        /// What has volumes of its own (P-94).
        pub apart: Option<Apart> = None,
        /// The order in a volume (P-95), such as `[replies_to, annex_of, draft_of, received]` or `[-date]`: the first says most.
        pub order: Vec<VolumeOrder>,
        /// What is numbered (P-96).
        pub count: PageCount,
        /// Kinds of document that are listed and not numbered (P-101).
        pub unpaged: Vec<String> = Vec::new(),
        /// Retention classes whose volumes carry a catalogue (P-97); none: every volume does.
        pub catalogue: Vec<String> = Vec::new(),
        /// Purpose of the gate that a stage asks for which closes such volumes (P-98).
        pub gate: Option<String> = None,
        /// Whether a document in a closed volume may still be superseded; its paper stays where it lies.
        pub superseding: bool = false,
    }
}

shape! {
    /// Documents that have volumes of their own (P-94).
    pub struct Apart {
        /// The level from which on they have.
        pub level: String,
        /// Kinds of document that stand at that level whatever their file does.
        pub kinds: Vec<String> = Vec::new(),
        /// How many others that belong together with them may join one such volume, which then keeps the higher level.
        pub guests: u32 = 0,
    }
}

// === impl VolumeOrder ===

impl VolumeOrder {
    /// Reads `date`, `-date`, `replies_to`.
    ///
    /// # Errors
    /// A sentence saying what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, turned) = text.strip_prefix('-').map_or((text, false), |key| (key, true));
        let by = match key {
            "position" => OrderKey::Position,
            "date" => OrderKey::Date,
            "received" => OrderKey::Received,
            _ => Relation::parse(key).map(OrderKey::Relation).ok_or_else(|| {
                format!("`{text}` is none of `position`, `date`, `received` and the relations of documents, with or without `-`")
            })?,
        };
        Ok(Self { by, turned })
    }
}

impl Default for VolumeOrder {
    fn default() -> Self {
        Self { by: OrderKey::Received, turned: false }
    }
}

impl fmt::Display for VolumeOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.turned { "-" } else { "" };
        let key = match self.by {
            OrderKey::Position => "position",
            OrderKey::Date => "date",
            OrderKey::Received => "received",
            OrderKey::Relation(relation) => relation.as_str(),
        };
        write!(f, "{sign}{key}")
    }
}

impl Shape for VolumeOrder {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        reader.parsed(node, "an order of documents", Self::parse)
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Text)
    }
}

impl serde::Serialize for VolumeOrder {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

// === impl VolumeRule ===

impl VolumeRule {
    /// Whether it binds the papers of files of this kind.
    pub fn is_in(&self, file_kind: &str) -> bool {
        self.files.is_empty() || self.files.iter().any(|one| one == file_kind)
    }

    /// Whether volumes are formed by this.
    pub fn is_per(&self, division: VolumeDivision) -> bool {
        self.per.contains(&division)
    }

    /// The year that documents of this kind lie in.
    pub fn year_of(&self, kind: &str) -> YearRule {
        self.year.get(kind).or_else(|| self.year.get(OTHER)).copied().unwrap_or(YearRule::Date)
    }

    /// Whether documents of this kind stand at the level that has volumes of its own.
    pub fn is_apart(&self, kind: &str) -> bool {
        self.apart.as_ref().is_some_and(|apart| apart.kinds.iter().any(|one| one == kind))
    }
}

/// What `year` calls every kind that it does not name.
pub const OTHER: &str = "other";

// === impl Pack ===

impl Pack {
    /// The rule of this id.
    pub fn volume(&self, id: &str) -> Option<&VolumeRule> {
        self.volumes.iter().find(|rule| rule.id == id)
    }

    /// The rule that binds the papers of files of this kind.
    pub fn volume_of(&self, file_kind: &str) -> Option<&VolumeRule> {
        self.volumes.iter().find(|rule| rule.is_in(file_kind))
    }
}
