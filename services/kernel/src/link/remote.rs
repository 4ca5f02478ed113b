//! The channel to a service in another process.

use std::io;
use std::path::Path;

use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

use crate::config::Peers;

/// Why a link cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The uri or the certificates cannot be used.
    #[error("the way to a peer cannot be used: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// A certificate or its key cannot be read.
    #[error("a certificate for a peer cannot be read: {}", .0.kind())]
    Certificate(#[from] io::Error),
}

pub(super) fn channel(uri: &str, peers: &Peers) -> Result<Channel, LinkError> {
    let mut endpoint = Endpoint::from_shared(uri.to_owned())?
        .connect_timeout(peers.connect_timeout)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(peers.keepalive)
        .keep_alive_timeout(peers.keepalive)
        .keep_alive_while_idle(true);
    if uri.starts_with("https:") {
        endpoint = endpoint.tls_config(tls(peers)?)?;
    }
    Ok(endpoint.connect_lazy())
}

fn tls(peers: &Peers) -> Result<ClientTlsConfig, LinkError> {
    let read = |path: &Path| std::fs::read(path);
    let tls = match &peers.ca_file {
        Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
        None => ClientTlsConfig::new().with_native_roots(),
    };
    Ok(match (&peers.certificate_file, &peers.key_file) {
        (Some(certificate), Some(key)) => tls.identity(Identity::from_pem(read(certificate)?, read(key)?)),
        _ => tls,
    })
}
