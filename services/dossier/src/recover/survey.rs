//! What the stores say of each other: before anything is changed, and before a process takes its first call.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_journal::Place;
use dossier_journal::recover::{self, Finding};
use dossier_kernel::sql;
use dossier_kernel::time::micros;

use crate::Failure;
use crate::serve::Which;

/// One copy and what it is to its owner's journal.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// Who keeps the copy.
    pub holder: Which,
    /// Its name in the cursor table.
    pub consumer: String,
    /// Whose journal it is of.
    pub owner: Which,
    /// How far it goes.
    pub place: Place,
    /// What it is to that journal.
    pub finding: Finding,
    /// Whether its service doubts it.
    pub doubted: bool,
}

/// All copies of one organisation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    /// Every copy whose owner's store is known.
    pub copies: Vec<Found>,
    /// The journals that went back, and the highest number that anybody has seen of them beyond their end; 0: none.
    pub restored: BTreeMap<Which, i64>,
}

// === impl Found ===

impl Found {
    /// Whether it shows that its owner went back.
    pub fn outruns(&self) -> bool {
        matches!(self.finding, Finding::Behind(_) | Finding::Other)
    }
}

// === impl Survey ===

impl Survey {
    /// Whether there is nothing to do.
    pub fn agrees(&self) -> bool {
        let sound = |found: &Found| found.finding == Finding::Contained && !found.doubted;
        self.restored.is_empty() && self.copies.iter().all(sound)
    }

    fn note(&mut self, found: Found) {
        let known = match found.finding {
            Finding::Behind(_) => Some(found.place.seq),
            Finding::Other => Some(0),
            Finding::Contained | Finding::Outlived => None,
        };
        if let Some(known) = known {
            let highest = self.restored.entry(found.owner).or_default();
            *highest = known.max(*highest);
        }
        self.copies.push(found);
    }
}

/// Compares every copy of `org` with its owner.
///
/// # Errors
/// When a store does not answer, or cannot be true.
pub(crate) async fn take(stores: &BTreeMap<Which, Base>, org: &str) -> Result<Survey, Failure> {
    let mut survey = Survey::default();
    for (holder, base) in stores {
        let mut tx = base.db.read().await?;
        let (copies, doubts) = (recover::copies(&mut tx, org).await?, recover::doubts(&mut tx, org).await?);
        drop(tx);
        if doubts.iter().any(|doubt| doubt.source == holder.name()) {
            survey.restored.entry(*holder).or_default();
        }
        for copy in copies {
            let owner = copy.source.parse::<Which>().ok().and_then(|owner| Some((owner, stores.get(&owner)?)));
            let Some((owner, kept)) = owner else { continue };
            let finding = recover::compare(&mut kept.db.read().await?, org, &copy.place).await?;
            let doubted = doubts.iter().any(|doubt| doubt.source == copy.source);
            let (holder, consumer, place) = (*holder, copy.consumer, copy.place);
            survey.note(Found { holder, consumer, owner, place, finding, doubted });
        }
    }
    Ok(survey)
}

/// Demands that no service works on the stores: what it does meanwhile would be lost, or done on what is being changed.
///
/// # Errors
/// When a job of a service holds its lease.
pub(crate) async fn require_idle(stores: &BTreeMap<Which, Base>, org: &str) -> Result<(), Failure> {
    for (which, base) in stores {
        let text = "SELECT name FROM lease WHERE org = $1 AND expires_at > $2 ORDER BY name LIMIT 1";
        let now = micros(base.providers.clock.now());
        let held = sql!(&mut base.db.read().await?, fetch_optional as (String,), text, org, now)?;
        if let Some((name,)) = held {
            let why = format!(
                "{which} seems to be running (lease `{name}`): stop the services, or wait until the lease ends"
            );
            return Err(Failure::config(why));
        }
    }
    Ok(())
}
