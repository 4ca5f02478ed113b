//! `GetVolume`: one volume of a file that the caller sees as a whole.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetVolumeRequest;
use dossier_regime::Action;

use super::{find, shown};
use crate::domain::volume::ids;
use crate::work::customer_file::session::Session;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetVolumeRequest) -> Result<wire::Volume> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let ids = ids("name", &request.name)?;
    let (loaded, found) = find(&session, &mut tx, ids).await?;
    Ok(shown(&session, &loaded, &found))
}
