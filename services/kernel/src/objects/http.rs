//! The way to an S3 server: the house's own HTTP and TLS under the library's requests.
//!
//! An answer comes whole or not at all, within its time. Of one that refuses only the code goes on: the rest repeats what was
//! signed and who signed it. Redirects are not followed and proxies not used, as in [`fetch`](crate::fetch).

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use http::StatusCode;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpService,
};

use crate::fetch;

/// Longest time to connect; then another try begins.
const CONNECT: Duration = Duration::from_secs(3);
/// A connection that nobody used for so long may have been forgotten on the way.
const IDLE: Duration = Duration::from_secs(20);
/// Most bytes of an answer: more than a piece, and than a page of a list.
const MOST_BYTES: usize = 16 << 20;

/// Sends requests; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Client {
    inner: legacy::Client<HttpsConnector<Tcp>, HttpRequestBody>,
    timeout: Duration,
}

/// Why an answer cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error("no answer in time")]
    Late,
    #[error("there is no such bucket")]
    Bucket,
    #[error("{0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

// === impl Client ===

impl Client {
    /// A client for whose servers the certificates in `ca_file` vouch, or those of the system.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub(super) fn open(ca_file: Option<&Path>, timeout: Duration) -> Result<Self, String> {
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT.min(timeout)));
        let ways = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(fetch::tls(ca_file)?);
        let ways = ways.https_or_http().enable_http1().wrap_connector(tcp);
        let inner = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_timer(TokioTimer::new())
            .build(ways);
        Ok(Self { inner, timeout })
    }

    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (mut parts, body) = self.inner.request(request).await.map_err(unsent)?.into_parts();
        let body = Limited::new(body, MOST_BYTES).collect().await;
        let body =
            body.map_err(|fault| HttpError::new(HttpErrorKind::Interrupted, Unusable::Broken(fault)))?.to_bytes();
        if parts.status.is_success() {
            return Ok(HttpResponse::from_parts(parts, body.into()));
        }
        let code = code(&body);
        // It says the same of a piece that is not there, which would be taken for lost.
        if parts.status == StatusCode::NOT_FOUND && code == "NoSuchBucket" {
            return Err(HttpError::new(HttpErrorKind::Unknown, Unusable::Bucket));
        }
        parts.headers.remove(http::header::CONTENT_LENGTH);
        Ok(HttpResponse::from_parts(parts, code.into_bytes().into()))
    }
}

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(HttpError::new(HttpErrorKind::Timeout, Unusable::Late)),
        }
    }
}

impl HttpConnector for Client {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

// Whatever was cut off is asked again, a write too: one that got through is known by its bytes.
fn unsent(fault: legacy::Error) -> HttpError {
    let kind = if fault.is_connect() { HttpErrorKind::Connect } else { HttpErrorKind::Request };
    HttpError::new(kind, fault)
}

// What a refusal calls itself, and nothing else of it.
fn code(body: &Bytes) -> String {
    let text = String::from_utf8_lossy(body);
    let code = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map_or("", |(code, _)| code);
    code.chars().filter(char::is_ascii_alphanumeric).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_refusal_only_its_code_goes_on() {
        let body = "<?xml?><Error><Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIA7</AWSAccessKeyId></Error>";
        assert_eq!(code(&Bytes::from(body)), "SignatureDoesNotMatch");
        assert_eq!(code(&Bytes::from("<Code>a</b> \"c\"\n</Code>")), "abc");
        assert_eq!(code(&Bytes::from("<html>AKIA7</html>")), "");
    }
}
