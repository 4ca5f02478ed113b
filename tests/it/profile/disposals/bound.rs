//! What is bound goes with its file (X-14, P-92).

use dossier_proto::profile::v1::{CreateVolumeRequest, DocumentCarrier, Volume, VolumeDocument};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::paper;
use jiff::SignedDuration;

use super::{KEEPER, announced, archive, into, signed};
use crate::prelude::*;
use crate::profile::holds::close;

// A letter of the file, bound into a volume.
async fn bound(world: &World, file: &str) {
    let letter = paper("letter", DocumentCarrier::Original, "函");
    let document = world.file_document("sales-1", file, letter).await.good().name;
    let line = VolumeDocument { document, ..VolumeDocument::default() };
    let request = CreateVolumeRequest {
        parent: file.into(),
        volume: Some(Volume { documents: vec![line], ..Volume::default() }),
        request_id: world.request_id(),
        ..CreateVolumeRequest::default()
    };
    world.profile(KEEPER).volumes.create_volume(request).await.good();
}

// How many rows say of volumes of the file, and of what lies in them.
async fn rows(world: &World, file: &str) -> i64 {
    let id: Uuid = file.strip_prefix("files/").unwrap().parse().unwrap();
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    let text = "SELECT (SELECT COUNT(*) FROM volume WHERE org = $1 AND file = $2)
                     + (SELECT COUNT(*) FROM volume_document WHERE org = $1 AND file = $2)";
    sql!(&mut tx, fetch_optional as (i64,), text, DEMO, id).unwrap().unwrap().0
}

on_both_stores_under! {
    Rules::of("DISPOSAL");

    // proves: X-14, I7
    async fn the_volumes_of_a_file_go_with_it(world) {
        let (archive, file) = (archive(world).await, world.active(1).await.name);
        bound(world, &file).await;
        assert_eq!(rows(world, &file).await, 2);
        close(world, &file).await;
        world.pass(SignedDuration::from_hours(24 * 400));
        world.settle().await;
        let list = announced(world, &archive, &[&file]).await;
        let list = signed(world, &list).await;
        into(world, &list.name, "destroyed").await.good();
        assert_eq!(rows(world, &file).await, 0);
        check::proven(world).await;
    }
}
