//! I3.

use super::{force, turns_red};
use crate::prelude::*;

on_both_stores! {
    // proves: I3
    async fn an_entry_that_is_gone_is_seen(world) {
        world.active(1).await;
        turns_red!(check::log, world, {
            force(world, Which::Profile, "DELETE FROM journal_entry WHERE org = 'demo' AND seq = 2").await;
        });
    }

    // proves: I3
    async fn the_effect_of_a_deleted_entry_is_seen(world) {
        world.active(1).await;
        let red = turns_red!(check::effects, world, {
            let text = "DELETE FROM journal_entry WHERE org = 'demo' AND action = 'file.activated'";
            force(world, Which::Profile, text).await;
        });
        assert!(red.iter().any(|fault| fault.contains("a revision")), "{red:?}");
    }

    // proves: I3
    async fn an_effect_without_entry_is_seen(world) {
        world.active(1).await;
        turns_red!(check::effects, world, {
            let text =
                "INSERT INTO customer_file_revision (org, file, revision, at, author, act, changed, header, content)
                        SELECT org, file, 99, at, author, act, changed, header, content FROM customer_file_revision
                        WHERE revision = 1";
            force(world, Which::Profile, text).await;
        });
    }

    // proves: I3
    async fn a_changed_body_and_a_changed_checkpoint_are_seen(world) {
        world.active(1).await;
        let red = turns_red!(check::log, world, {
            let mut tx = world.db(Which::Profile).write().await.unwrap();
            let text = "SELECT body FROM journal_entry WHERE org = 'demo' AND seq = 3";
            let (mut body,) = sql!(&mut tx, fetch_one as (Vec<u8>,), text).unwrap();
            body[5] ^= 0x20;
            let text = "UPDATE journal_entry SET body = $1 WHERE org = 'demo' AND seq = 3";
            sql!(&mut tx, execute, text, body).unwrap();
            tx.commit().await.unwrap();
        });
        assert!(red.iter().any(|fault| fault.contains("entry 3 does not hash")), "{red:?}");
        assert!(red.iter().any(|fault| fault.contains("root is not that of the entries")), "{red:?}");
        assert!(red.iter().any(|fault| fault.contains("states another root")), "{red:?}");
    }

    // proves: I3
    async fn a_checkpoint_signed_by_somebody_else_is_seen(world) {
        world.active(1).await;
        let red = turns_red!(check::log, world, {
            let mut tx = world.db(Which::Profile).write().await.unwrap();
            let text = "SELECT size, note FROM journal_checkpoint WHERE org = 'demo' ORDER BY size DESC LIMIT 1";
            let (size, note) = sql!(&mut tx, fetch_one as (i64, String), text).unwrap();
            let (other,) = sql!(
                &mut tx,
                fetch_one as (String,),
                "SELECT note FROM journal_checkpoint WHERE org = 'demo' ORDER BY size LIMIT 1"
            )
            .unwrap();
            let signature = other.split_once("\n\n").unwrap().1;
            let forged = format!("{}\n\n{signature}", note.split_once("\n\n").unwrap().0);
            let text = "UPDATE journal_checkpoint SET note = $2 WHERE org = 'demo' AND size = $1";
            sql!(&mut tx, execute, text, size, forged).unwrap();
            tx.commit().await.unwrap();
        });
        assert!(red.iter().any(|fault| fault.contains("signed by another key")), "{red:?}");
    }
}
