//! How one service calls another: a channel to it, or the other service in the same process without a socket.
//!
//! # To call another service
//! ```ignore
//! // once, at start
//! let access = Link::remote("access", uri, &config.peers, &tls, auth.tokens("profile"))?;   // or
//! let access = Link::local("access", door, &config.peers, auth.tokens("profile"));
//! // in a handler: as the person who called us, within what is left of the deadline
//! ApprovalServiceClient::new(access.acting_for(&call)).create_approval(request).await?;
//! // in a job: as this service, in one org
//! JournalServiceClient::new(access.as_service(org)).list_entries(request).await?;
//! ```
//! A link without a credential is refused by the other side: nothing is allowed by default. The trace context goes
//! along by itself.

mod remote;
mod slot;
#[cfg(test)]
mod tests;

pub use remote::LinkError;
pub use slot::Slot;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Request, Response, header};
use tonic::body::Body;
use tonic::transport::Channel;
use tower::{Service, ServiceExt};

use crate::auth::ServiceTokens;
use crate::call::Call;
use crate::config;
use crate::error::{Error, Reason};
use crate::server::{Deadline, Door, deadline, refuse};
use crate::telemetry::trace;
use crate::tls::Outbound;

/// The way to one other service; cheap to clone. Generated clients work over it.
#[derive(Clone, Debug)]
pub struct Link {
    name: &'static str,
    way: Way,
    tokens: ServiceTokens,
    credential: Credential,
    deadline: Option<Deadline>,
    timeout: Duration,
    streaming: bool,
}

#[derive(Clone, Debug)]
enum Way {
    Remote(Channel),
    Local(Slot),
}

/// In whose name the calls are made.
#[derive(Clone, Debug)]
enum Credential {
    None,
    Bearer(HeaderValue),
    Service(String),
}

// === impl Link ===

impl Link {
    /// The service `name` at `uri`. Connects when it is first needed, and again whenever that is necessary.
    ///
    /// # Errors
    /// When the uri cannot be used.
    pub fn remote(
        name: &'static str,
        uri: &str,
        peers: &config::Peers,
        tls: &Outbound,
        tokens: ServiceTokens,
    ) -> Result<Self, LinkError> {
        Ok(Self::new(name, Way::Remote(remote::channel(uri, peers, tls)?), peers, tokens))
    }

    /// The service `name` in this process.
    pub fn local(name: &'static str, door: Door, peers: &config::Peers, tokens: ServiceTokens) -> Self {
        let slot = Slot::default();
        slot.fill(door);
        Self::later(name, slot, peers, tokens)
    }

    /// The service `name` in this process, which will be put into `slot` when it is ready: services that call each
    /// other cannot all be made first. Until then calls answer `DEPENDENCY_UNAVAILABLE`.
    pub fn later(name: &'static str, slot: Slot, peers: &config::Peers, tokens: ServiceTokens) -> Self {
        Self::new(name, Way::Local(slot), peers, tokens)
    }

    fn new(name: &'static str, way: Way, peers: &config::Peers, tokens: ServiceTokens) -> Self {
        let (credential, timeout) = (Credential::None, peers.timeout);
        Self { name, way, tokens, credential, deadline: None, timeout, streaming: false }
    }

    /// The same link in the name of whoever made `call`, within what is left of its deadline.
    #[must_use]
    pub fn acting_for(&self, call: &Call) -> Self {
        let bearer = call.bearer.header().and_then(|header| HeaderValue::from_str(header).ok());
        let credential = bearer.map_or(Credential::None, |mut bearer| {
            bearer.set_sensitive(true);
            Credential::Bearer(bearer)
        });
        Self { credential, deadline: call.deadline, ..self.clone() }
    }

    /// The same link in the name of this service, in `org`.
    #[must_use]
    pub fn as_service(&self, org: impl Into<String>) -> Self {
        Self { credential: Credential::Service(org.into()), ..self.clone() }
    }

    /// The same link with a deadline.
    #[must_use]
    pub fn within(&self, deadline: Deadline) -> Self {
        Self { deadline: Some(deadline), ..self.clone() }
    }

    /// The same link for a stream that stays open: only its beginning is bound in time.
    #[must_use]
    pub fn streaming(&self) -> Self {
        Self { streaming: true, ..self.clone() }
    }

    /// Leaves on the request what the other side must know, and says how long to wait for its answer.
    fn prepare(&self, request: &mut Request<Body>) -> Result<Duration, Error> {
        // What our own layers left here is not the other side's business, above all not who called us.
        request.extensions_mut().clear();
        let bearer = match &self.credential {
            Credential::None => None,
            Credential::Bearer(bearer) => Some(bearer.clone()),
            Credential::Service(org) => Some(bearer(&self.tokens.token(org)?)?),
        };
        let headers = request.headers_mut();
        if let Some(bearer) = bearer {
            headers.insert(header::AUTHORIZATION, bearer);
        }
        trace::inject_headers(headers);
        let left = self.deadline.map(Deadline::left);
        let wait = left.unwrap_or(self.timeout);
        if wait.is_zero() {
            return Err(Error::new(Reason::DeadlineExceeded));
        }
        let told = if self.streaming { left } else { Some(wait) };
        // A client that names a deadline itself knows better.
        if let (Some(told), false) = (told, headers.contains_key(deadline::HEADER))
            && let Ok(value) = HeaderValue::try_from(deadline::format(told))
        {
            headers.insert(deadline::HEADER, value);
        }
        Ok(wait)
    }

    async fn send(way: Way, request: Request<Body>) -> Result<Response<Body>, &'static str> {
        match way {
            Way::Remote(channel) => channel.oneshot(request).await.map_err(|_| "transport"),
            Way::Local(slot) => {
                let door = slot.door().ok_or("not ready")?;
                match door.oneshot(request).await {
                    Ok(response) => Ok(response),
                }
            }
        }
    }
}

impl Service<Request<Body>> for Link {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let prepared = self.prepare(&mut request);
        let (name, way) = (self.name, self.way.clone());
        Box::pin(async move {
            let wait = match prepared {
                Ok(wait) => wait,
                Err(fault) => return Ok(refuse(fault)),
            };
            // The other side keeps the deadline too; it may be unable to say so.
            Ok(match tokio::time::timeout(wait, Self::send(way, request)).await {
                Ok(Ok(response)) => response,
                Ok(Err(cause)) => {
                    refuse(Error::new(Reason::DependencyUnavailable).with("service", name).because(cause))
                }
                Err(_) => refuse(Error::new(Reason::DeadlineExceeded).because("no answer from another service")),
            })
        })
    }
}

fn bearer(token: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Error::new(Reason::Internal).because("a token is no header"))?;
    value.set_sensitive(true);
    Ok(value)
}
