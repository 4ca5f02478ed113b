//! What an approval decides, where it decides an act: who is appointed to what, which letter is entered, what becomes of a
//! file. The approver signs its digest, and the act is done by exactly these values.

use dossier_authority::act::{ActDigest, Appointing, Delegating, OnFile};
use dossier_kernel::name::name;
use dossier_regime::{GuardedAct, Pack};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An act before it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Somebody gets a post.
    Appointment {
        /// Who.
        person: Uuid,
        /// The post.
        post: String,
        /// The unit.
        unit: String,
        /// From when, microseconds; `None`: from the act on.
        from: Option<i64>,
        /// Until when, microseconds; `None`: until dismissal.
        until: Option<i64>,
    },
    /// Somebody lends their voice.
    Delegation {
        /// Who lends.
        delegator: Uuid,
        /// To whom.
        delegate: Uuid,
        /// The post lent; empty: every post.
        post: String,
        /// The matters.
        matters: Vec<String>,
        /// The highest level.
        level: String,
        /// From when, microseconds; `None`: from the act on.
        from: Option<i64>,
        /// Until when, microseconds.
        until: i64,
        /// Number or place of the letter.
        reference: String,
    },
    /// Something is done to a file.
    File {
        /// The register line: all that is told of a closed file.
        line: Line,
        /// What is done.
        deed: Deed,
    },
}

/// The line of the register that names a file, as it was when the act was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The file.
    pub file: Uuid,
    /// Its number; empty before activation.
    pub number: String,
    /// Its level.
    pub level: String,
    /// Its unit.
    pub unit: String,
    /// Its state, by the name of the contract's enum.
    pub state: String,
}

/// What is done to a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Deed {
    /// It gets this level.
    Classify(String),
    /// It gets this custodian.
    HandOver(Uuid),
    /// It ends.
    Close,
}

// === impl Act ===

impl Act {
    /// What is signed.
    pub fn digest(&self) -> ActDigest {
        match self {
            Self::Appointment { person, post, unit, from, until } => {
                Appointing { person: *person, post, unit, from: *from, until: *until }.digest()
            }
            Self::Delegation { delegator, delegate, post, matters, level, from, until, reference } => {
                let (delegator, delegate, from, until) = (*delegator, *delegate, *from, *until);
                Delegating { delegator, delegate, post, matters, level, from, until, reference }.digest()
            }
            Self::File { line, deed } => deed.on_file().digest(line.file, &line.level),
        }
    }

    /// The rule of the pack that it falls under; `None` where it is done without an approval.
    pub fn rule(&self, pack: &Pack) -> Option<GuardedAct> {
        match self {
            Self::Appointment { post, .. } => {
                let weighty = pack.post(post).is_some_and(|post| pack.is_weighty(post));
                weighty.then_some(GuardedAct::PersonAppoint)
            }
            Self::Delegation { matters, .. } => is_shared(pack, matters).then_some(GuardedAct::DelegationCreate),
            Self::File { line, deed } => deed.on_file().rule(pack, &line.level),
        }
    }

    /// Resource name of what is decided on.
    pub fn subject(&self) -> String {
        match self {
            Self::Appointment { person, post, unit, .. } => format!("{}/posts/{post}.{unit}", name("persons", *person)),
            Self::Delegation { delegator, delegate, .. } => {
                format!("{}/delegates/{delegate}", name("persons", *delegator))
            }
            Self::File { line, .. } => name("files", line.file),
        }
    }

    /// The file that it is about.
    pub fn file(&self) -> Option<Uuid> {
        match self {
            Self::File { line, .. } => Some(line.file),
            Self::Appointment { .. } | Self::Delegation { .. } => None,
        }
    }

    /// Whether it is about a file that stands at a closed level or would: of that only those are told who take part.
    pub fn is_closed(&self, pack: &Pack) -> bool {
        match self {
            Self::File { line, deed } => {
                pack.is_closed(&line.level) || matches!(deed, Deed::Classify(level) if pack.is_closed(level))
            }
            Self::Appointment { .. } | Self::Delegation { .. } => false,
        }
    }

    /// Who would gain by it, and therefore decides nothing.
    pub fn beneficiaries(&self) -> Vec<Uuid> {
        match self {
            Self::Appointment { person, .. } => vec![*person],
            Self::Delegation { delegator, delegate, .. } => vec![*delegator, *delegate],
            Self::File { deed: Deed::HandOver(custodian), .. } => vec![*custodian],
            Self::File { .. } => Vec::new(),
        }
    }

    /// What is asked, in one line without personal data.
    pub fn summary(&self) -> String {
        match self {
            Self::Appointment { person, post, unit, .. } => {
                format!("appoint {} as {post} in {unit}", name("persons", *person))
            }
            Self::Delegation { delegator, delegate, matters, .. } => {
                let (from, to) = (name("persons", *delegator), name("persons", *delegate));
                format!("letter of {from} for {to} in {}", matters.join(", "))
            }
            Self::File { line, deed } => format!("{} of {}", deed.label(), line.label()),
        }
    }
}

/// Whether a letter for these matters is entered on an approval.
pub fn is_shared(pack: &Pack, matters: &[String]) -> bool {
    matters.iter().filter_map(|id| pack.matter(id)).any(|matter| pack.is_shared(matter))
}

// === impl Line ===

impl Line {
    fn label(&self) -> String {
        let number = if self.number.is_empty() { name("files", self.file) } else { self.number.clone() };
        format!("{number} ({}, {})", self.level, self.unit)
    }
}

// === impl Deed ===

impl Deed {
    /// The act as the services compare it.
    pub fn on_file(&self) -> OnFile<'_> {
        match self {
            Self::Classify(level) => OnFile::Classify(level),
            Self::HandOver(custodian) => OnFile::HandOver(*custodian),
            Self::Close => OnFile::Close,
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Classify(level) => format!("classification as {level}"),
            Self::HandOver(custodian) => format!("hand-over to {}", name("persons", *custodian)),
            Self::Close => "closing".to_owned(),
        }
    }
}
