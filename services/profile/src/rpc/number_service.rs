//! `NumberService`: each method is one file in [`number`](super::number).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::number_service_server::NumberService;
use tonic::{Request, Response, Status};

use super::number::{list, void};

/// Answers `NumberService`.
#[derive(Clone, Debug)]
pub struct NumberRpc(Base);

// === impl NumberRpc ===

impl NumberRpc {
    /// The service on `base`.
    pub fn new(base: Base) -> Self {
        Self(base)
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl NumberService for NumberRpc {
    async fn list_file_numbers(
        &self,
        request: Request<wire::ListFileNumbersRequest>,
    ) -> Answer<wire::ListFileNumbersResponse> {
        enter!(self.0, request, "number.list", |call, request| list::run(&self.0, call, request))
    }

    async fn void_file_number(&self, request: Request<wire::VoidFileNumberRequest>) -> Answer<wire::FileNumber> {
        enter!(self.0, request, about | it | name::of_number(&it.number), "number.void", |call, request| void::run(
            &self.0, call, request
        ))
    }
}
