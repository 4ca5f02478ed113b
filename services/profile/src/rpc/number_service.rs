//! `NumberService`: each method is one file in [`number`](super::number).

use dossier_authority::Base;
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::number_service_server::NumberService;
use tonic::{Request, Response, Status};

use super::answer;
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

macro_rules! method {
    ($name:literal) => {
        concat!("dossier.profile.v1.NumberService/", $name)
    };
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl NumberService for NumberRpc {
    async fn list_file_numbers(
        &self,
        request: Request<wire::ListFileNumbersRequest>,
    ) -> Answer<wire::ListFileNumbersResponse> {
        let resource = |_: &wire::ListFileNumbersRequest| "fileNumbers/-".to_owned();
        answer!(self.0, request, method!("ListFileNumbers"), resource, "number.list", list::run)
    }

    async fn void_file_number(&self, request: Request<wire::VoidFileNumberRequest>) -> Answer<wire::FileNumber> {
        let resource = |request: &wire::VoidFileNumberRequest| name::of_number(&request.number);
        answer!(self.0, request, method!("VoidFileNumber"), resource, "number.void", void::run)
    }
}
