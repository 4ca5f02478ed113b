//! Whether a store of this process went back to an earlier state, asked before the process takes a call: what others have
//! seen of it, a number above all, would be given a second time until their copies tell it. What a start writes by itself,
//! such as the first people, is written before; nobody has numbered it then.

use dossier_authority::Base;
use dossier_journal::Doubt;
use dossier_journal::recover::{self, Finding};
use dossier_kernel::error::Result;

use crate::Failure;

/// Asks the bus, and the stores beside it in this process, about each of `bases`. What went back is doubted from here on.
///
/// # Errors
/// The faults of the stores.
pub(super) async fn look(bases: &[&Base]) -> Result<(), Failure> {
    for base in bases {
        for org in base.orgs() {
            let looked = look_back(base, &org, bases).await;
            looked.map_err(|fault| Failure::store(base.service, fault))?;
        }
    }
    Ok(())
}

async fn look_back(base: &Base, org: &str, bases: &[&Base]) -> Result<()> {
    base.doubts.ask(&base.db, &*base.bus, org, base.service).await?;
    for holder in bases {
        // The copies first: an owner that is read later is at least as far.
        let copies = recover::copies(&mut holder.db.read().await?, org).await?;
        for copy in copies.iter().filter(|copy| copy.source == base.service) {
            let finding = recover::compare(&mut base.db.read().await?, org, &copy.place).await?;
            if matches!(finding, Finding::Behind(_) | Finding::Other) {
                let (source, told_by) = (base.service.to_owned(), holder.service.to_owned());
                base.doubts.raise(&base.db, org, Doubt { source, seq: copy.place.seq, told_by }).await?;
            }
        }
    }
    Ok(())
}
