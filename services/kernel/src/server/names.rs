//! What may be said over a connection, by the name in its caller's certificate.

use std::sync::Arc;

use http::{Request, Response};
use tonic::body::Body;

use super::wrap::{Inner, Next, Wrap, refuse};
use crate::auth::Caller;
use crate::config::ClientName;
use crate::error::{Error, Reason};
use crate::tls::PeerNames;

/// Refuses tokens that the certificate of the connection does not allow, so that a stolen token of a service is of no use
/// without the certificate of that service. Without a list, every certificate allows every token.
#[derive(Clone, Debug)]
pub(super) struct Names(Arc<[ClientName]>);

// === impl Names ===

impl Names {
    pub(super) fn new(names: &[ClientName]) -> Self {
        Self(names.into())
    }

    fn allow(&self, peer: &PeerNames, caller: &Caller) -> bool {
        let of_org = |one: &ClientName| one.orgs.is_empty() || one.orgs.contains(&caller.org);
        let of_service = |one: &ClientName| !caller.service || one.services.contains(&caller.subject);
        self.0.iter().any(|one| peer.have(&one.name) && of_org(one) && of_service(one))
    }
}

impl Wrap for Names {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        let extensions = request.extensions();
        // A link inside the process has no connection, and health no caller.
        let both = extensions.get::<PeerNames>().zip(extensions.get::<Caller>());
        if both.is_some_and(|(peer, caller)| !self.0.is_empty() && !self.allow(peer, caller)) {
            let cause = "the certificate of the connection allows no such token";
            return refuse(Error::new(Reason::TokenForeign).because(cause));
        }
        next.run(request).await
    }
}
