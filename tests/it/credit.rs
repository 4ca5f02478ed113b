//! Credit by its own calls: scores, limits and their approval, reservations against a guarded limit (C-13, C-14).

mod limits;
mod machine;
mod models;
mod race;
mod replays;
mod reservations;
mod scores;

use dossier_proto::credit::v1::{
    CommitReservationRequest, Exposure, GetReservationRequest, ReleaseReservationRequest, Reservation,
    SubmitLimitRequest,
};
use tonic::{Response, Status};

use crate::prelude::*;

/// Limit, drawn, held and available in minor units.
fn figures(exposure: &Exposure) -> [i64; 4] {
    let minor = |money: &Option<dossier_proto::types::Money>| money.as_ref().map_or(0, |one| one.minor_units);
    [&exposure.limit_amount, &exposure.drawn, &exposure.held, &exposure.available].map(minor)
}

/// Committed, released and held of a reservation in minor units.
fn parts(one: &Reservation) -> [i64; 3] {
    let minor = |money: &Option<dossier_proto::types::Money>| money.as_ref().map_or(0, |one| one.minor_units);
    let parts = [&one.committed, &one.released, &one.held].map(minor);
    assert_eq!(parts.iter().sum::<i64>(), minor(&one.amount), "{one:?}");
    parts
}

fn committing(world: &World, name: &str, amount: Option<i64>, last: bool) -> CommitReservationRequest {
    CommitReservationRequest {
        name: name.to_owned(),
        amount: amount.map(money),
        r#final: last,
        request_id: world.request_id(),
        ..CommitReservationRequest::default()
    }
}

async fn commit(world: &World, name: &str, amount: Option<i64>, last: bool) -> Result<Response<Reservation>, Status> {
    world.credit("sales-1").exposure.commit_reservation(committing(world, name, amount, last)).await
}

async fn release(world: &World, name: &str) -> Result<Response<Reservation>, Status> {
    let (name, request_id) = (name.to_owned(), world.request_id());
    let request = ReleaseReservationRequest { name, request_id, ..ReleaseReservationRequest::default() };
    world.credit("sales-1").exposure.release_reservation(request).await
}

async fn reservation(world: &World, name: &str) -> Reservation {
    let request = GetReservationRequest { name: name.to_owned() };
    world.credit("sales-1").exposure.get_reservation(request).await.good()
}

fn submitting(world: &World, name: &str) -> SubmitLimitRequest {
    SubmitLimitRequest { name: name.to_owned(), request_id: world.request_id(), ..SubmitLimitRequest::default() }
}
