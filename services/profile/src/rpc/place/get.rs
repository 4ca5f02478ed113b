//! `GetPlace`: one place, with the range of file numbers in it (P-09).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetPlaceRequest;
use dossier_regime::Action;

use super::shown_one;
use crate::store::place;
use crate::work::customer_file::session::Session;
use crate::work::place::named;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetPlaceRequest) -> Result<wire::Place> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::PlaceRead).await?;
    let one = named(&session, &mut tx, "name", &request.name).await?;
    let (first, last) = place::range(&mut tx, session.viewer(), one.id).await?;
    let (first_number, last_number) = (first.unwrap_or_default(), last.unwrap_or_default());
    Ok(wire::Place { first_number, last_number, ..shown_one(&session, &mut tx, &one).await? })
}
