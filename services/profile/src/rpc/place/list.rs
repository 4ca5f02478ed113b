//! `ListPlaces`: the places, in the order of their making (P-09).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::profile::v1::{ListPlacesRequest, ListPlacesResponse};
use dossier_regime::Action;

use super::shown;
use crate::domain::place::PLACES;
use crate::store::place::{self, Filter};
use crate::work::customer_file::session::Session;

const PLACE_LIST: List = List { fields: &[Field::text("kind"), Field::text("parent")], orders: &["name"] };

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ListPlacesRequest) -> Result<ListPlacesResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::PlaceRead).await?;
    let (found, page) = PLACE_LIST.read(call, &asked!(request))?;
    let parent = found.text("parent").map(|text| name::id("filter", PLACES, text)).transpose()?;
    let filter = Filter { kind: found.text("kind"), parent };
    let mut rows = place::list(&mut tx, &call.org, filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |one| one.id.to_string());
    Ok(ListPlacesResponse { places: shown(&session, &mut tx, &rows).await?, next_page_token })
}
