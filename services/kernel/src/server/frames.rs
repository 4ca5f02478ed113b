//! The size of every message, checked where it is announced: in the five bytes before it.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Bytes;
use tonic::Status;
use tonic::body::Body;

use super::wrap::{Inner, Next, Wrap};
use crate::error::{Error, Reason};

/// Refuses messages beyond a size, in every service and every stream alike.
#[derive(Clone, Debug)]
pub(super) struct MessageSize(usize);

struct Measured {
    body: Body,
    limit: usize,
    scan: Scan,
}

/// Where in the sequence of messages the stream stands: a flag, four bytes of length, then so many bytes.
#[derive(Debug, Default)]
struct Scan {
    header: [u8; 5],
    read: usize,
    payload: usize,
}

// === impl MessageSize ===

impl MessageSize {
    pub(super) fn new(limit: usize) -> Self {
        Self(limit)
    }
}

impl Wrap for MessageSize {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        let measured = |body| Body::new(Measured { body, limit: self.0, scan: Scan::default() });
        next.run(request.map(measured)).await
    }
}

// === impl Scan ===

impl Scan {
    /// Whether every message that begins in `bytes` keeps within `limit`.
    fn within(&mut self, mut bytes: &[u8], limit: usize) -> bool {
        while !bytes.is_empty() {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            bytes = &bytes[skipped..];
            while self.payload == 0 && self.read < self.header.len() && !bytes.is_empty() {
                self.header[self.read] = bytes[0];
                self.read += 1;
                bytes = &bytes[1..];
            }
            if self.read == self.header.len() {
                let [_, length @ ..] = self.header;
                self.payload = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
                self.read = 0;
                if self.payload > limit {
                    return false;
                }
            }
        }
        true
    }
}

// === impl Measured ===

impl http_body::Body for Measured {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let polled = Pin::new(&mut this.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(bytes) = frame.data_ref()
            && !this.scan.within(bytes, this.limit)
        {
            let fault = Error::new(Reason::MessageTooLarge).with("limit_bytes", this.limit.to_string());
            return Poll::Ready(Some(Err(fault.into())));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: usize) -> Vec<u8> {
        let mut bytes = vec![0];
        bytes.extend(u32::try_from(length).unwrap().to_be_bytes());
        bytes.extend(vec![7; length]);
        bytes
    }

    #[test]
    fn every_message_is_measured_however_the_bytes_are_cut() {
        let stream = [message(10), message(0), message(3), message(11)].concat();
        for cut in 1..=stream.len() {
            let (mut scan, mut seen) = (Scan::default(), 0);
            let fits = stream.chunks(cut).all(|chunk| {
                seen += chunk.len();
                scan.within(chunk, 10)
            });
            assert!(!fits && seen >= 15 + 5 + 8 + 5, "{cut}");
            let mut scan = Scan::default();
            assert!(stream.chunks(cut).all(|chunk| scan.within(chunk, 11)));
        }
    }
}
