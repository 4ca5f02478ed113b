//! Bad input of volumes.

use dossier_proto::profile::v1::{
    ComposeVolumeRequest, CreateVolumeRequest, DocumentCarrier, GetVolumeRequest, ListVolumesRequest,
    MoveDocumentRequest, RenderVolumeRequest, Volume, VolumeDocument, VolumeSheet,
};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::paper;

use super::over::Over::{Many, Number, Say};
use super::over::Table;
use crate::prelude::*;

const KEEPER: &str = "archivist";

fn volume(document: &str) -> Volume {
    let line = VolumeDocument { document: document.into(), ..VolumeDocument::default() };
    Volume { documents: vec![line], ..Volume::default() }
}

fn readings(table: &mut Table, file: &str, name: &str) {
    table
        .form("dossier.profile.v1.VolumeService/ComposeVolume", KEEPER, &ComposeVolumeRequest { parent: file.into() })
        .named("parent", Say("files/7"));
    table
        .form("dossier.profile.v1.VolumeService/GetVolume", "sales-1", &GetVolumeRequest { name: name.into() })
        .named("name", Say("files/7/volumes/8"));
    let render = RenderVolumeRequest {
        name: name.into(),
        sheet: VolumeSheet::Cover.into(),
        purpose: "customer_service".into(),
        ..RenderVolumeRequest::default()
    };
    table
        .form("dossier.profile.v1.VolumeService/RenderVolume", "sales-1", &render)
        .named("name", Say("files/7/volumes/8"))
        .named("sheet", Number(0))
        .named("purpose", Say("idle_talk"));
    let list = ListVolumesRequest { parent: file.to_owned(), ..ListVolumesRequest::default() };
    table
        .form("dossier.profile.v1.VolumeService/ListVolumes", "sales-1", &list)
        .named("parent", Say("files/7"))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
}

fn changes(table: &mut Table, (file, free): (&str, &str), laid: &str) {
    let create =
        CreateVolumeRequest { parent: file.into(), volume: Some(volume(free)), ..CreateVolumeRequest::default() };
    table
        .form("dossier.profile.v1.VolumeService/CreateVolume", KEEPER, &create)
        .mutation()
        .named("parent", Say("files/7"))
        .fault("volume.documents", Many(0), "volume.documents");
    let lay = MoveDocumentRequest {
        document: laid.into(),
        volume: String::new(),
        reason: "取出".into(),
        ..MoveDocumentRequest::default()
    };
    table
        .form("dossier.profile.v1.VolumeService/MoveDocument", KEEPER, &lay)
        .mutation()
        .named("document", Say("files/7/documents/8"))
        .named("volume", Say("volumes/7"));
}

on_both_stores_under! {
    Rules::of("VOLUMES");

    // proves: P-92
    async fn what_is_wrong_with_a_volume_is_named(world) {
        let file = world.active(1).await.name;
        let laid = world.file_document("sales-1", &file, paper("letter", DocumentCarrier::Original, "函")).await.good().name;
        let free = world.file_document("sales-1", &file, paper("receipt", DocumentCarrier::Original, "收据")).await.good().name;
        let make = CreateVolumeRequest {
            parent: file.clone(),
            volume: Some(volume(&laid)),
            request_id: world.request_id(),
            ..CreateVolumeRequest::default()
        };
        let name = world.profile(KEEPER).volumes.create_volume(make).await.good().name;
        let mut table = Table::new(Which::Profile);
        readings(&mut table, &file, &name);
        changes(&mut table, (&file, &free), &laid);
        assert!(table.refuse(world).await > 6);
        let other = world.active(2).await.name;
        let stranger = world.file_document("sales-1", &other, paper("letter", DocumentCarrier::Original, "函")).await.good().name;
        for documents in [vec![free.as_str(), &stranger], vec![free.as_str(), &free]] {
            let lines = documents.iter().map(|one| VolumeDocument { document: (*one).to_owned(), ..VolumeDocument::default() });
            let request = CreateVolumeRequest {
                parent: file.clone(),
                volume: Some(Volume { documents: lines.collect(), ..Volume::default() }),
                request_id: world.request_id(),
                ..CreateVolumeRequest::default()
            };
            let refused = world.profile(KEEPER).volumes.create_volume(request).await.refused(Reason::FieldViolation);
            assert_eq!(refused.fields, ["volume.documents.1.document"]);
        }
    }
}
