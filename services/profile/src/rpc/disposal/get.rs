//! `GetDisposal`: one destruction, for who sees the file of its record.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetDisposalRequest;
use dossier_regime::Action;

use super::{seen, shown};
use crate::work::customer_file::session::Session;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetDisposalRequest) -> Result<wire::Disposal> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let found = seen(&session, &mut tx, &request.name).await?;
    shown(&mut tx, &call.org, &found).await
}
