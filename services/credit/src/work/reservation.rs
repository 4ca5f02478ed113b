//! Reservations, written and journaled (C-14). They are made in group commit, which stands above this.

pub(crate) mod clear;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::credit::v1::ReservationState as Wire;
use dossier_proto::journal::v1::ReservationChanged;
use dossier_proto::journal::v1::event::Kind;

use super::record::{Saying, record};
use super::wire::{file_name, money};
use crate::domain::reservation::{Reservation, Shift};
use crate::store::{exposure, reservation};

/// Writes what became of a reservation, with what it shifts. `said` is action, `request_id` and `reason` of the entry.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn save(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    (one, shift): (&mut Reservation, Shift),
    (action, request_id, reason): (&'static str, &str, &str),
) -> Result<()> {
    // The exposure first: it is the lock.
    exposure::shift(tx, &call.org, one.customer, shift).await?;
    reservation::update(tx, &call.org, one).await?;
    record(base, tx, call, actor, saying(one, action, request_id, reason)).await
}

/// What the journal says of an effect on a reservation.
pub(crate) fn saying<'a>(one: &Reservation, action: &'static str, request_id: &'a str, reason: &'a str) -> Saying<'a> {
    let event = event(one);
    Saying { action, subject: one.name(), request_id, reason, justification: "", event, commitments: Vec::new() }
}

/// What the journal says of a reservation.
fn event(one: &Reservation) -> Kind {
    let currency = &one.amount.currency;
    Kind::ReservationChanged(ReservationChanged {
        reservation: one.name(),
        limit: name::name("limits", one.limit),
        customer: file_name(one.customer),
        amount: Some(money(one.amount.minor, currency)),
        held: Some(money(one.held, currency)),
        committed: Some(money(one.committed, currency)),
        state: states::wire::<Wire>(one.state).as_str_name().to_owned(),
        expire_time: Some(to_proto(one.expire_at)),
    })
}
