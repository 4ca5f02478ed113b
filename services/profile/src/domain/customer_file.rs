//! A customer file without its content: where it stands and who may move it on (P-40, P-46).

use std::collections::BTreeMap;

use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::name;
use dossier_kernel::states;
use dossier_regime::CustomerType;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::custody::Custody;
use super::ties::Ties;

states! {
    /// Where a file stands.
    pub enum State {
        /// Being written; also after it was sent back.
        Draft = "draft",
        /// Handed in, waits for its review.
        Submitted = "submitted",
        /// Accepted, waits for its number.
        Reviewed = "reviewed",
        /// Effective.
        Active = "active",
        /// Ended.
        Closed = "closed",
    }
}

/// What was done to a file; each makes one revision (P-48).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It was created.
    Create,
    /// Parts of it were changed.
    Update,
    /// It was handed in.
    Submit,
    /// It was accepted.
    Accept,
    /// It was sent back.
    SendBack,
    /// It got its number.
    Activate,
    /// It got its number by a record that establishes it, in place of a review (P-38).
    Establish,
    /// It got another level or classification.
    Classify,
    /// It got another custodian.
    HandOver,
    /// It ended.
    Close,
    /// It came from elsewhere, or this version of it did.
    Import,
    /// Another file was merged into it (P-02).
    Keep,
    /// It ended, merged into another file (P-02).
    Merge,
    /// The file that was merged into it stands by itself again.
    Release,
    /// It stands by itself again.
    Unmerge,
}

/// How complete a file is, in weights (P-31).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Weight of the filled fields among those that apply.
    pub filled: i64,
    /// Weight of all fields that apply.
    pub applicable: i64,
    /// Whether every required field is filled.
    pub complete: bool,
}

/// A file without its content.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomerFile {
    /// Its id.
    pub id: Uuid,
    /// Its number, from activation on.
    pub number: Option<String>,
    /// The number of its customer, from activation on.
    pub customer_number: Option<String>,
    /// What kind of customer it is about; `None`: about none (P-68, P-89).
    pub customer_type: Option<CustomerType>,
    /// Its kind in the pack: what kind of unit it is about.
    pub unit_kind: String,
    /// The files that it names.
    pub ties: Ties,
    /// Its template.
    pub template: String,
    /// The version of the template.
    pub template_version: i64,
    /// Its level.
    pub level: String,
    /// The unit that owns it.
    pub unit: String,
    /// Who keeps it; `None`: the pack's custodian post.
    pub custodian: Option<Uuid>,
    /// How they came to keep it.
    pub custody: Custody,
    /// Where it stands.
    pub state: State,
    /// Value per axis (P-16).
    pub classification: BTreeMap<String, String>,
    /// When the customer was first met (P-39).
    pub first_contact: Option<Timestamp>,
    /// When the contract took effect (P-39).
    pub contract_effect: Option<Timestamp>,
    /// Its newest revision, from 1.
    pub revision: i64,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Who created it.
    pub creator: Uuid,
    /// When it became effective.
    pub activated: Option<Timestamp>,
    /// When it ended.
    pub closed: Option<Timestamp>,
    /// The last day on which its retention class keeps it, as it was when it ended; `None`: it has not, was merged, or is kept for ever.
    pub keep_until: Option<Date>,
    /// How complete it is.
    pub weights: Weights,
}

// === impl Act ===

impl Act {
    /// Every act.
    pub const ALL: [Self; 15] = [
        Self::Create,
        Self::Update,
        Self::Submit,
        Self::Accept,
        Self::SendBack,
        Self::Activate,
        Self::Establish,
        Self::Classify,
        Self::HandOver,
        Self::Close,
        Self::Import,
        Self::Keep,
        Self::Merge,
        Self::Release,
        Self::Unmerge,
    ];

