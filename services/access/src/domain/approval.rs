//! The life of an approval, as pure transitions (A-39, A-40, I6).
//!
//! ```text
//! PENDING ─ last step passed ─▶ APPROVED
//!    ├─ somebody says no ─────▶ REJECTED
//!    ├─ requester ────────────▶ WITHDRAWN ◀─┐
//!    └─ sent back ─▶ RETURNED ──────────────┴─ resubmitted ─▶ PENDING, next round
//! ```
//!
//! Independence is strict: over all steps of a round, distinct voices sign, so one human, with all for whom it speaks
//! and who speak for it, signs once. A new round starts anew: what was signed before counts no more.

mod about;
mod right;

use dossier_authority::slot_assignment::SlotAssignment;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_regime::Pack;
use uuid::Uuid;

use super::act::Act;
use super::candidate::{Case, Facts};
use super::decision::{Decision, Mandate, Seat, Verdict};
use super::directory_snapshot::DirectorySnapshot;
use super::feasibility::Feasibility;
use super::plan::Plan;

pub use about::About;

states! {
    /// Where an approval stands.
    pub enum State {
        /// Signatures are being collected.
        Pending = "pending",
        /// Back with the requester.
        Returned = "returned",
        /// Every step has passed; final.
        Approved = "approved",
        /// Somebody said no; final.
        Rejected = "rejected",
        /// Taken back; final.
        Withdrawn = "withdrawn",
    }
}

/// A sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amount {
    /// In minor units.
    pub minor_units: i64,
    /// ISO 4217.
    pub currency: String,
}

/// An approval with the signatures of all its rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: Uuid,
    /// The matter, an id of the pack.
    pub matter: String,
    /// Resource name of what is decided on.
    pub subject: String,
    /// The file that it is about, if there is one apart from the subject.
    pub file: Option<Uuid>,
    /// What is to be done, where it decides an act.
    pub act: Option<Act>,
    /// The unit of the matter.
    pub unit: String,
    /// The level of what is decided on.
    pub level: String,
    /// Rank of that level when it was asked.
    pub rank: i64,
    /// The sum in question.
    pub amount: Option<Amount>,
    /// SHA-256 of the content to be signed.
    pub digest: Vec<u8>,
    /// What is asked.
    pub summary: String,
    /// The human who asks.
    pub requester: Uuid,
    /// Subject of the service credential that asked for the requester; empty: the requester itself did.
    pub asker: String,
    /// People who must stay separate.
    pub excluded: Vec<Uuid>,
    /// The plan as it was when asked.
    pub plan: Plan,
    /// Where it stands.
    pub state: State,
    /// The round, from 1.
    pub round: i64,
    /// How many steps have passed in this round.
    pub passed_steps: usize,
    /// Signatures, oldest first.
    pub decisions: Vec<Decision>,
    /// When it was asked, microseconds.
    pub created_at: i64,
    /// When it last changed, microseconds.
    pub updated_at: i64,
    /// When it became final, microseconds.
    pub decided_at: Option<i64>,
    /// Version of the row, from 1.
    pub version: i64,
}

/// What somebody signs.
#[derive(Clone, Debug)]
pub struct Ballot {
    /// Id of the signature.
    pub id: Uuid,
    /// The human.
    pub signer: Uuid,
    /// What it says.
    pub verdict: Verdict,
    /// The digest the signer has seen.
    pub digest: Vec<u8>,
    /// The letter to sign under; `None`: whatever right gives a seat.
    pub delegation: Option<Uuid>,
    /// The reason given.
    pub comment: String,
    /// When, microseconds.
    pub now: i64,
}

/// What a requester corrected; `None`: unchanged.
#[derive(Clone, Debug, Default)]
pub struct Correction {
    /// The new digest.
    pub digest: Option<Vec<u8>>,
    /// The new summary.
    pub summary: Option<String>,
    /// The new sum.
    pub amount: Option<Amount>,
}

// === impl State ===

impl State {
    /// Whether nothing changes any more.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Returned)
    }
}

// === impl Approval ===

impl Approval {
    /// The resource name.
    pub fn name(&self) -> String {
        name("approvals", self.id)
    }

    /// Whether only those see it who take part in it, whoever else reads every approval (A-23, I10).
    pub fn is_closed(&self, pack: &Pack) -> bool {
        self.act.as_ref().is_some_and(|act| act.is_closed(pack))
    }

