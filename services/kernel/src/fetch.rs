//! One small request by http or https: an issuer's keys are fetched, a checkpoint is handed to a witness.
//!
//! One request, one connection. Redirects are not followed: a key set that moves is a change of configuration, and whoever
//! can answer for the old address must not name another. Proxies are not used, whatever the environment says.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::tls::material;

/// Longest time for the whole request.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Most bytes of the answer.
const MOST_BYTES: usize = 1 << 20;

/// What is asked, and who vouches for the one who is asked.
struct Asked<'a> {
    uri: Uri,
    method: Method,
    body: Bytes,
    ca_file: Option<&'a Path>,
}

/// The document behind `url`, for whose server the certificates in `ca_file` vouch, or those of the system.
///
/// # Errors
/// A sentence without the url: it may hold a secret.
pub async fn get(url: &str, ca_file: Option<&Path>) -> Result<Bytes, String> {
    asked(url, Method::GET, Bytes::new(), ca_file).await
}

/// Hands `text` over, as plain text; whatever of the 200s answers has taken it.
///
/// # Errors
/// As [`get`].
pub async fn post(url: &str, text: String) -> Result<(), String> {
    asked(url, Method::POST, text.into(), None).await.map(drop)
}

async fn asked(url: &str, method: Method, body: Bytes, ca_file: Option<&Path>) -> Result<Bytes, String> {
    let asked = Asked { uri: url.parse().map_err(|_| "the url is malformed")?, method, body, ca_file };
    tokio::time::timeout(TIMEOUT, fetch(asked)).await.map_err(|_| "no answer in time".to_owned())?
}

async fn fetch(asked: Asked<'_>) -> Result<Bytes, String> {
    let uri = &asked.uri;
    let secure = uri.scheme_str() == Some("https");
    let host = uri.host().ok_or("the url names no host")?.trim_matches(['[', ']']);
    let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
    let tcp = TcpStream::connect((host, port)).await.map_err(|fault| format!("cannot connect: {}", fault.kind()))?;
    if !secure {
        return exchange(TokioIo::new(tcp), asked).await;
    }
    let name = ServerName::try_from(host.to_owned()).map_err(|_| "the url names no valid host")?;
    let tls =
        connector(asked.ca_file)?.connect(name, tcp).await.map_err(|fault| format!("no tls: {}", fault.kind()))?;
    exchange(TokioIo::new(tls), asked).await
}

async fn exchange<I>(io: I, asked: Asked<'_>) -> Result<Bytes, String>
where
    I: hyper::rt::Read + hyper::rt::Write + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(io).await.map_err(|_| "no http")?;
    // Ends with the sender, at the end of this function.
    let connection = tokio::spawn(connection);
    let answer = ask(&mut sender, asked).await;
    connection.abort();
    answer
}

async fn ask(sender: &mut http1::SendRequest<Full<Bytes>>, asked: Asked<'_>) -> Result<Bytes, String> {
    let uri = &asked.uri;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let host = uri.authority().map_or("", |authority| authority.as_str());
    let mut request = Request::builder().method(&asked.method).uri(path).header(header::HOST, host);
    request = match asked.method {
        Method::POST => request.header(header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        _ => request.header(header::ACCEPT, "application/json"),
    };
    let request = request.body(Full::new(asked.body)).map_err(|_| "the url is malformed")?;
    let answer = sender.send_request(request).await.map_err(|_| "the connection broke")?;
    if answer.status().is_redirection() {
        return Err(format!("the answer is a redirect (http {}), which is not followed", answer.status().as_u16()));
    }
    if !answer.status().is_success() {
        return Err(format!("the answer is http {}", answer.status().as_u16()));
    }
    let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await;
    body.map(|body| body.to_bytes()).map_err(|_| "the answer broke off or is too large".to_owned())
}

// The file is read for each request: one that was replaced counts from then on.
fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, String> {
    Ok(TlsConnector::from(Arc::new(tls(ca_file)?)))
}

/// TLS towards servers for which the certificates in `ca_file` vouch, or those of the system.
///
/// # Errors
/// A sentence that names the file.
pub(crate) fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, String> {
    let roots = match ca_file {
        Some(path) => material::roots(path).map_err(|why| format!("the file of its authority {why}"))?.store,
        None => material::system_roots(),
    };
    let config = ClientConfig::builder_with_provider(material::provider())
        .with_safe_default_protocol_versions()
        .map_err(|_| "no tls version in common")?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
