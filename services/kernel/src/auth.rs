//! Who is calling: a JWT says the subject and the org, the directory says what that subject is.
//!
//! | piece | what it does |
//! |---|---|
//! | [`Auth::open`] | reads keys, makes those that are missing, from the configuration |
//! | [`Authenticate`] | the layer: verifies the bearer token and leaves a [`Caller`] in the request's extensions |
//! | [`Verifier`] | signature, algorithm, issuer, audience, times by the kernel's clock, subject, org |
//! | [`ServiceTokens`] | what services show to each other, for jobs that no person started |
//! | [`DevIssuer`] | tokens for a laptop; its key lies in the data directory |
//!
//! Only EdDSA, ES256, ES384, RS256 and PS256 exist here, and each key has exactly one of them: a token cannot choose how
//! it is verified. No refusal says which of signature, key, issuer or audience was wrong; the log does.

mod cache;
mod claims;
mod development;
pub mod jwks;
mod keys;
mod layer;
mod orgs;
mod refusal;
mod service;
mod signer;
#[cfg(test)]
mod tests;
mod verify;

pub use development::DevIssuer;
pub use layer::Authenticate;
pub use orgs::Orgs;
pub use refusal::Refusal;
pub use service::ServiceTokens;
pub use signer::Signer;
pub use verify::Verifier;

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::call::Providers;
use crate::config::{self, Algorithm, Config, ConfigFaults, Issuer, Origin};
use claims::Naming;
use keys::{KeySource, Pace, Place};
use verify::Trusted;

/// The audience of the tokens that Dossier makes itself.
pub const AUDIENCE: &str = "dossier";
/// The issuer of tokens between services.
pub const INTERNAL_ISSUER: &str = "dossier-internal";
/// The issuer of tokens for development.
pub const DEVELOPMENT_ISSUER: &str = "dossier-development";
/// Longest life of a token of the development issuer: 366 days.
pub const LONGEST_DEVELOPMENT_TOKEN: Duration = Duration::from_secs(366 * 24 * 3600);
/// What the subject of a service begins with; no person's may.
pub const SERVICE_PREFIX: &str = "service:";

/// How often the background looks whether keys are due.
const TICK: Duration = Duration::from_secs(1);
/// Shortest time between two reads of the services' own keys.
const SOON: Duration = Duration::from_secs(1);

/// Who is calling, as far as the credential says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The tenant.
    pub org: String,
    /// The `sub` of a person, or the name of a service without its prefix.
    pub subject: String,
    /// Whether it is one of Dossier's own services.
    pub service: bool,
    /// Who issued the credential: its `iss`.
    pub issuer: Arc<str>,
    /// When the credential ends.
    pub expires: Timestamp,
}

/// Everything that has to do with credentials in one process.
#[derive(Clone, Debug)]
pub struct Auth {
    verifier: Arc<Verifier>,
    internal: Arc<Signer>,
    development: Option<DevIssuer>,
    providers: Providers,
    ttl: Duration,
}

// === impl Auth ===

impl Auth {
    /// Opens the keys that `config` names and makes those of Dossier's own that are missing. The process runs `services`:
    /// its key speaks for them and for no other.
    ///
    /// # Errors
    /// Every key file that cannot be read, written or understood.
    pub fn open(config: &Config, orgs: Orgs, services: &[&str], providers: &Providers) -> Result<Self, ConfigFaults> {
        let mut faults = ConfigFaults::default();
        let settings = &config.auth;
        let internal = open_signer("auth.internal_key_file", &settings.internal_key_file, providers, &mut faults);
        let development = settings
            .development_issuer
            .then(|| open_signer("auth.development_key_file", &settings.development_key_file, providers, &mut faults));
        let (Some(internal), Some(development)) = (internal, transpose(development)) else { return Err(faults) };
        if let Err(why) = jwks::publish(&settings.internal_jwks_file, &internal, services) {
            faults.push(Origin::Start, "auth.internal_jwks_file", why);
            return Err(faults);
        }
        let development = development.map(|signer| DevIssuer::new(signer, providers.clone()));
        let verifier = Arc::new(Self::verifier_of(settings, orgs, providers, development.as_ref()));
        let (internal, ttl) = (Arc::new(internal), settings.internal_token_ttl);
        Ok(Self { verifier, internal, development, providers: providers.clone(), ttl })
    }

