//! Numbers of files, records and customers, issued and journaled (P-05, P-06, I11).

use std::collections::BTreeMap;

use dossier_authority::Effect;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_proto::journal::v1::NumberChanged;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::profile::v1::FileNumberState;
use dossier_regime::{NumberInput, Numbering};
use dossier_vault::commitment::{Salt, commit};
use uuid::Uuid;

use super::customer_file::session::Session;
use super::drawn;
use crate::domain::customer_file::CustomerFile;
use crate::domain::file_number::{CUSTOMER_SERIES, ELSEWHERE, Series};
use crate::store::customer_file::{CustomerUnit, Loaded};
use crate::store::file_number::{self, FileNumber, ISSUED};

/// How often the number of a new customer is drawn at most: with a million customers each draw meets one in a hundred times.
const DRAWS: u32 = 64;

/// Gives the file that becomes effective the next number of its series.
///
/// # Errors
/// `NUMBERS_EXHAUSTED`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`, and what the pattern of the number demands.
pub async fn issue(
    session: &Session<'_>,
    tx: &mut Tx,
    loaded: &Loaded,
    file: &CustomerFile,
    request_id: &str,
) -> Result<FileNumber> {
    let gone = || Error::new(Reason::PackFault).because("a kind of file without numbering");
    let numbering = session.kind(file)?.numbering.as_ref().ok_or_else(gone)?;
    let (values, name) = (coded(session, loaded, numbering)?, file.name());
    let value = |field: &str| values.get(field).cloned();
    let input = NumberInput { date: session.tenant.day(session.call.now), value: &value };
    let series = Series::of(numbering, file.customer_type, &name, input)?;
    give(session, tx, (series, input), Holder { file: file.id, record: None, name }, request_id).await
}

/// What carries a number.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The file.
    pub file: Uuid,
    /// The record in it; `None`: the file itself.
    pub record: Option<Uuid>,
    /// Its name.
    pub name: String,
}

/// Gives `holder` the next number of a series.
///
/// # Errors
/// `NUMBERS_EXHAUSTED`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn give(
    session: &Session<'_>,
    tx: &mut Tx,
    (series, input): (Series<'_>, NumberInput<'_>),
    holder: Holder,
    request_id: &str,
) -> Result<FileNumber> {
    let row = loop {
        let sequence = file_number::take(tx, &session.call.org, &series.key).await?;
        let row = FileNumber {
            number: series.number(sequence, &holder.name, input)?,
            series: series.key.clone(),
            sequence,
            state: ISSUED.to_owned(),
            file: Some(holder.file),
            record: holder.record,
            who: session.principal.person,
            why: String::new(),
            at: session.call.micros(),
        };
        // A number that another house issued is passed over: the register has it under that house's series.
        if file_number::insert(tx, &session.call.org, &row).await? {
            break row;
        }
    };
    journal(session, tx, &row, "number.issued", request_id, FileNumberState::Issued).await?;
    Ok(row)
}

/// Enters a number that another house gave to what came from there; false when the register has it already.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn enter_elsewhere(session: &Session<'_>, tx: &mut Tx, number: &str, holder: Holder) -> Result<bool> {
    let row = FileNumber {
        number: number.to_owned(),
        series: ELSEWHERE.to_owned(),
        sequence: file_number::take(tx, &session.call.org, ELSEWHERE).await?,
        state: ISSUED.to_owned(),
        file: Some(holder.file),
        record: holder.record,
        who: session.principal.person,
        why: String::new(),
        at: session.call.micros(),
    };
    let entered = file_number::insert_elsewhere(tx, &session.call.org, &row).await?;
    if entered {
        journal(session, tx, &row, "number.issued", "", FileNumberState::Issued).await?;
    }
    Ok(entered)
}

/// Voids the numbers that `file` brought from another house: they are free to come again.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn void_elsewhere(session: &Session<'_>, tx: &mut Tx, file: Uuid, why: &str) -> Result<()> {
    for row in file_number::of_elsewhere(tx, &session.call.org, file).await? {
        let (who, at) = (session.principal.person, session.call.micros());
        let row = FileNumber { file: None, record: None, who, at, why: why.to_owned(), ..row };
        file_number::void_elsewhere(tx, &session.call.org, &row).await?;
        journal(session, tx, &row, "number.voided", "", FileNumberState::Void).await?;
    }
    Ok(())
}

