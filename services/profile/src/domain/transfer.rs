//! Whole files on their way in: the batches that bring them, and how far each has come (P-47, P-48).

pub mod parcel;

use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::{name, states};
use dossier_proto::Worded;
use dossier_proto::profile::v1 as wire;
use jiff::Timestamp;
use uuid::Uuid;

use super::text::{Lines, flaw, is_label, tidy};

/// What stands in the names of batches.
const BATCHES: &str = "importBatches";
/// Most files of one batch: it is taken back in one act.
pub const MOST_FILES: i64 = 10_000;
/// Longest key of a source, in characters.
const LONGEST_KEY: usize = 200;
/// Longest number that was issued elsewhere, in characters.
const LONGEST_NUMBER: usize = 64;

states! {
    /// Where a batch stands.
    pub enum State {
        /// Files are brought in with it.
        Open = "open",
        /// It was taken back.
        TakenBack = "taken_back",
    }
}

/// Files that are brought in together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id, of the caller's choice.
    pub id: Uuid,
    /// What people call it.
    pub label: String,
    /// The house or the archive that the files come from.
    pub source: String,
    /// Where it stands.
    pub state: State,
    /// How many files it has brought.
    pub files: i64,
    /// Who began it.
    pub creator: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// How often its row changed.
    pub version: i64,
}

// === impl Batch ===

impl Batch {
    /// The batch that a call begins or goes on with.
    ///
    /// # Errors
    /// Violations of `begin.batch`.
    pub fn asked(given: &wire::ImportBatch, creator: Uuid, now: Timestamp) -> Result<Self> {
        let mut faults = Faults::default();
        let id = faults.absorb(id("begin.batch.name", &given.name));
        for (part, text) in [("label", &given.label), ("source", &given.source)] {
            if !is_label(text) {
                faults.add(format!("begin.batch.{part}"), "must be 1 to 64 of small letters, digits, `.`, `_` and `-`");
            }
        }
        let (label, source) = (given.label.clone(), given.source.clone());
        let id = faults.finish_with(id)?;
        Ok(Self {
            id,
            label,
            source,
            state: State::Open,
            files: 0,
            creator,
            created_at: now,
            updated_at: now,
            version: 1,
        })
    }

    /// `importBatches/{uuid}`.
    pub fn name(&self) -> String {
        name::name(BATCHES, self.id)
    }

    /// Demands that nobody took it back.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_open(&self) -> Result<()> {
        match self.state {
            State::Open => Ok(()),
            State::TakenBack => Err(Error::wrong_state(self.name(), self.state.as_str(), &[State::Open.as_str()])),
        }
    }

    /// Demands that a call that goes on with it says of it what the first said, and that it has room.
    ///
    /// # Errors
    /// A violation of `begin.batch`.
    pub fn require_same(&self, asked: &Self) -> Result<()> {
        match (self.label == asked.label, self.source == asked.source) {
            (true, true) => Ok(()),
            (false, _) => Err(Error::violation("begin.batch.label", "is not what the batch began with")),
            (true, false) => Err(Error::violation("begin.batch.source", "is not what the batch began with")),
        }
    }

    /// Demands that it takes one more file.
    ///
    /// # Errors
    /// A violation of `begin.batch.name`.
    pub fn require_room(&self) -> Result<()> {
        match self.files < MOST_FILES {
            true => Ok(()),
            false => {
                Err(Error::violation("begin.batch.name", format!("has brought {MOST_FILES} files: begin another")))
            }
        }
    }
}

/// The id in `importBatches/{uuid}`.
///
/// # Errors
/// A violation of `field`.
pub fn id(field: &str, text: &str) -> Result<Uuid> {
    name::id(field, BATCHES, text)
}

/// The key of something at its source, tidied, or a fault.
pub fn key(field: &str, text: &str, faults: &mut Faults) -> String {
    let text = tidy(text);
    if text.is_empty() {
        faults.add(field, "is required");
    } else if let Some(why) = flaw(&text, Lines::One, LONGEST_KEY) {
        faults.add(field, why);
    }
    text
}

/// The state that is told; `otherwise` where none is.
pub fn state<W: Worded, S: states::State>(given: i32, otherwise: S, faults: &mut Faults) -> S
where
    i32: From<W>,
{
    match given {
        0 => otherwise,
        given => states::read::<W, S>("state", given, faults).unwrap_or(otherwise),
    }
}

/// A number that was issued elsewhere, tidied; empty: none was.
///
/// # Errors
/// A violation of `field`.
pub fn number(field: &str, text: &str) -> Result<String> {
    let text = tidy(text);
    match flaw(&text, Lines::One, LONGEST_NUMBER) {
        None => Ok(text),
        Some(why) => Err(Error::violation(field, why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(label: &str) -> Result<Batch> {
        let name = name::name(BATCHES, Uuid::from_u128(7));
        let given = wire::ImportBatch { name, label: label.into(), source: "old-house".into(), ..Default::default() };
        Batch::asked(&given, Uuid::nil(), Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_batch_says_who_it_is_in_words_that_no_person_hides_in() {
        assert_eq!(batch("spring-2026").unwrap().name(), "importBatches/00000000-0000-0000-0000-000000000007");
        for label in ["", "张三", "a b", "A"] {
            assert_eq!(batch(label).unwrap_err().violations()[0].field, "begin.batch.label", "{label}");
        }
    }

    #[test]
    fn a_batch_goes_on_as_what_it_began_and_only_while_it_stands() {
        let one = batch("a").unwrap();
        assert!(one.require_same(&one).is_ok() && one.require_open().is_ok() && one.require_room().is_ok());
        assert!(one.require_same(&batch("b").unwrap()).is_err());
        let back = Batch { state: State::TakenBack, files: MOST_FILES, ..one };
        assert!(back.require_open().is_err() && back.require_room().is_err());
    }

    #[test]
    fn keys_are_any_text_of_one_line() {
        let found = |text: &str| {
            let mut faults = Faults::default();
            let key = key("file.name", text, &mut faults);
            faults.finish().map(|()| key)
        };
        assert_eq!(found(" 甲-01/张 ").unwrap(), "甲-01/张");
        for wrong in ["", "a\nb", &"x".repeat(201)] {
            assert!(found(wrong).is_err());
        }
        assert_eq!(number("file.number", "").unwrap(), "");
        assert!(number("file.number", &"9".repeat(65)).is_err());
    }
}
