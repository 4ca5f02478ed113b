//! What can still go wrong after an answer has begun: a stream may panic, or outlive its deadline. Both end it with
//! trailers that carry a reason, as if the handler had said so.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{HeaderMap, Response};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Bytes;
use tokio::time::Sleep;
use tonic::Status;
use tonic::body::Body;

use super::catch::panicked;
use super::deadline::Deadline;
use crate::error::{Error, Reason};

struct Guarded {
    body: Option<Body>,
    sleep: Option<Pin<Box<Sleep>>>,
}

/// Ends the stream of `response` with INTERNAL if it panics.
pub(super) fn catching(response: Response<Body>) -> Response<Body> {
    guard(response, None)
}

/// Ends the stream of `response` with DEADLINE_EXCEEDED at `deadline`.
pub(super) fn until(response: Response<Body>, deadline: Deadline) -> Response<Body> {
    guard(response, Some(deadline))
}

fn guard(response: Response<Body>, deadline: Option<Deadline>) -> Response<Body> {
    if response.body().is_end_stream() {
        return response;
    }
    let sleep = deadline.map(|deadline| Box::pin(tokio::time::sleep_until(deadline.instant())));
    response.map(|body| Body::new(Guarded { body: Some(body), sleep }))
}

// === impl Guarded ===

impl Guarded {
    fn end(&mut self, fault: Error) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.body = None;
        let status = Status::from(fault);
        let mut trailers = HeaderMap::new();
        Poll::Ready(Some(status.add_header(&mut trailers).map(|()| Frame::trailers(trailers))))
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        match catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(cx))) {
            Ok(Poll::Ready(frame)) => return Poll::Ready(frame),
            Ok(Poll::Pending) => {}
            Err(_) => return self.end(panicked()),
        }
        match self.sleep.as_mut().map(|sleep| sleep.as_mut().poll(cx)) {
            Some(Poll::Ready(())) => self.end(Error::new(Reason::DeadlineExceeded)),
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(http_body::Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), http_body::Body::size_hint)
    }
}
