//! A server on its port, and how it comes to an end.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::admit::Admit;
use super::crowd::Crowd;
use super::{Door, Health, Server, Stop, incoming};
use crate::config;
use crate::tls::Inbound;

/// Longest time for cut connections to notice.
const CUT: Duration = Duration::from_secs(1);

/// A server whose port is open.
#[derive(Debug)]
pub struct Bound {
    settings: config::Server,
    door: Door,
    pub(super) admit: Admit,
    health: Health,
    tls: Option<Inbound>,
    listener: TcpListener,
    address: SocketAddr,
}

/// Why a server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The port is taken or the address is not ours.
    #[error("{address} cannot be bound: {}", cause.kind())]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the machine said.
        #[source]
        cause: io::Error,
    },
    /// The settings name a certificate, and nobody opened it.
    #[error("server.certificate_file asks for tls, and the server was made without it")]
    Clear,
    /// The transport failed.
    #[error("the transport fails: {0}")]
    Transport(#[from] tonic::transport::Error),
    /// The contracts that were compiled in cannot be read.
    #[error("the descriptor set of the contracts cannot be read")]
    Descriptors,
}

// === impl Bound ===

impl Bound {
    pub(super) fn open(server: Server, address: SocketAddr) -> Result<Self, ServeError> {
        let said = |cause| ServeError::Bind { address, cause };
        let listener = std::net::TcpListener::bind(address).map_err(said)?;
        listener.set_nonblocking(true).map_err(said)?;
        let listener = TcpListener::from_std(listener).map_err(said)?;
        let address = listener.local_addr().map_err(said)?;
        let Server { settings, door, admit, health, tls } = server;
        Ok(Self { settings, door, admit, health, tls, listener, address })
    }

    /// Where the server listens, with the real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The services behind all their layers, for links inside this process.
    pub fn door(&self) -> Door {
        self.door.clone()
    }

    /// Serves until `stop`. Then: health says NOT_SERVING, the port closes, calls at work may end until the drain
    /// deadline, and what is left (a silent connection, an open watch) is cut. Gives how many calls were at work when a stop
    /// for good cut them: nobody gave those the time that they were promised.
    ///
    /// # Errors
    /// When the transport fails.
    pub async fn serve(self, stop: &Stop) -> Result<usize, ServeError> {
        let drain = self.settings.drain_deadline;
        let builder = self.builder();
        let Self { settings, door, admit, mut health, listener, tls, .. } = self;
        let cut = CancellationToken::new();
        let soft = stop.soft().clone();
        let stopping = async move {
            soft.cancelled().await;
            health.set(false).await;
            health.end_watches().await;
        };
        let crowd = Crowd::new(settings.connections());
        let connections = incoming::accept(listener, cut.clone(), crowd, settings.first_call_timeout, tls);
        let serving = builder.serve_with_incoming_shutdown(door, connections, stopping);
        tokio::pin!(serving);
        tokio::select! {
            done = &mut serving => return Ok(done.map(|()| 0)?),
            () = expired(stop, drain) => {}
        }
        let cut_short = if stop.hard().is_cancelled() { admit.at_work() } else { 0 };
        tracing::warn!("connections that did not end in time are cut");
        cut.cancel();
        // Their tasks are gone with their connections; a handler that blocks its thread is not waited for.
        tokio::time::timeout(CUT, serving).await.unwrap_or(Ok(()))?;
        Ok(cut_short)
    }

    fn builder(&self) -> tonic::transport::Server {
        let settings = &self.settings;
        tonic::transport::Server::builder()
            .http2_keepalive_interval(Some(settings.keepalive))
            .http2_keepalive_timeout(Some(settings.keepalive_timeout))
            .http2_max_header_list_size(settings.max_header_bytes)
            .max_concurrent_streams(settings.max_concurrent_streams)
            .max_connection_age(settings.max_connection_age)
            .max_connection_age_grace(settings.max_connection_grace)
    }
}

async fn expired(stop: &Stop, drain: Duration) {
    stop.soft().cancelled().await;
    tokio::select! {
        () = tokio::time::sleep(drain) => {}
        () = stop.hard().cancelled() => {}
    }
}
