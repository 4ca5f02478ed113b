//! Contents of documents on their way in and out: whatever disturbs, their callers go on where they were told they are.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dossier_fire::ground::Service;
use dossier_fire::history::Call;
use dossier_fire::scene::text;
use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use dossier_proto::profile::v1::{
    AttachDocumentContentRequest, CreateDocumentRequest, Document, DocumentCarrier, DocumentUpload,
    DownloadDocumentContentRequest, GetDocumentUploadRequest, UploadDocumentContentRequest,
};
use tonic::{Request, Status};

use crate::calls::{Answer, Ask, Callers, LOST, reason};
use crate::chance::Chance;
use crate::workers::Stage;
use crate::{change, look};

/// Bytes of one piece in the store of contents.
pub(crate) const PIECE: usize = 4 << 20;
/// Bytes of one message.
const MESSAGE: usize = 256 << 10;
/// What is told of an upload that is not there.
const MISSING: &str = "RESOURCE_NOT_FOUND";
/// What all of them are said to be.
const PDF: &str = "application/pdf";

/// One content, and what its caller knows of it.
#[derive(Debug)]
pub(crate) struct Paper {
    who: &'static str,
    file: String,
    /// The document.
    pub(crate) name: String,
    upload: String,
    content: Arc<Vec<u8>>,
    /// Whether it is what is said of it; what is not must never be attached.
    honest: bool,
    /// How many bytes were told to be kept.
    pub(crate) told: usize,
    /// How far its caller has come.
    pub(crate) fate: Fate,
    /// Whether a piece of it was taken away.
    pub(crate) robbed: bool,
    /// What must not be.
    pub(crate) broken: Vec<String>,
}

/// How far a content has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is on its way.
    Open,
    /// Its attachment was asked for, and nobody knows what came of it.
    Asked,
    /// Its attachment was acknowledged.
    Attached,
    /// It is not what was said, and was refused.
    Refused,
}

/// How far a stream of the caller should go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// To the end.
    End,
    /// Often not to the end.
    Anywhere,
    /// To the end of the first piece.
    FirstPiece,
}

enum Kept {
    So(usize),
    Ended,
    Unknown,
}

// === impl Paper ===

impl Paper {
    /// Files a document for a content of `size` bytes; nothing where that is not answered.
    pub(crate) async fn filed(stage: &Stage, chance: &mut Chance, size: usize, honest: bool) -> Option<Self> {
        let who = *chance.one(&["sales-1", "sales-2"]);
        let file = chance.one(&stage.scene.originals).clone();
        let document = Document {
            kind: "other".into(),
            carrier: DocumentCarrier::Scan.into(),
            fields: [("title".to_owned(), text("扫描件".to_owned()))].into(),
            ..Document::default()
        };
        let request = CreateDocumentRequest {
            parent: file.clone(),
            document: Some(document),
            ..CreateDocumentRequest::default()
        };
        let ask = Ask::new(Service::Profile, who, Call::Other("document.filed"));
        let made = change!(stage.callers, chance, ask, DocumentServiceClient.create_document, request);
        let name = made.done()?.name;
        let upload = format!("{name}/uploads/{}", chance.uuid());
        let content = Arc::new(content(chance.next(), size, honest));
        let (told, fate, robbed, broken) = (0, Fate::Open, false, Vec::new());
        Some(Self { who, file, name, upload, content, honest, told, fate, robbed, broken })
    }

    /// Goes on with it as far as one stream goes; whether there is nothing more to do.
    pub(crate) async fn go_on(&mut self, callers: &Callers, chance: &mut Chance, until: Until) -> bool {
        let from = match self.kept(callers, chance).await {
            Kept::So(from) => from,
            Kept::Ended => return true,
            Kept::Unknown => return false,
        };
        let rest = self.content.len() - from;
        let end = match until {
            Until::Anywhere if chance.percent(40) => from + rest / 2,
            Until::FirstPiece => PIECE.min(self.content.len()),
            Until::End | Until::Anywhere => self.content.len(),
        };
        match self.send(callers, chance, (from, end)).await {
            Ok(upload) if upload.sha256.is_empty() => false,
            Ok(_) if !self.honest => self.breaks("content was taken for what it is not"),
            Ok(_) => self.attach(callers, chance).await,
            Err(status) => self.refused(&status),
        }
    }

    /// Takes it out and holds it against what was brought.
    ///
    /// # Errors
    /// The refusal.
    pub(crate) async fn same(&self, callers: &Callers, chance: &mut Chance) -> Result<bool, Status> {
        let ask = Ask::new(Service::Profile, self.who, Call::Read { file: self.file.clone() });
        let asked = DownloadDocumentContentRequest {
            name: self.name.clone(),
            purpose: "customer_service".into(),
            ..DownloadDocumentContentRequest::default()
        };
        let wanted = self.content.clone();
        let compared = callers.streamed(chance, &ask, move |channel, headers| {
            Box::pin(async move {
                let mut request = Request::new(asked);
                *request.metadata_mut() = headers;
                let mut client = DocumentServiceClient::new(channel);
                let mut parts = client.download_document_content(request).await?.into_inner();
                let (mut at, mut same) = (0, true);
                while let Some(part) = parts.message().await? {
                    same &= wanted.get(at..at + part.data.len()) == Some(&part.data[..]);
                    at += part.data.len();
                }
                Ok(same && at == wanted.len())
            })
        });
        compared.await
    }

