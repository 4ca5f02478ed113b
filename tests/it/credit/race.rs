//! Many callers on one hot customer: never more than the limit, and none that would fit is turned away.

use futures::future::join_all;

use super::{commit, figures, release};
use crate::prelude::*;

const CALLERS: usize = 64;

on_both_stores! {
    // proves: C-14, I2
    async fn of_64_reservations_at_once_as_many_succeed_as_fit(world) {
        let (hot, other) = (world.customer(1, 1_000).await, world.customer(2, 1_000).await);
        let mut tasks = Vec::new();
        for _ in 0..CALLERS {
            let mut calls = world.credit("sales-1").exposure;
            let request = world.reserving(&hot, 100);
            tasks.push(tokio::spawn(async move { calls.reserve_credit(request).await }));
        }
        let aside = world.reserve(&other, 250);
        let (answers, aside) = tokio::join!(join_all(tasks), aside);
        let (good, bad): (Vec<_>, Vec<_>) = answers.into_iter().map(|one| one.unwrap()).partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (10, CALLERS - 10));
        for refused in bad {
            let refused = refused.refused(Reason::LimitExceeded);
            assert_eq!(refused.metadata["available_minor_units"], "0");
        }
        aside.good();
        assert_eq!(figures(&world.exposure(&hot).await), [1_000, 0, 1_000, 0]);
        assert_eq!(figures(&world.exposure(&other).await), [1_000, 0, 250, 750]);
        check::holds(world).await;
    }

    // proves: C-14, I2
    async fn a_large_amount_that_does_not_fit_keeps_no_small_one_out(world) {
        let hot = world.customer(1, 1_000).await;
        let amounts: Vec<i64> = (0..CALLERS as i64).map(|n| if n % 2 == 0 { 2_000 } else { 31 }).collect();
        let tasks = amounts.iter().map(|&amount| {
            let (mut calls, request) = (world.credit("sales-1").exposure, world.reserving(&hot, amount));
            tokio::spawn(async move { calls.reserve_credit(request).await })
        });
        let good = join_all(tasks).await.into_iter().filter(|one| one.as_ref().unwrap().is_ok()).count();
        assert_eq!(good, 32);
        assert_eq!(figures(&world.exposure(&hot).await), [1_000, 0, 992, 8]);
        check::holds(world).await;
    }

    // proves: I2
    async fn reserving_committing_and_releasing_at_once_never_goes_over(world) {
        let hot = world.customer(1, 1_000).await;
        let mut held = Vec::new();
        for _ in 0..10 {
            held.push(world.reserve(&hot, 100).await.good().name);
        }
        // Half is committed and half let go while others wait for what comes free.
        let ends = held.iter().enumerate().map(|(n, name)| async move {
            if n % 2 == 0 { commit(world, name, None, false).await } else { release(world, name).await }
        });
        let asks = (0..CALLERS).map(|_| world.reserve(&hot, 100));
        let (ends, asks) = tokio::join!(join_all(ends), join_all(asks));
        assert!(ends.iter().all(Result::is_ok), "{ends:?}");
        let good = asks.iter().filter(|one| one.is_ok()).count() as i64;
        assert!(good <= 5, "{good} reservations on 500 that came free");
        let left = 1_000 - 500 - good * 100;
        assert_eq!(figures(&world.exposure(&hot).await), [1_000, 500, good * 100, left]);
        check::holds(world).await;
    }

    // proves: I2
    async fn two_replicas_guard_one_limit(world) {
        let hot = world.customer(1, 1_000).await;
        let second = world.replica().await;
        let tasks = (0..CALLERS).map(|n| {
            let replica = if n % 2 == 0 { &**world } else { &second };
            let (mut calls, request) = (replica.credit("sales-1").exposure, world.reserving(&hot, 90));
            tokio::spawn(async move { calls.reserve_credit(request).await })
        });
        let answers = join_all(tasks).await;
        let good = answers.iter().filter(|one| one.as_ref().unwrap().is_ok()).count();
        assert_eq!(good, 11, "{:?}", answers.iter().filter_map(|one| one.as_ref().unwrap().as_ref().err()).next());
        assert_eq!(figures(&world.exposure(&hot).await), [1_000, 0, 990, 10]);
        second.stop().await;
        check::holds(world).await;
    }
}
