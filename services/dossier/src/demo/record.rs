//! One paper in the file: a complaint that stays open until its result stands there and two people have signed it (P-57).

use std::collections::BTreeMap;

use dossier_kernel::error::Reason;
use dossier_proto::profile::v1::{
    AdvanceRecordRequest, CreateRecordRequest, FileRecord, RecordState, SignRecordRequest, UpdateRecordRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, FieldValue};
use prost_types::FieldMask;

use super::client::{People, fresh_id};
use super::stage::{given, refused};
use super::{Stage, must};
use crate::Failure;

const RESULT: &str = "result_and_measures";

/// Walks a complaint in `file` to its end.
pub(super) async fn run(stage: &mut Stage, people: &People, file: &str) -> Result<(), Failure> {
    let one = stage.step("a customer complains, and the salesman records it", create(people, file)).await?;
    stage.step("without its result it does not count as handled", too_early(people, &one)).await?;
    let one = stage.step("the manager writes the result and signs", answer(people, &one)).await?;
    let one = stage.step("a changed word sets the signature aside", change(people, &one)).await?;
    stage.step("signed again, and by the deputy manager: closed", close(people, &one)).await
}

async fn create(people: &People, file: &str) -> Result<FileRecord, Failure> {
    let fields = [
        ("complained_on", Value::Date("2026-03-02".to_owned())),
        ("content", Value::Text("到货两件外壳破损".to_owned())),
        ("complaint_kind", Value::Choice(Choice { id: "service_quality".to_owned(), label: String::new() })),
    ];
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), of(value))).collect();
    let record = FileRecord { kind: "complaint".to_owned(), fields, ..FileRecord::default() };
    let request = CreateRecordRequest {
        parent: file.to_owned(),
        record: Some(record),
        request_id: fresh_id(),
        ..CreateRecordRequest::default()
    };
    let one = given(people.records("sales-1")?.create_record(request).await)?;
    advance(people, "sales-1", &one).await
}

async fn too_early(people: &People, one: &FileRecord) -> Result<(), Failure> {
    let answer = people.records("sales-manager")?.advance_record(onward(one)).await;
    refused(answer, Reason::StageUnmet).map(drop)
}

async fn answer(people: &People, one: &FileRecord) -> Result<FileRecord, Failure> {
    let one = write(people, one, "更换外壳,致歉").await?;
    sign(people, "sales-manager", &one).await
}

async fn change(people: &People, one: &FileRecord) -> Result<FileRecord, Failure> {
    let one = write(people, one, "更换外壳,致歉,运费由我方承担").await?;
    must(one.signatures.is_empty(), "a signature must not stand under words that were not signed")?;
    too_early(people, &one).await?;
    Ok(one)
}

async fn close(people: &People, one: &FileRecord) -> Result<(), Failure> {
    let one = sign(people, "sales-manager", one).await?;
    let one = advance(people, "sales-manager", &one).await?;
    let one = sign(people, "deputy", &one).await?;
    let one = advance(people, "sales-manager", &one).await?;
    must(one.state() == RecordState::Final && one.signatures.len() == 2, "it must be closed with two signatures")?;
    let answer = people.records("sales-manager")?.update_record(writing(&one, "x")).await;
    refused(answer, Reason::FieldViolation).map(drop)
}

async fn write(people: &People, one: &FileRecord, text: &str) -> Result<FileRecord, Failure> {
    given(people.records("sales-manager")?.update_record(writing(one, text)).await)
}

fn writing(one: &FileRecord, text: &str) -> UpdateRecordRequest {
    let fields = BTreeMap::from([(RESULT.to_owned(), of(Value::Text(text.to_owned())))]);
    UpdateRecordRequest {
        record: Some(FileRecord { name: one.name.clone(), fields, ..FileRecord::default() }),
        update_mask: Some(FieldMask { paths: vec![format!("fields.{RESULT}")] }),
        request_id: fresh_id(),
        ..UpdateRecordRequest::default()
    }
}

// As they read it: the etag says which version they sign.
async fn sign(people: &People, who: &'static str, one: &FileRecord) -> Result<FileRecord, Failure> {
    let (name, etag) = (one.name.clone(), one.etag.clone());
    let request = SignRecordRequest { name, etag, request_id: fresh_id(), ..SignRecordRequest::default() };
    given(people.records(who)?.sign_record(request).await)
}

async fn advance(people: &People, who: &'static str, one: &FileRecord) -> Result<FileRecord, Failure> {
    given(people.records(who)?.advance_record(onward(one)).await)
}

fn onward(one: &FileRecord) -> AdvanceRecordRequest {
    AdvanceRecordRequest { name: one.name.clone(), request_id: fresh_id(), ..AdvanceRecordRequest::default() }
}

fn of(value: Value) -> FieldValue {
    FieldValue { value: Some(value), provenance: None }
}
