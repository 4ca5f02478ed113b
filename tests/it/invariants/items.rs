//! What lies where: a row that no entry made, and a place that counts otherwise than what lies in it, are both seen (I3, P-09, P-10).

use dossier_proto::profile::v1::{CreatePlaceRequest, FileRecord, Place};
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;

use super::{force, turns_red};
use crate::prelude::*;

// A file whose paper lies in a room of one shelf.
async fn kept(world: &World) {
    let file = world.active(1).await.name;
    let mut keeper = world.profile("archivist").custody;
    let make = |kind: &str, parent: &str| {
        let place = Place { kind: kind.into(), title: kind.into(), parent: parent.into(), ..Place::default() };
        CreatePlaceRequest { place: Some(place), request_id: world.request_id(), ..CreatePlaceRequest::default() }
    };
    let room = keeper.create_place(make("room", "")).await.good().name;
    let shelf = keeper.create_place(make("shelf", &room)).await.good().name;
    let at = FieldValue { value: Some(Value::Reference(shelf)), provenance: None };
    let slip =
        FileRecord { kind: "handover".into(), fields: [("place".to_owned(), at)].into(), ..FileRecord::default() };
    let one = world.note("sales-1", &file, slip).await.good();
    let one = world.sign_record("sales-1", &one).await.good();
    let one = world.advance("sales-1", &one.name).await.good();
    let one = world.sign_record("archivist", &one).await.good();
    world.advance("archivist", &one.name).await.good();
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
}
