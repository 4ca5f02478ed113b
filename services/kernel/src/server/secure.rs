//! Accepted connections with TLS or without. The handshake is a part of the connection's first read, so that a slow one holds
//! up nobody else.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::Accept;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

use super::crowd::Guest;
use super::incoming::Severable;
use crate::tls::{Inbound, PeerNames, Refused};

/// A connection as the protocol above sees it.
pub(super) struct Entrance {
    way: Way,
    place: Place,
}

/// What a request knows of its connection.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) guest: Guest,
    names: Arc<OnceLock<PeerNames>>,
}

enum Way {
    Plain(Severable),
    Shaking(Box<Accept<Severable>>, Refused),
    Secure(Box<TlsStream<Severable>>),
    Refused,
}

/// What is asked of the connection once it can be.
trait Stream: AsyncRead + AsyncWrite + Unpin {}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream for S {}

// === impl Place ===

impl Place {
    /// What the certificate of the caller calls them; nothing without one.
    pub(super) fn names(&self) -> PeerNames {
        self.names.get().cloned().unwrap_or_default()
    }
}

// === impl Entrance ===

impl Entrance {
    /// The entrance of `connection`, by TLS where `tls` is given.
    pub(super) fn new(connection: Severable, tls: Option<&Inbound>) -> Self {
        let place = Place { guest: connection.guest(), names: Arc::default() };
        let way = match tls {
            Some(tls) => Way::Shaking(Box::new(tls.acceptor().accept(connection)), tls.refused().clone()),
            None => Way::Plain(connection),
        };
        Self { way, place }
    }

    /// The connection, after its handshake.
    fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Pin<&mut dyn Stream>>> {
        if let Way::Shaking(accept, refused) = &mut self.way {
            match ready!(Pin::new(accept.as_mut()).poll(cx)) {
                Ok(stream) => {
                    let _ = self.place.names.set(PeerNames::of(stream.get_ref().1.peer_certificates()));
                    self.way = Way::Secure(Box::new(stream));
                }
                Err(fault) => {
                    // Whoever was cut for a stop or a crowd did nothing wrong.
                    if fault.kind() != io::ErrorKind::ConnectionAborted {
                        refused.note(&fault);
                    }
                    self.way = Way::Refused;
                    return Poll::Ready(Err(fault));
                }
            }
        }
        Poll::Ready(match &mut self.way {
            Way::Plain(stream) => Ok(Pin::new(stream)),
            Way::Secure(stream) => Ok(Pin::new(stream)),
            Way::Shaking(..) | Way::Refused => Err(io::ErrorKind::NotConnected.into()),
        })
    }
}

impl Connected for Entrance {
    type ConnectInfo = Place;

    fn connect_info(&self) -> Place {
        self.place.clone()
    }
}

impl AsyncRead for Entrance {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_read(cx, buffer)
    }
}

impl AsyncWrite for Entrance {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_open(cx))?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.way {
            Way::Plain(stream) => stream.is_write_vectored(),
            // That of TLS takes several pieces at once, whether its handshake is done or not.
            _ => true,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_open(cx))?.poll_flush(cx)
    }

    // A handshake that is not done has nothing to say at its end.
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.way {
            Way::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Way::Secure(stream) => Pin::new(stream).poll_shutdown(cx),
            Way::Shaking(..) | Way::Refused => Poll::Ready(Ok(())),
        }
    }
}
