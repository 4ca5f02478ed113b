//! `CreatePlace`: a place of a kind of the pack (P-09).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::mutate;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::CreatePlaceRequest;
use dossier_regime::Action;

use super::shown_one;
use crate::domain::place::Given;
use crate::domain::text;
use crate::store::place;
use crate::work::customer_file::session::Session;
use crate::work::place::{journal, named};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: CreatePlaceRequest) -> Result<wire::Place> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::PlaceWrite).await?;
        Box::pin(create(&session, tx, &request)).await
    }, kept => Session::open(base, tx, call, Action::PlaceWrite).await.map(|_| kept))
}

async fn create(session: &Session<'_>, tx: &mut Tx, request: &CreatePlaceRequest) -> Result<wire::Place> {
    let given = request.place.as_ref().ok_or_else(|| Error::violation("place", "is required"))?;
    let new = Given::read(session.pack(), given)?;
    let reason = text::reason(&request.reason, false)?;
    if new.parent.is_some() {
        let above = named(session, tx, "place.parent", &given.parent).await?;
        new.require_in(&above)?;
    }
    let one = new.place(session.base.providers.ids.uuid(), session.principal.person, session.call.now);
    if !place::insert(tx, &session.call.org, &one).await? {
        return Err(Error::new(Reason::AlreadyExists).with("title", &one.title));
    }
    journal(session, tx, &one, ("place.created", &reason, &request.request_id)).await?;
    shown_one(session, tx, &one).await
}
