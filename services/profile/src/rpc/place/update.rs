//! `UpdatePlace`: a place takes nothing more, or takes again (P-09).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::{mask, mutate};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::UpdatePlaceRequest;
use dossier_regime::Action;

use super::shown_one;
use crate::domain::text;
use crate::store::place;
use crate::work::customer_file::session::Session;
use crate::work::place::{journal, named};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: UpdatePlaceRequest) -> Result<wire::Place> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::PlaceWrite).await?;
        Box::pin(update(&session, tx, &request)).await
    }, kept => Session::open(base, tx, call, Action::PlaceWrite).await.map(|_| kept))
}

async fn update(session: &Session<'_>, tx: &mut Tx, request: &UpdatePlaceRequest) -> Result<wire::Place> {
    let given = request.place.as_ref().ok_or_else(|| Error::violation("place", "is required"))?;
    let reason = text::reason(&request.reason, false)?;
    mask::paths(request.update_mask.as_ref(), &["closed"])?;
    let mut one = named(session, tx, "place.name", &given.name).await?;
    one.require_etag(&given.etag)?;
    if one.closed != given.closed {
        one.closed = given.closed;
        one.updated_at = one.updated_at.max(session.call.now);
        place::update(tx, &session.call.org, &mut one).await?;
        let action = if one.closed { "place.closed" } else { "place.opened" };
        journal(session, tx, &one, (action, &reason, &request.request_id)).await?;
    }
    shown_one(session, tx, &one).await
}
