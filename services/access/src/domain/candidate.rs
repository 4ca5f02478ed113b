//! Who may fill which slot, and why somebody may not (A-38, A-39, I6).

use dossier_authority::independence_group::IndependenceGroups;
use uuid::Uuid;

use super::decision::{Mandate, Seat};
use super::directory_snapshot::{DelegationTerms, DirectorySnapshot, Member};
use super::plan::{Plan, Slot};

/// What is asked, apart from the signatures.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The plan.
    pub plan: Plan,
    /// The matter, an id of the pack.
    pub matter: String,
    /// Rank of the level of what is decided on.
    pub rank: i64,
    /// Who asks.
    pub requester: Uuid,
    /// People who must stay separate.
    pub excluded: Vec<Uuid>,
    /// Posts that may act under a letter in this matter, as the pack says now.
    pub delegable_to: Vec<String>,
}

/// The facts before the people of one moment.
#[derive(Debug)]
pub struct Case<'a> {
    /// What is asked.
    pub facts: Facts,
    snapshot: &'a DirectorySnapshot,
    groups: IndependenceGroups,
    now: i64,
}

/// A person looked at for one slot, in one right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The person.
    pub person: Uuid,
    /// The post through which the person would sign.
    pub post: String,
    /// The unit of that post.
    pub unit: String,
    /// In whose right; `None`: its own.
    pub mandate: Option<Mandate>,
    /// Why it may not; `None`: it may.
    pub obstacle: Option<Obstacle>,
}

/// Why a person may not fill a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It is switched off.
    Inactive,
    /// It asks itself.
    Requester,
    /// It is one voice with the requester.
    RequesterVoice,
    /// The letter does not name the matter.
    LetterMatter,
    /// The letter does not reach up to the level.
    LetterLevel,
    /// The letter does not hold now.
    LetterPeriod,
    /// It does not hold the post where it is asked for, or none that may act under a letter.
    NotAppointed,
    /// It must stay separate, or holds a post that the plan excludes.
    Excluded,
    /// Its clearance, or its delegator's, does not dominate the level.
    Clearance,
    /// It has signed already.
    Signed,
    /// Somebody of its voice has signed already.
    SignerVoice,
    /// The step is not open.
    StepNotOpen,
    /// Somebody else has filled the slot.
    Filled,
}

// === impl Obstacle ===

impl Obstacle {
    /// The bound of a letter that it names: `matter`, `level` or `period`.
    pub fn bound(self) -> Option<&'static str> {
        match self {
            Self::LetterMatter => Some("matter"),
            Self::LetterLevel => Some("level"),
            Self::LetterPeriod => Some("period"),
            _ => None,
        }
    }
}

// === impl Candidate ===

impl Candidate {
    /// The letter it would use.
    pub fn delegation(&self) -> Option<Uuid> {
        self.mandate.map(|mandate| mandate.delegation)
    }

    fn seat(&self, slot: usize) -> Seat {
        Seat { slot, post: self.post.clone(), unit: self.unit.clone() }
    }
}

// === impl Case ===

impl<'a> Case<'a> {
    /// The facts before the people of `snapshot` at `now`. `since` is when the approval began, `signed` are the signatures
    /// so far that somebody gave for somebody else: both only ever join voices.
    pub fn new(facts: Facts, snapshot: &'a DirectorySnapshot, since: i64, now: i64, signed: &[(Uuid, Uuid)]) -> Self {
        let held = snapshot
            .delegations
            .iter()
            .filter(|delegation| delegation.names(&facts.matter) && delegation.held_between(since, now));
        let edges = held.map(|delegation| (delegation.delegator, delegation.delegate)).chain(signed.iter().copied());
        let groups = IndependenceGroups::of(edges);
        Self { facts, snapshot, groups, now }
    }

    /// Which people are one voice here.
    pub fn groups(&self) -> &IndependenceGroups {
        &self.groups
    }

    /// Whether the person is the requester or one voice with it.
    pub fn is_requester(&self, person: Uuid) -> bool {
        self.groups.same(person, self.facts.requester)
    }

    /// Everybody looked at for `slot`, signatures left aside: those who may come first.
    pub fn candidates(&self, slot: &Slot) -> Vec<Candidate> {
        let own = self.snapshot.members.keys().filter_map(|&person| self.own(slot, person));
        let lent = self.snapshot.delegations.iter().filter_map(|delegation| self.lent(slot, delegation));
        let mut all: Vec<Candidate> = own.chain(lent).collect();
        all.sort_by_key(|one| one.obstacle.is_some());
        all
    }

    /// One person looked at for `slot`: in its own right first, then under each of its letters.
    pub fn candidates_of(&self, slot: &Slot, person: Uuid) -> Vec<Candidate> {
        let delegations = self.snapshot.delegations.iter().filter(|delegation| delegation.delegate == person);
        self.own(slot, person)
            .into_iter()
            .chain(delegations.filter_map(|delegation| self.lent(slot, delegation)))
            .collect()
    }