    /// The act that an action of the journal names.
    pub fn of_action(action: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.action() == action)
    }

    /// The word in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Submit => "submit",
            Self::Accept => "accept",
            Self::SendBack => "send_back",
            Self::Activate => "activate",
            Self::Establish => "establish",
            Self::Classify => "classify",
            Self::HandOver => "hand_over",
            Self::Close => "close",
            Self::Import => "import",
            Self::Keep => "keep",
            Self::Merge => "merge",
            Self::Release => "release",
            Self::Unmerge => "unmerge",
        }
    }

    /// The action in the journal.
    pub const fn action(self) -> &'static str {
        match self {
            Self::Create => "file.created",
            Self::Update => "file.updated",
            Self::Submit => "file.submitted",
            Self::Accept => "file.reviewed",
            Self::SendBack => "file.sent_back",
            Self::Activate => "file.activated",
            Self::Establish => "file.established",
            Self::Classify => "file.classified",
            Self::HandOver => "file.handed_over",
            Self::Close => "file.closed",
            Self::Import => "file.imported",
            Self::Keep => "file.kept",
            Self::Merge => "file.merged",
            Self::Release => "file.released",
            Self::Unmerge => "file.unmerged",
        }
    }

    /// The states in which it may be done.
    pub const fn allowed(self) -> &'static [State] {
        match self {
            Self::Create | Self::Import => &[],
            Self::Update | Self::Keep | Self::Release => &[State::Draft, State::Active],
            Self::Submit => &[State::Draft],
            Self::Accept | Self::SendBack => &[State::Submitted],
            Self::Activate => &[State::Reviewed],
            Self::Establish => &[State::Draft],
            // A file that waits for its review or its number may turn out to be one too many (P-02).
            Self::Classify | Self::HandOver | Self::Close | Self::Merge => {
                &[State::Draft, State::Submitted, State::Reviewed, State::Active]
            }
            Self::Unmerge => &[State::Closed],
        }
    }

    /// The state after it; of one that stands by itself again whoever lets it do so says where.
    pub const fn leads(self, from: State) -> State {
        match self {
            Self::Create | Self::SendBack => State::Draft,
            Self::Update
            | Self::Classify
            | Self::HandOver
            | Self::Keep
            | Self::Release
            | Self::Unmerge
            | Self::Import => from,
            Self::Submit => State::Submitted,
            Self::Accept => State::Reviewed,
            Self::Activate | Self::Establish => State::Active,
            Self::Close | Self::Merge => State::Closed,
        }
    }

    /// Whether the file ends with it.
    pub const fn ends(self) -> bool {
        matches!(self, Self::Close | Self::Merge)
    }

    /// Whether the file is effective from it on.
    pub const fn makes_effective(self) -> bool {
        matches!(self, Self::Activate | Self::Establish)
    }

    /// Whether who does it has a part in the content, so that they may not review it (P-40).
    pub const fn involves(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Submit | Self::Keep | Self::Release | Self::Import)
    }
}

// === impl CustomerFile ===

impl CustomerFile {
    /// `files/{uuid}`.
    pub fn name(&self) -> String {
        name::name("files", self.id)
    }

    /// Changes with every change of the file: its revision says as much.
    pub fn etag(&self) -> String {
        format!("r{}", self.revision)
    }

