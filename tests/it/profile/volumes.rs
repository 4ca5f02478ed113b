//! Volumes: proposed with reasons, formed, changed with a reason, closed by a record alone, and then moved as a whole (P-92 to P-99).

use dossier_proto::profile::v1::{
    ComposeVolumeRequest, CreateVolumeRequest, Document, DocumentCarrier, DocumentRelation, DocumentRelationKind,
    FileRecord, GetVolumeRequest, ItemKind, ListItemsRequest, ListVolumesRequest, MoveDocumentRequest,
    RenderVolumeRequest, UpdateDocumentRequest, VoidDocumentRequest, Volume, VolumeDocument, VolumeGround, VolumeSheet,
    VolumeState,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, Row, RowList};
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::paper;
use prost_types::FieldMask;
use tonic::{Response, Status};

use crate::prelude::*;

const KEEPER: &str = "archivist";

// A paper of that kind and day with two pages, which names others.
fn letter(kind: &str, day: &str, links: &[(DocumentRelationKind, &str)]) -> Document {
    let relation = |(kind, other): &(DocumentRelationKind, &str)| DocumentRelation {
        kind: (*kind).into(),
        document: (*other).to_owned(),
    };
    Document {
        document_date: day.into(),
        sheets: 1,
        pages: 2,
        relations: links.iter().map(relation).collect(),
        ..paper(kind, DocumentCarrier::Original, "来往文件")
    }
}

async fn filed(world: &World, file: &str, one: Document) -> String {
    world.file_document("sales-1", file, one).await.good().name
}

async fn composed(world: &World, file: &str) -> Vec<Volume> {
    let request = ComposeVolumeRequest { parent: file.into() };
    world.profile(KEEPER).volumes.compose_volume(request).await.good().volumes
}

async fn formed(world: &World, file: &str, documents: &[&str], reason: &str) -> Result<Response<Volume>, Status> {
    let line = |one: &&str| VolumeDocument { document: (*one).to_owned(), ..VolumeDocument::default() };
    let volume = Volume { documents: documents.iter().map(line).collect(), ..Volume::default() };
    let request = CreateVolumeRequest {
        parent: file.into(),
        volume: Some(volume),
        request_id: world.request_id(),
        reason: reason.into(),
        ..CreateVolumeRequest::default()
    };
    world.profile(KEEPER).volumes.create_volume(request).await
}

async fn moved(world: &World, document: &str, volume: &str, reason: &str) -> Result<Response<Volume>, Status> {
    let request = MoveDocumentRequest {
        document: document.into(),
        volume: volume.into(),
        request_id: world.request_id(),
        reason: reason.into(),
        ..MoveDocumentRequest::default()
    };
    world.profile(KEEPER).volumes.move_document(request).await
}

async fn seen(world: &World, name: &str) -> Volume {
    world.profile(KEEPER).volumes.get_volume(GetVolumeRequest { name: name.into() }).await.good()
}

async fn listed(world: &World, subject: &str, file: &str, filter: &str) -> Vec<Volume> {
    let request = ListVolumesRequest { parent: file.into(), filter: filter.into(), ..ListVolumesRequest::default() };
    world.profile(subject).volumes.list_volumes(request).await.good().volumes
}

fn names(volume: &Volume) -> Vec<&str> {
    volume.documents.iter().map(|one| one.document.as_str()).collect()
}

fn grounds(volume: &Volume, document: &str) -> Vec<VolumeGround> {
    let line = volume.documents.iter().find(|one| one.document == document).unwrap();
    line.reasons.iter().map(|reason| reason.ground()).collect()
}

fn reference(name: &str) -> FieldValue {
    FieldValue { value: Some(Value::Reference(name.into())), provenance: None }
}

// A slip that closes, signed and one step before it.
async fn slip(world: &World, kind: &str, file: &str, fields: &[(&str, &str)]) -> FileRecord {
    let fields = fields.iter().map(|(key, name)| ((*key).to_owned(), reference(name))).collect();
    let one = FileRecord { kind: kind.into(), fields, ..FileRecord::default() };
    let one = world.note(KEEPER, file, one).await.good();
    world.sign_record(KEEPER, &one).await.good()
}

async fn closed(world: &World, file: &str, volume: &str) -> Result<Response<FileRecord>, Status> {
    let one = slip(world, "closing", file, &[("volume", volume)]).await;
    world.advance(KEEPER, &one.name).await
}

