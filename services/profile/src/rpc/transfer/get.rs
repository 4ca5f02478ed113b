//! `GetImportBatch`: one batch.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_proto::profile::v1::{GetImportBatchRequest, ImportBatch};
use dossier_regime::Action;

use super::message;
use crate::domain::transfer::id;
use crate::store::transfer::lookup;
use crate::work::customer_file::session::Session;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetImportBatchRequest) -> Result<ImportBatch> {
    let mut tx = base.db.read().await?;
    Session::open(base, &mut tx, call, Action::FileImport).await?;
    let found = lookup(&mut tx, &call.org, id("name", &request.name)?).await?;
    found.as_ref().map(message).ok_or_else(|| Error::missing(Missing::ImportBatch, &request.name))
}
