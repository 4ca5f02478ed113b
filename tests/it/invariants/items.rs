//! What lies where: a row that no entry made, and a place that counts otherwise than what lies in it, are both seen (I3, P-09, P-10).

use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;

use super::{force, turns_red};
use crate::prelude::*;

// A file whose paper lies in a room of one shelf.
async fn kept(world: &World) -> String {
    let file = world.active(1).await.name;
    let room = world.stand("room", "room", "").await;
    let shelf = world.stand("shelf", "shelf", &room).await;
    let list = world.handed(&file, &shelf).await;
    world.advance("archivist", &list).await.good();
    file
}

on_both_stores_under! {
    Rules::of("ROOMS");

    // proves: I3, P-09, P-10
    async fn what_was_moved_by_no_record_is_seen(world) {
        kept(world).await;
        let red = turns_red!(check::replayed, world, force(world, Which::Profile, "UPDATE place SET taken = 0 WHERE taken > 0").await);
        assert!(red.iter().any(|one| one.contains("another number of items")), "{red:#?}");
        force(world, Which::Profile, "UPDATE place SET taken = 1 WHERE parent IS NOT NULL").await;
        let red = turns_red!(check::replayed, world, force(world, Which::Profile, "UPDATE item SET place = NULL").await);
        assert!(red.iter().any(|one| one.contains("`place`")), "{red:#?}");
        force(world, Which::Profile, "UPDATE item SET place = (SELECT id FROM place WHERE parent IS NOT NULL)").await;
        turns_red!(check::effects, world, force(world, Which::Profile, "DELETE FROM item").await);
    }

    // proves: I1, I3, I4, A-31, P-10
    async fn what_is_lent_otherwise_than_the_journal_says_is_seen(world) {
        let file = kept(world).await;
        world.check_out(&file, "gm", "").await.good();
        world.settle().await;
        // What the ledger says is out, and on which loan, beside the entries.
        let other = "UPDATE loan_item SET copies = copies + 1";
        let red = turns_red!(check::replayed, world, force(world, Which::Access, other).await);
        assert!(red.iter().any(|one| one.contains("`copies`")), "{red:#?}");
        force(world, Which::Access, "UPDATE loan_item SET copies = copies - 1").await;
        let back = "UPDATE loan_item SET returned_at = 1, condition = 'sound'";
        let red = turns_red!(check::originals, world, force(world, Which::Access, back).await);
        assert!(red.iter().any(|one| one.contains("out otherwise than")), "{red:#?}");
        force(world, Which::Access, "UPDATE loan_item SET returned_at = NULL, condition = NULL").await;
        // What each keeps of the other.
        let released = "UPDATE item_copy SET state = 'released'";
        let red = turns_red!(check::replayed, world, force(world, Which::Access, released).await);
        assert!(red.iter().any(|one| one.contains("`state`")), "{red:#?}");
        force(world, Which::Access, "UPDATE item_copy SET state = 'kept'").await;
        turns_red!(check::copies, world, force(world, Which::Profile, "UPDATE loan_item_copy SET due_at = 1").await);
    }
}
