//! Reservations as the contract carries them.

use dossier_kernel::etag;
use dossier_kernel::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::to_proto;
use dossier_proto::credit::v1::{Reservation as Message, ReservationState as Wire};
use dossier_proto::journal::v1::ReservationChanged;
use dossier_proto::journal::v1::event::Kind;
use jiff::Timestamp;

use crate::domain::reservation::Reservation;
use crate::rpc::enter::{file_name, money};

/// A reservation for an answer, as of `now`.
pub(crate) fn of(stored: &Reservation, now: Timestamp) -> Message {
    let one = stored.clone().at(now);
    let currency = &one.amount.currency;
    Message {
        name: one.name(),
        customer: file_name(one.customer),
        limit: name::name("limits", one.limit),
        amount: Some(money(one.amount.minor, currency)),
        committed: Some(money(one.committed, currency)),
        released: Some(money(one.released, currency)),
        held: Some(money(one.held, currency)),
        reference: one.reference.clone(),
        state: wire::<Wire>(one.state).into(),
        creator: one.creator.clone(),
        expire_time: Some(to_proto(one.expire_at)),
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
        etag: etag::of(one.version),
    }
}

/// What the journal says of a reservation.
pub(crate) fn event(one: &Reservation) -> Kind {
    let currency = &one.amount.currency;
    Kind::ReservationChanged(ReservationChanged {
        reservation: one.name(),
        limit: name::name("limits", one.limit),
        customer: file_name(one.customer),
        amount: Some(money(one.amount.minor, currency)),
        held: Some(money(one.held, currency)),
        committed: Some(money(one.committed, currency)),
        state: wire::<Wire>(one.state).as_str_name().to_owned(),
        expire_time: Some(to_proto(one.expire_at)),
    })
}
