//! `dossier upload` and `dossier download`: the content of a document, in and out.
//!
//! ```text
//! dossier upload licence.pdf --document files/…/documents/…
//! dossier download files/…/documents/… --into licence.pdf --purpose audit
//! ```
//! Both go on where a broken connection left them. Nothing is held whole in memory. A download reads what is said of the document
//! first, and each time it goes on it reads once more: a right with counted uses pays for each.

use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dossier_kernel::config::Config;
use dossier_kernel::id::{Ids as _, System};
use dossier_proto::profile::v1::document_service_client::DocumentServiceClient;
use dossier_proto::profile::v1::{
    AttachDocumentContentRequest, Document, DocumentUpload, DownloadDocumentContentRequest, GetDocumentRequest,
    GetDocumentUploadRequest, UploadDocumentContentRequest,
};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};
use uuid::Uuid;

use crate::client::connection::{Connection, Given};
use crate::client::{LARGEST_ANSWER, fault};
use crate::serve::Which;
use crate::{Failure, out};

/// Bytes of one message.
const MESSAGE: usize = 1 << 20;
/// How often something broken is begun again before that is told.
const ATTEMPTS: u32 = 5;
/// How long is waited before the second time, and so much longer each time: together what a service needs to start anew.
const PAUSE: Duration = Duration::from_millis(500);

/// What `upload` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct UploadArgs {
    /// The file with the content
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The document that it becomes the content of, `files/…/documents/…`
    #[arg(long, value_name = "NAME")]
    document: String,
    /// Its type, such as application/pdf; from the end of the file's name unless told
    #[arg(long = "type", value_name = "TYPE")]
    media_type: Option<String>,
    /// Go on with the upload of this id, which an earlier call printed
    #[arg(long, value_name = "UUID")]
    resume: Option<Uuid>,
    #[command(flatten)]
    given: Given,
}

/// What `download` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct DownloadArgs {
    /// The document, `files/…/documents/…`
    #[arg(value_name = "NAME")]
    document: String,
    /// Where the content goes; what is there already of an earlier call is kept and gone on with
    #[arg(long, value_name = "FILE")]
    into: PathBuf,
    /// What it is read for, a label of the rule book; the disclosure in the journal says it
    #[arg(long, value_name = "PURPOSE", env = "DOSSIER_PURPOSE")]
    purpose: String,
    /// Where it is read, for levels that bind a place
    #[arg(long, value_name = "PLACE", default_value = "")]
    reading_place: String,
    #[command(flatten)]
    given: Given,
}

type Client = DocumentServiceClient<Connection>;

/// Sends the file and makes it the content of the document.
///
/// # Errors
/// What profile refuses; when it cannot be reached, or the file cannot be read.
pub async fn upload(args: &UploadArgs, config: &Config) -> Result<(), Failure> {
    let mut client = client(&args.given, config)?;
    let told = |fault: std::io::Error| Failure::file(&args.file, &fault);
    let size = std::fs::metadata(&args.file).map_err(told)?.len();
    let media_type = match &args.media_type {
        Some(told) => told.clone(),
        None => guessed(&args.file)?.to_owned(),
    };
    let id = args.resume.unwrap_or_else(|| System.uuid());
    let name = format!("{}/uploads/{id}", args.document);
    let first = UploadDocumentContentRequest {
        name: name.clone(),
        size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
        media_type,
        ..UploadDocumentContentRequest::default()
    };
    let sent = sent(&mut client, &args.file, &first, args.resume.is_some()).await?;
    let own = hash(&args.file).map_err(told)?;
    let request = AttachDocumentContentRequest {
        name,
        sha256: own,
        request_id: System.uuid().to_string(),
        ..AttachDocumentContentRequest::default()
    };
    let document = attached(&mut client, &request).await.map_err(|status| fault::refused(&status))?;
    out::note(format!("{} bytes are the content of {}", sent.size_bytes, document.name));
    Ok(())
}

