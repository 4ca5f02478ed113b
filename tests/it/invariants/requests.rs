//! I8.

use super::{force, turns_red};
use crate::prelude::*;

on_both_stores! {
    // proves: I8
    async fn a_call_that_acted_twice_is_seen(world) {
        let customer = world.customer(1, 1000).await;
        let request = world.reserving(&customer, 100);
        let mut calls = world.credit("sales-1").exposure;
        calls.reserve_credit(request.clone()).await.good();
        let red = turns_red!(check::requests, world, {
            // Without its row the repeated call is a new one.
            force(world, Which::Credit, "DELETE FROM idempotency").await;
            calls.reserve_credit(request.clone()).await.good();
            world.settle().await;
        });
        assert!(red[0].contains(&request.request_id), "{red:?}");
    }

    // proves: I8
    async fn a_committed_call_without_its_reply_is_seen(world) {
        world.draft(1).await;
        turns_red!(check::requests, world, force(world, Which::Profile, "UPDATE idempotency SET reply = NULL").await);
    }
}