async fn shelf(world: &World, title: &str) -> String {
    use dossier_proto::profile::v1::{CreatePlaceRequest, Place};
    let make = |kind: &str, title: &str, parent: &str| CreatePlaceRequest {
        place: Some(Place { kind: kind.into(), title: title.into(), parent: parent.into(), ..Place::default() }),
        request_id: world.request_id(),
        ..CreatePlaceRequest::default()
    };
    let mut keeper = world.profile(KEEPER).custody;
    let room = keeper.create_place(make("room", &format!("库房 {title}"), "")).await.good().name;
    keeper.create_place(make("shelf", title, &room)).await.good().name
}

on_both_stores_under! {
    Rules::of("VOLUMES");

    // proves: P-92, P-93, P-94, P-100
    async fn volumes_are_proposed_with_a_reason_for_each_document_and_nothing_is_written(world) {
        use DocumentRelationKind::{CopyOf, RepliesTo};
        let file = world.active(1).await.name;
        let request = filed(world, &file, letter("request", "2024-05-01", &[])).await;
        let reply = filed(world, &file, letter("letter", "2026-02-01", &[(RepliesTo, &request)])).await;
        let copy = filed(world, &file, Document { carrier: DocumentCarrier::Copy.into(), ..letter("letter", "2026-03-01", &[(CopyOf, &reply)]) }).await;
        let scan = filed(world, &file, Document { carrier: DocumentCarrier::Scan.into(), ..letter("letter", "2026-03-01", &[(CopyOf, &reply)]) }).await;
        let old = filed(world, &file, letter("letter", "2024-01-01", &[])).await;
        let receipt = filed(world, &file, letter("receipt", "2026-01-01", &[])).await;
        let secret = filed(world, &file, letter("secret_paper", "2026-01-01", &[])).await;
        let found = composed(world, &file).await;
        let told: Vec<_> = found.iter().map(|one| (one.year, one.retention_class.as_str(), one.apart, names(one))).collect();
        assert_eq!(told, [
            (2024, "long", false, vec![old.as_str()]),
            (2026, "short", false, vec![receipt.as_str()]),
            (2026, "long", false, vec![reply.as_str(), &request, &copy]),
            (2026, "long", true, vec![secret.as_str()]),
        ]);
        assert_eq!(grounds(&found[2], &request), [VolumeGround::Answered, VolumeGround::Class]);
        assert_eq!(found[2].documents[1].reasons[0].document, reply);
        assert_eq!(grounds(&found[3], &secret)[0], VolumeGround::Apart);
        assert_eq!((found[3].level.as_str(), found[0].level.as_str()), ("top_secret", "none"));
        let numbers: Vec<_> = found[2].documents.iter().map(|one| (one.first_number, one.last_number)).collect();
        assert_eq!((numbers, found[1].documents[0].first_number), (vec![(1, 2), (3, 4), (5, 6)], 0));
        assert!(!found.iter().any(|one| names(one).contains(&scan.as_str())), "a scan is bound into nothing");
        assert_eq!(listed(world, KEEPER, &file, "").await, []);
        let asked = ComposeVolumeRequest { parent: file.clone() };
        world.profile("sales-1").volumes.compose_volume(asked).await.refused(Reason::PermissionDenied);
        check::proven(world).await;
    }

    // proves: P-92, P-93, P-94
    async fn a_volume_is_formed_as_proposed_or_with_a_reason_and_never_of_half_of_what_belongs_together(world) {
        use DocumentRelationKind::RepliesTo;
        let file = world.active(1).await.name;
        let request = filed(world, &file, letter("request", "2025-05-01", &[])).await;
        let reply = filed(world, &file, letter("letter", "2026-02-01", &[(RepliesTo, &request)])).await;
        let other = filed(world, &file, letter("letter", "2024-02-01", &[])).await;
        let secret = filed(world, &file, letter("secret_paper", "2026-01-01", &[])).await;
        let split = formed(world, &file, &[&reply], "先行立卷").await.refused(Reason::VolumeRefused);
        assert_eq!((split.metadata["ground"].as_str(), split.metadata["subject"].as_str()), ("split", request.as_str()));
        let guests = formed(world, &file, &[&secret, &reply, &request], "同一事项").await.refused(Reason::VolumeRefused);
        assert_eq!(guests.metadata["ground"], "guests");
        assert_eq!(formed(world, &file, &[&other, &reply, &request], "").await.refused(Reason::FieldViolation).fields, ["reason"]);
        let one = formed(world, &file, &[&request, &reply], "").await.good();
        assert_eq!((one.number, one.year, one.state(), names(&one)), (1, 2026, VolumeState::Open, vec![reply.as_str(), &request]));
        assert_eq!(seen(world, &one.name).await, one);
        let taken = formed(world, &file, &[&reply, &request], "").await.refused(Reason::VolumeRefused);
        assert_eq!(taken.metadata["ground"], "elsewhere");
        let second = formed(world, &file, &[&other, &secret], "领导要求合并").await.good();
        assert_eq!((second.number, second.year, second.apart, second.level.as_str()), (2, 2026, true, "top_secret"));
        assert_eq!(grounds(&second, &other), [VolumeGround::Moved]);
        assert_eq!(listed(world, "sales-1", &file, "state = OPEN").await.len(), 2);
        world.profile("service-1").volumes.get_volume(GetVolumeRequest { name: one.name.clone() }).await.refused(Reason::ResourceNotFound);
        check::proven(world).await;
    }

    // proves: P-92
    async fn a_document_lies_in_one_volume_whoever_lays_it_at_the_same_time(world) {
        let file = world.active(1).await.name;
        let one = filed(world, &file, letter("letter", "2026-02-01", &[])).await;
        let documents = [one.as_str()];
        let all = (0..6).map(|_| formed(world, &file, &documents, ""));
        let (made, refused): (Vec<_>, Vec<_>) = futures::future::join_all(all).await.into_iter().partition(Result::is_ok);
        assert_eq!(made.len(), 1);
        for one in refused {
            assert_eq!(one.refused(Reason::VolumeRefused).metadata["ground"], "elsewhere");
        }
        check::proven(world).await;
    }

    // proves: P-92, P-93
    async fn a_document_is_laid_elsewhere_with_a_reason_and_takes_along_what_belongs_to_it(world) {
        use DocumentRelationKind::RepliesTo;
        let file = world.active(1).await.name;
        let request = filed(world, &file, letter("request", "2026-01-01", &[])).await;
        let reply = filed(world, &file, letter("letter", "2026-02-01", &[(RepliesTo, &request)])).await;
        let old = filed(world, &file, letter("letter", "2024-02-01", &[])).await;
        let first = formed(world, &file, &[&request, &reply], "").await.good();
        let second = formed(world, &file, &[&old], "").await.good();
        assert_eq!(moved(world, &request, &second.name, "").await.refused(Reason::FieldViolation).fields, ["reason"]);
        assert_eq!(moved(world, &request, &first.name, "同前").await.refused(Reason::FieldViolation).fields, ["volume"]);
        let second = moved(world, &request, &second.name, "并入原卷").await.good();
        assert_eq!((second.revision, names(&second)), (2, vec![reply.as_str(), &request, &old]));
        assert_eq!(grounds(&second, &reply), [VolumeGround::Moved]);
        assert_eq!((seen(world, &first.name).await.documents.len(), seen(world, &first.name).await.sheets), (0, 0));
        // Back where the rule lays them needs none.
        let back = moved(world, &reply, &first.name, "").await.good();
        assert_eq!(grounds(&back, &request), [VolumeGround::Answered, VolumeGround::Class]);
        assert_eq!(moved(world, &old, "", "").await.refused(Reason::FieldViolation).fields, ["reason"]);
        assert_eq!(names(&moved(world, &old, "", "暂不立卷").await.good()), Vec::<&str>::new());
        let found = composed(world, &file).await;
        assert_eq!((found.len(), found[0].name.as_str(), names(&found[0])), (1, second.name.as_str(), vec![old.as_str()]));
        moved(world, &old, &format!("{file}/volumes/{}", Uuid::nil()), "无").await.refused(Reason::ResourceNotFound);
        check::proven(world).await;
    }

    // proves: P-96, P-98, P-67
    async fn a_closed_volume_is_numbered_and_nothing_in_it_changes_any_more(world) {
        let file = world.active(1).await.name;
        let first = filed(world, &file, letter("letter", "2026-01-01", &[])).await;
        let receipt = Document { pages: 0, ..letter("receipt", "2026-01-02", &[]) };
        let receipt = filed(world, &file, receipt).await;
        let second = filed(world, &file, Document { pages: 0, ..letter("letter", "2026-01-03", &[]) }).await;
        let late = filed(world, &file, letter("letter", "2026-03-01", &[])).await;
        let one = formed(world, &file, &[&first, &receipt, &second], "合订").await.good();
        let refused = closed(world, &file, &one.name).await.refused(Reason::VolumeRefused);
        assert_eq!((refused.metadata["ground"].as_str(), refused.metadata["subject"].as_str()), ("uncounted", second.as_str()));
        let counted = UpdateDocumentRequest {
            document: Some(Document { name: second.clone(), pages: 3, ..Document::default() }),
            update_mask: Some(FieldMask { paths: vec!["pages".into()] }),
            request_id: world.request_id(),
            ..UpdateDocumentRequest::default()
        };
        world.profile("sales-1").documents.update_document(counted.clone()).await.good();
        // In an open volume a document does not end.
        let ending = VoidDocumentRequest { name: first.clone(), request_id: world.request_id(), reason: "误归".into(), ..Default::default() };
        let held = world.profile("sales-manager").documents.void_document(ending.clone()).await.refused(Reason::WrongState);
        assert_eq!(held.metadata["state"], "IN_VOLUME");
        let record = closed(world, &file, &one.name).await.good();
        let bound = seen(world, &one.name).await;
        assert_eq!((bound.state(), bound.record.as_str(), bound.pages, bound.sheets), (VolumeState::Closed, record.name.as_str(), 5, 3));
        let numbers: Vec<_> = bound.documents.iter().map(|one| (one.document.as_str(), one.first_number, one.last_number)).collect();
        assert_eq!(numbers, [(first.as_str(), 1, 2), (&receipt, 0, 0), (&second, 3, 5)]);
        moved(world, &late, &one.name, "补入").await.refused(Reason::WrongState);
        moved(world, &first, "", "取出").await.refused(Reason::WrongState);
        for touch in [
            world.profile("sales-1").documents.update_document(UpdateDocumentRequest { request_id: world.request_id(), ..counted }).await,
            world.profile("sales-manager").documents.void_document(VoidDocumentRequest { request_id: world.request_id(), ..ending }).await,
        ] {
            assert_eq!(touch.refused(Reason::WrongState).metadata["state"], "IN_CLOSED_VOLUME");
        }
        let newer = letter("letter", "2026-05-01", &[(DocumentRelationKind::Supersedes, &first)]);
        world.file_document("sales-1", &file, newer).await.refused(Reason::WrongState);
        assert_eq!(closed(world, &file, &one.name).await.refused(Reason::WrongState).metadata["state"], "CLOSED");
        assert_eq!(seen(world, &one.name).await, bound);
        assert_eq!(listed(world, KEEPER, &file, "state = CLOSED").await, [bound]);
        check::proven(world).await;
    }

    // proves: P-67, P-10, P-99
    async fn a_closed_volume_is_an_item_that_is_accepted_and_placed_as_a_whole(world) {
        let file = world.active(1).await.name;
        let (here, there) = (shelf(world, "一号架").await, shelf(world, "二号架").await);
        let paper = filed(world, &file, letter("letter", "2026-01-01", &[])).await;
        let alone = filed(world, &file, letter("letter", "2026-01-02", &[])).await;
        let one = formed(world, &file, &[&paper], "单独成卷").await.good();
        let thing = |name: &str| name.replace("/documents/", "/items/").replace("/volumes/", "/items/");
        let accept = async |name: &str, place: &str| {
            let cells = [("thing".to_owned(), reference(name)), ("place".to_owned(), reference(place))].into();
            let rows = Value::Rows(RowList { rows: vec![Row { id: "1".into(), cells }] });
            let fields = [("lines".to_owned(), FieldValue { value: Some(rows), provenance: None })].into();
            let single = world.note(KEEPER, &file, FileRecord { kind: "single".into(), fields, ..FileRecord::default() }).await.good();
            world.advance(KEEPER, &single.name).await
        };
        assert_eq!(accept(&thing(&paper), &here).await.refused(Reason::CustodyRefused).metadata["ground"], "bound");
        assert_eq!(accept(&thing(&one.name), &here).await.refused(Reason::CustodyRefused).metadata["ground"], "not_closed");
        // What the archive has by itself is bound into nothing.
        accept(&thing(&alone), &here).await.good();
        assert_eq!(formed(world, &file, &[&alone], "").await.refused(Reason::VolumeRefused).metadata["ground"], "unbound");
        let step = slip(world, "closing", &file, &[("volume", &one.name), ("shelf", &here)]).await;
        let step = world.advance(KEEPER, &step.name).await.good();
        let step = world.advance(KEEPER, &step.name).await.good();
        let request = ListItemsRequest { parent: file.clone(), filter: "kind = VOLUME".into(), ..Default::default() };
        let items = world.profile("sales-1").custody.list_items(request.clone()).await.good().items;
        assert_eq!((items.len(), items[0].kind(), items[0].volume.as_str(), items[0].document.as_str()), (1, ItemKind::Volume, one.name.as_str(), ""));
        assert_eq!((items[0].place.as_str(), items[0].name.as_str()), (here.as_str(), thing(&one.name).as_str()));
        let step = world.rewrite(KEEPER, &step, "shelf", Some(reference(&there))).await.good();
        world.advance(KEEPER, &step.name).await.good();
        assert_eq!(world.profile("sales-1").custody.list_items(request).await.good().items[0].place, there);
        assert_eq!(accept(&thing(&paper), &here).await.refused(Reason::CustodyRefused).metadata["ground"], "bound");
        check::proven(world).await;
    }

    // proves: P-97, P-98, P-99, A-42
    async fn the_sheets_of_a_volume_are_printed_and_the_journal_has_what_the_catalogue_told(world) {
        let file = world.active(1).await.name;
        let first = filed(world, &file, letter("letter", "2026-01-01", &[])).await;
        let receipt = filed(world, &file, letter("receipt", "2026-01-02", &[])).await;
        let one = formed(world, &file, &[&first], "").await.good();
        let short = formed(world, &file, &[&receipt], "").await.good();
        closed(world, &file, &one.name).await.good();
        let sheet = async |subject: &str, name: &str, sheet: VolumeSheet| {
            let request = RenderVolumeRequest {
                name: name.into(),
                sheet: sheet.into(),
                purpose: "customer_service".into(),
                ..RenderVolumeRequest::default()
            };
            world.profile(subject).volumes.render_volume(request).await
        };
        let catalogue = sheet("sales-1", &one.name, VolumeSheet::Catalogue).await.good().html;
        for text in ["卷内文件目录", "来往文件", "2026-01-01", "1–2", "长期"] {
            assert!(catalogue.contains(text), "{text}: {catalogue}");
        }
        let told = world.disclosures(&file).await.pop().unwrap();
        assert_eq!((told.resource.as_str(), told.records.len(), told.records[0].record.as_str()), (one.name.as_str(), 1, first.as_str()));
        assert_eq!(told.records[0].fields, ["title"]);
        for (kind, text) in [(VolumeSheet::Remarks, "备考表"), (VolumeSheet::Cover, "案卷封面"), (VolumeSheet::Label, "脊背")] {
            let html = sheet(KEEPER, &one.name, kind).await.good().html;
            assert!(html.contains(text) && !html.contains("来往文件"), "{html}");
        }
        let carried = sheet(KEEPER, &short.name, VolumeSheet::Catalogue).await.refused(Reason::FieldViolation);
        assert_eq!(carried.fields, ["sheet"], "the rule names permanent and long");
        sheet("service-1", &one.name, VolumeSheet::Cover).await.refused(Reason::ResourceNotFound);
        check::proven(world).await;
    }

    // proves: P-67
    async fn all_volumes_of_a_file_are_closed_once_every_paper_lies_in_one(world) {
        let file = world.active(1).await.name;
        let first = filed(world, &file, letter("letter", "2026-01-01", &[])).await;
        let second = filed(world, &file, letter("letter", "2025-01-01", &[])).await;
        let one = formed(world, &file, &[&first], "").await.good();
        let all = slip(world, "closing_all", &file, &[]).await;
        let refused = world.advance(KEEPER, &all.name).await.refused(Reason::VolumeRefused);
        assert_eq!((refused.metadata["ground"].as_str(), refused.metadata["subject"].as_str()), ("loose", second.as_str()));
        let other = formed(world, &file, &[&second], "").await.good();
        let emptied = moved(world, &second, "", "另行处理").await.good();
        assert_eq!(closed(world, &file, &emptied.name).await.refused(Reason::VolumeRefused).metadata["ground"], "empty");
        moved(world, &second, &other.name, "").await.good();
        world.advance(KEEPER, &all.name).await.good();
        for name in [&one.name, &other.name] {
            assert_eq!(seen(world, name).await.state(), VolumeState::Closed);
        }
        check::proven(world).await;
    }
}