/// Receives the content of the document.
///
/// # Errors
/// What profile refuses; when it cannot be reached, or the file cannot be written.
pub async fn download(args: &DownloadArgs, config: &Config) -> Result<(), Failure> {
    let mut client = client(&args.given, config)?;
    let told = |fault: std::io::Error| Failure::file(&args.into, &fault);
    let asked = GetDocumentRequest {
        name: args.document.clone(),
        purpose: args.purpose.clone(),
        reading_place: args.reading_place.clone(),
    };
    let document = client.get_document(asked).await.map_err(|status| fault::refused(&status))?.into_inner();
    let content = document.content.ok_or_else(|| Failure::call("the document has no content"))?;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&args.into).map_err(told)?;
    for attempt in 1.. {
        let have = i64::try_from(file.metadata().map_err(told)?.len()).unwrap_or(i64::MAX);
        if have >= content.size_bytes {
            break;
        }
        match received(&mut client, args, have, &mut file).await {
            Ok(()) => {}
            Err(Broken::Here(fault)) => return Err(told(fault)),
            Err(Broken::There(status)) if attempt < ATTEMPTS && is_passing(&status) => pause(attempt).await,
            Err(Broken::There(status)) => return Err(fault::refused(&status)),
        }
    }
    if hash(&args.into).map_err(told)? != content.sha256 {
        return Err(Failure::call("what came is not what the document has: remove the file and ask again"));
    }
    out::note(format!("{} bytes in {}", content.size_bytes, args.into.display()));
    Ok(())
}

enum Broken {
    Here(std::io::Error),
    There(Status),
}

async fn received(
    client: &mut Client,
    args: &DownloadArgs,
    offset: i64,
    file: &mut std::fs::File,
) -> Result<(), Broken> {
    let request = DownloadDocumentContentRequest {
        name: args.document.clone(),
        purpose: args.purpose.clone(),
        reading_place: args.reading_place.clone(),
        offset,
    };
    let mut pieces = client.download_document_content(request).await.map_err(Broken::There)?.into_inner();
    while let Some(piece) = pieces.message().await.map_err(Broken::There)? {
        file.write_all(&piece.data).map_err(Broken::Here)?;
    }
    file.flush().map_err(Broken::Here)
}

// One stream after another until all of it is there.
async fn sent(
    client: &mut Client,
    file: &Path,
    first: &UploadDocumentContentRequest,
    resumed: bool,
) -> Result<DocumentUpload, Failure> {
    let (mut kept, mut attempt) = (DocumentUpload::default(), 0);
    loop {
        attempt += 1;
        let fault = match gone_on(client, file, first, &mut kept, resumed || attempt > 1).await {
            Ok(()) if !kept.sha256.is_empty() => return Ok(kept),
            Ok(()) => None,
            Err(status) if is_passing(&status) => Some(status),
            Err(status) => return Err(fault::refused(&status)),
        };
        let id = first.name.rsplit('/').next().unwrap_or_default();
        out::note(format!("the stream broke at {} bytes; --resume {id} goes on", kept.received_bytes));
        if attempt == ATTEMPTS {
            let status = fault.unwrap_or_else(|| Status::unavailable("the stream ended early"));
            return Err(fault::refused(&status));
        }
        pause(attempt).await;
    }
}

// What is kept may be more than was told before a stream broke, and what is kept already is not taken again.
async fn gone_on(
    client: &mut Client,
    file: &Path,
    first: &UploadDocumentContentRequest,
    kept: &mut DocumentUpload,
    begun: bool,
) -> Result<(), Status> {
    if begun {
        let asked = client.get_document_upload(GetDocumentUploadRequest { name: first.name.clone() }).await;
        *kept = match asked {
            Err(status) if status.code() == Code::NotFound => DocumentUpload::default(),
            told => told?.into_inner(),
        };
    }
    if kept.sha256.is_empty() { stream(client, file, first, kept).await } else { Ok(()) }
}

async fn attached(client: &mut Client, request: &AttachDocumentContentRequest) -> Result<Document, Status> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match client.attach_document_content(request.clone()).await {
            Err(status) if attempt < ATTEMPTS && is_passing(&status) => pause(attempt).await,
            told => return told.map(tonic::Response::into_inner),
        }
    }
}

async fn pause(attempt: u32) {
    tokio::time::sleep(PAUSE * attempt).await;
}

