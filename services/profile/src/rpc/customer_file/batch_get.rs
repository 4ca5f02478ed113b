//! `BatchGetCustomerFiles`: several files in the order asked for, all or none.

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{BatchGetCustomerFilesRequest, BatchGetCustomerFilesResponse};
use dossier_regime::Action;
use uuid::Uuid;

use super::reading;
use crate::store::customer_file::{self, Loaded};
use crate::work::customer_file::session::{Session, file_id, not_found, place};
use crate::work::customer_file::ties::tell;
use crate::work::item;

const MOST: usize = 100;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: BatchGetCustomerFilesRequest,
) -> Result<BatchGetCustomerFilesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let ids = ids(&session, &request)?;
    let loaded = load(&session, &mut tx, &ids).await?;
    let mut outgoing = Vec::with_capacity(loaded.len());
    for (at, one) in loaded.iter().enumerate() {
        if !session.pack().is_read_in(&one.file.level, &request.reading_place) {
            let why = "is read in one place only: ask for it with its `reading_place`";
            return Err(Error::violation(format!("names.{at}"), why));
        }
        let ground = reading::require_ground(&session, &mut tx, one, &request.purpose, &request.reading_place).await?;
        outgoing.push(reading::open(&session, one, ground)?);
    }
    let messages = outgoing.iter_mut().map(|out| &mut out.message);
    tell(&session, &mut tx, loaded.iter().map(|one| &one.file.ties).zip(messages)).await?;
    item::tell(&session, &mut tx, outgoing.iter_mut().map(|out| (out.file, &mut out.message))).await?;
    tx.commit().await?;
    let customer_files = reading::release(&session, outgoing, &request.purpose).await?;
    Ok(BatchGetCustomerFilesResponse { customer_files })
}

fn ids(session: &Session<'_>, request: &BatchGetCustomerFilesRequest) -> Result<Vec<Uuid>> {
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    if !(1..=MOST).contains(&request.names.len()) {
        faults.add("names", format!("must be 1 to {MOST}"));
    }
    let names = request.names.iter().take(MOST).enumerate();
    let ids: Vec<_> = names.map(|(at, name)| file_id(&format!("names.{at}"), name, &mut faults)).collect();
    for (at, id) in ids.iter().enumerate() {
        if id.is_some() && ids.iter().take(at).any(|earlier| earlier == id) {
            faults.add(format!("names.{at}"), "is there twice");
        }
    }
    faults.finish().map(|()| ids.into_iter().flatten().collect())
}

async fn load(session: &Session<'_>, tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Loaded>> {
    let asked: Vec<_> = ids.iter().map(|id| (session.viewer(), *id)).collect();
    let found = customer_file::visible_each(tx, &asked).await?;
    let found = found.into_iter().zip(ids).map(|(one, id)| one.ok_or_else(|| not_found(*id)));
    let all: Vec<Loaded> = found.collect::<Result<_>>()?;
    for one in &all {
        session.require_fresh(&one.file.level)?;
    }
    Ok(all)
}
