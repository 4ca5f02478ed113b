//! `GetItem`: one item of a visible file (P-10).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetItemRequest;
use dossier_regime::Action;

use super::shown;
use crate::domain::item::{ids, name_of};
use crate::rpc::customer_file::reading;
use crate::store::item;
use crate::work::customer_file::session::Session;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetItemRequest) -> Result<wire::Item> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let (file, id) = ids("name", &request.name)?;
    let missing = || Error::missing(Missing::Item, name_of(file, id));
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    let loaded = session.load(&mut tx, file).await.map_err(unseen)?;
    let found = item::lookup(&mut tx, &call.org, file, id).await?.ok_or_else(missing)?;
    // A right to some fields opens no documents, and tells of none, nor of what they are bound in.
    if !found.is_paper() && !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Err(missing());
    }
    let told = shown(&session, &mut tx, &[found]).await?;
    told.into_iter().next().ok_or_else(missing)
}
