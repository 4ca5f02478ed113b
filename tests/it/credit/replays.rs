//! The same `request_id`, also inside one group of reservations: one effect, one answer (I8).

use dossier_proto::credit::v1::ReserveCreditRequest;
use futures::future::join_all;

use super::{commit, committing, figures};
use crate::prelude::*;

on_both_stores! {
    // proves: I8, C-14
    async fn one_reservation_sent_many_times_at_once_holds_once(world) {
        let hot = world.customer(1, 1_000).await;
        let same = world.reserving(&hot, 300);
        let tasks = (0..32).map(|n| {
            // Among others on the same customer, so that a group holds both.
            let request = if n % 2 == 0 { same.clone() } else { world.reserving(&hot, 10) };
            let mut calls = world.credit("sales-1").exposure;
            tokio::spawn(async move { (n, calls.reserve_credit(request).await) })
        });
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(|one| one.unwrap()).collect();
        let mut names = Vec::new();
        for (n, answer) in answers {
            let name = answer.good().name;
            names.extend((n % 2 == 0).then_some(name));
        }
        assert!(names.len() == 16 && names.iter().all(|name| *name == names[0]), "{names:?}");
        assert_eq!(figures(&world.exposure(&hot).await), [1_000, 0, 300 + 16 * 10, 1_000 - 460]);
        let once_more = world.credit("sales-1").exposure.reserve_credit(same).await.good();
        assert_eq!(once_more.name, names[0]);
        check::holds(world).await;
    }

    // proves: I8
    async fn the_id_of_one_reservation_with_another_amount_is_refused(world) {
        let hot = world.customer(1, 1_000).await;
        let first = world.reserving(&hot, 300);
        let other = ReserveCreditRequest { amount: Some(money(301)), ..first.clone() };
        world.credit("sales-1").exposure.reserve_credit(first.clone()).await.good();
        let refused = world.credit("sales-1").exposure.reserve_credit(other.clone()).await.refused(Reason::RequestIdReused);
        assert_eq!(refused.metadata["request_id"], first.request_id);
        // In one group: whichever comes first, the other is refused and the rest goes on.
        let (first, other) = (world.reserving(&hot, 50), world.reserving(&hot, 60));
        let other = ReserveCreditRequest { request_id: first.request_id.clone(), ..other };
        let (mut one, mut two, mut three) =
            (world.credit("sales-1").exposure, world.credit("sales-1").exposure, world.credit("sales-1").exposure);
        let (one, two, three) =
            tokio::join!(one.reserve_credit(first), two.reserve_credit(other), three.reserve_credit(world.reserving(&hot, 7)));
        three.good();
        assert_eq!([&one, &two].iter().filter(|answer| answer.is_ok()).count(), 1);
        if one.is_err() { one.refused(Reason::RequestIdReused) } else { two.refused(Reason::RequestIdReused) };
        check::holds(world).await;
    }

    // proves: I8
    async fn a_refused_reservation_leaves_its_id_free(world) {
        let hot = world.customer(1, 1_000).await;
        let full = world.reserve(&hot, 1_000).await.good();
        let request = world.reserving(&hot, 500);
        let mut calls = world.credit("sales-1").exposure;
        calls.reserve_credit(request.clone()).await.refused(Reason::LimitExceeded);
        commit(world, &full.name, Some(1), true).await.good();
        let held = calls.reserve_credit(request.clone()).await.good();
        assert_eq!(calls.reserve_credit(request).await.good(), held);
        check::holds(world).await;
    }

    // proves: I8
    async fn a_commit_sent_again_draws_once(world) {
        let hot = world.customer(1, 1_000).await;
        let held = world.reserve(&hot, 500).await.good();
        let request = committing(world, &held.name, Some(200), false);
        let all = (0..8).map(|_| {
            let (mut calls, request) = (world.credit("sales-1").exposure, request.clone());
            async move { calls.commit_reservation(request).await }
        });
        let answers: Vec<_> = join_all(all).await.into_iter().map(Answer::good).collect();
        assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
        assert_eq!(figures(&world.exposure(&hot).await), [1_000, 200, 300, 500]);
        check::holds(world).await;
    }
}
