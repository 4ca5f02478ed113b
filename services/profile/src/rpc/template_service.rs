//! `TemplateService`: each method is one file in [`template`](super::template).

use dossier_authority::Base;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::template_service_server::TemplateService;
use tonic::{Request, Response, Status};

use super::answer;
use super::template::{get, list, validate_identifier};

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

macro_rules! method {
    ($name:literal) => {
        concat!("dossier.profile.v1.TemplateService/", $name)
    };
}

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl TemplateService for TemplateRpc {
    async fn get_template(&self, request: Request<wire::GetTemplateRequest>) -> Answer<wire::Template> {
        let resource = |request: &wire::GetTemplateRequest| request.name.clone();
        answer!(self.0, request, method!("GetTemplate"), resource, "template.read", get::run)
    }

    async fn list_templates(
        &self,
        request: Request<wire::ListTemplatesRequest>,
    ) -> Answer<wire::ListTemplatesResponse> {
        let resource = |_: &wire::ListTemplatesRequest| "templates/-".to_owned();
        answer!(self.0, request, method!("ListTemplates"), resource, "template.read", list::run)
    }

    async fn validate_identifier(
        &self,
        request: Request<wire::ValidateIdentifierRequest>,
    ) -> Answer<wire::ValidateIdentifierResponse> {
        let resource = |_: &wire::ValidateIdentifierRequest| String::new();
        answer!(
            self.0,
            request,
            method!("ValidateIdentifier"),
            resource,
            "identifier.validate",
            validate_identifier::run
        )
    }
}
