//! Records: each field at fault is named, and nothing is written.

use dossier_proto::profile::v1::{
    AdvanceRecordRequest, AmendRecordRequest, CreateRecordRequest, ExplainRecordRequest, FileRecord, GetRecordRequest,
    GetRecordRevisionRequest, ListRecordRevisionsRequest, ListRecordsRequest, ReturnRecordRequest, SignRecordRequest,
    UpdateRecordRequest, VoidRecordRequest,
};
use dossier_tests::scene::talk;

use super::over::Over::{Long, Many, Number, Say};
use super::over::Table;
use prost_types::FieldMask;

/// Making, changing, reading and listing a record of `file`.
pub(super) fn recording(table: &mut Table, file: &str, record: &str, now: jiff::Timestamp) {
    let base =
        CreateRecordRequest { parent: file.to_owned(), record: Some(talk(now, "x")), ..CreateRecordRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/CreateRecord", "sales-1", &base)
        .mutation()
        .named("parent", Say("files/7"))
        .named("record.of", Say("files/7/records/8"))
        .fault("record.kind", Say("visit"), "kind")
        .fault("record.kind", Say(""), "kind")
        .fault("record.fields", Many(301), "fields")
        .fault("record.fields[colour].text", Long(5), "fields.colour")
        .fault("record.fields[needs].text", Long(2001), "fields.needs")
        .fault("record.fields[contact_person].text", Say(""), "fields.contact_person")
        .fault("record.fields[channel].choice.id", Say("pigeon"), "fields.channel")
        .fault("record.fields[needs].provenance.source_note", Long(201), "fields.needs.provenance.source_note");
    let changed = FileRecord { name: record.to_owned(), ..talk(now, "y") };
    let update = UpdateRecordRequest {
        record: Some(changed),
        update_mask: Some(FieldMask { paths: vec!["fields.needs".into()] }),
        ..UpdateRecordRequest::default()
    };
    table
        .form("dossier.profile.v1.RecordService/UpdateRecord", "sales-1", &update)
        .mutation()
        .fault("update_mask.paths", Many(301), "update_mask")
        .fault("update_mask.paths", Many(0), "update_mask")
        .named("record.name", Say("files/7/records/8"))
        .fault("record.fields[needs].text", Long(2001), "fields.needs");
    let get =
        GetRecordRequest { name: record.to_owned(), purpose: "customer_service".into(), ..GetRecordRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/GetRecord", "sales-1", &get)
        .named("name", Say("files/7"))
        .named("purpose", Long(65))
        .named("purpose", Say(""));
    let list = ListRecordsRequest { parent: file.to_owned(), ..ListRecordsRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/ListRecords", "sales-1", &list)
        .named("parent", Say("files/7"))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
}

/// Moving records on their way: one that has begun, one that is ready to be signed.
pub(super) fn staging(table: &mut Table, begun: &str, ready: &FileRecord) {
    let sign = SignRecordRequest { name: ready.name.clone(), etag: ready.etag.clone(), ..SignRecordRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/SignRecord", "sales-manager", &sign)
        .mutation()
        .named("name", Say("files/7/records/8"))
        .named("stage", Say("closed"))
        .named("slot", Say("customer"))
        .named("etag", Say(""));
    let advance = AdvanceRecordRequest { name: begun.to_owned(), ..AdvanceRecordRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/AdvanceRecord", "sales-1", &advance)
        .mutation()
        .named("name", Say("files/7/records/8"))
        .named("stage", Say("closed"));
    let reason = "资料不符".to_owned();
    let back =
        ReturnRecordRequest { name: ready.name.clone(), reason: reason.clone(), ..ReturnRecordRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/ReturnRecord", "sales-manager", &back)
        .mutation()
        .named("name", Say("files/7/records/8"))
        .named("stage", Say("handled"));
    let amend = AmendRecordRequest {
        record: Some(FileRecord { name: ready.name.clone(), fields: ready.fields.clone(), ..FileRecord::default() }),
        update_mask: Some(FieldMask { paths: vec!["fields.content".into()] }),
        reason: reason.clone(),
        ..AmendRecordRequest::default()
    };
    table
        .form("dossier.profile.v1.RecordService/AmendRecord", "sales-manager", &amend)
        .mutation()
        .fault("update_mask.paths", Many(301), "update_mask")
        .fault("update_mask.paths", Many(0), "update_mask")
        .named("record.name", Say("files/7/records/8"));
    let void = VoidRecordRequest { name: begun.to_owned(), reason, ..VoidRecordRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/VoidRecord", "sales-manager", &void)
        .mutation()
        .named("name", Say("files/7/records/8"));
    let past = ListRecordRevisionsRequest { parent: begun.to_owned(), ..ListRecordRevisionsRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/ListRecordRevisions", "sales-1", &past)
        .named("parent", Say("files/7/records/8"))
        .named("order_by", Say("colour"))
        .named("page_size", Number(-1));
    let (name, purpose) = (format!("{begun}/revisions/1"), "customer_service".to_owned());
    let version = GetRecordRevisionRequest { name, purpose, ..GetRecordRevisionRequest::default() };
    table
        .form("dossier.profile.v1.RecordService/GetRecordRevision", "sales-1", &version)
        .named("name", Say("files/7/records/8/revisions/x"))
        .named("purpose", Say(""));
    let explain = ExplainRecordRequest { name: begun.to_owned() };
    table
        .form("dossier.profile.v1.RecordService/ExplainRecord", "sales-1", &explain)
        .named("name", Say("files/7/records/8"));
}