    /// For work on the stores while no service runs: it calls nobody and nobody calls it. No key is read, made or published.
    ///
    /// # Errors
    /// A sentence, when the machine gives no randomness.
    pub fn offline(config: &Config, orgs: Orgs, providers: &Providers) -> Result<Self, String> {
        let settings = &config.auth;
        let (internal, ttl) = (Arc::new(Signer::ephemeral(providers)?), settings.internal_token_ttl);
        let verifier = Arc::new(Self::verifier_of(settings, orgs, providers, None));
        Ok(Self { verifier, internal, development: None, providers: providers.clone(), ttl })
    }

    fn verifier_of(
        settings: &config::Auth,
        orgs: Orgs,
        providers: &Providers,
        development: Option<&DevIssuer>,
    ) -> Verifier {
        let pace = Pace::of(settings);
        let source = |name: &str, place, pace| KeySource::new(name, place, providers.clock.clone(), pace);
        let mut verifier = Verifier::new(orgs, providers.clock.clone(), settings.leeway, settings.cache);
        for issuer in &settings.issuers {
            let keys = source(&issuer.issuer, Place::of(issuer), pace);
            verifier.trust(&issuer.issuer, Trusted::configured(issuer, keys));
        }
        if let Some(development) = development {
            let keys = KeySource::fixed(development.signer());
            verifier.trust(DEVELOPMENT_ISSUER, Trusted::own(keys, false, LONGEST_DEVELOPMENT_TOKEN));
        }
        // A file of our own is read at no cost, and services that start one after the other should not wait for long.
        let internal = Place::File(settings.internal_jwks_file.clone());
        let pace = Pace { min_interval: pace.min_interval.min(SOON), ..pace };
        let internal = source(INTERNAL_ISSUER, internal, pace);
        verifier.trust(INTERNAL_ISSUER, Trusted::own(internal, true, settings.internal_token_ttl));
        verifier
    }

    /// The layer that lets nobody pass without a valid credential.
    pub fn layer(&self) -> Authenticate {
        Authenticate::new(self.verifier.clone())
    }

    /// The tokens that the service `name` shows to other services.
    pub fn tokens(&self, name: &str) -> ServiceTokens {
        ServiceTokens::new(name, self.internal.clone(), self.providers.clone(), self.ttl)
    }

    /// The development issuer, unless the configuration switched it off.
    pub fn development(&self) -> Option<&DevIssuer> {
        self.development.as_ref()
    }

    /// Reads the keys of every issuer ahead of their age, so that no caller waits for it; never ends.
    pub async fn keep_keys(&self) {
        futures::future::join_all(self.verifier.sources().map(|source| source.keep(TICK))).await;
        std::future::pending().await
    }

    /// The issuers, if there are any and none of them has a key that counts: then no person can call. Keys of our own always
    /// count.
    pub fn without_keys(&self) -> Vec<String> {
        let sources: Vec<_> = self.verifier.sources().filter(|source| source.issuer() != INTERNAL_ISSUER).collect();
        if !sources.iter().all(|source| source.is_dead()) {
            return Vec::new();
        }
        sources.iter().map(|source| source.issuer().to_owned()).collect()
    }

    /// What verifies tokens.
    pub fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }
}

// === impl Trusted ===

impl Trusted {
    fn configured(issuer: &Issuer, keys: Arc<KeySource>) -> Self {
        let (audience, algorithms) = (issuer.audience.clone(), issuer.algorithms.clone());
        let orgs = (!issuer.orgs.is_empty()).then(|| issuer.orgs.clone());
        let (naming, longest) = (Naming::of(issuer), signed(issuer.max_token_life));
        Self { audience, algorithms, keys, naming, internal: false, orgs, longest }
    }

    fn own(keys: Arc<KeySource>, internal: bool, longest: Duration) -> Self {
        let (audience, algorithms) = (AUDIENCE.to_owned(), vec![Algorithm::EdDsa]);
        Self { audience, algorithms, keys, naming: Naming::own(), internal, orgs: None, longest: signed(longest) }
    }
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

fn open_signer(key: &str, path: &std::path::Path, providers: &Providers, faults: &mut ConfigFaults) -> Option<Signer> {
    match Signer::open(path, providers) {
        Ok(signer) => Some(signer),
        Err(why) => {
            faults.push(Origin::Start, key, why);
            None
        }
    }
}

// A signer that is wanted but cannot be opened has left a fault: then there is nothing to go on with.
fn transpose(wanted: Option<Option<Signer>>) -> Option<Option<Signer>> {
    match wanted {
        None => Some(None),
        Some(None) => None,
        Some(Some(signer)) => Some(Some(signer)),
    }
}
