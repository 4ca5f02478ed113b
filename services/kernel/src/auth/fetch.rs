//! Fetches a small document by http or https: an issuer's keys, nothing else.
//!
//! One request, one connection, no redirects: a key set that moves is a change of configuration.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// Longest time for the whole request.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of the answer.
const MOST_BYTES: usize = 1 << 20;

/// The document behind `url`.
///
/// # Errors
/// A sentence without the url: it may hold a secret.
pub(super) async fn get(url: &str) -> Result<Bytes, String> {
    let uri: Uri = url.parse().map_err(|_| "the url is malformed")?;
    tokio::time::timeout(TIMEOUT, fetch(&uri)).await.map_err(|_| "no answer in time".to_owned())?
}

async fn fetch(uri: &Uri) -> Result<Bytes, String> {
    let secure = uri.scheme_str() == Some("https");
    let host = uri.host().ok_or("the url names no host")?.trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let tcp = TcpStream::connect((host, port)).await.map_err(|fault| format!("cannot connect: {}", fault.kind()))?;
    if !secure {
        return exchange(TokioIo::new(tcp), uri).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| "the url names no valid host")?;
    let tls = connector()?.connect(name, tcp).await.map_err(|fault| format!("no tls: {}", fault.kind()))?;
    exchange(TokioIo::new(tls), uri).await
}

async fn exchange<I>(io: I, uri: &Uri) -> Result<Bytes, String>
where
    I: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(io).await.map_err(|_| "no http")?;
    // Ends with the sender, at the end of this function.
    let connection = tokio::spawn(connection);
    let answer = ask(&mut sender, uri).await;
    connection.abort();
    answer
}

async fn ask(sender: &mut http1::SendRequest<Empty<Bytes>>, uri: &Uri) -> Result<Bytes, String> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(header::HOST, host)
        .header(header::ACCEPT, "application/json")
        .body(Empty::new())
        .map_err(|_| "the url is malformed")?;
    let answer = sender.send_request(request).await.map_err(|_| "the connection broke")?;
    if answer.status() != StatusCode::OK {
        return Err(format!("the answer is http {}", answer.status().as_u16()));
    }
    let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
    body.map(|body| body.to_bytes()).map_err(|_| "the answer broke off or is too large".to_owned())
}

fn connector() -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| "no tls version in common")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
