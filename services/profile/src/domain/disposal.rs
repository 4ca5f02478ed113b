//! The destruction of a file: announced, answered by the other services, and then done or given up (X-11 to X-15, I7).
//!
//! What is destroyed leaves nothing but this: that there was a file of such a number, who announced its end and by which record, and who
//! brought it about. What the file said is gone with its key.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::disposal::{DISPOSALS, State};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use jiff::Timestamp;
use uuid::Uuid;

use super::arbiter::{Ground, Ruling};
use super::customer_file::CustomerFile;
use super::record::{self, Record};

/// The services that must have cleared a file before it is destroyed.
pub const ASKED: [&str; 2] = ["access", "credit"];

/// The destruction of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposal {
    /// Its id.
    pub id: Uuid,
    /// The file.
    pub file: Uuid,
    /// The number of the file; empty: it had none.
    pub number: String,
    /// Where it stands.
    pub state: State,
    /// The record that announced it; `None`: it was destroyed before, and a store that was put back had it again.
    pub record: Option<Uuid>,
    /// The file of that record.
    pub of_file: Option<Uuid>,
    /// Who announced it.
    pub announcer: Option<Uuid>,
    /// When.
    pub announced_at: Timestamp,
    /// Who ended it.
    pub ender: Option<Uuid>,
    /// When.
    pub ended_at: Option<Timestamp>,
    /// The version of the root key that the key of the destroyed file was wrapped under: a backup of before opens until it is retired.
    pub root: Option<Uuid>,
    /// Its newest revision, from 1.
    pub version: i64,
}

/// What a service says to an announced destruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether nothing keeps the file there.
    pub cleared: bool,
    /// What does.
    pub grounds: BTreeSet<Ground>,
}

/// What the services say, by service.
pub type Answers = BTreeMap<String, Answer>;

// === impl Disposal ===

impl Disposal {
    /// One that `record` announces.
    pub fn announced(id: Uuid, file: &CustomerFile, record: &Record, announcer: Uuid, now: Timestamp) -> Self {
        Self {
            id,
            file: file.id,
            number: file.number.clone().unwrap_or_default(),
            state: State::Announced,
            record: Some(record.id),
            of_file: Some(record.file),
            announcer: Some(announcer),
            announced_at: now,
            ender: None,
            ended_at: None,
            root: None,
            version: 1,
        }
    }

    /// One of a file that was destroyed at `then`, and that a store which was put back had again.
    pub const fn again(id: Uuid, file: Uuid, number: String, then: Timestamp) -> Self {
        Self {
            id,
            file,
            number,
            state: State::Destroyed,
            record: None,
            of_file: None,
            announcer: None,
            announced_at: then,
            ender: None,
            ended_at: Some(then),
            root: None,
            version: 1,
        }
    }

    /// As it is once it has ended in `state`.
    #[must_use]
    pub fn ended(self, state: State, ender: Uuid, now: Timestamp) -> Self {
        // A clock that went back ends nothing before it began.
        let at = now.max(self.announced_at);
        Self { state, ender: Some(ender), ended_at: Some(at), ..self }
    }

    /// `disposals/{uuid}`.
    pub fn name(&self) -> String {
        name::name(DISPOSALS, self.id)
    }

    /// The name of the record that announced it; empty: none did.
    pub fn record_name(&self) -> String {
        let both = self.of_file.zip(self.record);
        both.map(|(file, id)| name::below("files", file, record::PART, id)).unwrap_or_default()
    }

    /// Whether `record` may end it: it announced it, or belongs to the record that did.
    pub fn is_of(&self, record: &Record) -> bool {
        self.record.is_some_and(|own| own == record.id || record.of == Some(own))
    }
}

/// What stands against announcing the destruction of a file that was judged so: all but what the others are asked about then.
pub fn against_announcing(ruling: &Ruling) -> BTreeSet<Ground> {
    ruling.grounds.iter().copied().filter(|ground| *ground != Ground::NotTold).collect()
}

/// What stands against destroying a file: what the arbiter says of it, and what the services say that were asked.
pub fn against_destroying(ruling: &Ruling, answers: &Answers) -> BTreeSet<Ground> {
    let silent =
        |service: &&str| answers.get(*service).is_none_or(|answer| !answer.cleared && answer.grounds.is_empty());
    let mut grounds = against_announcing(ruling);
    grounds.extend(answers.values().flat_map(|answer| answer.grounds.iter().copied()));
    grounds.extend(ASKED.iter().any(silent).then_some(Ground::NotTold));
    grounds
}

/// Refuses what `grounds` keep; nothing keeps it where there are none.
///
/// # Errors
/// `DISPOSAL_REFUSED` with the file and every ground.
pub fn require_none(file: Uuid, grounds: &BTreeSet<Ground>) -> Result<()> {
    if grounds.is_empty() {
        return Ok(());
    }
    let words: Vec<_> = grounds.iter().map(|ground| ground.as_str()).collect();
    Err(Error::new(Reason::DisposalRefused).with("file", name::name("files", file)).with("grounds", words.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::arbiter::Verdict;

    fn ruling(grounds: &[Ground]) -> Ruling {
        Ruling { verdict: Verdict::Keep, keep_until: None, grounds: grounds.iter().copied().collect() }
    }

    fn answers(said: &[(&str, &[Ground])]) -> Answers {
        let answer =
            |grounds: &[Ground]| Answer { cleared: grounds.is_empty(), grounds: grounds.iter().copied().collect() };
        said.iter().map(|(service, grounds)| ((*service).to_owned(), answer(grounds))).collect()
    }

    // proves: X-11
    #[test]
    fn what_others_know_keeps_nobody_from_asking_them() {
        assert!(against_announcing(&ruling(&[Ground::NotTold])).is_empty());
        for kept in Ground::ALL.iter().filter(|one| **one != Ground::NotTold) {
            assert_eq!(against_announcing(&ruling(&[*kept, Ground::NotTold])), BTreeSet::from([*kept]), "{kept:?}");
        }
    }

    // proves: X-11, C-06
    #[test]
    fn a_file_is_destroyed_only_when_both_have_cleared_it() {
        let (free, none): (Ruling, &[Ground]) = (ruling(&[Ground::NotTold]), &[]);
        let grounds = |said: &[(&str, &[Ground])]| against_destroying(&free, &answers(said));
        assert!(grounds(&[("access", none), ("credit", none)]).is_empty());
        for silent in [&[][..], &[("access", none)][..], &[("credit", none)][..]] {
            assert_eq!(grounds(silent), BTreeSet::from([Ground::NotTold]), "{silent:?}");
        }
        let lent = grounds(&[("access", &[Ground::LoanOpen]), ("credit", none)]);
        assert_eq!(lent, BTreeSet::from([Ground::LoanOpen]));
        let owing = grounds(&[("access", none), ("credit", &[Ground::ExposureOpen])]);
        assert_eq!(owing, BTreeSet::from([Ground::ExposureOpen]));
    }

    // proves: C-06
    #[test]
    fn what_both_have_cleared_is_kept_all_the_same_by_what_profile_knows() {
        let (none, held): (&[Ground], Ruling) = (&[], ruling(&[Ground::Hold]));
        let said = answers(&[("access", none), ("credit", none)]);
        let fault = require_none(Uuid::from_u128(7), &against_destroying(&held, &said)).unwrap_err();
        assert_eq!((fault.reason(), fault.metadata("grounds")), (Reason::DisposalRefused, Some("hold")));
    }
}
