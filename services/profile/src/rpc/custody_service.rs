//! `CustodyService`: each method is one file in [`item`](super::item) or [`place`](super::place).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::custody_service_server::CustodyService;
use tonic::{Request, Response, Status};

use super::{item, place};

/// Answers `CustodyService`.
#[derive(Clone, Debug)]
pub struct CustodyRpc(Base);

type Answer<T> = Result<Response<T>, Status>;

// === impl CustodyRpc ===

impl CustodyRpc {
    /// The service on `base`.
    pub fn new(base: Base) -> Self {
        Self(base)
    }
}

#[tonic::async_trait]
impl CustodyService for CustodyRpc {
    async fn get_item(&self, request: Request<wire::GetItemRequest>) -> Answer<wire::Item> {
        enter!(self.0, request, "item.read", |call, request| item::get::run(&self.0, call, request))
    }

    async fn list_items(&self, request: Request<wire::ListItemsRequest>) -> Answer<wire::ListItemsResponse> {
        enter!(self.0, request, "item.list", |call, request| item::list::run(&self.0, call, request))
    }

    async fn create_place(&self, request: Request<wire::CreatePlaceRequest>) -> Answer<wire::Place> {
        enter!(self.0, request, "place.create", |call, request| place::create::run(&self.0, call, request))
    }

    async fn get_place(&self, request: Request<wire::GetPlaceRequest>) -> Answer<wire::Place> {
        enter!(self.0, request, "place.read", |call, request| place::get::run(&self.0, call, request))
    }

    async fn list_places(&self, request: Request<wire::ListPlacesRequest>) -> Answer<wire::ListPlacesResponse> {
        enter!(self.0, request, "place.list", |call, request| place::list::run(&self.0, call, request))
    }

    async fn update_place(&self, request: Request<wire::UpdatePlaceRequest>) -> Answer<wire::Place> {
        enter!(self.0, request, "place.update", |call, request| place::update::run(&self.0, call, request))
    }
}
