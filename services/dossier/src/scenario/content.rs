//! The content of a document that a step files: it comes in and is attached in the name of who files it.

use dossier_kernel::id::{Ids as _, System};
use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use prost_reflect::{DynamicMessage, Value};
use tonic::Status;

use super::ask::Asker;
use super::method::Method;
use super::script::Step;
use crate::Failure;
use crate::content::sent_whole;
use crate::serve::Which;

/// What a scan begins with; the words of the script follow.
const PDF: &[u8] = b"%PDF-1.7\n";

/// Makes `words` the content of the document that `filed` is, and gives it as it is then.
///
/// # Errors
/// When it cannot be asked; the refusal is the inner one.
pub(super) async fn brought(
    asker: &Asker<'_>,
    who: &str,
    filed: &DynamicMessage,
    words: &str,
) -> Result<Result<DynamicMessage, Status>, Failure> {
    let name = filed.get_field_by_name("name").and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default();
    let name = format!("{name}/uploads/{}", System.uuid());
    let data = [PDF, words.as_bytes()].concat();
    let mut client = DocumentServiceClient::new(asker.line(Which::Profile, who)?);
    if let Err(status) = sent_whole(&mut client, (&name, "application/pdf"), data).await {
        return Ok(Err(status));
    }
    let attach = Step { call: Some("AttachDocumentContent".to_owned()), ..Step::default() };
    let method = Method::of(&attach).map_err(Failure::config)?;
    let mut request = DynamicMessage::new(method.rpc.method.input());
    request.set_field_by_name("name", Value::String(name));
    request.set_field_by_name("request_id", Value::String(System.uuid().to_string()));
    asker.ask(&method, who, request).await
}
