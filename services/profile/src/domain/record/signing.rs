//! Signatures under a record: which count, which are still to be given, and that different slots are different people.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::{RecordKind, Stage};
use jiff::Timestamp;
use uuid::Uuid;

use super::Record;

/// One signature; what was signed is the content of its revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its id.
    pub id: Uuid,
    /// The record.
    pub record: Uuid,
    /// The revision with which it was given.
    pub revision: i64,
    /// The stage that it was given for.
    pub stage: String,
    /// The slot.
    pub slot: String,
    /// The round in which it was given.
    pub round: i64,
    /// Who signed.
    pub signer: Uuid,
    /// The post in which they signed; empty: the slot hangs on no post.
    pub post: String,
    /// When.
    pub at: Timestamp,
    /// The commitment to what was signed, as the journal has it.
    pub digest: Vec<u8>,
}

// === impl Signature ===

impl Signature {
    /// Whether it still counts: its stage was entered with it, or is yet to be entered and nothing has changed since.
    pub fn counts(&self, record: &Record) -> bool {
        let entered = record.steps.iter().rev().find(|step| step.stage == self.stage);
        entered.map_or(record.round, |step| step.round) == self.round
    }
}

/// The slots that `stage` asks for here, and nobody has signed for it; `there` says whether a slot is needed at all.
pub fn unsigned<'k>(
    kind: &'k RecordKind,
    stage: &'k Stage,
    counting: &[Signature],
    there: impl Fn(&str) -> bool,
) -> Vec<&'k str> {
    let signed = |slot: &str| counting.iter().any(|one| one.stage == stage.id && one.slot == slot);
    let asked = stage.sign.iter().map(String::as_str).filter(|slot| kind.slots.contains_key(*slot));
    asked.filter(|slot| there(slot) && !signed(slot)).collect()
}

/// That `person` signed no other slot of the record.
///
/// # Errors
/// `SIGNER_INVOLVED`.
pub fn require_another(record: &Record, counting: &[Signature], slot: &str, person: Uuid) -> Result<()> {
    match counting.iter().find(|one| one.signer == person && one.slot != slot) {
        Some(other) => {
            Err(Error::new(Reason::SignerInvolved).with("resource", record.name()).with("slot", &other.slot))
        }
        None => Ok(()),
    }
}
