//! `VoidFileNumber`: the next number of a series is skipped, with who and why (P-05, I11).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1 as wire;
use dossier_regime::Action;

use super::list::message;
use crate::domain::file_number::{last, place};
use crate::domain::text::{self, echo};
use crate::store::file_number::{self, FileNumber, ISSUED, VOID};
use crate::work::customer_file::session::Session;
use crate::work::number::journal;

/// Longest number that is looked at, in characters.
const LONGEST: usize = 64;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: wire::VoidFileNumberRequest) -> Result<wire::FileNumber> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::NumberVoid).await?;
        Box::pin(void(&session, tx, &request)).await
    }, kept => Session::open(base, tx, call, Action::NumberVoid).await.map(|_| kept))
}

async fn void(session: &Session<'_>, tx: &mut Tx, request: &wire::VoidFileNumberRequest) -> Result<wire::FileNumber> {
    let mut faults = Faults::default();
    let number = request.number.as_str();
    if !(1..=LONGEST).contains(&number.chars().count()) {
        faults.add("number", format!("must have 1 to {LONGEST} characters"));
    }
    if request.series.is_empty() {
        faults.add("series", "is required");
    }
    let why = faults.absorb(text::reason(&request.reason, true)).unwrap_or_default();
    faults.finish()?;
    let (org, series) = (session.call.org.as_str(), request.series.as_str());
    require_free(tx, org, number).await?;
    let place = next(session, tx, series, number).await?;
    // Taking it is the test: whoever came first has it, and then this is not the next any more.
    let sequence = file_number::take(tx, org, series).await?;
    if sequence != place {
        return Err(Error::violation("number", "is not the next number of the series"));
    }
    let row = FileNumber {
        number: number.to_owned(),
        series: series.to_owned(),
        sequence,
        state: VOID.to_owned(),
        file: None,
        record: None,
        who: session.principal.person,
        why,
        at: session.call.micros(),
    };
    if !file_number::insert(tx, org, &row).await? {
        return Err(Error::new(Reason::NumberIssued).with("number", echo(number)));
    }
    journal(session, tx, &row, "number.voided", &request.request_id, wire::FileNumberState::Void).await?;
    Ok(message(&row))
}

async fn require_free(tx: &mut Tx, org: &str, number: &str) -> Result<()> {
    let reason = match file_number::state_of(tx, org, number).await?.as_deref() {
        None => return Ok(()),
        Some(ISSUED) => Reason::NumberIssued,
        Some(_) => Reason::NumberVoid,
    };
    Err(Error::new(reason).with("number", echo(number)))
}

async fn next(session: &Session<'_>, tx: &mut Tx, series: &str, number: &str) -> Result<i64> {
    let pack = session.pack();
    let taken = file_number::taken(tx, &session.call.org, series).await?;
    let (Some(taken), Some(last)) = (taken, last(pack, series)) else {
        return Err(Error::missing(Missing::Series, echo(series)));
    };
    if taken >= last {
        return Err(Error::new(Reason::NumbersExhausted).with("series", series));
    }
    let place = place(pack, series, number).filter(|place| *place == taken + 1);
    place.ok_or_else(|| Error::violation("number", "is not the next number of the series"))
}
