//! `DocumentService`: each method is one file in [`document`](super::document).

use dossier_authority::Base;
use dossier_kernel::enter;
use dossier_kernel::objects::Objects;
use dossier_kernel::slots::Slots;
use dossier_kernel::streamed::{Streamed, first};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::document_service_server::DocumentService;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::document::{attach, create, download, get, get_upload, list, list_revisions, update, upload, void};

/// Answers `DocumentService`.
#[derive(Clone, Debug)]
pub struct DocumentRpc {
    pub(super) base: Base,
    pub(super) contents: Objects,
    pub(super) streams: Slots,
    pub(super) stop: CancellationToken,
}

/// Most contents that one caller brings in or takes out at a time.
const MOST: usize = 4;

type Answer<T> = Result<Response<T>, Status>;

// === impl DocumentRpc ===

impl DocumentRpc {
    /// The service on `base` with the store of contents; streams end when `stop` is cancelled.
    pub fn new(base: Base, contents: Objects, stop: CancellationToken) -> Self {
        Self { base, contents, streams: Slots::new(MOST), stop }
    }
}

#[tonic::async_trait]
impl DocumentService for DocumentRpc {
    async fn create_document(&self, request: Request<wire::CreateDocumentRequest>) -> Answer<wire::Document> {
        enter!(self.base, request, "document.file", |call, request| create::run(&self.base, call, request))
    }

    async fn get_document(&self, request: Request<wire::GetDocumentRequest>) -> Answer<wire::Document> {
        enter!(self.base, request, "document.read", |call, request| get::run(&self.base, call, request))
    }

    async fn list_documents(
        &self,
        request: Request<wire::ListDocumentsRequest>,
    ) -> Answer<wire::ListDocumentsResponse> {
        enter!(self.base, request, "document.list", |call, request| list::run(&self.base, call, request))
    }

    async fn list_document_revisions(
        &self,
        request: Request<wire::ListDocumentRevisionsRequest>,
    ) -> Answer<wire::ListDocumentRevisionsResponse> {
        enter!(self.base, request, "document.revisions", |call, request| list_revisions::run(&self.base, call, request))
    }

    async fn update_document(&self, request: Request<wire::UpdateDocumentRequest>) -> Answer<wire::Document> {
        enter!(self.base, request, "document.update", |call, request| update::run(&self.base, call, request))
    }

    async fn void_document(&self, request: Request<wire::VoidDocumentRequest>) -> Answer<wire::Document> {
        enter!(self.base, request, "document.void", |call, request| void::run(&self.base, call, request))
    }

    type UploadDocumentContentStream = Streamed<wire::UploadDocumentContentResponse>;

    async fn upload_document_content(
        &self,
        request: Request<Streaming<wire::UploadDocumentContentRequest>>,
    ) -> Answer<Self::UploadDocumentContentStream> {
        let (request, rest) = first(request).await?;
        enter!(self.base, request, "document.upload", |call, first| upload::run(self, call, first, rest))
    }

    async fn get_document_upload(
        &self,
        request: Request<wire::GetDocumentUploadRequest>,
    ) -> Answer<wire::DocumentUpload> {
        enter!(self.base, request, "document.upload", |call, request| get_upload::run(&self.base, call, request))
    }

    async fn attach_document_content(
        &self,
        request: Request<wire::AttachDocumentContentRequest>,
    ) -> Answer<wire::Document> {
        enter!(self.base, request, "document.attach", |call, request| attach::run(self, call, request))
    }

    type DownloadDocumentContentStream = Streamed<wire::DownloadDocumentContentResponse>;

    async fn download_document_content(
        &self,
        request: Request<wire::DownloadDocumentContentRequest>,
    ) -> Answer<Self::DownloadDocumentContentStream> {
        enter!(self.base, request, "document.read", |call, request| download::run(self, call, request))
    }
}