    /// The folder of its pieces below that of all contents.
    pub(crate) fn folder(&self) -> String {
        let ids: Vec<_> = self.upload.split('/').skip(1).step_by(2).collect();
        format!("demo/{}", ids.join("/"))
    }

    /// The id of its document.
    pub(crate) fn id(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// Notes what must not be; there is nothing more to do then.
    pub(crate) fn breaks(&mut self, words: &str) -> bool {
        let size = self.content.len();
        self.broken.push(format!("{words}: {} of {size} bytes, {} told, {:?}", self.upload, self.told, self.fate));
        true
    }

    /// What the service says is kept of it.
    async fn kept(&mut self, callers: &Callers, chance: &mut Chance) -> Kept {
        let ask = Ask::new(Service::Profile, self.who, Call::Look);
        let request = GetDocumentUploadRequest { name: self.upload.clone() };
        match look!(callers, chance, ask, DocumentServiceClient.get_document_upload, request) {
            Answer::Done(known) => {
                let kept = usize::try_from(known.received_bytes).unwrap_or(0);
                if kept < self.told {
                    self.breaks("fewer bytes are kept than were told");
                }
                if self.fate == Fate::Attached {
                    self.breaks("an upload goes on behind its attachment");
                }
                self.told = kept;
                Kept::So(kept)
            }
            Answer::Refused(why) if !why.starts_with(MISSING) => Kept::Unknown,
            Answer::Refused(_) if self.fate != Fate::Open => Kept::Ended,
            Answer::Refused(_) if self.told > 0 && self.honest && !self.robbed => {
                self.breaks("an upload is gone");
                Kept::Ended
            }
            Answer::Refused(_) => {
                self.told = 0;
                Kept::So(0)
            }
            Answer::Unknown => Kept::Unknown,
        }
    }

    async fn send(
        &mut self,
        callers: &Callers,
        chance: &mut Chance,
        part: (usize, usize),
    ) -> Result<DocumentUpload, Status> {
        let told = Arc::new(AtomicUsize::new(0));
        let (messages, noted) = (self.messages(part), told.clone());
        let ask = Ask::new(Service::Profile, self.who, Call::Look);
        let sent = callers.streamed(chance, &ask, move |channel, headers| {
            Box::pin(async move {
                let mut request = Request::new(futures::stream::iter(messages));
                *request.metadata_mut() = headers;
                let mut client = DocumentServiceClient::new(channel);
                let mut answers = client.upload_document_content(request).await?.into_inner();
                let mut last = DocumentUpload::default();
                while let Some(answer) = answers.message().await? {
                    last = answer.upload.unwrap_or_default();
                    noted.fetch_max(usize::try_from(last.received_bytes).unwrap_or(0), Ordering::Relaxed);
                }
                Ok(last)
            })
        });
        let sent = sent.await;
        self.told = self.told.max(told.load(Ordering::Relaxed));
        sent
    }

    fn messages(&self, (from, until): (usize, usize)) -> impl Iterator<Item = UploadDocumentContentRequest> + use<> {
        let whole = |at: usize| i64::try_from(at).unwrap_or(i64::MAX);
        let first = UploadDocumentContentRequest {
            name: self.upload.clone(),
            size_bytes: whole(self.content.len()),
            media_type: PDF.into(),
            offset: whole(from),
            ..UploadDocumentContentRequest::default()
        };
        let content = self.content.clone();
        let rest = (from..until).step_by(MESSAGE).map(move |at| UploadDocumentContentRequest {
            offset: whole(at),
            data: content[at..until.min(at + MESSAGE)].to_vec(),
            ..UploadDocumentContentRequest::default()
        });
        std::iter::once(first).chain(rest)
    }

    async fn attach(&mut self, callers: &Callers, chance: &mut Chance) -> bool {
        let asked = self.fate == Fate::Asked;
        self.fate = Fate::Asked;
        let request = AttachDocumentContentRequest { name: self.upload.clone(), ..Default::default() };
        let ask = Ask::new(Service::Profile, self.who, Call::Other("document.attached"));
        match change!(callers, chance, ask, DocumentServiceClient.attach_document_content, request) {
            Answer::Done(_) => self.fate = Fate::Attached,
            // The first time may have come through.
            Answer::Refused(_) if asked => {}
            Answer::Refused(why) => return self.breaks(&format!("what was read back is not attached, {why}")),
            Answer::Unknown => return false,
        }
        true
    }

    // Whether a refusal ends it.
    fn refused(&mut self, status: &Status) -> bool {
        match reason(status).as_str() {
            "CONTENT_MISMATCH" if !self.honest => {
                self.fate = Fate::Refused;
                true
            }
            "CONTENT_MISMATCH" => self.breaks("content is taken for what it is not"),
            LOST if self.robbed => {
                self.told = 0;
                false
            }
            LOST => self.breaks("content is lost that nobody took"),
            _ => false,
        }
    }
}

fn content(salt: u64, size: usize, honest: bool) -> Vec<u8> {
    let mark: &[u8] = if honest { b"%PDF-1.7\n" } else { b"\x89PNG\r\n\x1a\n" };
    let rest = (mark.len()..size)
        .map(|at| (at as u64).wrapping_mul(31).wrapping_add(salt ^ (at as u64 >> 9)).to_le_bytes()[0]);
    mark.iter().copied().chain(rest).collect()
}
