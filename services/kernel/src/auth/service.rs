//! Tokens between services, for work that no person started.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::signer::Signer;
use super::{AUDIENCE, INTERNAL_ISSUER, SERVICE_PREFIX};
use crate::call::Providers;
use crate::error::{Error, Reason, Result};

/// Mints the short-lived tokens that one service shows to the others; cheap to clone.
#[derive(Clone, Debug)]
pub struct ServiceTokens(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    subject: String,
    signer: Arc<Signer>,
    providers: Providers,
    ttl: SignedDuration,
    minted: Mutex<HashMap<String, Minted>>,
}

struct Minted {
    token: String,
    renew: Timestamp,
}

// === impl ServiceTokens ===

impl ServiceTokens {
    /// Tokens of the service `name` that live for `ttl`.
    pub fn new(name: &str, signer: Arc<Signer>, providers: Providers, ttl: Duration) -> Self {
        let ttl = SignedDuration::try_from(ttl).unwrap_or(SignedDuration::MAX);
        let subject = format!("{SERVICE_PREFIX}{name}");
        Self(Arc::new(Inner { subject, signer, providers, ttl, minted: Mutex::default() }))
    }

    /// A token for `org`; the same one until half of its life has passed.
    ///
    /// # Errors
    /// `INTERNAL`, when it cannot be encoded.
    pub fn token(&self, org: &str) -> Result<String> {
        let now = self.0.providers.clock.now();
        let mut minted = self.0.minted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = minted.get(org).filter(|known| now < known.renew) {
            return Ok(known.token.clone());
        }
        let token = self.0.mint(org, now)?;
        let renew = now.checked_add(self.0.ttl / 2).unwrap_or(now);
        minted.insert(org.to_owned(), Minted { token: token.clone(), renew });
        Ok(token)
    }
}

// === impl Inner ===

impl Inner {
    fn mint(&self, org: &str, now: Timestamp) -> Result<String> {
        let begins = now.as_second();
        let ends = begins.saturating_add(self.ttl.as_secs());
        let claims = json!({
            "iss": INTERNAL_ISSUER, "aud": AUDIENCE, "sub": self.subject, "org": org,
            "iat": begins, "nbf": begins, "exp": ends,
        });
        self.signer.sign(&claims).map_err(|_| Error::new(Reason::Internal).because("a token cannot be encoded"))
    }
}

// === impl Minted ===

impl std::fmt::Debug for Minted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minted").field("renew", &self.renew).finish_non_exhaustive()
    }
}
