//! A layer as one async function.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::error::Error;

/// What a layer wraps: a service that answers every request, a refusal being an answer too.
pub trait Inner:
    Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static> + Clone + Send + 'static
{
}

impl<S> Inner for S where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static
{
}

/// What a layer does around a call; cloned for each call.
pub trait Wrap: Clone + Send + Sync + 'static {
    /// Answers `request`, by `next` or without it.
    fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> impl Future<Output = Response<Body>> + Send;
}

/// The rest of the stack, for one call.
#[derive(Debug)]
pub struct Next<S>(S);

/// The tower layer of a [`Wrap`].
#[derive(Clone, Debug)]
pub(super) struct Around<W>(pub(super) W);

/// The service of a [`Wrap`] around another service.
#[derive(Clone, Debug)]
pub(super) struct Wrapped<S, W> {
    inner: S,
    wrap: W,
}

/// The answer that tells `fault`.
pub fn refuse(fault: Error) -> Response<Body> {
    Status::from(fault).into_http()
}

// === impl Next ===

impl<S: Inner> Next<S> {
    /// Hands the request on.
    pub async fn run(mut self, request: Request<Body>) -> Response<Body> {
        match self.0.call(request).await {
            Ok(response) => response,
        }
    }
}

// === impl Around ===

impl<S, W: Clone> Layer<S> for Around<W> {
    type Service = Wrapped<S, W>;

    fn layer(&self, inner: S) -> Self::Service {
        Wrapped { inner, wrap: self.0.clone() }
    }
}

// === impl Wrapped ===

impl<S: Inner, W: Wrap> Service<Request<Body>> for Wrapped<S, W> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The service that was made ready serves this call; its clone becomes ready for the next one.
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone);
        let wrap = self.wrap.clone();
        Box::pin(async move { Ok(wrap.around(Next(ready), request).await) })
    }
}
