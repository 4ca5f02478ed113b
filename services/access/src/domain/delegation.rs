//! Letters of authorisation: what may be lent, and to whom.

use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_regime::Pack;
use uuid::Uuid;

use super::directory_snapshot::{DelegationTerms, Member};

/// A letter with what only the directory keeps of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delegation {
    /// What it lends.
    pub terms: DelegationTerms,
    /// Id of the highest level it covers.
    pub max_level: String,
    /// Number or place of the signed letter.
    pub reference: String,
    /// Who entered it.
    pub creator: Uuid,
    /// When, microseconds.
    pub created_at: i64,
    /// Who revoked it.
    pub revoker: Option<Uuid>,
    /// Version of the row, from 1.
    pub version: i64,
}

states! {
    /// Where a letter stands.
    pub enum State {
        /// It has not begun.
        Scheduled = "scheduled",
        /// It holds.
        Active = "active",
        /// It was revoked; final.
        Revoked = "revoked",
        /// Its period is over; final.
        Expired = "expired",
    }
}

/// Most matters of one letter.
const MOST_MATTERS: usize = 20;

// === impl Delegation ===

impl Delegation {
    /// The resource name.
    pub fn name(&self) -> String {
        name("delegations", self.terms.id)
    }

    /// Where it stands at `now`.
    pub fn state(&self, now: i64) -> State {
        if self.terms.revoked_at.is_some() {
            State::Revoked
        } else if now < self.terms.valid_from {
            State::Scheduled
        } else if now < self.terms.valid_until {
            State::Active
        } else {
            State::Expired
        }
    }

    /// Ends it.
    ///
    /// # Errors
    /// `WRONG_STATE` when it has ended.
    pub fn revoke(&mut self, revoker: Uuid, now: i64) -> Result<()> {
        let state = self.state(now);
        if !matches!(state, State::Scheduled | State::Active) {
            return Err(Error::wrong_state(self.name(), state.as_str(), &["scheduled", "active"]));
        }
        self.terms.revoked_at = Some(now);
        self.revoker = Some(revoker);
        Ok(())
    }

    /// Everything that can be said of the fields without looking at people.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` with every field at fault.
    pub fn check(&self, pack: &Pack, now: i64) -> Result<()> {
        let mut faults = Faults::default();
        let mut fault = |field: &str, why: &str| faults.add(field, why);
        if self.terms.delegator == self.terms.delegate {
            fault("delegation.delegate", "must be another person than the delegator");
        }
        let matters = &self.terms.matters;
        if matters.is_empty() || matters.len() > MOST_MATTERS {
            fault("delegation.matters", "must name 1 to 20 matters");
        }
        if matters.iter().any(|matter| pack.matter(matter).is_none()) {
            let known = one_of(pack.matters.iter().map(|one| one.id.as_str()));
            fault("delegation.matters", &format!("each {known}; there is no wildcard"));
        }
        if matters.iter().enumerate().any(|(at, matter)| matters[..at].contains(matter)) {
            fault("delegation.matters", "must name each matter once");
        }
        if pack.rank(&self.max_level).is_none() {
            fault("delegation.max_level", &one_of(pack.levels.iter().map(|one| one.id.as_str())));
        }
        if self.terms.post.as_deref().is_some_and(|post| pack.post(post).is_none()) {
            fault("delegation.post", &one_of(pack.posts.iter().map(|one| one.id.as_str())));
        }
        if self.terms.valid_until <= self.terms.valid_from || self.terms.valid_until <= now {
            fault("delegation.valid_until", "must lie after the beginning and in the future");
        }
        if !(1..=200).contains(&self.reference.chars().count()) {
            fault("delegation.letter_reference", "must have 1 to 200 characters");
        }
        faults.finish()
    }

    /// That it lends no more than the delegator's own posts give, and to a post that every matter admits. What the
    /// delegator may do under somebody else's letter is not looked at: a lent power cannot be lent on.
    ///
    /// # Errors
    /// `DELEGATION_EXCEEDS_POWER` with the bound: `post`, `matter` or `level`.
    pub fn check_power(&self, pack: &Pack, delegator: &Member, delegate: &Member) -> Result<()> {
        let lent = |post: &str| self.terms.lends(post) && delegator.posts.iter().any(|held| held.post == post);
        if delegator.posts.iter().all(|held| !lent(&held.post)) {
            return Err(exceeds("post"));
        }
        for matter in self.terms.matters.iter().filter_map(|id| pack.matter(id)) {
            let plan = pack.plan(&matter.plan);
            let barred = plan.is_some_and(|plan| delegator.holds_any(&plan.excluded_posts));
            let mut posts =
                plan.into_iter().flat_map(|plan| &plan.steps).flat_map(|step| &step.slots).flat_map(|s| &s.posts);
            if barred || !posts.any(|post| lent(post)) || !delegate.holds_any(&matter.delegable_to) {
                return Err(exceeds("matter"));
            }
        }
        // No clearance reaches a closed level, so no letter opens one.
        let closed = pack.level(&self.max_level).is_none_or(|level| level.closed);
        if closed || self.terms.max_rank > delegator.clearance {
            return Err(exceeds("level"));
        }
        Ok(())
    }
}

// === impl State ===

impl State {}

fn exceeds(bound: &str) -> Error {
    Error::new(Reason::DelegationExceedsPower).with("bound", bound)
}
