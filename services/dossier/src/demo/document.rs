//! A document in the file: a licence, its scan, and the content of that, in and out (P-58, P-61).

use dossier_kernel::error::Reason;
use dossier_proto::profile::v1::{
    AttachDocumentContentRequest, CreateDocumentRequest, Document, DocumentCarrier, DocumentRelation,
    DocumentRelationKind, DownloadDocumentContentRequest,
};
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;

use super::client::{People, fresh_id};
use super::stage::{given, refused};
use super::{Stage, must};
use crate::Failure;
use crate::content::sent_whole;

/// What the scan says.
const SCAN: &[u8] = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n";
const PDF: &str = "application/pdf";

/// Files a licence in `file`, and the scan of it with its content.
pub(super) async fn run(stage: &mut Stage, people: &People, file: &str) -> Result<(), Failure> {
    let paper = document(DocumentCarrier::Original, Vec::new());
    let paper = stage.step("the customer's licence is filed, with its last day", create(people, file, paper)).await?;
    let kind = DocumentRelationKind::CopyOf.into();
    let scan = document(DocumentCarrier::Scan, vec![DocumentRelation { kind, document: paper.name }]);
    let scan = stage.step("and its scan beside it", create(people, file, scan)).await?;
    stage.step("content that is no pdf is not taken for one", pretended(people, &scan)).await?;
    stage.step("its content comes in, is read back and attached", brought(people, &scan)).await?;
    stage.step("and leaves byte for byte, once the journal knows", taken(people, &scan)).await
}

fn document(carrier: DocumentCarrier, relations: Vec<DocumentRelation>) -> Document {
    let title = FieldValue { value: Some(Value::Text("营业执照".to_owned())), provenance: None };
    Document {
        kind: "licence".to_owned(),
        carrier: carrier.into(),
        relations,
        expire_date: "2031-06-30".to_owned(),
        fields: [("title".to_owned(), title)].into_iter().collect(),
        ..Document::default()
    }
}

async fn create(people: &People, file: &str, one: Document) -> Result<Document, Failure> {
    let request = CreateDocumentRequest {
        parent: file.to_owned(),
        document: Some(one),
        request_id: fresh_id(),
        ..CreateDocumentRequest::default()
    };
    given(people.documents("sales-1")?.create_document(request).await)
}

async fn pretended(people: &People, scan: &Document) -> Result<(), Failure> {
    let answer = send(people, &format!("{}/uploads/{}", scan.name, fresh_id()), b"MZ not a pdf at all").await?;
    refused(answer.map(tonic::Response::new), Reason::ContentMismatch).map(drop)
}

async fn brought(people: &People, scan: &Document) -> Result<(), Failure> {
    let name = format!("{}/uploads/{}", scan.name, fresh_id());
    send(people, &name, SCAN).await??;
    let request =
        AttachDocumentContentRequest { name, request_id: fresh_id(), ..AttachDocumentContentRequest::default() };
    given(people.documents("sales-1")?.attach_document_content(request).await).map(drop)
}

async fn send(people: &People, name: &str, content: &[u8]) -> Result<Result<(), tonic::Status>, Failure> {
    Ok(sent_whole(&mut people.documents("sales-1")?, (name, PDF), content.to_vec()).await)
}

async fn taken(people: &People, scan: &Document) -> Result<(), Failure> {
    let request = DownloadDocumentContentRequest {
        name: scan.name.clone(),
        purpose: "customer_service".to_owned(),
        ..DownloadDocumentContentRequest::default()
    };
    let mut pieces = given(people.documents("sales-2")?.download_document_content(request).await)?;
    let mut content = Vec::new();
    while let Some(piece) = pieces.message().await.map_err(Failure::from)? {
        content.extend(piece.data);
    }
    must(content == SCAN, "the content must leave as it came")
}
