//! No more calls at work than the process can bear; the rest learn at once that they should go elsewhere.

use std::sync::Arc;

use http::{Request, Response};
use tokio::sync::Semaphore;
use tonic::body::Body;

use super::wrap::{Inner, Next, Wrap, refuse};
use crate::error::{Error, Reason};

/// Refuses calls beyond a number, over all connections. A stream counts until its answer begins: how many may be open
/// is bounded for each connection.
#[derive(Clone, Debug)]
pub(super) struct Admit {
    free: Arc<Semaphore>,
    most: usize,
}

// === impl Admit ===

impl Admit {
    pub(super) fn new(calls: usize) -> Self {
        let most = calls.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(most)), most }
    }

    /// How many calls are at work now, those of health aside.
    pub(super) fn at_work(&self) -> usize {
        self.most.saturating_sub(self.free.available_permits())
    }
}

impl Wrap for Admit {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        // A process that is busy is healthy: whoever restarts it for that makes things worse.
        if request.uri().path().starts_with("/grpc.health.v1.Health/") {
            return next.run(request).await;
        }
        match self.free.try_acquire() {
            Ok(_permit) => next.run(request).await,
            Err(_) => refuse(Error::new(Reason::Overloaded)),
        }
    }
}
