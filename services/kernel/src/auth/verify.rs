//! Verifying a token: each check once, in one place, by the kernel's clock.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::cache::Cache;
use super::claims::{Claims, Naming};
use super::jwks::Key;
use super::keys::KeySource;
use super::{Caller, Orgs, Refusal, SERVICE_PREFIX};
use crate::clock::SharedClock;
use crate::config::Algorithm;

/// Longer tokens are refused unread.
const LONGEST_TOKEN: usize = 8192;

/// Turns a token into a [`Caller`], or says why not.
#[derive(Debug)]
pub struct Verifier {
    issuers: HashMap<String, Trusted>,
    orgs: Orgs,
    clock: SharedClock,
    leeway: SignedDuration,
    cache: Cache,
    clock_is_off: AtomicBool,
}

/// What is expected of the tokens of one issuer.
#[derive(Debug)]
pub(super) struct Trusted {
    pub(super) audience: String,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) keys: Arc<KeySource>,
    /// In which claims it names people and orgs.
    pub(super) naming: Naming,
    /// Whether it speaks for services; the others speak for people.
    pub(super) internal: bool,
    /// The orgs whose people it names; `None` for every org.
    pub(super) orgs: Option<Vec<String>>,
    /// Longest life of a token, from `iat` or else from now.
    pub(super) longest: SignedDuration,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<serde_json::Value>,
}

// === impl Verifier ===

impl Verifier {
    /// Trusts nobody yet.
    pub fn new(orgs: Orgs, clock: SharedClock, leeway: Duration, cache: usize) -> Self {
        let leeway = SignedDuration::try_from(leeway).unwrap_or(SignedDuration::ZERO);
        Self {
            issuers: HashMap::new(),
            orgs,
            clock,
            leeway,
            cache: Cache::new(cache),
            clock_is_off: AtomicBool::new(false),
        }
    }

    pub(super) fn trust(&mut self, issuer: &str, trusted: Trusted) {
        self.issuers.insert(issuer.to_owned(), trusted);
    }

    /// The keys of every issuer.
    pub(super) fn sources(&self) -> impl Iterator<Item = Arc<KeySource>> {
        self.issuers.values().map(|trusted| trusted.keys.clone())
    }

    /// Verifies `token`: form, issuer, audience, algorithm, key, signature, times, subject, org.
    ///
    /// # Errors
    /// The first check that fails.
    pub async fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        let now = self.clock.now();
        let digest = Cache::digest(token);
        let caller = match self.cache.get(&digest, now) {
            Some(caller) => caller,
            None => {
                let examined = self.examine(token, now).await;
                let (caller, ends) = examined.map_err(|refusal| self.meant(refusal))?;
                self.cache.put(digest, caller.clone(), ends, now);
                caller
            }
        };
        if self.orgs.knows(&caller.org) { Ok(caller) } else { Err(Refusal::UnknownOrg) }
    }

    /// Says whether this machine's clock is off: then no caller is told that their token is of another time.
    pub fn doubt_clock(&self, off: bool) {
        self.clock_is_off.store(off, Ordering::Relaxed);
    }

    fn meant(&self, refusal: Refusal) -> Refusal {
        let of_time = matches!(refusal, Refusal::Expired | Refusal::NotYetValid | Refusal::TooLong);
        if of_time && self.clock_is_off.load(Ordering::Relaxed) { Refusal::ClockOff } else { refusal }
    }

    async fn examine(&self, token: &str, now: Timestamp) -> Result<(Caller, Timestamp), Refusal> {
        let (message, header, claims, signature) = split(token)?;
        let issuer = claims.text("iss", "iss")?;
        let trusted = self.issuers.get(issuer).ok_or(Refusal::ForeignIssuer)?;
        trusted.expects(&claims)?;
        let algorithm = trusted.algorithm(&header)?;
        let kid = header.kid.as_deref();
        let mut key = trusted.keys.find(kid).await?;
        check_signature(message, signature, algorithm, trusted.meant(&key), &key)?;
        // A service that came after the keys were read may share the file of one that was there before.
        if trusted.internal && trusted.subject(&claims, &key).is_err() {
            key = trusted.keys.find_again(kid).await?;
            check_signature(message, signature, algorithm, trusted.meant(&key), &key)?;
        }
        let ends = self.check_times(trusted, &claims, now)?;
        let subject = trusted.subject(&claims, &key)?;
        let org = trusted.naming.org(&claims)?.to_owned();
        trusted.speaks_of(&org)?;
        let (service, issuer) = (trusted.internal, issuer.into());
        Ok((Caller { org, subject, service, issuer, expires: ends }, ends))
    }

    fn check_times(&self, trusted: &Trusted, claims: &Claims, now: Timestamp) -> Result<Timestamp, Refusal> {
        let ends = instant("exp", claims.at("exp"))?.ok_or(Refusal::Claim("exp"))?;
        let issued = instant("iat", claims.at("iat"))?;
        let begins = instant("nbf", claims.at("nbf"))?;
        let later = |time: Timestamp| time.checked_add(self.leeway).unwrap_or(Timestamp::MAX);
        if now >= later(ends) {
            return Err(Refusal::Expired);
        }
        // What was issued tomorrow is not valid today, whatever `nbf` says.
        if [begins, issued].into_iter().flatten().any(|time| later(now) < time) {
            return Err(Refusal::NotYetValid);
        }
        let longest = issued.map_or(later(now), later).checked_add(trusted.longest).unwrap_or(Timestamp::MAX);
        if ends > longest {
            return Err(Refusal::TooLong);
        }
        Ok(later(ends))
    }
}

