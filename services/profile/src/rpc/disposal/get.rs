//! `GetDisposal`: one destruction, for who sees the file of its record.

use dossier_authority::Base;
use dossier_authority::disposal::DISPOSALS;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetDisposalRequest;
use dossier_regime::Action;

use super::shown;
use crate::store::disposal;
use crate::work::customer_file::session::Session;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetDisposalRequest) -> Result<wire::Disposal> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let id = name::id("name", DISPOSALS, &request.name)?;
    let missing = || Error::missing(Missing::Disposal, name::name(DISPOSALS, id));
    let found = disposal::visible(&mut tx, session.viewer(), id).await?.ok_or_else(missing)?;
    let list = found.of_file.ok_or_else(missing)?;
    // What is not seen is the destruction: the file of its list is named by nobody.
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    session.load(&mut tx, list).await.map_err(unseen)?;
    shown(&mut tx, &call.org, &found).await
}