/// The number of a customer that came from elsewhere: the one that they have here, else that of there, if it is free.
///
/// # Errors
/// As [`customer`].
pub async fn customer_elsewhere(session: &Session<'_>, tx: &mut Tx, unit: &CustomerUnit, told: &str) -> Result<String> {
    let (org, kind, token) = (session.call.org.as_str(), unit.kind.as_str(), unit.token.as_slice());
    let known = file_number::of_customer(tx, org, kind, token).await?.is_some();
    if told.is_empty() || known || file_number::is_customer(tx, org, told).await? {
        return customer(session, tx, unit).await;
    }
    let sequence = file_number::take(tx, org, CUSTOMER_SERIES).await?;
    file_number::insert_customer(tx, org, kind, token, told, sequence, session.call.micros()).await?;
    Ok(told.to_owned())
}

/// Journals what became of a number.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    row: &FileNumber,
    action: &str,
    request_id: &str,
    state: FileNumberState,
) -> Result<()> {
    let event = NumberChanged {
        number: row.number.clone(),
        series: row.series.clone(),
        sequence: row.sequence,
        state: state.as_str_name().to_owned(),
        holder: row.holder(),
    };
    let subject = name::of_number(&row.number);
    let event = Kind::NumberChanged(event);
    let commitments = promised(session, tx, row).await?;
    let effect = Effect { request_id, commitments, ..Effect::new(action, &subject, event) };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

// Why a number is void stands in the register; the entry promises it, and the salt lies beside it.
async fn promised(session: &Session<'_>, tx: &mut Tx, row: &FileNumber) -> Result<Vec<(String, [u8; 32])>> {
    if row.why.is_empty() {
        return Ok(Vec::new());
    }
    let salt = Salt::draw(&*session.base.providers.ids)?;
    let digest = commit(&salt, "reason", row.why.as_bytes())?;
    file_number::keep_salt(tx, &session.call.org, &row.number, salt.bytes()).await?;
    Ok(vec![("reason".to_owned(), digest)])
}

// Values of the fields that number patterns may name: a field of the form, or else a label.
fn coded(session: &Session<'_>, loaded: &Loaded, numbering: &Numbering) -> Result<BTreeMap<String, String>> {
    let seal = session.seal(loaded)?;
    let mut values = BTreeMap::new();
    for table in &numbering.codes {
        let field = loaded.content.text(&seal, &table.field)?;
        let value = field.or_else(|| loaded.file.classification.get(&table.field).cloned());
        values.extend(value.map(|value| (table.field.clone(), value)));
    }
    Ok(values)
}

/// The number of a customer: one for all their files, whichever came first.
///
/// # Errors
/// `NUMBERS_EXHAUSTED`, `KEY_UNAVAILABLE`, `STORE_UNAVAILABLE`.
pub async fn customer(session: &Session<'_>, tx: &mut Tx, unit: &CustomerUnit) -> Result<String> {
    let (org, kind, token) = (session.call.org.as_str(), unit.kind.as_str(), unit.token.as_slice());
    if let Some(known) = file_number::of_customer(tx, org, kind, token).await? {
        return Ok(known);
    }
    let sequence = file_number::take(tx, org, CUSTOMER_SERIES).await?;
    let number = free(session, tx, kind, token).await?;
    file_number::insert_customer(tx, org, kind, token, &number, sequence, session.call.micros()).await?;
    Ok(number)
}

// The first number drawn for the unit that no other customer has.
async fn free(session: &Session<'_>, tx: &mut Tx, kind: &str, token: &[u8]) -> Result<String> {
    for attempt in 0..DRAWS {
        let number = drawn::number(&session.base.vault, &session.call.org, kind, token, attempt)?;
        if !file_number::is_customer(tx, &session.call.org, &number).await? {
            return Ok(number);
        }
    }
    Err(Error::new(Reason::NumbersExhausted).with("series", CUSTOMER_SERIES))
}
