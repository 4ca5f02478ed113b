//! I2.

use dossier_proto::journal::v1::ReservationChanged;
use dossier_proto::journal::v1::event::Kind;

use super::{force, forge, turns_red};
use crate::prelude::*;

on_both_stores! {
    // proves: I2
    async fn reservations_beyond_the_limit_are_seen(world) {
        let customer = world.customer(1, 1000).await;
        world.reserve(&customer, 900).await.good();
        let red = turns_red!(check::limits, world, {
            force(world, Which::Credit, "UPDATE reservation SET amount_minor = 1200, held_minor = 1200").await;
        });
        assert!(red.iter().any(|fault| fault.contains("are more than 1000")), "{red:?}");
    }

    // proves: I2
    async fn an_exposure_that_forgot_a_reservation_is_seen(world) {
        let customer = world.customer(1, 1000).await;
        world.reserve(&customer, 900).await.good();
        turns_red!(check::limits, world, {
            force(world, Which::Credit, "UPDATE exposure SET held_minor = 0").await;
        });
    }

    // proves: I2
    async fn an_excess_that_makes_room_is_seen(world) {
        let customer = world.customer(1, 1000).await;
        world.reserve(&customer, 900).await.good();
        turns_red!(check::limits, world, {
            force(world, Which::Credit, "UPDATE exposure SET excess_minor = 500").await;
        });
    }

    // proves: I2
    async fn an_overcommitment_that_was_undone_later_is_seen_in_the_journal(world) {
        let customer = world.customer(1, 1000).await;
        let reservation = format!("reservations/{}", Uuid::from_u128(5));
        let event = |held| {
            Kind::ReservationChanged(ReservationChanged {
                reservation: reservation.clone(),
                customer: customer.clone(),
                held: Some(money(held)),
                ..ReservationChanged::default()
            })
        };
        turns_red!(check::limits, world, {
            forge(world, Which::Credit, "reservation.made", &reservation, event(1001)).await;
            forge(world, Which::Credit, "reservation.released", &reservation, event(0)).await;
        });
    }
}
