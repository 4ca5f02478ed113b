//! Reservations: made in group commit, committed, released, read (C-14).

mod message;

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::time::{duration_micros, micros};
use dossier_kernel::{asked, mutate, name, words};
use dossier_proto::credit::v1::{
    CommitReservationRequest, GetReservationRequest, ListReservationsRequest, ListReservationsResponse,
    ReleaseReservationRequest, Reservation as Message, ReserveCreditRequest,
};
use dossier_regime::Action;
use uuid::Uuid;

use super::ExposureRpc;
use super::enter::amount;
use crate::domain::reservation::{Reservation, ReservationState};
use crate::store::reservation::{self, Filter};
use crate::work::group_commit::Order;
use crate::work::reservation::save;

const RESERVATIONS: List = List {
    fields: &[
        Field::name("customer", "files"),
        Field::state("state", ReservationState::WORDS),
        Field::text("reference"),
    ],
    orders: &["name desc"],
};

/// How long something is held when the caller does not say: 15 minutes.
const USUAL: i64 = 15 * 60 * SECOND;
const SECOND: i64 = 1_000_000;

/// Reserve.
pub(crate) async fn reserve(rpc: &ExposureRpc, call: &Call, request: ReserveCreditRequest) -> Result<Message> {
    match parse(rpc, call, &request) {
        Ok(order) => rpc.group_commit.reserve(order).await,
        // Who may not ask at all is told that first.
        Err(fault) => Box::pin(unasked(rpc, call, fault)).await,
    }
}

async fn unasked(rpc: &ExposureRpc, call: &Call, fault: Error) -> Result<Message> {
    let mut tx = rpc.base.db.read().await?;
    rpc.base.authorise(&mut tx, call, Action::ExposureReserve).await?;
    Err(fault)
}

fn parse(rpc: &ExposureRpc, call: &Call, request: &ReserveCreditRequest) -> Result<Order> {
    let mut faults = Faults::default();
    let customer = faults.absorb(name::id("customer", "files", &request.customer));
    let amount = faults.absorb(amount("amount", request.amount.as_ref()));
    let ttl = faults.absorb(ttl(rpc, call, request.ttl.as_ref()));
    if request.reference.trim().is_empty() || request.reference.chars().count() > 100 {
        faults.add("reference", "must have between 1 and 100 characters");
    }
    words::reason(&request.reason, false, &mut faults);
    faults.finish()?;
    let key = rpc.base.mutations.key(call, &request.request_id, request.validate_only, request)?;
    let ((Some(customer), Some(amount)), Some(ttl)) = ((customer, amount), ttl) else {
        return Err(Error::new(Reason::Internal));
    };
    Ok(Order {
        call: call.clone(),
        key,
        customer,
        amount,
        ttl,
        reference: request.reference.clone(),
        request_id: request.request_id.clone(),
        reason: request.reason.clone(),
        validate_only: request.validate_only,
        shown: message::of,
    })
}

fn ttl(rpc: &ExposureRpc, call: &Call, given: Option<&prost_types::Duration>) -> Result<i64> {
    let tenant = rpc.base.tenant(&call.org)?;
    let end = tenant.end(tenant.pack().credit.reservation_longest, call.now);
    let longest = end.map_or(i64::MAX, |end| micros(end.at)).saturating_sub(call.micros());
    let Some(given) = given else { return Ok(USUAL.min(longest)) };
    let asked = duration_micros("ttl", given)?;
    if asked < SECOND || asked % SECOND != 0 || given.nanos != 0 {
        return Err(Error::violation("ttl", "must be at least 1 second, in whole seconds"));
    }
    if asked > longest {
        return Err(Error::violation("ttl", "is longer than the pack lets a reservation hold"));
    }
    Ok(asked)
}

/// Commit.
pub(crate) async fn commit(rpc: &ExposureRpc, call: &Call, request: CommitReservationRequest) -> Result<Message> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::ExposureReserve).await?;
        let mut faults = Faults::default();
        let id = faults.absorb(name::id("name", "reservations", &request.name));
        let part = request.amount.as_ref().map(|given| amount("amount", Some(given))).transpose();
        let part = faults.absorb(part).flatten();
        words::reason(&request.reason, false, &mut faults);
        faults.finish()?;
        let mut one = load(tx, call, principal.person, id.unwrap_or_default()).await?;
        etag::require(&request.etag, &etag::of(one.version), &one.name())?;
        let shift = one.commit(part.as_ref(), request.r#final, call.now)?;
        let said = ("reservation.committed", request.request_id.as_str(), request.reason.as_str());
        save(base, tx, call, &principal.name(), (&mut one, shift), said).await?;
        Ok(message::of(&one, call.now))
    }, kept => again(rpc, tx, call, kept).await)
}

/// Release.
pub(crate) async fn release(rpc: &ExposureRpc, call: &Call, request: ReleaseReservationRequest) -> Result<Message> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::ExposureReserve).await?;
        let id = name::id("name", "reservations", &request.name)?;
        words::require(&request.reason, false)?;
        let mut one = load(tx, call, principal.person, id).await?;
        etag::require(&request.etag, &etag::of(one.version), &one.name())?;
        let shift = one.release(call.now)?;
        let said = ("reservation.released", request.request_id.as_str(), request.reason.as_str());
        save(base, tx, call, &principal.name(), (&mut one, shift), said).await?;
        Ok(message::of(&one, call.now))
    }, kept => again(rpc, tx, call, kept).await)
}

// The reply to a call that was answered for who may still reserve and sees the customer.
async fn again(rpc: &ExposureRpc, tx: &mut Tx, call: &Call, kept: Message) -> Result<Message> {
    let principal = rpc.base.authorise(tx, call, Action::ExposureReserve).await?;
    load(tx, call, principal.person, name::id("name", "reservations", &kept.name)?).await.map(|_| kept)
}

/// GetReservation.
pub(crate) async fn get(rpc: &ExposureRpc, call: &Call, request: GetReservationRequest) -> Result<Message> {
    let mut tx = rpc.base.db.read().await?;
    let principal = rpc.base.authorise(&mut tx, call, Action::ExposureRead).await?;
    let id = name::id("name", "reservations", &request.name)?;
    Ok(message::of(&load(&mut tx, call, principal.person, id).await?, call.now))
}

/// ListReservations.
pub(crate) async fn list(
    rpc: &ExposureRpc,
    call: &Call,
    request: ListReservationsRequest,
) -> Result<ListReservationsResponse> {
    let mut tx = rpc.base.db.read().await?;
    let principal = rpc.base.authorise(&mut tx, call, Action::ExposureRead).await?;
    let (asked, page) = RESERVATIONS.read(call, &asked!(request))?;
    let state = asked.one("state")?;
    let filter = Filter { customer: asked.id("customer"), state, reference: asked.text("reference") };
    let (org, now, older) = (&call.org, call.micros(), page.before_uuid()?);
    let mut found = reservation::list(&mut tx, org, principal.person, now, &filter, older, page.size + 1).await?;
    let next_page_token = page.cut(&mut found, |one| one.id.to_string());
    let reservations = found.iter().map(|one| message::of(one, call.now)).collect();
    Ok(ListReservationsResponse { reservations, next_page_token })
}

async fn load(tx: &mut Tx, call: &Call, person: Uuid, id: Uuid) -> Result<Reservation> {
    let found = reservation::visible(tx, &call.org, person, call.micros(), id).await?;
    let name = || name::name("reservations", id);
    found.ok_or_else(|| Error::missing(Missing::Reservation, name()))
}
