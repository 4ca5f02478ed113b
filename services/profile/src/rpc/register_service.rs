//! `RegisterService`: each method is one file in [`register`](super::register).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::slots::Slots;
use dossier_kernel::streamed::Streamed;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::register_service_server::RegisterService;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};

use super::register::{export, list, rows, statistics};

/// Answers `RegisterService`.
#[derive(Clone, Debug)]
pub struct RegisterRpc {
    pub(super) base: Base,
    pub(super) exports: Slots,
    pub(super) stop: CancellationToken,
}

type Answer<T> = Result<Response<T>, Status>;

// === impl RegisterRpc ===

impl RegisterRpc {
    /// The service on `base`; exports end when `stop` is cancelled.
    pub fn new(base: Base, stop: CancellationToken) -> Self {
        Self { base, exports: Slots::new(export::MOST), stop }
    }
}

#[tonic::async_trait]
impl RegisterService for RegisterRpc {
    type ExportRegisterStream = Streamed<wire::ExportRegisterResponse>;

    async fn list_registers(
        &self,
        request: Request<wire::ListRegistersRequest>,
    ) -> Answer<wire::ListRegistersResponse> {
        enter!(self.base, request, "register.list", |call, request| list::run(&self.base, call, request))
    }

    async fn list_register_rows(
        &self,
        request: Request<wire::ListRegisterRowsRequest>,
    ) -> Answer<wire::ListRegisterRowsResponse> {
        enter!(self.base, request, "register.read", |call, request| rows::run(&self.base, call, request))
    }

    async fn export_register(
        &self,
        request: Request<wire::ExportRegisterRequest>,
    ) -> Answer<Self::ExportRegisterStream> {
        enter!(self.base, request, "register.export", |call, request| export::run(self, call, request))
    }

    async fn get_statistics(&self, request: Request<wire::GetStatisticsRequest>) -> Answer<wire::Statistics> {
        enter!(self.base, request, "statistics.read", |call, request| statistics::run(&self.base, call, request))
    }
}
