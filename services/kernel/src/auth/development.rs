//! The development issuer: tokens for a laptop and for the demonstration.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::signer::Signer;
use super::{AUDIENCE, DEVELOPMENT_ISSUER};
use crate::call::Providers;
use crate::error::{Error, Reason, Result};

/// Makes tokens for anybody in any org; whoever reads its key can do the same.
#[derive(Clone, Debug)]
pub struct DevIssuer {
    signer: Arc<Signer>,
    providers: Providers,
}

// === impl DevIssuer ===

impl DevIssuer {
    /// The issuer that signs with `signer`.
    pub fn new(signer: Signer, providers: Providers) -> Self {
        Self { signer: Arc::new(signer), providers }
    }

    /// A token for `subject` in `org` that lives for `ttl`.
    ///
    /// # Errors
    /// `INTERNAL`, when it cannot be encoded.
    pub fn token(&self, org: &str, subject: &str, ttl: Duration) -> Result<String> {
        let now = self.providers.clock.now().as_second();
        let ends = now.saturating_add(i64::try_from(ttl.as_secs()).unwrap_or(i64::MAX));
        let claims = json!({
            "iss": DEVELOPMENT_ISSUER, "aud": AUDIENCE, "sub": subject, "org": org, "iat": now, "nbf": now, "exp": ends,
        });
        self.signer.sign(&claims).map_err(|_| Error::new(Reason::Internal).because("a token cannot be encoded"))
    }

    /// The key behind the tokens; its public part is what other processes need to accept them.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }
}
