//! Telling a caller that their call had its effect before.

use http::{HeaderValue, Request, Response};
use tonic::body::Body;

use super::wrap::{Inner, Next, Wrap};
use crate::call::{REPLAYED, Replayed};

/// Puts [`REPLAYED`] on the answer to a call that was answered by an earlier one.
#[derive(Clone, Debug)]
pub(super) struct Replays;

impl Wrap for Replays {
    async fn around<S: Inner>(self, next: Next<S>, mut request: Request<Body>) -> Response<Body> {
        let replayed = Replayed::default();
        request.extensions_mut().insert(replayed.clone());
        let mut response = next.run(request).await;
        if replayed.is_set() {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}
