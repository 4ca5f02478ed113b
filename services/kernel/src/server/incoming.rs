//! Accepted connections that can be cut: tonic hands each to a task of its own and forgets it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use http::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::body::Body;

use super::crowd::{Crowd, Guest};
use super::secure::{Entrance, Place};
use super::wrap::{Inner, Next, Wrap};
use crate::tls::Inbound;

/// A connection that reads and writes nothing more once it is cut, or when no call has come over it in time.
pub(super) struct Severable {
    stream: TcpStream,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    silence: Option<Pin<Box<Sleep>>>,
    guest: Guest,
}

/// Notes that a call has come over a connection, and leaves the [`Guest`] and the names of their certificate in its extensions.
#[derive(Clone, Debug)]
pub(super) struct Greet;

/// The connections of `listener`, as many as `crowd` bears; each must bring a call within `patience`, the handshake of
/// TLS included where `tls` is given. A machine that is out of descriptors is given time instead of being asked again at once.
pub(super) fn accept(
    listener: TcpListener,
    cut: CancellationToken,
    crowd: Crowd,
    patience: Duration,
    tls: Option<Inbound>,
) -> impl Stream<Item = io::Result<Entrance>> {
    futures::stream::unfold((listener, cut, crowd, tls), move |(listener, cut, crowd, tls)| async move {
        let accepted = next(&listener, &cut, &crowd, patience).await;
        let accepted = accepted.map(|connection| Entrance::new(connection, tls.as_ref()));
        Some((accepted, (listener, cut, crowd, tls)))
    })
}

async fn next(
    listener: &TcpListener,
    cut: &CancellationToken,
    crowd: &Crowd,
    patience: Duration,
) -> io::Result<Severable> {
    loop {
        let accepted = listener.accept().await.and_then(|(stream, _)| stream.set_nodelay(true).map(|()| stream));
        let stream = match accepted {
            Ok(stream) => stream,
            Err(fault) => {
                tokio::time::sleep(Duration::from_millis(50)).await;
                return Err(fault);
            }
        };
        let own = cut.child_token();
        // When everybody inside has shown a credential, this one is let go at once.
        if let Some(guest) = crowd.enter(own.clone()) {
            return Ok(Severable::new(stream, own, guest, patience));
        }
    }
}

// === impl Severable ===

impl Severable {
    fn new(stream: TcpStream, cut: CancellationToken, guest: Guest, patience: Duration) -> Self {
        let silence = Some(Box::pin(tokio::time::sleep(patience)));
        Self { stream, cut: Box::pin(cut.cancelled_owned()), silence, guest }
    }

    /// What is known of the connection.
    pub(super) fn guest(&self) -> Guest {
        self.guest.clone()
    }

    // Polled in both directions, so that whichever waits is woken.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.cut.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        if self.guest.has_spoken() {
            self.silence = None;
        }
        match self.silence.as_mut().map(|silence| silence.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => Err(io::ErrorKind::TimedOut.into()),
            Some(Poll::Pending) | None => Ok(()),
        }
    }
}

impl Drop for Severable {
    fn drop(&mut self) {
        self.guest.leave();
    }
}

// === impl Greet ===

impl Wrap for Greet {
    async fn around<S: Inner>(self, next: Next<S>, mut request: Request<Body>) -> Response<Body> {
        // A call by a link inside the process has no connection.
        if let Some(place) = request.extensions().get::<Place>().cloned() {
            place.guest.speak();
            request.extensions_mut().insert(place.names());
            request.extensions_mut().insert(place.guest);
        }
        next.run(request).await
    }
}

impl AsyncRead for Severable {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Severable {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(cx)?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
