//! The size of every message, checked where it is announced: in the five bytes before it. And how many elements it has,
//! counted before they are made.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Bytes;
use tonic::Status;
use tonic::body::Body;

use super::elements;
use super::wrap::{Inner, Next, Wrap};
use crate::error::{Error, Reason};

/// Refuses messages beyond a size, in every service and every stream alike.
#[derive(Clone, Debug)]
pub(super) struct MessageSize(usize);

struct Measured {
    body: Body,
    limit: usize,
    scan: Scan,
    path: String,
    // What has come of a message that is long enough to have too many elements.
    long: Vec<u8>,
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
        let path = request.uri().path().to_owned();
        let measured =
            |body| Body::new(Measured { body, limit: self.0, scan: Scan::default(), path, long: Vec::new() });
        next.run(request.map(measured)).await
    }
}

// === impl Scan ===

impl Scan {
    /// Whether every message that begins in `bytes` keeps within `limit`. Hands out the parts of messages as they come, each
    /// with the length of its message that is still to come; what it says of them counts too.
    fn within(&mut self, mut bytes: &[u8], limit: usize, mut part: impl FnMut(&[u8], usize) -> bool) -> bool {
        while !bytes.is_empty() {
            let skipped = self.payload.min(bytes.len());
            self.payload -= skipped;
            if skipped > 0 && !part(&bytes[..skipped], self.payload) {
                return false;
            }
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

// Gathers a long message and counts its elements once it is whole, before the decoder has the last of it.
fn are_few(path: &str, long: &mut Vec<u8>, bytes: &[u8], left: usize) -> bool {
    if long.is_empty() && bytes.len() + left <= elements::HARMLESS {
        return true;
    }
    if long.is_empty() && left == 0 {
        return elements::are_few(path, bytes);
    }
    long.extend_from_slice(bytes);
    if left > 0 {
        return true;
    }
    elements::are_few(path, &std::mem::take(long))
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
        {
            let (path, long, mut few) = (this.path.as_str(), &mut this.long, true);
            let part = |bytes: &[u8], left: usize| {
                few = are_few(path, long, bytes, left);
                few
            };
            if !this.scan.within(bytes, this.limit, part) {
                let fault = Error::new(Reason::MessageTooLarge);
                let fault = if few {
                    fault.with("limit_bytes", this.limit.to_string())
                } else {
                    fault.with("limit_elements", elements::MOST.to_string())
                };
                return Poll::Ready(Some(Err(fault.into())));
            }
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
                scan.within(chunk, 10, |_, _| true)
            });
            assert!(!fits && seen >= 15 + 5 + 8 + 5, "{cut}");
            let (mut scan, mut whole) = (Scan::default(), Vec::new());
            let mut part = |bytes: &[u8], left: usize| {
                whole.push((bytes.len(), left));
                true
            };
            assert!(stream.chunks(cut).all(|chunk| scan.within(chunk, 11, &mut part)));
            assert_eq!(whole.iter().map(|(length, _)| length).sum::<usize>(), 24);
            assert_eq!(
                whole.iter().filter(|(_, left)| *left == 0).count(),
                3,
                "each message that has anything ends once"
            );
            let mut scan = Scan::default();
            assert!(stream.chunks(cut).all(|chunk| scan.within(chunk, 11, |_, _| true)));
        }
    }
}
