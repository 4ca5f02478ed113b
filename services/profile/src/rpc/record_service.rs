//! `RecordService`: each method is one file in [`record`](super::record).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::record_service_server::RecordService;
use tonic::{Request, Response, Status};

use super::record::{advance, create, explain, get, get_revision, list, list_revisions, send_back, sign, update, void};

/// Answers `RecordService`.
#[derive(Clone, Debug)]
pub struct RecordRpc(Base);

type Answer<T> = Result<Response<T>, Status>;

// === impl RecordRpc ===

impl RecordRpc {
    /// The service on `base`.
    pub fn new(base: Base) -> Self {
        Self(base)
    }
}

#[tonic::async_trait]
impl RecordService for RecordRpc {
    async fn create_record(&self, request: Request<wire::CreateRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.create", |call, request| create::run(&self.0, call, request))
    }

    async fn get_record(&self, request: Request<wire::GetRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.read", |call, request| get::run(&self.0, call, request))
    }

    async fn list_records(&self, request: Request<wire::ListRecordsRequest>) -> Answer<wire::ListRecordsResponse> {
        enter!(self.0, request, "record.list", |call, request| list::run(&self.0, call, request))
    }

    async fn update_record(&self, request: Request<wire::UpdateRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.update", |call, request| update::run(&self.0, call, request))
    }

    async fn sign_record(&self, request: Request<wire::SignRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.sign", |call, request| sign::run(&self.0, call, request))
    }

    async fn advance_record(&self, request: Request<wire::AdvanceRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.advance", |call, request| advance::run(&self.0, call, request))
    }

    async fn return_record(&self, request: Request<wire::ReturnRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.return", |call, request| send_back::run(&self.0, call, request))
    }

    async fn void_record(&self, request: Request<wire::VoidRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.0, request, "record.void", |call, request| void::run(&self.0, call, request))
    }

    async fn explain_record(
        &self,
        request: Request<wire::ExplainRecordRequest>,
    ) -> Answer<wire::ExplainRecordResponse> {
        enter!(self.0, request, "record.explain", |call, request| explain::run(&self.0, call, request))
    }

    async fn list_record_revisions(
        &self,
        request: Request<wire::ListRecordRevisionsRequest>,
    ) -> Answer<wire::ListRecordRevisionsResponse> {
        enter!(self.0, request, "record.revisions", |call, request| list_revisions::run(&self.0, call, request))
    }

    async fn get_record_revision(
        &self,
        request: Request<wire::GetRecordRevisionRequest>,
    ) -> Answer<wire::FileRecordRevision> {
        enter!(self.0, request, "record.read", |call, request| get_revision::run(&self.0, call, request))
    }
}
