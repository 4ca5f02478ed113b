//! Signatures.

use dossier_kernel::states;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

states! {
    /// What a signature says.
    pub enum Verdict {
        /// Yes; fills one slot.
        Approve = "approve",
        /// No; ends the approval.
        Reject = "reject",
        /// Back to the requester; ends the round.
        Return = "return",
    }
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
