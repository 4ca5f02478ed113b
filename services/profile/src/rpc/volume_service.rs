//! `VolumeService`: each method is one file in [`volume`](super::volume).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::volume_service_server::VolumeService;
use tonic::{Request, Response, Status};

use super::volume;

/// Answers `VolumeService`.
#[derive(Clone, Debug)]
pub struct VolumeRpc(Base);

type Answer<T> = Result<Response<T>, Status>;

// === impl VolumeRpc ===

impl VolumeRpc {
    /// The service on `base`.
    pub fn new(base: Base) -> Self {
        Self(base)
    }
}

#[tonic::async_trait]
impl VolumeService for VolumeRpc {
    async fn compose_volume(
        &self,
        request: Request<wire::ComposeVolumeRequest>,
    ) -> Answer<wire::ComposeVolumeResponse> {
        enter!(self.0, request, "volume.compose", |call, request| volume::compose::run(&self.0, call, request))
    }

    async fn create_volume(&self, request: Request<wire::CreateVolumeRequest>) -> Answer<wire::Volume> {
        enter!(self.0, request, "volume.create", |call, request| volume::create::run(&self.0, call, request))
    }

    async fn move_document(&self, request: Request<wire::MoveDocumentRequest>) -> Answer<wire::Volume> {
        enter!(self.0, request, "volume.move", |call, request| volume::move_document::run(&self.0, call, request))
    }

    async fn get_volume(&self, request: Request<wire::GetVolumeRequest>) -> Answer<wire::Volume> {
        enter!(self.0, request, "volume.read", |call, request| volume::get::run(&self.0, call, request))
    }

    async fn render_volume(&self, request: Request<wire::RenderVolumeRequest>) -> Answer<wire::RenderVolumeResponse> {
        enter!(self.0, request, "volume.render", |call, request| volume::render::run(&self.0, call, request))
    }

    async fn list_volumes(&self, request: Request<wire::ListVolumesRequest>) -> Answer<wire::ListVolumesResponse> {
        enter!(self.0, request, "volume.list", |call, request| volume::list::run(&self.0, call, request))
    }
}
