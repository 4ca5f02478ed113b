//! Duties that the calendar brings: archiving by quarter and by year (P-108, X-28), one for each period.

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use dossier_regime::{Due, Scope};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{About, row};
use crate::base::Base;
use crate::store::{appointment, duty};

/// Opens, for `org`, each calendar duty of the pack for the period that is running; what is open or was done stays so. A duty of
/// a unit's post is opened where somebody holds the post: nobody else could do it. Whoever takes up the post within the period
/// finds it opened by the next look.
/// Gives how many were opened.
///
/// # Errors
/// `PACK_FAULT` beyond the calendar, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn open_scheduled(base: &Base, org: &str) -> Result<usize> {
    let tenant = base.tenant(org)?;
    let beyond = |_| Error::new(Reason::PackFault).with("place", &tenant.pack().id);
    let now = base.store_time().await?;
    let dues = tenant.scheduled(now).map_err(beyond)?;
    let units: Vec<&str> = tenant.organisation().units.iter().map(|unit| unit.id.as_str()).collect();
    let opened = transact!(base.db, tx => {
        let held = appointment::current(tx, org, micros(now)).await?;
        let mut opened = 0;
        for due in &dues {
            // A duty of a unit's post is owed in each unit.
            let owed: &[&str] = if due.scope == Scope::Unit { &units } else { &[""] };
            let owes = |unit: &str| held.iter().any(|one| one.post == due.role && one.unit == unit);
            for unit in owed.iter().filter(|unit| due.scope == Scope::Org || owes(unit)) {
                opened += usize::from(open_period(base, tx, org, due, unit).await?);
            }
        }
        Ok(opened)
    })?;
    if opened > 0 {
        base.wake.ring();
    }
    Ok(opened)
}

// The id is that of the period, so that a duty that was done is not opened again by the next look at the calendar.
async fn open_period(base: &Base, tx: &mut Tx, org: &str, due: &Due, unit: &str) -> Result<bool> {
    let day = due.at.strftime("%Y-%m-%d");
    let period = format!("schedules/{}/{day}", due.kind);
    let subject = if unit.is_empty() { period } else { format!("{period}/{unit}") };
    let about = About { subject: &subject, file: None, unit, assignee: None };
    let mut row = row(base, due, &about);
    row.id = period_id(org, &subject);
    let fresh = duty::open(tx, org, &row).await?;
    if fresh {
        super::journal(base, tx, org, "duty.opened", &row).await?;
    }
    Ok(fresh)
}

fn period_id(org: &str, subject: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(format!("duty {org} {subject}"))[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
