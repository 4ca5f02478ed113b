//! A bucket of an S3 server on this machine: requests travel over a socket, signatures are checked, files lie in a folder.
//!
//! The server is `s3s` with the files of `s3s-fs`. Those keep a conditional write in two steps, whether there is something and
//! then the write; here one write is made at a time, as a server in use does it by other means.

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use dossier_kernel::config::{Config, Sources};
use dossier_kernel::objects::{Objects, Settings};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::dto::{
    DeleteObjectsInput, DeleteObjectsOutput, GetObjectInput, GetObjectOutput, ListObjectsV2Input, ListObjectsV2Output,
    PutObjectInput, PutObjectOutput,
};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

const NAME: &str = "dossier-tests";
const ID: &str = "AKIADOSSIERTESTS";
const KEY: &str = "a-key-that-nobody-must-see";

/// A bucket, whose server answers until it is told otherwise.
pub struct Bucket {
    folder: TempDir,
    address: SocketAddr,
    authority: Option<PathBuf>,
    mode: watch::Sender<Mode>,
    kept: Arc<Habits>,
}

/// What the server does with whoever calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It answers.
    Answers,
    /// It cuts every connection off.
    CutsOff,
    /// It takes connections and says nothing.
    SaysNothing,
}

/// What the server does otherwise than it should.
#[derive(Debug, Default)]
struct Habits {
    overwrites: AtomicBool,
    loses_an_answer: AtomicBool,
}

struct Files {
    files: FileSystem,
    one: Mutex<()>,
    habits: Arc<Habits>,
}

// === impl Bucket ===

impl Bucket {
    /// An empty bucket.
    ///
    /// # Panics
    /// When there is no port or no folder.
    pub async fn start() -> Self {
        Self::with(false).await
    }

    /// An empty bucket that is reached by TLS.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    pub async fn secured() -> Self {
        Self::with(true).await
    }

    async fn with(tls: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (root, kept) = (folder.path().join("server"), Arc::new(Habits::default()));
        std::fs::create_dir_all(root.join(NAME)).expect("a folder");
        let files = FileSystem::new(&root).expect("a folder of files");
        let mut service = S3ServiceBuilder::new(Files { files, one: Mutex::new(()), habits: Arc::clone(&kept) });
        service.set_auth(SimpleAuth::from_single(ID, KEY));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (acceptor, authority) = tls.then(|| acceptor(&folder)).unzip();
        let (mode, told) = watch::channel(Mode::Answers);
        tokio::spawn(serve(listener, service.build(), acceptor, told));
        Self { folder, address, authority, mode, kept }
    }

    /// Where the files of the server lie, and others that go with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Lets the server do this from now on, to connections that are open as well.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }

    /// Lets the server write over what is there, as one that knows no conditional writes.
    pub fn let_overwrite(&self) {
        self.kept.overwrites.store(true, Ordering::Relaxed);
    }

    /// Lets the server say of the next write that it failed, once it is kept.
    pub fn let_lose_an_answer(&self) {
        self.kept.loses_an_answer.store(true, Ordering::Relaxed);
    }

    /// The options of a configuration that keeps contents here.
    pub fn options(&self) -> Vec<(String, String)> {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", self.address);
        let authority = self.authority.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
        let options = [
            ("bucket", NAME),
            ("endpoint", &endpoint),
            ("allow_http", if self.authority.is_some() { "false" } else { "true" }),
            ("ca_file", &authority),
            ("access_key_id", ID),
            ("secret_access_key", KEY),
            ("timeout", "1s"),
        ];
        options.map(|(key, value)| (format!("documents.s3.{key}"), value.to_owned())).into()
    }

    /// The same as settings, as they come out of a configuration.
    ///
    /// # Panics
    /// When the configuration does not take them.
    pub fn settings(&self) -> Settings {
        let sources = Sources { flags: self.options(), ..Sources::default() };
        Config::load(&sources).expect("a configuration").documents.s3
    }

    /// What is kept here.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn objects(&self) -> Objects {
        Objects::in_bucket(&self.settings()).expect("a store of contents")
    }
}

// Signed by itself, so that it vouches for itself.
fn acceptor(folder: &TempDir) -> (TlsAcceptor, PathBuf) {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate");
    let path = folder.path().join("authority.pem");
    std::fs::write(&path, made.cert.pem()).expect("it is written");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a certificate and its key");
    (TlsAcceptor::from(Arc::new(config)), path)
}

async fn serve(listener: TcpListener, service: S3Service, tls: Option<TlsAcceptor>, told: watch::Receiver<Mode>) {
    while let Ok((socket, _)) = listener.accept().await {
        let (service, tls, told) = (service.clone(), tls.clone(), told.clone());
        tokio::spawn(async move {
            match tls {
                None => connection(socket, service, told).await,
                Some(tls) => {
                    if let Ok(socket) = tls.accept(socket).await {
                        connection(socket, service, told).await;
                    }
                }
            }
        });
    }
}

async fn connection<I>(socket: I, service: S3Service, mut told: watch::Receiver<Mode>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mode = *told.borrow_and_update();
    match mode {
        Mode::CutsOff => {}
        Mode::SaysNothing => drop(told.changed().await),
        Mode::Answers => {
            let served = http1::Builder::new().serve_connection(TokioIo::new(socket), service);
            tokio::select! {
                _ = served => {}
                _ = told.changed() => {}
            }
        }
    }
}

// === impl Files ===

#[async_trait::async_trait]
impl S3 for Files {
    async fn put_object(&self, mut asked: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        if self.habits.overwrites.load(Ordering::Relaxed) {
            asked.input.if_none_match = None;
        }
        let _one = self.one.lock().await;
        let kept = self.files.put_object(asked).await?;
        match self.habits.loses_an_answer.swap(false, Ordering::Relaxed) {
            true => Err(s3_error!(InternalError, "it is kept all the same")),
            false => Ok(kept),
        }
    }

    async fn get_object(&self, asked: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        // Its files know of no buckets here, and would call only the object missing.
        if asked.input.bucket != NAME {
            return Err(s3_error!(NoSuchBucket));
        }
        self.files.get_object(asked).await
    }

    async fn delete_objects(&self, asked: S3Request<DeleteObjectsInput>) -> S3Result<S3Response<DeleteObjectsOutput>> {
        self.files.delete_objects(asked).await
    }

    async fn list_objects_v2(&self, asked: S3Request<ListObjectsV2Input>) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.files.list_objects_v2(asked).await
    }
}
