//! `RecordService`: each method is one file in [`record`](super::record).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::record_service_server::RecordService;
use tonic::{Request, Response, Status};

use super::record::{create, get, list, update};

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
}
