//! The layer that lets nobody pass without a valid credential.

use std::sync::Arc;

use http::{HeaderMap, Request, Response, header};
use tonic::body::Body;

use super::{Caller, Refusal, Verifier};
use crate::error::Error;
use crate::server::{Guest, Inner, Next, Wrap, refuse};

/// Puts a [`Caller`] into the extensions of every request, or answers UNAUTHENTICATED. Health and reflection are open:
/// they tell nothing of any org.
#[derive(Clone, Debug)]
pub struct Authenticate(Arc<Verifier>);

// === impl Authenticate ===

impl Authenticate {
    /// The layer that asks `verifier`.
    pub fn new(verifier: Arc<Verifier>) -> Self {
        Self(verifier)
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Refusal> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let value = values.next().ok_or(Refusal::Missing)?;
        if values.next().is_some() {
            return Err(Refusal::Malformed);
        }
        let value = value.to_str().map_err(|_| Refusal::Malformed)?;
        let (scheme, token) = value.split_once(' ').ok_or(Refusal::Malformed)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Missing);
        }
        self.0.verify(token.trim()).await
    }
}

impl Wrap for Authenticate {
    async fn around<S: Inner>(self, next: Next<S>, mut request: Request<Body>) -> Response<Body> {
        if is_open(request.uri().path()) {
            return next.run(request).await;
        }
        match self.caller(request.headers()).await {
            Ok(caller) => {
                if let Some(guest) = request.extensions().get::<Guest>() {
                    guest.prove();
                }
                request.extensions_mut().insert(caller);
                next.run(request).await
            }
            Err(refusal) => refuse(Error::from(refusal)),
        }
    }
}

fn is_open(path: &str) -> bool {
    ["/grpc.health.v1.Health/", "/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/"]
        .iter()
        .any(|open| path.starts_with(open))
}
