//! `TakeBackImportBatch`: all of a batch is taken back while nobody has used it (P-48).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{ImportBatch, TakeBackImportBatchRequest};
use dossier_regime::Action;

use super::message;
use crate::domain::text;
use crate::domain::transfer::id;
use crate::store::transfer::lookup;
use crate::work::customer_file::session::Session;
use crate::work::transfer::back::take;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: TakeBackImportBatchRequest) -> Result<ImportBatch> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::FileImport).await?;
        Box::pin(back(&session, tx, &request)).await
    }, kept => Session::open(base, tx, call, Action::FileImport).await.map(|_| kept))
}

async fn back(session: &Session<'_>, tx: &mut Tx, request: &TakeBackImportBatchRequest) -> Result<ImportBatch> {
    let mut faults = Faults::default();
    let id = faults.absorb(id("name", &request.name));
    let reason = faults.absorb(text::reason(&request.reason, true)).unwrap_or_default();
    let id = faults.finish_with(id)?;
    let found = lookup(tx, &session.call.org, id).await?;
    let batch = found.ok_or_else(|| Error::missing(Missing::ImportBatch, &request.name))?;
    take(session, tx, batch, (&reason, &request.request_id)).await.map(|batch| message(&batch))
}
