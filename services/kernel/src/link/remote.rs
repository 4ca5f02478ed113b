//! The channel to a service in another process.

use http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;
use tonic::transport::{Channel, Endpoint};
use tower::{ServiceExt, service_fn};

use crate::config::Peers;
use crate::tls::Outbound;

/// What can go wrong while connecting; the channel tells it as one cause.
type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Why a link cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The uri cannot be used.
    #[error("the way to a peer cannot be used: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The uri has no host.
    #[error("the uri of a peer names no host")]
    Host,
}

pub(super) fn channel(uri: &str, peers: &Peers, tls: &Outbound) -> Result<Channel, LinkError> {
    let endpoint = Endpoint::from_shared(uri.to_owned())?;
    let uri = endpoint.uri().clone();
    let secure = uri.scheme_str() == Some("https");
    // The transport's own TLS is fixed when the channel is made. It is left out here, by a name that does not ask for it;
    // the calls still say https.
    let endpoint = if secure { Endpoint::from(plain(&uri)?).origin(uri.clone()) } else { endpoint };
    let endpoint = endpoint
        .connect_timeout(peers.connect_timeout)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(peers.keepalive)
        .keep_alive_timeout(peers.keepalive)
        .keep_alive_while_idle(true);
    if !secure {
        return Ok(endpoint.connect_lazy());
    }
    let (tls, host) = (tls.clone(), server_name(&uri)?);
    Ok(endpoint.connect_with_connector_lazy(service_fn(move |_: Uri| connect(uri.clone(), host.clone(), tls.clone()))))
}

fn plain(uri: &Uri) -> Result<Uri, LinkError> {
    let authority = uri.authority().ok_or(LinkError::Host)?.as_str();
    format!("http://{authority}").parse().map_err(|_| LinkError::Host)
}

fn server_name(uri: &Uri) -> Result<ServerName<'static>, LinkError> {
    let host = uri.host().ok_or(LinkError::Host)?.trim_matches(['[', ']']);
    ServerName::try_from(host.to_owned()).map_err(|_| LinkError::Host)
}

// With the certificates of this moment: they may have been replaced since the channel was made.
async fn connect(uri: Uri, host: ServerName<'static>, tls: Outbound) -> Result<TokioIo<TlsStream<TcpStream>>, Fault> {
    let mut http = HttpConnector::new();
    http.enforce_http(false);
    http.set_nodelay(true);
    let tcp = http.oneshot(uri).await?.into_inner();
    Ok(TokioIo::new(tls.connector().connect(host, tcp).await?))
}
