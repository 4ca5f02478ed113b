//! Bad input of documents.

use dossier_proto::profile::v1::{
    AttachDocumentContentRequest, CreateDocumentRequest, Document, DocumentCarrier, GetDocumentRequest,
    ListDocumentRevisionsRequest, ListDocumentsRequest, UpdateDocumentRequest, VoidDocumentRequest,
};
use dossier_tests::scene::{PDF, paper, pdf};
use prost_types::FieldMask;

use super::over::Over::{Many, Number, Say};
use super::over::Table;
use crate::prelude::*;

/// The requests about documents of `file`, each with what can be wrong with it.
pub(super) async fn filing(world: &World, table: &mut Table, file: &str) {
    let one = world.file_document("sales-1", file, paper("other", DocumentCarrier::Scan, "扫描件")).await.good();
    let upload = world.an_upload(&one.name);
    world.send("sales-1", (&upload, 700, PDF), (0, &pdf(700), 700)).await.unwrap();
    let document = paper("letter", DocumentCarrier::Original, "来函");
    let create = CreateDocumentRequest {
        parent: file.to_owned(),
        document: Some(Document { sheets: 2, document_date: "2026-03-01".into(), ..document }),
        ..CreateDocumentRequest::default()
    };
    table
        .form("dossier.profile.v1.DocumentService/CreateDocument", "sales-1", &create)
        .mutation()
        .named("parent", Say("files/7"))
        .named("document.kind", Say("deed"))
        .named("document.carrier", Number(77))
        .named("document.document_date", Say("2026-02-30"))
        .named("document.expire_date", Say("morgen"))
        .named("document.sheets", Number(-1))
        .named("document.pages", Number(100_001))
        .named("document.record", Say("files/7/records/8"));
    let update = UpdateDocumentRequest {
        document: Some(Document { name: one.name.clone(), fields: one.fields.clone(), ..Document::default() }),
        update_mask: Some(FieldMask { paths: vec!["fields.title".into()] }),
        ..UpdateDocumentRequest::default()
    };
    table
        .form("dossier.profile.v1.DocumentService/UpdateDocument", "sales-1", &update)
        .mutation()
        .fault("update_mask.paths", Many(301), "update_mask")
        .fault("update_mask.paths", Many(0), "update_mask")
        .named("document.name", Say("files/7/documents/8"));
    let void =
        VoidDocumentRequest { name: one.name.clone(), reason: "归错档".into(), ..VoidDocumentRequest::default() };
    table
        .form("dossier.profile.v1.DocumentService/VoidDocument", "sales-1", &void)
        .mutation()
        .named("name", Say("files/7/documents/8"));
    let attach = AttachDocumentContentRequest { name: upload, ..AttachDocumentContentRequest::default() };
    table
        .form("dossier.profile.v1.DocumentService/AttachDocumentContent", "sales-1", &attach)
        .mutation()
        .named("name", Say("files/7/documents/8/uploads/9"));
    let get = GetDocumentRequest { name: one.name.clone(), purpose: "customer_service".into(), ..Default::default() };
    table
        .form("dossier.profile.v1.DocumentService/GetDocument", "sales-1", &get)
        .named("name", Say("files/7/documents/8"))
        .named("purpose", Say(""))
        .named("reading_place", Say("moon"));
    let list = ListDocumentsRequest { parent: file.to_owned(), ..ListDocumentsRequest::default() };
    table
        .form("dossier.profile.v1.DocumentService/ListDocuments", "sales-1", &list)
        .named("parent", Say("files/7"))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
    let past = ListDocumentRevisionsRequest { parent: one.name, ..ListDocumentRevisionsRequest::default() };
    table
        .form("dossier.profile.v1.DocumentService/ListDocumentRevisions", "sales-1", &past)
        .named("parent", Say("files/7/documents/8"))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
}
