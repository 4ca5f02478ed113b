//! Document kinds: what a file is expected to hold on paper or as content (P-37, P-58, P-61, P-64).

use super::stage::When;
use super::words::Sensitivity;

/// The types that content may have, whatever a kind says.
pub const MEDIA_TYPES: [&str; 13] = [
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/ofd",
    "audio/mpeg",
    "video/mp4",
    "text/plain",
    "text/csv",
    "application/xml",
];

shape! {
    /// A kind of document. Its lists are the rights: no action of a post is asked besides. The kinds of a pack are the least that it
    /// asks for; one that takes anything makes room for the rest (P-37).
    pub struct DocumentKind by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// The kinds of file that hold it; none: every kind.
        pub files("in"): Vec<String> = Vec::new(),
        /// Template of its form: what it is about.
        pub template: String = "document".to_owned(),
        /// Posts whose holders file one.
        pub create: Vec<String>,
        /// Posts whose holders change, replace or void it, besides who filed it.
        pub edit: Vec<String> = Vec::new(),
        /// What it may be on (P-61); none: anything.
        pub carriers: Vec<Carrier> = Vec::new(),
        /// Types that its content may have, such as `application/pdf`; none: every type that is known.
        pub types: Vec<String> = Vec::new(),
        /// Paper and ink that are accepted (P-29); what is not said is not asked.
        pub accept: Accept = Accept::default(),
        /// Whether each one says until when it holds (P-28).
        pub expires: bool = false,
        /// How sensitive its content is: who reads it holds a post of that grade.
        pub sensitivity: Sensitivity = Sensitivity::Confidential,
        /// Whether its originals are kept like cash: three different hands deposit and release each (A-36, C-29).
        pub valuable: bool = false,
        /// Whether what is on paper is lent; a valuable never is, whatever this says.
        pub lend: Lend = Lend::ByLevel,
        /// Where it stands in a volume that is ordered by `position` (C-27); kinds without one come last.
        pub position: Option<u32> = None,
        /// Retention class of such documents, where volumes are formed by it (P-100); absent: that of their file.
        pub retention: Option<String> = None,
        /// Whether what is said of it stands as it was filed: a wrong one is void, and another filed (P-49).
        pub fixed: bool = false,
    }
}

shape! {
    /// What paper documents are accepted on and written with (P-29).
    pub struct Accept {
        /// Sizes of paper, such as `A4`; none: any, and none need be said.
        pub paper: Vec<String> = Vec::new(),
        /// Writing materials, such as `black_pen`; none: any, and none need be said.
        pub ink: Vec<String> = Vec::new(),
    }
}

words! {
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

words! {
    /// Whether the paper of a document is lent.
    pub enum Lend {
        /// As the level of its file says.
        ByLevel = "by_level",
        /// It leaves the archive by a record alone.
        Never = "never",
    }
}

shape! {
    /// Documents that must be there.
    pub struct DocumentNeed by kind {
        /// Their kind.
        pub kind: String,
        /// What they are on; without it anything.
        pub carrier: Option<Carrier> = None,
        /// How many at least.
        pub least: u32 = 1,
        /// When they are needed at all; always, where nothing is said.
        pub when: When = When::new(),
    }
}

// === impl DocumentKind ===

impl DocumentKind {
    /// Whether files of this kind hold it.
    pub fn is_in(&self, file_kind: &str) -> bool {
        self.files.is_empty() || self.files.iter().any(|one| one == file_kind)
    }
}

// === impl Carrier ===

impl Carrier {
    /// Whether it is paper.
    pub const fn is_paper(self) -> bool {
        matches!(self, Self::Original | Self::Copy)
    }
}
