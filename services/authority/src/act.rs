//! Acts that need an approval: what exactly is done, and using the approval of it once.
//!
//! The digest is the bond between asking and doing: access computes it when somebody asks, the acting service when they
//! does. Both call the functions here, so the two cannot drift.

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_regime::{GuardedAct, Matter, Needs, Pack};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::store::approval::{self, Use};

/// SHA-256 of what is done.
pub type ActDigest = [u8; 32];

/// An appointment that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct Appointing<'a> {
    /// Who gets the post.
    pub person: Uuid,
    /// The post.
    pub post: &'a str,
    /// The unit.
    pub unit: &'a str,
    /// From when, microseconds, as it was said; `None`: from the act on.
    pub from: Option<i64>,
    /// Until when, microseconds; `None`: until dismissal.
    pub until: Option<i64>,
}

/// A letter that is to be entered.
#[derive(Clone, Copy, Debug)]
pub struct Delegating<'a> {
    /// Whose power is lent.
    pub delegator: Uuid,
    /// To whom.
    pub delegate: Uuid,
    /// The post that is lent; empty: every post.
    pub post: &'a str,
    /// The matters.
    pub matters: &'a [String],
    /// The highest level.
    pub level: &'a str,
    /// From when, microseconds, as it was said; `None`: from the act on.
    pub from: Option<i64>,
    /// Until when, microseconds.
    pub until: i64,
    /// Number or place of the signed letter.
    pub reference: &'a str,
}

/// What is to be done to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFile<'a> {
    /// It gets this level.
    Classify(&'a str),
    /// It gets this custodian.
    HandOver(Uuid),
    /// It ends.
    Close,
}

/// An act that is about to be done on an approval.
#[derive(Clone, Copy, Debug)]
pub struct Spending<'a> {
    /// The rule it falls under.
    pub act: GuardedAct,
    /// What exactly is done.
    pub digest: ActDigest,
    /// `approvals/{uuid}` as the request names it; empty: none.
    pub approval: &'a str,
    /// Resource name of what is acted on.
    pub subject: &'a str,
    /// Who acts.
    pub person: Uuid,
    /// When, microseconds.
    pub at: i64,
}

// === impl Appointing ===

impl Appointing<'_> {
    /// What is approved.
    pub fn digest(&self) -> ActDigest {
        let (person, from, until) = (self.person.to_string(), moment(self.from), moment(self.until));
        digest(&["person.appoint", &person, self.post, self.unit, &from, &until])
    }
}

// === impl Delegating ===

impl Delegating<'_> {
    /// What is approved.
    pub fn digest(&self) -> ActDigest {
        let (delegator, delegate) = (self.delegator.to_string(), self.delegate.to_string());
        let (from, until) = (moment(self.from), moment(Some(self.until)));
        let mut parts =
            vec!["delegation.create", &delegator, &delegate, self.post, self.level, &from, &until, self.reference];
        parts.extend(self.matters.iter().map(String::as_str));
        digest(&parts)
    }
}

// === impl OnFile ===

impl OnFile<'_> {
    /// What is approved of a file that stands at `level` now.
    pub fn digest(&self, file: Uuid, level: &str) -> ActDigest {
        let file = file.to_string();
        match self {
            Self::Classify(to) => digest(&["file.classify", &file, level, to]),
            Self::HandOver(custodian) => digest(&["file.hand_over", &file, level, &custodian.to_string()]),
            Self::Close => digest(&["file.close", &file, level]),
        }
    }

    /// The rule that it falls under for a file at `level`; `None` where it falls under none.
    pub fn rule(&self, pack: &Pack, level: &str) -> Option<GuardedAct> {
        match self {
            _ if pack.is_closed(level) => Some(GuardedAct::FileClosed),
            Self::Classify(to) if pack.is_closed(to) => Some(GuardedAct::FileRaise),
            Self::HandOver(_) if pack.is_kept(level) => Some(GuardedAct::FileHandOver),
            _ => None,
        }
    }
}

// === impl Spending ===

