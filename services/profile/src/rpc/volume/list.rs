//! `ListVolumes`: the volumes of a file that the caller sees as a whole, in the order of their numbers.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{ListVolumesRequest, ListVolumesResponse};
use dossier_regime::Action;

use super::shown;
use crate::domain::volume::State;
use crate::rpc::customer_file::reading;
use crate::store::volume::{self, Filter};
use crate::work::customer_file::session::Session;

const VOLUMES: List = List { fields: &[Field::state("state", State::WORDS)], orders: &["number"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListVolumesRequest) -> Result<ListVolumesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let file = name::id("parent", "files", &request.parent)?;
    let (found, page) = VOLUMES.read(call, &asked!(request, parent))?;
    let loaded = session.load(&mut tx, file).await?;
    // A right to some fields opens no documents, and tells of none.
    if !reading::reaches_all(&session, &mut tx, &loaded).await? {
        return Ok(ListVolumesResponse::default());
    }
    let filter = Filter { state: found.one::<State>("state")? };
    let mut rows = volume::list(&mut tx, &call.org, file, filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |one| one.number.to_string());
    Ok(ListVolumesResponse { volumes: rows.iter().map(|one| shown(&session, &loaded, one)).collect(), next_page_token })
}
