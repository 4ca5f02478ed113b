//! In which right somebody signs: their own, or a letter's.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name::name;
use uuid::Uuid;

use super::{Approval, State};
use crate::domain::candidate::{Candidate, Case, Obstacle};
use crate::domain::decision::{Mandate, Seat};

type Right = (Option<Mandate>, Vec<Seat>);

impl Approval {
    /// In which right `person` may sign now, and the seats that right gives in the open step.
    ///
    /// # Errors
    /// `APPROVAL_OWN_REQUEST`, `APPROVAL_VOICE_USED`, `APPROVAL_OUTSIDE_DELEGATION` with the bound,
    /// `APPROVAL_NOT_APPROVER`, `FIELD_VIOLATION` when several letters would do and none is named.
    pub(crate) fn right(&self, case: &Case<'_>, person: Uuid, delegation: Option<Uuid>) -> Result<Right> {
        if case.is_requester(person) {
            return Err(self.refusal(Reason::ApprovalOwnRequest));
        }
        if self.signatures().any(|one| case.groups().same(one.signer, person)) {
            return Err(self.refusal(Reason::ApprovalVoiceUsed));
        }
        let looked_at = self.candidates_of(case, person);
        let rights = self.rights(case, person, &looked_at);
        self.choose(case, rights, &looked_at, delegation)
    }

    /// Whether `person` may sign now, in whatever right.
    pub fn may_sign(&self, case: &Case<'_>, person: Uuid) -> bool {
        let signed = self.signatures().any(|one| case.groups().same(one.signer, person));
        let open = self.state == State::Pending && !signed && !case.is_requester(person);
        open && !self.rights(case, person, &self.candidates_of(case, person)).is_empty()
    }

    fn rights(&self, case: &Case<'_>, person: Uuid, looked_at: &[Candidate]) -> Vec<Right> {
        let mut rights: Vec<Right> = Vec::new();
        for mandate in looked_at.iter().filter(|one| one.obstacle.is_none()).map(|one| one.mandate) {
            let seats = case.seats(self.passed_steps, person, mandate);
            let known = rights.iter().any(|(other, _)| *other == mandate);
            if !known && self.slot_assignment().admits(&wishes(&seats)) {
                rights.push((mandate, seats));
            }
        }
        rights
    }

    fn choose(
        &self,
        case: &Case<'_>,
        mut rights: Vec<Right>,
        looked_at: &[Candidate],
        delegation: Option<Uuid>,
    ) -> Result<Right> {
        let wanted = |mandate: Option<Mandate>| mandate.map(|mandate| mandate.delegation) == delegation;
        let at = match delegation {
            Some(_) => rights.iter().position(|(mandate, _)| wanted(*mandate)),
            None => rights.iter().position(|(mandate, _)| mandate.is_none()).or((rights.len() == 1).then_some(0)),
        };
        match at {
            Some(at) => Ok(rights.swap_remove(at)),
            None if delegation.is_none() && rights.len() > 1 => {
                Err(Error::violation("delegation", "must name one of the letters that would do"))
            }
            None => Err(self.outside(case, looked_at, delegation)),
        }
    }

    // Which letter comes closest: one that only falls short of the level, then one out of its time.
    fn outside(&self, case: &Case<'_>, looked_at: &[Candidate], delegation: Option<Uuid>) -> Error {
        let filled = looked_at
            .iter()
            .any(|one| one.obstacle.is_none() && (delegation.is_none() || one.delegation() == delegation));
        let order = [Obstacle::LetterLevel, Obstacle::LetterPeriod, Obstacle::LetterMatter];
        let short = order.iter().find_map(|&obstacle| {
            let fits = |one: &&Candidate| {
                one.obstacle == Some(obstacle) && (delegation.is_none() || one.delegation() == delegation)
            };
            looked_at.iter().find(fits).and_then(|one| Some((one.delegation()?, obstacle.bound()?)))
        });
        match short {
            Some((delegation, bound)) if !filled => self
                .refusal(Reason::ApprovalOutsideDelegation)
                .with("delegation", name("delegations", delegation))
                .with("bound", bound),
            _ => self.refusal(Reason::ApprovalNotApprover).with("step", case_step(case, self.passed_steps).to_string()),
        }
    }

    fn candidates_of(&self, case: &Case<'_>, person: Uuid) -> Vec<Candidate> {
        let step = self.plan.steps.get(self.passed_steps);
        let slots = step.map_or(&[][..], |step| &step.slots);
        slots.iter().flat_map(|slot| case.candidates_of(slot, person)).collect()
    }
}

fn wishes(seats: &[Seat]) -> Vec<usize> {
    seats.iter().map(|seat| seat.slot).collect()
}

fn case_step(case: &Case<'_>, step: usize) -> usize {
    step.min(case.facts.plan.steps.len().saturating_sub(1))
}
