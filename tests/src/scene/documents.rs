//! Documents: papers that are filed, contents that come in and leave.

use dossier_proto::profile::v1::{
    AttachDocumentContentRequest, CreateDocumentRequest, Document, DocumentCarrier, DocumentUpload,
    DownloadDocumentContentRequest, DownloadDocumentContentResponse, GetDocumentRequest, ListDocumentsRequest,
    UploadDocumentContentRequest,
};
use futures::StreamExt as _;
use tonic::{Response, Status};
use uuid::Uuid;

use super::text;
use crate::answer::Answer as _;
use crate::world::World;

/// The type of what [`pdf`] makes.
pub const PDF: &str = "application/pdf";

/// Content of that many bytes that begins as such files do.
pub fn pdf(length: usize) -> Vec<u8> {
    let mark = b"%PDF-1.7\n";
    let rest = (mark.len()..length).map(|at| u8::try_from(at % 251).unwrap_or_default());
    mark.iter().copied().chain(rest).collect()
}

/// A document of `kind` on `carrier` with a title.
pub fn paper(kind: &str, carrier: DocumentCarrier, title: &str) -> Document {
    let fields = [("title".to_owned(), text(title))].into_iter().collect();
    Document { kind: kind.into(), carrier: carrier.into(), fields, ..Document::default() }
}

impl World {
    /// Files a document in `file`.
    ///
    /// # Errors
    /// The refusal.
    pub async fn file_document(&self, subject: &str, file: &str, one: Document) -> Result<Response<Document>, Status> {
        let request = CreateDocumentRequest {
            parent: file.to_owned(),
            document: Some(one),
            request_id: self.request_id(),
            reason: "归档".into(),
            ..CreateDocumentRequest::default()
        };
        self.profile(subject).documents.create_document(request).await
    }

    /// Reads what is said of a document for the service of its customer.
    ///
    /// # Errors
    /// The refusal.
    pub async fn read_document(&self, subject: &str, name: &str) -> Result<Response<Document>, Status> {
        let request =
            GetDocumentRequest { name: name.to_owned(), purpose: "customer_service".into(), ..Default::default() };
        self.profile(subject).documents.get_document(request).await
    }

    /// The documents of `file` that a list gives.
    ///
    /// # Errors
    /// The refusal.
    pub async fn list_documents(&self, subject: &str, file: &str, filter: &str) -> Result<Vec<Document>, Status> {
        let request = ListDocumentsRequest { parent: file.to_owned(), filter: filter.to_owned(), ..Default::default() };
        self.profile(subject).documents.list_documents(request).await.map(|answer| answer.into_inner().documents)
    }

    /// A name for the content of `document` on its way in.
    pub fn an_upload(&self, document: &str) -> String {
        let id: Uuid = self.request_id().parse().expect("an id");
        format!("{document}/uploads/{id}")
    }

    /// Sends `data`, which stands at `offset` of a whole of `size` bytes, in messages of `step` bytes; gives the last answer.
    ///
    /// # Errors
    /// The refusal, before the stream or in it.
    pub async fn send(
        &self,
        subject: &str,
        (upload, size, media_type): (&str, usize, &str),
        (offset, data, step): (usize, &[u8], usize),
    ) -> Result<DocumentUpload, Status> {
        let whole = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let first = UploadDocumentContentRequest {
            name: upload.to_owned(),
            size_bytes: whole(size),
            media_type: media_type.to_owned(),
            offset: whole(offset),
            ..UploadDocumentContentRequest::default()
        };
        let rest = data.chunks(step.max(1)).enumerate().map(|(at, part)| UploadDocumentContentRequest {
            offset: whole(offset + at * step),
            data: part.to_vec(),
            ..UploadDocumentContentRequest::default()
        });
        let messages: Vec<_> = std::iter::once(first).chain(rest).collect();
        let mut calls = self.profile(subject).documents;
        let mut answers = calls.upload_document_content(futures::stream::iter(messages)).await?.into_inner();
        let mut last = DocumentUpload::default();
        while let Some(answer) = answers.next().await {
            last = answer?.upload.unwrap_or_default();
        }
        Ok(last)
    }

    /// Makes an upload the content of its document.
    ///
    /// # Errors
    /// The refusal.
    pub async fn attach(&self, subject: &str, upload: &str) -> Result<Response<Document>, Status> {
        let request = AttachDocumentContentRequest {
            name: upload.to_owned(),
            request_id: self.request_id(),
            ..AttachDocumentContentRequest::default()
        };
        self.profile(subject).documents.attach_document_content(request).await
    }

    /// Files a scan in `file` with this content.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn scanned(&self, subject: &str, file: &str, content: &[u8]) -> Document {
        let one = paper("other", DocumentCarrier::Scan, "扫描件");
        let one = self.file_document(subject, file, one).await.good();
        let upload = self.an_upload(&one.name);
        let sent = self.send(subject, (&upload, content.len(), PDF), (0, content, 1 << 20)).await;
        assert!(!sent.expect("it is taken").sha256.is_empty());
        self.attach(subject, &upload).await.good()
    }

    /// The content of a document from `offset` on.
    ///
    /// # Errors
    /// The refusal, before the stream or in it.
    pub async fn download(&self, subject: &str, name: &str, offset: i64) -> Result<Vec<u8>, Status> {
        let purpose = "customer_service".to_owned();
        let request = DownloadDocumentContentRequest { name: name.to_owned(), purpose, offset, ..Default::default() };
        let mut answers = self.profile(subject).documents.download_document_content(request).await?.into_inner();
        let mut content = Vec::new();
        while let Some(answer) = answers.next().await {
            let DownloadDocumentContentResponse { offset: at, data } = answer?;
            assert_eq!(usize::try_from(at - offset).ok(), Some(content.len()), "pieces come in order");
            content.extend(data);
        }
        Ok(content)
    }
}
