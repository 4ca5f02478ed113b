//! Records on their way: a complaint, and the acts on it.

use dossier_proto::profile::v1::{
    AdvanceRecordRequest, AmendRecordRequest, ExplainRecordRequest, ExplainRecordResponse, FileRecord,
    ReturnRecordRequest, SignRecordRequest, VoidRecordRequest,
};
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use prost_types::FieldMask;
use tonic::{Response, Status};

use super::{choice, text};
use crate::answer::Answer as _;
use crate::world::World;

/// A complaint about service.
pub fn complaint(content: &str) -> FileRecord {
    let day = FieldValue { value: Some(Value::Date("2026-03-02".into())), provenance: None };
    let fields = [("complained_on", day), ("content", text(content)), ("complaint_kind", choice("service_quality"))];
    let fields = fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    FileRecord { kind: "complaint".into(), fields, ..FileRecord::default() }
}

/// The field in which the result of a complaint stands.
pub const RESULT: &str = "result_and_measures";

type Answer<T> = Result<Response<T>, Status>;

impl World {
    /// A complaint in a new file `n` that was taken up; its result is open.
    pub async fn taken_up(&self, n: u32) -> FileRecord {
        let file = self.active(n).await.name;
        let made = self.note("sales-1", &file, complaint("到货破损")).await.good();
        self.advance("sales-1", &made.name).await.good()
    }

    /// One whose result stands there, unsigned.
    pub async fn answered(&self, n: u32) -> FileRecord {
        let one = self.taken_up(n).await;
        self.rewrite("sales-manager", &one, RESULT, Some(text("换货,道歉"))).await.good()
    }

    /// A penalty in `file` that says all it must, `result` too, and is signed by `subject`, who proposes it; under pack `STEPS`.
    pub async fn penalty(&self, subject: &str, file: &str, result: &str) -> FileRecord {
        let penalty = FileRecord { kind: "penalty".into(), ..complaint("遗失客户档案") };
        let made = self.note(subject, file, penalty).await.good();
        let proposed = self.advance(subject, &made.name).await.good();
        let written = self.rewrite(subject, &proposed, RESULT, Some(text(result))).await.good();
        self.sign_record(subject, &written).await.good()
    }

    /// Signs a record as `subject` read it.
    ///
    /// # Errors
    /// The refusal.
    pub async fn sign_record(&self, subject: &str, record: &FileRecord) -> Answer<FileRecord> {
        let (name, etag, request_id) = (record.name.clone(), record.etag.clone(), self.request_id());
        let request = SignRecordRequest { name, etag, request_id, ..SignRecordRequest::default() };
        self.profile(subject).records.sign_record(request).await
    }

    /// Moves a record on to its only next stage.
    ///
    /// # Errors
    /// The refusal.
    pub async fn advance(&self, subject: &str, name: &str) -> Answer<FileRecord> {
        let (name, request_id) = (name.to_owned(), self.request_id());
        let request = AdvanceRecordRequest { name, request_id, ..AdvanceRecordRequest::default() };
        self.profile(subject).records.advance_record(request).await
    }

    /// Sends a record back to `stage`.
    ///
    /// # Errors
    /// The refusal.
    pub async fn send_record_back(&self, subject: &str, name: &str, stage: &str) -> Answer<FileRecord> {
        let (name, stage, request_id) = (name.to_owned(), stage.to_owned(), self.request_id());
        let request =
            ReturnRecordRequest { name, stage, request_id, reason: "资料不符".into(), ..Default::default() };
        self.profile(subject).records.return_record(request).await
    }

    /// Corrects one field of a record that a stage filled.
    ///
    /// # Errors
    /// The refusal.
    pub async fn amend(&self, subject: &str, record: &FileRecord, key: &str, value: FieldValue) -> Answer<FileRecord> {
        let fields = [(key.to_owned(), value)].into();
        let request = AmendRecordRequest {
            record: Some(FileRecord { name: record.name.clone(), fields, ..FileRecord::default() }),
            update_mask: Some(FieldMask { paths: vec![format!("fields.{key}")] }),
            request_id: self.request_id(),
            reason: "登记有误".into(),
            ..AmendRecordRequest::default()
        };
        self.profile(subject).records.amend_record(request).await
    }

    /// Ends a record without effect.
    ///
    /// # Errors
    /// The refusal.
    pub async fn void_record(&self, subject: &str, name: &str) -> Answer<FileRecord> {
        let (name, request_id) = (name.to_owned(), self.request_id());
        let request = VoidRecordRequest { name, request_id, reason: "重复登记".into(), ..Default::default() };
        self.profile(subject).records.void_record(request).await
    }

    /// What a record needs next.
    ///
    /// # Errors
    /// The refusal.
    pub async fn explain(&self, subject: &str, name: &str) -> Answer<ExplainRecordResponse> {
        let request = ExplainRecordRequest { name: name.to_owned() };
        self.profile(subject).records.explain_record(request).await
    }
}
