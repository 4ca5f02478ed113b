//! Contents of documents, in and out. A person may have four on their way; callers wait for each other, and that counts.

use std::sync::{Arc, LazyLock};

use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use dossier_proto::profile::v1::{
    AttachDocumentContentRequest, CreateDocumentRequest, Document, DocumentCarrier, DownloadDocumentContentRequest,
    UploadDocumentContentRequest,
};
use prost::Message;
use tonic::Status;
use tonic::transport::Channel;

use super::{Cast, Outcome, PURPOSE};
use crate::ground::{Fault, Result, Service};
use crate::measure::mixed;
use crate::scene::{fresh_id, text};

/// How many contents of one person may be on their way at the same time.
pub(super) const AT_ONCE: usize = 4;
/// Bytes of a content: a page that was scanned.
const SIZE: usize = 256 << 10;
/// How many contents there are to be taken out.
const KEPT: u64 = 64;

static CONTENT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mark = b"%PDF-1.7\n";
    let rest = (0..(SIZE - mark.len()) as u64).map(|at| mixed(at).to_le_bytes()[0]);
    mark.iter().copied().chain(rest).collect()
});

// === impl Cast ===

impl Cast {
    /// Brings in the contents that are taken out later.
    ///
    /// # Errors
    /// The refusal.
    pub async fn bring_contents(&mut self) -> Result<()> {
        let (cast, mut documents) = (Arc::new(self.clone()), Vec::new());
        for n in 0..KEPT {
            documents.push(bring(cast.clone(), 0, n).await.map_err(|status| Fault::from(status).within("a content"))?);
        }
        self.documents = Arc::new(documents);
        Ok(())
    }

    fn papers(&self, caller: u64) -> DocumentServiceClient<Channel> {
        DocumentServiceClient::new(self.line(Service::Profile, caller))
    }
}

fn uploading(document: &str) -> UploadDocumentContentRequest {
    UploadDocumentContentRequest {
        name: format!("{document}/uploads/{}", fresh_id()),
        size_bytes: i64::try_from(SIZE).unwrap_or(i64::MAX),
        media_type: "application/pdf".to_owned(),
        data: CONTENT.clone(),
        ..UploadDocumentContentRequest::default()
    }
}

/// A document with its content; its name.
pub(super) async fn bring(cast: Arc<Cast>, at: u64, n: u64) -> Outcome<String> {
    let _way = cast.ways[Cast::salesman(at)].acquire().await.map_err(|_| Status::cancelled("no more ways"))?;
    let mut client = cast.papers(at);
    let document = Document {
        kind: "other".to_owned(),
        carrier: DocumentCarrier::Scan.into(),
        fields: [("title".to_owned(), text("扫描件".to_owned()))].into(),
        ..Document::default()
    };
    let request = CreateDocumentRequest {
        parent: cast.any_file(n),
        document: Some(document),
        request_id: fresh_id(),
        ..CreateDocumentRequest::default()
    };
    let name = client.create_document(cast.say(at, request)).await?.into_inner().name;
    let message = uploading(&name);
    let upload = message.name.clone();
    let sent = cast.say(at, futures::stream::iter([message]));
    let mut answers = client.upload_document_content(sent).await?.into_inner();
    while answers.message().await?.is_some() {}
    let request = AttachDocumentContentRequest { name: upload, request_id: fresh_id(), ..Default::default() };
    client.attach_document_content(cast.say(at, request)).await?;
    Ok(name)
}

fn asking(cast: &Cast, n: u64) -> DownloadDocumentContentRequest {
    let at = usize::try_from(mixed(n)).unwrap_or(0) % cast.documents.len().max(1);
    let name = cast.documents.get(at).cloned().unwrap_or_default();
    DownloadDocumentContentRequest { name, purpose: PURPOSE.to_owned(), ..Default::default() }
}

/// A content; how many bytes came.
pub(super) async fn take(cast: Arc<Cast>, at: u64, n: u64) -> Outcome<usize> {
    let _way = cast.ways[Cast::salesman(at)].acquire().await.map_err(|_| Status::cancelled("no more ways"))?;
    let mut parts = cast.papers(at).download_document_content(cast.say(at, asking(&cast, n))).await?.into_inner();
    let mut came = 0;
    while let Some(part) = parts.message().await? {
        came += part.data.len();
    }
    if came == SIZE { Ok(came) } else { Err(Status::internal("not all of it came")) }
}

/// Bytes of a content on its way in, and of what is answered.
pub(super) async fn size_of_one_in(cast: &Arc<Cast>, n: u64) -> Result<(usize, usize)> {
    let name = bring(cast.clone(), 0, n).await?;
    Ok((uploading(&name).encoded_len(), name.len()))
}

/// Bytes that ask for a content, and of what comes.
pub(super) async fn size_of_one_out(cast: &Arc<Cast>, n: u64) -> Result<(usize, usize)> {
    Ok((asking(cast, n).encoded_len(), take(cast.clone(), 0, n).await?))
}
