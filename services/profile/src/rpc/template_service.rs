//! `TemplateService`: each method is one file in [`template`](super::template).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::template_service_server::TemplateService;
use tonic::{Request, Response, Status};

use super::template::{get, list, render, validate_identifier};

/// Answers `TemplateService`.
#[derive(Clone, Debug)]
pub struct TemplateRpc(Base);

// === impl TemplateRpc ===

impl TemplateRpc {
    /// The service on `base`.
    pub fn new(base: Base) -> Self {
        Self(base)
    }
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TemplateService for TemplateRpc {
    async fn get_template(&self, request: Request<wire::GetTemplateRequest>) -> Answer<wire::Template> {
        enter!(self.0, request, "template.read", |call, request| get::run(&self.0, call, request))
    }

    async fn render_template(
        &self,
        request: Request<wire::RenderTemplateRequest>,
    ) -> Answer<wire::RenderTemplateResponse> {
        enter!(self.0, request, "template.read", |call, request| render::run(&self.0, call, request))
    }

    async fn list_templates(
        &self,
        request: Request<wire::ListTemplatesRequest>,
    ) -> Answer<wire::ListTemplatesResponse> {
        enter!(self.0, request, "template.read", |call, request| list::run(&self.0, call, request))
    }

    async fn validate_identifier(
        &self,
        request: Request<wire::ValidateIdentifierRequest>,
    ) -> Answer<wire::ValidateIdentifierResponse> {
        enter!(self.0, request, "identifier.validate", |call, request| validate_identifier::run(&self.0, call, request))
    }
}
