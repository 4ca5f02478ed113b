//! `DispositionService`: each method is one file in [`disposition`](super::disposition), [`hold`](super::hold) or
//! [`disposal`](super::disposal).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::disposition_service_server::DispositionService;
use tonic::{Request, Response, Status};

use super::disposal;
use super::disposition::{evaluate, list_due};
use super::hold::{get, list};

/// Answers `DispositionService`.
#[derive(Clone, Debug)]
pub struct DispositionRpc {
    base: Base,
}

type Answer<T> = Result<Response<T>, Status>;

// === impl DispositionRpc ===

impl DispositionRpc {
    /// The service on `base`.
    pub const fn new(base: Base) -> Self {
        Self { base }
    }
}

#[tonic::async_trait]
impl DispositionService for DispositionRpc {
    async fn evaluate_disposition(
        &self,
        request: Request<wire::EvaluateDispositionRequest>,
    ) -> Answer<wire::Disposition> {
        enter!(self.base, request, "disposition.evaluate", |call, request| evaluate::run(&self.base, call, request))
    }

    async fn list_due_files(&self, request: Request<wire::ListDueFilesRequest>) -> Answer<wire::ListDueFilesResponse> {
        enter!(self.base, request, "disposition.due", |call, request| list_due::run(&self.base, call, request))
    }

    async fn get_hold(&self, request: Request<wire::GetHoldRequest>) -> Answer<wire::Hold> {
        enter!(self.base, request, "hold.read", |call, request| get::run(&self.base, call, request))
    }

    async fn list_holds(&self, request: Request<wire::ListHoldsRequest>) -> Answer<wire::ListHoldsResponse> {
        enter!(self.base, request, "hold.list", |call, request| list::run(&self.base, call, request))
    }

    async fn get_disposal(&self, request: Request<wire::GetDisposalRequest>) -> Answer<wire::Disposal> {
        enter!(self.base, request, "disposal.read", |call, request| disposal::get::run(&self.base, call, request))
    }

    async fn get_disposal_certificate(
        &self,
        request: Request<wire::GetDisposalCertificateRequest>,
    ) -> Answer<wire::DisposalCertificate> {
        enter!(self.base, request, "disposal.certify", |call, request| disposal::certificate::run(
            &self.base, call, request
        ))
    }

    async fn list_disposals(
        &self,
        request: Request<wire::ListDisposalsRequest>,
    ) -> Answer<wire::ListDisposalsResponse> {
        enter!(self.base, request, "disposal.list", |call, request| disposal::list::run(&self.base, call, request))
    }
}
