//! Reservations: committed in parts, let go, run out (C-14).

use dossier_proto::credit::v1::{
    CheckCreditRequest, CreditObstacle, ListReservationsRequest, ReservationState, ReserveCreditRequest,
};
use dossier_proto::types::Money;
use prost_types::Duration;

use super::{commit, committing, figures, parts, release, reservation};
use crate::prelude::*;

on_both_stores! {
    // proves: C-14, I2
    async fn a_reservation_is_committed_in_parts_and_the_rest_goes_back(world) {
        let customer = world.customer(1, 1_000).await;
        let held = world.reserve(&customer, 600).await.good();
        assert_eq!((held.state(), parts(&held)), (ReservationState::Held, [0, 0, 600]));
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 0, 600, 400]);
        let part = commit(world, &held.name, Some(250), false).await.good();
        assert_eq!((part.state(), parts(&part)), (ReservationState::Held, [250, 0, 350]));
        assert_ne!(part.etag, held.etag);
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 250, 350, 400]);
        let refused = commit(world, &held.name, Some(351), false).await.refused(Reason::ReservationExceeded);
        assert_eq!((&refused.metadata["held_minor_units"], &refused.metadata["currency_code"]), (&"350".into(), &"CNY".into()));
        assert!(refused.names("amount"), "{refused:?}");
        let last = commit(world, &held.name, Some(50), true).await.good();
        assert_eq!((last.state(), parts(&last)), (ReservationState::Committed, [300, 300, 0]));
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 300, 0, 700]);
        commit(world, &held.name, None, false).await.refused(Reason::WrongState);
        release(world, &held.name).await.refused(Reason::WrongState);
        assert_eq!(reservation(world, &held.name).await, last);
        check::holds(world).await;
    }

    // proves: C-14
    async fn a_released_reservation_gives_back_what_it_held(world) {
        let customer = world.customer(1, 1_000).await;
        let held = world.reserve(&customer, 1_000).await.good();
        commit(world, &held.name, Some(100), false).await.good();
        let released = release(world, &held.name).await.good();
        assert_eq!((released.state(), parts(&released)), (ReservationState::Released, [100, 900, 0]));
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 100, 0, 900]);
        let refused = release(world, &held.name).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["resource"], held.name);
        world.reserve(&customer, 900).await.good();
        check::holds(world).await;
    }

    // proves: C-14
    async fn what_ran_out_is_available_at_once_and_cannot_be_committed(world) {
        let customer = world.customer(1, 1_000).await;
        let held = world.reserve(&customer, 1_000).await.good();
        commit(world, &held.name, Some(300), false).await.good();
        world.pass(SignedDuration::from_secs(3599));
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 300, 700, 0]);
        world.reserve(&customer, 1).await.refused(Reason::LimitExceeded);
        world.pass(SignedDuration::from_secs(1));
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 300, 0, 700]);
        let refused = commit(world, &held.name, None, false).await.refused(Reason::ReservationExpired);
        assert_eq!(refused.metadata["reservation"], held.name);
        let gone = reservation(world, &held.name).await;
        assert_eq!((gone.state(), parts(&gone)), (ReservationState::Expired, [300, 700, 0]));
        release(world, &held.name).await.refused(Reason::WrongState);
        world.reserve(&customer, 700).await.good();
        world.reserve(&customer, 1).await.refused(Reason::LimitExceeded);
        let list = ListReservationsRequest { filter: "state = EXPIRED".into(), ..Default::default() };
        let expired = world.credit("sales-1").exposure.list_reservations(list).await.good().reservations;
        assert_eq!(expired.iter().map(|one| &one.name).collect::<Vec<_>>(), [&held.name]);
        check::holds(world).await;
    }

    // proves: C-14
    async fn a_question_about_credit_holds_nothing_and_says_why_not(world) {
        let (customer, other) = (world.customer(1, 1_000).await, world.active(2).await.name);
        let mut calls = world.credit("sales-1").exposure;
        let before = check::journal(world, Which::Credit, DEMO).await.len();
        for (customer, minor_units, currency, obstacle) in [
            (&customer, 1_000, "CNY", CreditObstacle::Unspecified),
            (&customer, 1_001, "CNY", CreditObstacle::Exceeded),
            (&customer, 5, "USD", CreditObstacle::Currency),
            (&other, 5, "CNY", CreditObstacle::NoLimit),
        ] {
            let amount = Some(Money { minor_units, currency_code: currency.into() });
            let request = CheckCreditRequest { customer: customer.clone(), amount };
            let answer = calls.check_credit(request).await.good();
            assert_eq!((answer.obstacle(), answer.sufficient), (obstacle, obstacle == CreditObstacle::Unspecified));
        }
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 0, 0, 1_000]);
        assert_eq!(check::journal(world, Which::Credit, DEMO).await.len(), before);
    }

    // proves: C-14
    async fn another_currency_is_refused_when_reserving_and_when_committing(world) {
        let customer = world.customer(1, 1_000).await;
        let dollars = || Some(Money { minor_units: 5, currency_code: "USD".into() });
        let request = ReserveCreditRequest { amount: dollars(), ..world.reserving(&customer, 5) };
        let refused = world.credit("sales-1").exposure.reserve_credit(request).await.refused(Reason::CurrencyMismatch);
        assert_eq!((refused.metadata["expected"].as_str(), refused.metadata["given"].as_str()), ("CNY", "USD"));
        let held = world.reserve(&customer, 5).await.good();
        let mut request = committing(world, &held.name, None, false);
        request.amount = dollars();
        world.credit("sales-1").exposure.commit_reservation(request).await.refused(Reason::CurrencyMismatch);
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 0, 5, 995]);
    }

    // proves: C-14
    async fn a_trial_has_no_effect_and_a_hold_never_outlives_its_limit(world) {
        let customer = world.customer(1, 1_000).await;
        let mut calls = world.credit("sales-1").exposure;
        let trial = ReserveCreditRequest { validate_only: true, ..world.reserving(&customer, 600) };
        assert_eq!(parts(&calls.reserve_credit(trial.clone()).await.good()), [0, 0, 600]);
        assert_eq!(figures(&world.exposure(&customer).await), [1_000, 0, 0, 1_000]);
        let much = ReserveCreditRequest { amount: Some(money(1_001)), ..trial };
        calls.reserve_credit(much).await.refused(Reason::LimitExceeded);
        world.pass(SignedDuration::from_hours(24 * 179));
        let days = Some(Duration { seconds: 20 * 24 * 3600, nanos: 0 });
        let held = calls.reserve_credit(ReserveCreditRequest { ttl: days, ..world.reserving(&customer, 5) }).await.good();
        assert_eq!(held.expire_time, world.exposure(&customer).await.valid_until);
        check::holds(world).await;
    }

    // proves: C-14
    async fn a_reservation_of_one_customer_leaves_another_alone(world) {
        let (one, two) = (world.customer(1, 1_000).await, world.customer(2, 500).await);
        world.reserve(&one, 1_000).await.good();
        assert_eq!(figures(&world.exposure(&two).await), [500, 0, 0, 500]);
        world.reserve(&one, 1).await.refused(Reason::LimitExceeded);
        world.reserve(&two, 500).await.good();
        let list = ListReservationsRequest { filter: format!("customer = \"{two}\""), ..Default::default() };
        let listed = world.credit("sales-1").exposure.list_reservations(list).await.good().reservations;
        assert_eq!(listed.iter().map(|one| &one.customer).collect::<Vec<_>>(), [&two]);
        check::holds(world).await;
    }
}