    /// The seats of one step that `person` may fill in one right, signatures left aside.
    pub fn seats(&self, step: usize, person: Uuid, mandate: Option<Mandate>) -> Vec<Seat> {
        let slots = self.facts.plan.steps.get(step).map_or(&[][..], |step| &step.slots);
        let seat = |(index, slot): (usize, &Slot)| {
            let fits = |one: &Candidate| one.obstacle.is_none() && one.mandate == mandate;
            self.candidates_of(slot, person).into_iter().find(fits).map(|one| one.seat(index))
        };
        slots.iter().enumerate().filter_map(seat).collect()
    }

    /// Whether the person may take part in some step, now or later: that much is no secret to it.
    pub fn concerns(&self, person: Uuid) -> bool {
        use Obstacle::{Excluded, Requester, RequesterVoice};
        let open = |one: &Candidate| matches!(one.obstacle, None | Some(Requester | RequesterVoice | Excluded));
        self.any_candidate(person, open)
    }

    /// Whether the person has some relation to a slot, be it a letter that does not reach: whoever has none is told
    /// that there is no such approval.
    pub fn knows(&self, person: Uuid) -> bool {
        self.any_candidate(person, |one| !matches!(one.obstacle, Some(Obstacle::Inactive | Obstacle::NotAppointed)))
    }

    fn any_candidate(&self, person: Uuid, test: impl Fn(&Candidate) -> bool) -> bool {
        let mut slots = self.facts.plan.steps.iter().flat_map(|step| &step.slots);
        slots.any(|slot| self.candidates_of(slot, person).iter().any(&test))
    }

    fn own(&self, slot: &Slot, person: Uuid) -> Option<Candidate> {
        let member = self.snapshot.member(person)?;
        let here = member.posts.iter().find(|held| slot.admits(&held.post, &held.unit));
        let held = here.or_else(|| member.posts.iter().find(|held| slot.names(&held.post)))?;
        let elsewhere = here.is_none().then_some(Obstacle::NotAppointed);
        let obstacle =
            self.person_obstacle(person, member).or(elsewhere).or_else(|| self.rank_obstacle(person, member));
        Some(Candidate { person, post: held.post.clone(), unit: held.unit.clone(), mandate: None, obstacle })
    }

    fn lent(&self, slot: &Slot, delegation: &DelegationTerms) -> Option<Candidate> {
        let delegator = self.snapshot.member(delegation.delegator)?;
        let lent = |post: &str, unit: &str| delegation.lends(post) && slot.admits(post, unit);
        let held = delegator.posts.iter().find(|held| lent(&held.post, &held.unit))?;
        Some(Candidate {
            person: delegation.delegate,
            post: held.post.clone(),
            unit: held.unit.clone(),
            mandate: Some(Mandate { acting_for: delegation.delegator, delegation: delegation.id }),
            obstacle: self.lent_obstacle(delegation, delegator),
        })
    }

    fn lent_obstacle(&self, delegation: &DelegationTerms, delegator: &Member) -> Option<Obstacle> {
        let nobody = Member { active: true, clearance: -1, ..Member::default() };
        let delegate = self.snapshot.member(delegation.delegate).unwrap_or(&nobody);
        let idle = !delegator.active || !delegate.holds_any(&self.facts.delegable_to);
        // A letter that holds has made both one voice, so acting for the requester shows as its voice.
        self.person_obstacle(delegation.delegate, delegate)
            .or_else(|| self.delegation_obstacle(delegation))
            .or_else(|| idle.then_some(Obstacle::NotAppointed))
            .or_else(|| self.rank_obstacle(delegation.delegate, delegate))
            .or_else(|| self.rank_obstacle(delegation.delegator, delegator))
    }

    fn delegation_obstacle(&self, delegation: &DelegationTerms) -> Option<Obstacle> {
        if !delegation.names(&self.facts.matter) {
            Some(Obstacle::LetterMatter)
        } else if delegation.max_rank < self.facts.rank {
            Some(Obstacle::LetterLevel)
        } else if !delegation.holds_at(self.now) {
            Some(Obstacle::LetterPeriod)
        } else {
            None
        }
    }

    fn person_obstacle(&self, person: Uuid, member: &Member) -> Option<Obstacle> {
        if !member.active {
            Some(Obstacle::Inactive)
        } else if person == self.facts.requester {
            Some(Obstacle::Requester)
        } else if self.is_requester(person) {
            Some(Obstacle::RequesterVoice)
        } else {
            None
        }
    }

    // Who must stay separate takes its whole voice along: a delegate of the preparer would sign as the preparer.
    fn rank_obstacle(&self, person: Uuid, member: &Member) -> Option<Obstacle> {
        let separate = self.facts.excluded.iter().any(|&excluded| self.groups.same(excluded, person));
        if separate || member.holds_any(&self.facts.plan.excluded_posts) {
            Some(Obstacle::Excluded)
        } else if member.clearance < self.facts.rank {
            Some(Obstacle::Clearance)
        } else {
            None
        }
    }
}
