//! `GetHold`: one hold of a visible file.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetHoldRequest;
use dossier_regime::Action;

use super::shown;
use crate::domain::hold::{PART, name_of};
use crate::rpc::customer_file::reading;
use crate::store::hold;
use crate::work::customer_file::session::Session;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetHoldRequest) -> Result<wire::Hold> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let (file, id) = name::ids_below("name", "files", PART, &request.name)?;
    let missing = || Error::missing(Missing::Hold, name_of(file, id));
    // What is not seen is the hold: its file is named by nobody.
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    let loaded = session.load(&mut tx, file).await.map_err(unseen)?;
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Err(missing());
    }
    let found = hold::lookup(&mut tx, &call.org, file, id).await?;
    let found = found.ok_or_else(missing)?;
    let messages = shown(&mut tx, &call.org, session.pack(), &[found]).await?;
    messages.into_iter().next().ok_or_else(missing)
}
