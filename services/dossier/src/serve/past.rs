//! Whether a store of this process went back to an earlier state, asked before the process takes a call: what others have
//! seen of it, a number above all, would be given a second time until their copies tell it. What a start writes by itself,
//! such as the first people, is written before; nobody has numbered it then.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_journal::Doubt;
use dossier_kernel::error::Result;

use super::Which;
use crate::Failure;
use crate::recover::survey::{self, Found};

/// Asks the bus, and the stores beside it in this process, about each of `stores`. What went back is doubted from here on.
///
/// # Errors
/// The faults of the stores.
pub(super) async fn look(stores: &BTreeMap<Which, Base>) -> Result<(), Failure> {
    let Some(any) = stores.values().next() else { return Ok(()) };
    for org in any.orgs() {
        for base in stores.values() {
            let asked = base.doubts.ask(&base.db, &*base.bus, &org, base.service).await;
            asked.map_err(|fault| Failure::store(base.service, fault))?;
        }
        let survey = survey::take(stores, &org).await?;
        for found in survey.copies.iter().filter(|found| found.outruns()) {
            doubt(stores, &org, found).await?;
        }
    }
    Ok(())
}

async fn doubt(stores: &BTreeMap<Which, Base>, org: &str, found: &Found) -> Result<(), Failure> {
    let Some(owner) = stores.get(&found.owner) else { return Ok(()) };
    let (source, told_by) = (found.owner.name().to_owned(), found.holder.name().to_owned());
    let raised = owner.doubts.raise(&owner.db, org, Doubt { source, seq: found.place.seq, told_by }).await;
    raised.map_err(|fault| Failure::store(owner.service, fault))
}