    /// Refuses what is not done in a file that is closed.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_open(&self) -> Result<()> {
        if self.state != State::Closed {
            return Ok(());
        }
        let open: Vec<_> = State::ALL.iter().filter(|one| **one != State::Closed).map(|one| one.as_str()).collect();
        Err(Error::wrong_state(self.name(), self.state.as_str(), &open))
    }

    /// Demands that nobody changed the file since the caller read it; an empty etag demands nothing.
    ///
    /// # Errors
    /// `ETAG_STALE`.
    pub fn require_etag(&self, given: &str) -> Result<()> {
        etag::require(given, &self.etag(), &self.name())
    }

    /// The file as `act` leaves it: the next revision, in the state that the act leads to.
    ///
    /// # Errors
    /// `WRONG_STATE` when the act is not allowed in the present state.
    pub fn after(&self, act: Act, now: Timestamp) -> Result<Self> {
        let allowed = act.allowed();
        if !allowed.contains(&self.state) {
            let names: Vec<_> = allowed.iter().map(|state| state.as_str()).collect();
            return Err(Error::wrong_state(self.name(), self.state.as_str(), &names));
        }
        let mut after = self.clone();
        after.state = act.leads(self.state);
        after.revision += 1;
        // A clock that went back must not turn the order of the revisions round (P-48).
        after.updated = now.max(self.updated);
        after.activated = after.activated.or(act.makes_effective().then_some(now));
        after.closed = act.ends().then_some(now);
        Ok(after)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use dossier_kernel::error::Reason;
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn file() -> CustomerFile {
        CustomerFile {
            id: Uuid::from_u128(7),
            number: None,
            customer_number: None,
            customer_type: Some(CustomerType::Company),
            unit_kind: "customer".into(),
            ties: Ties::default(),
            template: "customer_core".into(),
            template_version: 1,
            level: "none".into(),
            unit: "sales".into(),
            custodian: Some(Uuid::from_u128(1)),
            custody: Custody::Made,
            state: State::Draft,
            classification: BTreeMap::new(),
            first_contact: None,
            contract_effect: None,
            revision: 1,
            created: Timestamp::UNIX_EPOCH,
            updated: Timestamp::UNIX_EPOCH,
            creator: Uuid::from_u128(1),
            activated: None,
            closed: None,
            keep_until: None,
            weights: Weights::default(),
        }
    }

    const ACTS: [Act; 11] = [
        Act::Update,
        Act::Submit,
        Act::Accept,
        Act::SendBack,
        Act::Activate,
        Act::Classify,
        Act::HandOver,
        Act::Close,
        Act::Keep,
        Act::Merge,
        Act::Release,
    ];

    #[test]
    fn the_road_of_a_file() {
        let mut file = file();
        for act in [Act::Update, Act::Submit, Act::SendBack, Act::Submit, Act::Accept, Act::Activate, Act::Close] {
            file = file.after(act, Timestamp::UNIX_EPOCH).unwrap();
        }
        assert_eq!((file.state, file.revision), (State::Closed, 8));
        assert!(file.activated.is_some() && file.closed.is_some());
        for act in ACTS {
            let fault = file.after(act, Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!((fault.reason(), fault.metadata("state")), (Reason::WrongState, Some("CLOSED")));
        }
    }

    // proves: P-02
    #[test]
    fn only_what_ended_stands_again() {
        let merged = file().after(Act::Merge, Timestamp::UNIX_EPOCH).unwrap();
        assert!(merged.closed.is_some() && merged.after(Act::Keep, Timestamp::UNIX_EPOCH).is_err());
        assert_eq!(merged.after(Act::Unmerge, Timestamp::UNIX_EPOCH).unwrap().closed, None);
        assert_eq!(file().after(Act::Unmerge, Timestamp::UNIX_EPOCH).unwrap_err().reason(), Reason::WrongState);
    }

    #[test]
    fn a_stale_etag_is_refused() {
        assert!(file().require_etag("").is_ok() && file().require_etag("r1").is_ok());
        assert_eq!(file().require_etag("r0").unwrap_err().reason(), Reason::EtagStale);
    }

    proptest! {
        // proves: P-40
        #[test]
        fn nothing_becomes_effective_without_a_review(steps in prop::collection::vec(0..ACTS.len(), 0..40)) {
            let (mut file, mut accepted) = (file(), false);
            for act in steps.into_iter().map(|at| ACTS[at]) {
                let Ok(next) = file.after(act, Timestamp::UNIX_EPOCH) else { continue };
                accepted = (accepted || act == Act::Accept) && act != Act::SendBack;
                prop_assert_eq!(next.revision, file.revision + 1);
                prop_assert!(next.state != State::Active || accepted);
                file = next;
            }
        }
    }
}
