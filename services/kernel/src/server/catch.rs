//! A panic is our fault and the caller's business only as INTERNAL.

use std::panic::AssertUnwindSafe;

use futures::FutureExt;
use http::{Request, Response};
use tonic::body::Body;

use super::guarded;
use super::wrap::{Inner, Next, Wrap, refuse};
use crate::error::{Error, Reason};

/// Turns a panic into an answer.
#[derive(Clone, Debug)]
pub(super) struct Catch;

impl Wrap for Catch {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        // What a panicking handler leaves half done is rolled back with its transaction.
        match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => guarded::catching(response),
            Err(_) => refuse(panicked()),
        }
    }
}

/// The payload of the panic stays out: it may quote what was being worked on.
pub(super) fn panicked() -> Error {
    Error::new(Reason::Internal).because("panic")
}