impl Spending<'_> {
    /// Uses the approval that the act needs, if it needs one, and gives its name for the journal; empty: none was needed.
    ///
    /// # Errors
    /// `APPROVAL_MISSING` when it is missing, not given, of another matter, asked by another person, of another content
    /// or used before; `FIELD_VIOLATION` of `approval` when it is malformed or none is needed.
    pub async fn spend(self, tx: &mut Tx, org: &str, pack: &Pack) -> Result<String> {
        match pack.needs(self.act) {
            Needs::Nothing => unneeded(self.approval),
            Needs::Approval(matter) => self.spend_of(tx, org, matter).await,
            Needs::Unsettled => Err(Error::new(Reason::ApprovalMissing).with("matter", "")),
        }
    }

    async fn spend_of(self, tx: &mut Tx, org: &str, matter: &Matter) -> Result<String> {
        let missing = || Error::new(Reason::ApprovalMissing).with("matter", &matter.id);
        if self.approval.is_empty() {
            return Err(missing());
        }
        let id = name::id("approval", "approvals", self.approval)?;
        let missing = || missing().with("approval", self.approval);
        let given = approval::lookup(tx, org, id).await?.ok_or_else(missing)?;
        let fits = given.matter == matter.id && given.requester == self.person && given.digest == self.digest;
        let used = Use { approval: id, subject: self.subject, person: self.person, at: self.at };
        if fits && approval::spend(tx, org, used).await? { Ok(self.approval.to_owned()) } else { Err(missing()) }
    }
}

/// Refuses an approval where the pack asks for none: it would look as if the act rested on it.
///
/// # Errors
/// `FIELD_VIOLATION` of `approval`.
pub fn unneeded(approval: &str) -> Result<String> {
    if approval.is_empty() {
        return Ok(String::new());
    }
    Err(Error::violation("approval", "must be empty: the pack asks for none here"))
}

// Each part with its length before it, so that no two acts share their bytes.
fn digest(parts: &[&str]) -> ActDigest {
    let mut hash = Sha256::new();
    hash.update(b"dossier/act/v1");
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

fn moment(at: Option<i64>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;

    #[test]
    fn every_part_of_an_act_changes_its_digest() {
        let id = Uuid::from_u128;
        let one = Appointing { person: id(1), post: "clerk", unit: "sales", from: None, until: None };
        let others = [
            Appointing { person: id(2), ..one },
            Appointing { post: "manager", ..one },
            Appointing { post: "clerks", unit: "ales", ..one },
            Appointing { from: Some(1), ..one },
            Appointing { until: Some(1), ..one },
        ];
        assert!(others.iter().all(|other| other.digest() != one.digest()));
        let acts = [OnFile::Classify("none"), OnFile::Classify("secret"), OnFile::HandOver(id(3)), OnFile::Close];
        let mut digests: Vec<_> = acts.iter().map(|act| act.digest(id(9), "top_secret")).collect();
        digests.extend([OnFile::Close.digest(id(9), "secret"), OnFile::Close.digest(id(8), "top_secret")]);
        let count = digests.len();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), count);
    }

    // proves: A-23
    #[test]
    fn what_stands_at_a_closed_level_falls_under_its_rule_whatever_is_done() {
        let regimes = Regimes::shipped().unwrap();
        let pack = regimes.pack("R36").unwrap();
        for act in [OnFile::Classify("none"), OnFile::HandOver(Uuid::nil()), OnFile::Close] {
            assert_eq!(act.rule(pack, "top_secret"), Some(GuardedAct::FileClosed));
        }
        assert_eq!(OnFile::Classify("top_secret").rule(pack, "none"), Some(GuardedAct::FileRaise));
        assert_eq!(OnFile::HandOver(Uuid::nil()).rule(pack, "confidential"), Some(GuardedAct::FileHandOver));
        for free in [OnFile::Classify("secret"), OnFile::HandOver(Uuid::nil()), OnFile::Close] {
            assert_eq!(free.rule(pack, "none"), None);
        }
    }
}
