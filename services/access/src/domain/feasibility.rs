//! Who may fill what is missing, and whether distinct humans can (A-38, A-39, I6).

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::slot_assignment::SlotAssignment;
use uuid::Uuid;

use super::approval::State;
use super::candidate::{Candidate, Case, Obstacle};
use super::decision::{Decision, Verdict};

/// The most candidates that are told of one slot.
const MOST: usize = 100;

/// An approval, or one that might be, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feasibility {
    /// The steps in order.
    pub steps: Vec<StepFeasibility>,
    /// Whether distinct voices can fill everything that is missing.
    pub reachable: bool,
}

/// One step as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFeasibility {
    /// How far it is.
    pub progress: Progress,
    /// Its slots in order.
    pub slots: Vec<SlotFeasibility>,
    /// How many signatures are missing.
    pub missing: usize,
    /// Whether distinct voices can fill it, together with the steps before it.
    pub reachable: bool,
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A step before it is open, or nothing is.
    Waiting,
    /// Signatures are being collected.
    Open,
    /// The quorum is reached.
    Passed,
}

/// One slot as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlotFeasibility {
    /// The signature that fills it, by its id.
    pub filled_by: Option<Uuid>,
    /// Everybody looked at, those who may first; at most 100.
    pub candidates: Vec<Candidate>,
}

struct Standing<'a> {
    case: &'a Case<'a>,
    state: State,
    passed: usize,
    signed: &'a [&'a Decision],
}

// === impl Feasibility ===

impl Feasibility {
    /// How a matter stands that nobody has signed yet.
    pub fn before(case: &Case<'_>) -> Self {
        Self::of(case, State::Pending, 0, &[])
    }

    pub(super) fn of(case: &Case<'_>, state: State, passed: usize, signed: &[&Decision]) -> Self {
        let standing = Standing { case, state, passed, signed };
        let reachable = standing.reachable();
        let steps: Vec<StepFeasibility> =
            (0..reachable.len()).map(|step| standing.step(step, reachable[step])).collect();
        let ended = matches!(state, State::Rejected | State::Withdrawn);
        Self { reachable: !ended && steps.iter().all(|step| step.reachable), steps }
    }

    /// The first step that cannot be filled.
    pub fn stuck(&self) -> Option<usize> {
        self.steps.iter().position(|step| !step.reachable)
    }
}

// === impl Standing ===

impl Standing<'_> {
    fn step(&self, index: usize, reachable: bool) -> StepFeasibility {
        let step = &self.case.facts.plan.steps[index];
        let progress = self.progress(index);
        let filled = (0..step.slots.len()).filter(|&slot| self.filler(index, slot).is_some()).count();
        StepFeasibility {
            progress,
            slots: (0..step.slots.len()).map(|slot| self.slot(index, slot, progress)).collect(),
            missing: step.quorum.saturating_sub(filled),
            reachable,
        }
    }

    fn progress(&self, step: usize) -> Progress {
        if step < self.passed {
            Progress::Passed
        } else if step == self.passed && self.state == State::Pending {
            Progress::Open
        } else {
            Progress::Waiting
        }
    }

    fn slot(&self, step: usize, slot: usize, progress: Progress) -> SlotFeasibility {
        let room = progress == Progress::Open && self.seated(step).admits(&[slot]);
        let mut candidates = self.case.candidates(&self.case.facts.plan.steps[step].slots[slot]);
        for one in &mut candidates {
            one.obstacle = one.obstacle.or_else(|| self.obstacle(one.person, progress, room));
        }
        candidates.sort_by_key(|one| one.obstacle.is_some());
        candidates.truncate(MOST);
        SlotFeasibility { filled_by: self.filler(step, slot).map(|decision| decision.id), candidates }
    }

    fn obstacle(&self, person: Uuid, progress: Progress, room: bool) -> Option<Obstacle> {
        if self.signed.iter().any(|one| one.signer == person) {
            return Some(Obstacle::Signed);
        }
        if self.signed.iter().any(|one| self.case.groups().same(one.signer, person)) {
            return Some(Obstacle::SignerVoice);
        }
        match progress {
            Progress::Waiting => Some(Obstacle::StepNotOpen),
            Progress::Passed => Some(Obstacle::Filled),
            Progress::Open => (!room).then_some(Obstacle::Filled),
        }
    }

    fn filler(&self, step: usize, slot: usize) -> Option<&Decision> {
        self.signed.iter().copied().find(|one| one.step == step && one.slot == Some(slot))
    }

    fn seated(&self, step: usize) -> SlotAssignment {
        let mut assignment = SlotAssignment::new(self.case.facts.plan.steps[step].slots.len());
        for one in self.signed.iter().filter(|one| one.step == step && one.verdict == Verdict::Approve) {
            if let Some(slot) = one.slot {
                assignment.place(one.wishes(), slot);
            }
        }
        assignment
    }

    // A step counts as reachable when it can be filled together with the reachable ones before it.
    fn reachable(&self) -> Vec<bool> {
        let wishes = self.free_voices();
        let mut together: Vec<usize> = Vec::new();
        let steps = 0..self.case.facts.plan.steps.len();
        let reach = |step: usize| {
            if step < self.passed {
                return true;
            }
            together.push(step);
            let fits = self.fits(&together, &wishes);
            if !fits {
                together.pop();
            }
            fits
        };
        steps.map(reach).collect()
    }

    // Steps need their quorum, not every slot. Blank voters take what a quorum leaves over; when all slots can be filled,
    // at least the quorum of each step is filled by real ones.
    fn fits(&self, steps: &[usize], voices: &[Vec<(usize, usize)>]) -> bool {
        let plan = &self.case.facts.plan;
        let all: Vec<(usize, usize)> =
            steps.iter().flat_map(|&step| (0..plan.steps[step].slots.len()).map(move |slot| (step, slot))).collect();
        let at = |place: (usize, usize)| all.iter().position(|&one| one == place);
        let mut assignment = SlotAssignment::new(all.len());
        for one in self.signed.iter().filter(|one| one.verdict == Verdict::Approve) {
            if let Some(slot) = one.slot.and_then(|slot| at((one.step, slot))) {
                assignment.place(one.wishes().into_iter().filter_map(|wish| at((one.step, wish))).collect(), slot);
            }
        }
        for &step in steps {
            let slots: Vec<usize> = (0..plan.steps[step].slots.len()).filter_map(|slot| at((step, slot))).collect();
            for _ in plan.steps[step].quorum..slots.len() {
                assignment.add(slots.clone());
            }
        }
        voices.iter().any(|wishes| {
            assignment.is_full() || {
                assignment.add(wishes.iter().filter_map(|&place| at(place)).collect());
                assignment.is_full()
            }
        }) || assignment.is_full()
    }

    // For each voice that has not signed the places that somebody of it may fill.
    fn free_voices(&self) -> Vec<Vec<(usize, usize)>> {
        let mut places: BTreeMap<Uuid, BTreeSet<(usize, usize)>> = BTreeMap::new();
        let used: BTreeSet<Uuid> = self.signed.iter().map(|one| self.case.groups().of_person(one.signer)).collect();
        for (step, rule) in self.case.facts.plan.steps.iter().enumerate().skip(self.passed) {
            for (slot, rule) in rule.slots.iter().enumerate() {
                for one in self.case.candidates(rule).iter().filter(|one| one.obstacle.is_none()) {
                    places.entry(self.case.groups().of_person(one.person)).or_default().insert((step, slot));
                }
            }
        }
        places
            .into_iter()
            .filter(|(voice, _)| !used.contains(voice))
            .map(|(_, set)| set.into_iter().collect())
            .collect()
    }
}
