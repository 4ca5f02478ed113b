//! What is bound: a document that lies elsewhere than the journal says, a volume that changed behind it, and one that is closed without a
//! record are seen (I3, P-92, P-98).

use dossier_proto::profile::v1::{CreateVolumeRequest, Document, DocumentCarrier, FileRecord, Volume, VolumeDocument};
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::paper;

use super::{force, turns_red};
use crate::prelude::*;

// A file with a closed volume of one paper, and another paper beside it.
async fn bound(world: &World) {
    let file = world.active(1).await.name;
    let letter = || Document { sheets: 1, pages: 1, ..paper("letter", DocumentCarrier::Original, "函") };
    let one = world.file_document("sales-1", &file, letter()).await.good().name;
    let line = VolumeDocument { document: one, ..VolumeDocument::default() };
    let request = CreateVolumeRequest {
        parent: file.clone(),
        volume: Some(Volume { documents: vec![line], ..Volume::default() }),
        request_id: world.request_id(),
        reason: "立卷".into(),
        ..CreateVolumeRequest::default()
    };
    let volume = world.profile("archivist").volumes.create_volume(request).await.good().name;
    world.file_document("sales-1", &file, letter()).await.good();
    let at = FieldValue { value: Some(Value::Reference(volume)), provenance: None };
    let slip =
        FileRecord { kind: "closing".into(), fields: [("volume".to_owned(), at)].into(), ..FileRecord::default() };
    let slip = world.note("archivist", &file, slip).await.good();
    let slip = world.sign_record("archivist", &slip).await.good();
    world.advance("archivist", &slip.name).await.good();
}

on_both_stores_under! {
    Rules::of("VOLUMES");

    // proves: I3, P-92, P-98
    async fn what_was_bound_or_opened_behind_the_journal_is_seen(world) {
        bound(world).await;
        check::proven(world).await;
        let moved = "UPDATE volume_document SET document = (SELECT id FROM document WHERE id NOT IN (SELECT document FROM volume_document))";
        let red = turns_red!(check::replayed, world, force(world, Which::Profile, moved).await);
        assert!(red.iter().any(|one| one.contains("volume_document")), "{red:#?}");
        force(world, Which::Profile, moved).await;
        let red = turns_red!(check::replayed, world, force(world, Which::Profile, "UPDATE volume SET pages = 7").await);
        assert!(red.iter().any(|one| one.contains("`pages`")), "{red:#?}");
        force(world, Which::Profile, "UPDATE volume SET pages = 1").await;
        let opened = "UPDATE volume SET state = 'open', record = NULL, closed_at = NULL";
        let red = turns_red!(check::replayed, world, force(world, Which::Profile, opened).await);
        assert!(red.iter().any(|one| one.contains("`state`")), "{red:#?}");
        turns_red!(check::effects, world, force(world, Which::Profile, "DELETE FROM volume").await);
    }
}
