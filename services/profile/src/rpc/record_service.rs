//! `RecordService`: each method is one file in [`record`](super::record).

use dossier_authority::Base;
use dossier_authority::approvals::Approvals;
use dossier_kernel::call::Call;
use dossier_kernel::enter;
use dossier_kernel::error::Error;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::record_service_server::RecordService;
use tonic::{Request, Response, Status};

use super::record::{
    advance, amend, batch_get, create, explain, get, get_revision, list, list_revisions, render, send_back, sign,
    update, void,
};
use crate::work::disposal;

/// Answers `RecordService`.
#[derive(Clone, Debug)]
pub struct RecordRpc {
    pub(super) base: Base,
    pub(super) approvals: Approvals,
}

type Answer<T> = Result<Response<T>, Status>;

// === impl RecordRpc ===

impl RecordRpc {
    /// The service on `base`, with the way to access.
    pub fn new(base: Base, approvals: Approvals) -> Self {
        Self { base, approvals }
    }

    // The answer of a call that may have entered a stage: what that destroyed is written down first.
    async fn buried<T>(&self, call: &Call, answer: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let answer = answer.await;
        if answer.is_ok() {
            disposal::bury(&self.base, &call.org).await?;
        }
        answer
    }
}

#[tonic::async_trait]
impl RecordService for RecordRpc {
    async fn create_record(&self, request: Request<wire::CreateRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.create", |call, request| self
            .buried(call, create::run(&self.base, call, request)))
    }

    async fn get_record(&self, request: Request<wire::GetRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.read", |call, request| get::run(self, call, request))
    }

    async fn render_record(&self, request: Request<wire::RenderRecordRequest>) -> Answer<wire::RenderRecordResponse> {
        enter!(self.base, request, "record.read", |call, request| render::run(self, call, request))
    }

    async fn batch_get_records(
        &self,
        request: Request<wire::BatchGetRecordsRequest>,
    ) -> Answer<wire::BatchGetRecordsResponse> {
        enter!(self.base, request, "record.read", |call, request| batch_get::run(&self.base, call, request))
    }

    async fn list_records(&self, request: Request<wire::ListRecordsRequest>) -> Answer<wire::ListRecordsResponse> {
        enter!(self.base, request, "record.list", |call, request| list::run(&self.base, call, request))
    }

    async fn update_record(&self, request: Request<wire::UpdateRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.update", |call, request| self
            .buried(call, update::run(&self.base, call, request)))
    }

    async fn sign_record(&self, request: Request<wire::SignRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.sign", |call, request| self
            .buried(call, sign::run(&self.base, call, request)))
    }

    async fn advance_record(&self, request: Request<wire::AdvanceRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.advance", |call, request| self
            .buried(call, advance::run(self, call, request)))
    }

    async fn return_record(&self, request: Request<wire::ReturnRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.return", |call, request| send_back::run(&self.base, call, request))
    }

    async fn amend_record(&self, request: Request<wire::AmendRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.amend", |call, request| self
            .buried(call, amend::run(&self.base, call, request)))
    }

    async fn void_record(&self, request: Request<wire::VoidRecordRequest>) -> Answer<wire::FileRecord> {
        enter!(self.base, request, "record.void", |call, request| void::run(&self.base, call, request))
    }

    async fn explain_record(
        &self,
        request: Request<wire::ExplainRecordRequest>,
    ) -> Answer<wire::ExplainRecordResponse> {
        enter!(self.base, request, "record.explain", |call, request| explain::run(&self.base, call, request))
    }

    async fn list_record_revisions(
        &self,
        request: Request<wire::ListRecordRevisionsRequest>,
    ) -> Answer<wire::ListRecordRevisionsResponse> {
        enter!(self.base, request, "record.revisions", |call, request| list_revisions::run(&self.base, call, request))
    }

    async fn get_record_revision(
        &self,
        request: Request<wire::GetRecordRevisionRequest>,
    ) -> Answer<wire::FileRecordRevision> {
        enter!(self.base, request, "record.read", |call, request| get_revision::run(&self.base, call, request))
    }
}
