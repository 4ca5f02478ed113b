//! The number of a record: drawn when it first enters the stage that its kind names, and kept (P-05, P-07, I11).

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::{NumberFault, NumberInput, RecordKind, RecordNumber};

use super::Opened;
use crate::domain::file_number::{Series, of_record};
use crate::domain::record::facts::unnumbered;
use crate::work::customer_file::session::Session;
use crate::work::number::{Holder, give};

/// Draws the number of a record that enters, with the revision `coming`, the stage that its kind numbers it at. One that has a number
/// keeps it: paper that went out says it.
///
/// # Errors
/// `NUMBERS_EXHAUSTED`, `STAGE_UNMET` when a part of the number has no value, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn draw(
    session: &Session<'_>,
    tx: &mut Tx,
    opened: &mut Opened<'_>,
    (coming, request_id): (i64, &str),
) -> Result<()> {
    let record = &opened.record;
    let Some(kind) = session.pack().record(&record.kind).filter(|_| record.number.is_none()) else { return Ok(()) };
    let Some(number) = &kind.number else { return Ok(()) };
    if !record.steps.iter().any(|step| step.revision == coming && step.stage == number.at) {
        return Ok(());
    }
    let (values, file) = (values(opened, number)?, &opened.loaded.file);
    let (numbering, date) = (number.numbering(&kind.id), session.tenant.day(session.call.now));
    let value = |part: &str| of_record(file, part, &|field| values.get(field).cloned());
    let input = NumberInput { date, value: &value };
    let series = Series::of_record(&numbering, input).map_err(|fault| refusal(kind, opened, fault))?;
    let holder = Holder { file: file.id, record: Some(record.id), name: record.name() };
    let row = give(session, tx, (series, input), holder, request_id).await?;
    opened.record.number = Some(row.number);
    Ok(())
}

// What the record says in the fields that its number is made of.
fn values(opened: &Opened<'_>, number: &RecordNumber) -> Result<BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    for table in &number.codes {
        let value = opened.content.text(&opened.seal, &table.field)?.filter(|value| !value.is_empty());
        values.extend(value.map(|value| (table.field.clone(), value)));
    }
    Ok(values)
}

fn refusal(kind: &RecordKind, opened: &Opened<'_>, fault: NumberFault) -> Error {
    match fault {
        NumberFault::MissingValue { field } | NumberFault::NoCode { field } => unnumbered(&opened.record, kind, field),
        NumberFault::Overflow { scope, .. } => Error::new(Reason::NumbersExhausted).with("series", scope),
        NumberFault::Pattern(_) => Error::new(Reason::PackFault).because("a number pattern is faulty"),
    }
}
