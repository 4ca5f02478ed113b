//! `duty.extend`: what is due about the file is due later (P-109).

use dossier_authority::duty;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::time::micros;
use dossier_regime::StageEffect;
use jiff::civil::Date;

use super::super::Change;
use super::super::duties::owed_about;
use super::value;
use crate::domain::form::{path, plain};
use crate::work::customer_file::session::Session;

/// Moves the earliest open duty of its kind about what the record belongs to, or else about the file, to the end of the day that it says.
///
/// # Errors
/// `FIELD_VIOLATION` of the field when it is empty or does not lie ahead, or nothing of the kind is due.
pub(super) async fn happen(
    session: &Session<'_>,
    tx: &mut Tx,
    change: &Change<'_>,
    effect: &StageEffect,
) -> Result<()> {
    let (field, kind) = (effect.until.as_deref().unwrap_or_default(), effect.duty.as_deref().unwrap_or_default());
    let violation = |why: &'static str| Error::violation(path(field), why);
    let day = value(&change.opened, field)?.and_then(|day| plain(&day).parse::<Date>().ok());
    let day = day.ok_or_else(|| violation("must say the new day"))?;
    let end = session.tenant.end_of_day(day).map_err(|_| violation("lies too far away"))?;
    if end <= session.call.now {
        return Err(violation("must lie ahead"));
    }
    let nothing = || violation("extends nothing: no such duty is open, or due earlier");
    let rule = session.pack().duties.iter().find(|rule| rule.kind == kind).ok_or_else(nothing)?;
    // That which a record of this kind would do: what it belongs to, or else its file.
    let subject = owed_about(session, tx, &change.opened, rule).await?.ok_or_else(nothing)?;
    match duty::extend(session.base, tx, &session.call.org, (kind, &subject), micros(end)).await? {
        true => Ok(()),
        false => Err(nothing()),
    }
}
