//! Signatures.

use dossier_kernel::error::{Error, Reason, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a signature says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes; fills one slot.
    Approve,
    /// No; ends the approval.
    Reject,
    /// Back to the requester; ends the round.
    Return,
}

/// A place that a signer may fill, and the post through which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// Index of the slot in its step.
    pub slot: usize,
    /// The signer's own post, or the delegator's.
    pub post: String,
    /// The unit of that post.
    pub unit: String,
}

/// In whose right somebody signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// The delegator.
    pub acting_for: Uuid,
    /// The letter.
    pub delegation: Uuid,
}

/// A signature. It never changes, but for the seat it fills while its step is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id.
    pub id: Uuid,
    /// The human who signed.
    pub signer: Uuid,
    /// The signer's voice when it signed.
    pub voice: Uuid,
    /// What it says.
    pub verdict: Verdict,
    /// Index of the step.
    pub step: usize,
    /// The slot it fills; `None` for a no and a return.
    pub slot: Option<usize>,
    /// The post in which it was given.
    pub post: String,
    /// The unit of that post.
    pub unit: String,
    /// In whose right; `None`: the signer's own.
    pub mandate: Option<Mandate>,
    /// Every seat that the signer may fill in this right; a yes moves only among them.
    pub seats: Vec<Seat>,
    /// SHA-256 of the content signed.
    pub digest: Vec<u8>,
    /// The round, from 1.
    pub round: i64,
    /// The reason given with it.
    pub comment: String,
    /// When, microseconds.
    pub decided_at: i64,
}

// === impl Verdict ===

impl Verdict {
    /// The spelling in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Return => "return",
        }
    }

    /// Reads the spelling of the store.
    ///
    /// # Errors
    /// `STORE_INCONSISTENT`.
    pub fn parse(text: &str) -> Result<Self> {
        let known = [Self::Approve, Self::Reject, Self::Return].into_iter().find(|one| one.as_str() == text);
        known.ok_or_else(|| Error::new(Reason::StoreInconsistent).with("column", "verdict"))
    }
}

// === impl Decision ===

impl Decision {
    /// Moves a yes to another of its seats.
    pub(crate) fn sit(&mut self, slot: usize) {
        if let Some(seat) = self.seats.iter().find(|seat| seat.slot == slot) {
            self.slot = Some(slot);
            self.post.clone_from(&seat.post);
            self.unit.clone_from(&seat.unit);
        }
    }

    /// The slots it may fill.
    pub(crate) fn wishes(&self) -> Vec<usize> {
        self.seats.iter().map(|seat| seat.slot).collect()
    }
}