// === impl Trusted ===

impl Trusted {
    fn expects(&self, claims: &Claims) -> Result<(), Refusal> {
        let ours = |value: &serde_json::Value| value.as_str() == Some(&self.audience);
        match claims.at("aud") {
            Some(value @ serde_json::Value::String(_)) if ours(value) => Ok(()),
            Some(serde_json::Value::Array(values)) if values.iter().any(ours) => Ok(()),
            Some(serde_json::Value::String(_) | serde_json::Value::Array(_)) => Err(Refusal::WrongAudience),
            _ => Err(Refusal::Claim("aud")),
        }
    }

    /// The algorithm of the header if this issuer may use it; `none` and HMAC have no name here.
    fn algorithm(&self, header: &Header) -> Result<Algorithm, Refusal> {
        let typed = header.typ.as_deref().map(str::to_ascii_lowercase);
        // A token for another purpose (a logout token, say) is no access token.
        if header.crit.is_some() || !matches!(typed.as_deref(), None | Some("jwt" | "at+jwt" | "application/at+jwt")) {
            return Err(Refusal::Malformed);
        }
        self.algorithms.iter().copied().find(|allowed| allowed.name() == header.alg).ok_or(Refusal::Algorithm)
    }

    /// What `key` verifies. A key of RSA whose set does not say so verifies the first way of RSA that the issuer may use.
    fn meant(&self, key: &Key) -> Algorithm {
        let rsa = |one: &Algorithm| matches!(one, Algorithm::Rs256 | Algorithm::Ps256);
        let usual = self.algorithms.iter().copied().find(rsa).filter(|_| !key.said && rsa(&key.algorithm));
        usual.unwrap_or(key.algorithm)
    }

    /// The subject. A service speaks for itself alone: its key says for whom.
    fn subject(&self, claims: &Claims, key: &Key) -> Result<String, Refusal> {
        let subject = self.naming.subject(claims)?;
        match (subject.strip_prefix(SERVICE_PREFIX), self.internal) {
            (Some(service), true) if key.services.iter().any(|bound| bound == service) => Ok(service.to_owned()),
            (None, false) => Ok(subject.to_owned()),
            _ => Err(Refusal::ForeignSubject),
        }
    }

    /// An issuer names the people of its own orgs and of no other.
    fn speaks_of(&self, org: &str) -> Result<(), Refusal> {
        let bound = self.orgs.as_ref().is_none_or(|orgs| orgs.iter().any(|one| one == org));
        if bound { Ok(()) } else { Err(Refusal::ForeignOrg) }
    }
}

fn split(token: &str) -> Result<(&str, Header, Claims, &str), Refusal> {
    if token.len() > LONGEST_TOKEN {
        return Err(Refusal::Malformed);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(Refusal::Malformed)?;
    Ok((message, part(header)?, part(claims)?, signature))
}

fn part<T: DeserializeOwned>(encoded: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)
}

fn instant(claim: &'static str, value: Option<&serde_json::Value>) -> Result<Option<Timestamp>, Refusal> {
    let Some(value) = value else { return Ok(None) };
    let whole = value.as_i64().and_then(|seconds| Timestamp::from_second(seconds).ok());
    // RFC 7519 allows fractions of a second.
    let fraction = || {
        let seconds = value.as_f64().and_then(|seconds| SignedDuration::try_from_secs_f64(seconds).ok())?;
        Timestamp::UNIX_EPOCH.checked_add(seconds).ok()
    };
    whole.or_else(fraction).map(Some).ok_or(Refusal::Claim(claim))
}

// The algorithm comes from the key and its issuer; the header must merely agree with it.
fn check_signature(
    message: &str,
    signature: &str,
    algorithm: Algorithm,
    meant: Algorithm,
    key: &Key,
) -> Result<(), Refusal> {
    if algorithm != meant {
        return Err(Refusal::Algorithm);
    }
    let algorithm = match meant {
        Algorithm::EdDsa => jsonwebtoken::Algorithm::EdDSA,
        Algorithm::Es256 => jsonwebtoken::Algorithm::ES256,
        Algorithm::Es384 => jsonwebtoken::Algorithm::ES384,
        Algorithm::Rs256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::Ps256 => jsonwebtoken::Algorithm::PS256,
    };
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), &key.decoding, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Refusal::BadSignature),
    }
}