async fn stream(
    client: &mut Client,
    file: &Path,
    first: &UploadDocumentContentRequest,
    kept: &mut DocumentUpload,
) -> Result<(), Status> {
    let (messages, stream) = mpsc::channel(2);
    let offset = u64::try_from(kept.received_bytes).unwrap_or(0);
    let first = UploadDocumentContentRequest { offset: kept.received_bytes, ..first.clone() };
    let sender = tokio::task::spawn_blocking({
        let file = file.to_owned();
        move || pump(&file, offset, first, &messages)
    });
    let mut answers = client.upload_document_content(ReceiverStream::new(stream)).await?.into_inner();
    while let Some(answer) = answers.message().await? {
        *kept = answer.upload.unwrap_or_default();
    }
    let read = sender.await.map_err(|fault| Status::internal(fault.to_string()))?;
    read.map_err(|fault| Status::data_loss(format!("{}: {}", file.display(), fault.kind())))
}

/// Sends a small content whole, as an upload of this name, and waits until it was read back.
///
/// # Errors
/// The refusal, before the stream or in it.
pub(crate) async fn sent_whole(
    client: &mut Client,
    (name, media_type): (&str, &str),
    data: Vec<u8>,
) -> Result<(), Status> {
    let message = UploadDocumentContentRequest {
        name: name.to_owned(),
        size_bytes: i64::try_from(data.len()).unwrap_or(i64::MAX),
        media_type: media_type.to_owned(),
        offset: 0,
        data,
    };
    let mut answers = client.upload_document_content(futures::stream::iter([message])).await?.into_inner();
    while answers.message().await?.is_some() {}
    Ok(())
}

// Reads the file from `offset` on into messages, until nobody takes them.
fn pump(
    file: &Path,
    offset: u64,
    first: UploadDocumentContentRequest,
    messages: &mpsc::Sender<UploadDocumentContentRequest>,
) -> std::io::Result<()> {
    let mut file = std::fs::File::open(file)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut offset = i64::try_from(offset).unwrap_or(i64::MAX);
    if messages.blocking_send(first).is_err() {
        return Ok(());
    }
    loop {
        let mut data = Vec::with_capacity(MESSAGE);
        let length = (&mut file).take(MESSAGE as u64).read_to_end(&mut data)?;
        let message = UploadDocumentContentRequest { offset, data, ..UploadDocumentContentRequest::default() };
        if length == 0 || messages.blocking_send(message).is_err() {
            return Ok(());
        }
        offset = offset.saturating_add(i64::try_from(length).unwrap_or(i64::MAX));
    }
}

fn client(given: &Given, config: &Config) -> Result<Client, Failure> {
    let profile = given.access()?.connect(Which::Profile, config)?;
    Ok(DocumentServiceClient::new(profile).max_decoding_message_size(LARGEST_ANSWER))
}

// What another stream may mend. A refusal carries details; what carries none is the transport, which breaks when a process dies.
pub(crate) fn is_passing(status: &Status) -> bool {
    match status.code() {
        Code::Unavailable | Code::Cancelled | Code::Aborted | Code::DeadlineExceeded => true,
        Code::Unknown | Code::Internal => status.details().is_empty(),
        _ => false,
    }
}

pub(crate) fn guessed(file: &Path) -> Result<&'static str, Failure> {
    let end = file.extension().map(|end| end.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    Ok(match end.as_str() {
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "tif" | "tiff" => "image/tiff",
        "webp" => "image/webp",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ofd" => "application/ofd",
        "mp3" => "audio/mpeg",
        "mp4" => "video/mp4",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "xml" => "application/xml",
        _ => return Err(Failure::config(format!("say the type of `{}` with --type", file.display()))),
    })
}

fn hash(file: &Path) -> std::io::Result<Vec<u8>> {
    let (mut file, mut hash, mut piece) = (std::fs::File::open(file)?, Sha256::new(), vec![0; MESSAGE]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hash.finalize().to_vec()),
            length => hash.update(&piece[..length]),
        }
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::{Error, Reason};

    use super::*;

    #[test]
    fn a_type_is_guessed_from_the_end_of_a_name_and_never_from_nothing() {
        assert_eq!(guessed(Path::new("执照.PDF")).unwrap(), "application/pdf");
        assert!(guessed(Path::new("paper")).is_err() && guessed(Path::new("x.exe")).is_err());
    }

    #[test]
    fn only_what_passes_is_tried_again() {
        assert!(is_passing(&Status::unavailable("")) && !is_passing(&Status::not_found("")));
        assert!(is_passing(&Status::unknown("error reading a body from connection")));
        assert!(!is_passing(&Error::new(Reason::Internal).into()));
    }
}