    /// The signatures of this round.
    pub fn signatures(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.round == self.round)
    }

    /// The approval before the people of `snapshot`; `delegable_to` is what the pack says of the matter now.
    pub fn case<'a>(&self, snapshot: &'a DirectorySnapshot, delegable_to: &[String], now: i64) -> Case<'a> {
        let facts = Facts {
            plan: self.plan.clone(),
            matter: self.matter.clone(),
            rank: self.rank,
            requester: self.requester,
            excluded: self.excluded.clone(),
            delegable_to: delegable_to.to_vec(),
        };
        let lent = |one: &Decision| one.mandate.map(|mandate| (one.signer, mandate.acting_for));
        let signed: Vec<_> = self.signatures().filter_map(lent).collect();
        Case::new(facts, snapshot, self.created_at, now, &signed)
    }

    /// Signs. A yes fills a slot of the open step; a no and a return ask for the same right, but fill none.
    ///
    /// # Errors
    /// `WRONG_STATE`, `APPROVAL_SUBJECT_CHANGED`, `APPROVAL_OWN_REQUEST`, `APPROVAL_VOICE_USED`,
    /// `APPROVAL_OUTSIDE_DELEGATION` with the bound, `APPROVAL_NOT_APPROVER`, `FIELD_VIOLATION` when several letters
    /// would do and none is named.
    pub fn sign(&mut self, case: &Case<'_>, ballot: Ballot) -> Result<()> {
        self.require(&[State::Pending])?;
        if ballot.digest != self.digest {
            return Err(self.refusal(Reason::ApprovalSubjectChanged));
        }
        let (mandate, seats) = self.right(case, ballot.signer, ballot.delegation)?;
        let now = ballot.now;
        let verdict = ballot.verdict;
        self.decisions.push(self.decision(case, ballot, mandate, seats));
        match verdict {
            Verdict::Approve => self.settle_step(),
            Verdict::Reject => self.state = State::Rejected,
            Verdict::Return => self.state = State::Returned,
        }
        self.touch(now);
        Ok(())
    }

    /// Begins the next round with what was corrected.
    ///
    /// # Errors
    /// `WRONG_STATE` unless returned.
    pub fn resubmit(&mut self, correction: Correction, now: i64) -> Result<()> {
        self.require(&[State::Returned])?;
        self.digest = correction.digest.unwrap_or_else(|| std::mem::take(&mut self.digest));
        self.summary = correction.summary.unwrap_or_else(|| std::mem::take(&mut self.summary));
        self.amount = correction.amount.or_else(|| self.amount.take());
        self.state = State::Pending;
        self.round += 1;
        self.passed_steps = 0;
        self.touch(now);
        Ok(())
    }

    /// Takes the matter back.
    ///
    /// # Errors
    /// `WRONG_STATE` when it is final.
    pub fn withdraw(&mut self, now: i64) -> Result<()> {
        self.require(&[State::Pending, State::Returned])?;
        self.state = State::Withdrawn;
        self.touch(now);
        Ok(())
    }

    /// Who may fill what is missing, and whether that can succeed.
    pub fn feasibility(&self, case: &Case<'_>) -> Feasibility {
        Feasibility::of(case, self.state, self.passed_steps, &self.signatures().collect::<Vec<_>>())
    }

    fn decision(&self, case: &Case<'_>, ballot: Ballot, mandate: Option<Mandate>, seats: Vec<Seat>) -> Decision {
        let (post, unit) = seats.first().map(|seat| (seat.post.clone(), seat.unit.clone())).unwrap_or_default();
        Decision {
            id: ballot.id,
            signer: ballot.signer,
            voice: case.groups().of_person(ballot.signer),
            verdict: ballot.verdict,
            step: self.passed_steps,
            slot: None,
            post,
            unit,
            mandate,
            seats,
            digest: ballot.digest,
            round: self.round,
            comment: ballot.comment,
            decided_at: ballot.now,
        }
    }

    /// The signatures of the open step in their seats.
    pub fn slot_assignment(&self) -> SlotAssignment {
        let slots = self.plan.steps.get(self.passed_steps).map_or(0, |step| step.slots.len());
        let mut assignment = SlotAssignment::new(slots);
        for decision in self.open_yes() {
            if let Some(slot) = decision.slot {
                assignment.place(decision.wishes(), slot);
            }
        }
        assignment
    }

    fn open_yes(&self) -> impl Iterator<Item = &Decision> {
        let step = self.passed_steps;
        self.signatures().filter(move |one| one.step == step && one.verdict == Verdict::Approve)
    }

    // Seats the yes that has just come, and opens the next step when the quorum is reached.
    fn settle_step(&mut self) {
        let mut assignment = self.slot_assignment();
        let Some(newest) = self.decisions.last() else { return };
        assignment.add(newest.wishes());
        let (round, step) = (self.round, self.passed_steps);
        let yes = |one: &&mut Decision| one.round == round && one.step == step && one.verdict == Verdict::Approve;
        for (voter, decision) in self.decisions.iter_mut().filter(yes).enumerate() {
            if let Some(slot) = assignment.slot_of(voter) {
                decision.sit(slot);
            }
        }
        if self.plan.steps.get(step).is_some_and(|step| assignment.filled() >= step.quorum) {
            self.passed_steps += 1;
        }
        if self.passed_steps == self.plan.steps.len() {
            self.state = State::Approved;
        }
    }

    fn touch(&mut self, now: i64) {
        self.updated_at = now;
        self.decided_at = self.state.is_final().then_some(now);
    }

    fn require(&self, allowed: &[State]) -> Result<()> {
        if allowed.contains(&self.state) {
            return Ok(());
        }
        let words: Vec<&str> = allowed.iter().map(|state| state.as_str()).collect();
        Err(Error::wrong_state(self.name(), self.state.as_str(), &words))
    }

    fn refusal(&self, reason: Reason) -> Error {
        Error::new(reason).with("approval", self.name())
    }
}

#[cfg(test)]
mod tests;
