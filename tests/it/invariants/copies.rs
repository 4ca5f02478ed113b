//! I4.

use dossier_authority::feed;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::LimitChanged;
use dossier_proto::journal::v1::event::Kind;

use super::{force, forge, turns_red};
use crate::prelude::*;

on_both_stores! {
    // proves: I4
    async fn an_old_event_that_is_applied_again_is_seen(world) {
        world.active(1).await;
        let red = turns_red!(check::copies, world, {
            let entries = check::journal(world, Which::Profile, DEMO).await;
            let first = entries.into_iter().find(|entry| entry.body.action == "file.created").unwrap().body;
            let pack = world.ground().regimes.tenant(DEMO).unwrap().pack();
            // Beside the later revision it would change nothing.
            force(world, Which::Access, "UPDATE file_copy SET revision = 0").await;
            let again: Result<()> = transact!(*world.db(Which::Access), tx => feed::apply(tx, pack, &first).await);
            again.unwrap();
        });
        assert!(red.iter().all(|fault| fault.contains("access.file_copy")), "{red:?}");
    }

    // proves: I4
    async fn an_event_that_was_passed_over_is_seen(world) {
        world.active(1).await;
        turns_red!(check::copies, world, force(world, Which::Credit, "DELETE FROM file_copy").await);
    }

    // proves: I4
    async fn a_consumer_that_stands_still_is_seen(world) {
        world.active(1).await;
        turns_red!(check::copies, world, {
            // Nobody follows this name, so it stays where it is put.
            force(world, Which::Credit, "UPDATE journal_cursor SET consumer = 'gone' WHERE org = 'meridian'").await;
        });
    }

    // proves: I4
    async fn an_outcome_that_had_its_effect_twice_is_seen(world) {
        let customer = world.customer(1, 1000).await;
        let limit = world.get_limit(&world.exposure(&customer).await.limit).await;
        let event = LimitChanged {
            limit: limit.name.clone(),
            customer,
            amount: limit.amount,
            state: "LIMIT_STATE_APPROVED".into(),
            approval: limit.approval,
            ..LimitChanged::default()
        };
        turns_red!(check::copies, world, {
            forge(world, Which::Credit, "limit.approved", &limit.name, Kind::LimitChanged(event)).await;
        });
    }
}
