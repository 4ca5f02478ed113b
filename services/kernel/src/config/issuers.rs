//! Issuers of callers' tokens: their settings, and what can be wrong with them. What an option means stands in
//! `deploy/dossier.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::check::is_http;
use super::duration;
use super::sections::{optional_path, optional_text};
use crate::auth::jwks;
use crate::tls::material;

/// One issuer of callers' tokens.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// The claim `iss`, character by character.
    pub issuer: String,
    /// One of the values of the claim `aud`.
    pub audience: String,
    /// The issuer's keys as a file.
    #[serde(default, deserialize_with = "optional_path")]
    pub jwks_file: Option<PathBuf>,
    /// The issuer's keys by http or https.
    #[serde(default, deserialize_with = "optional_text")]
    pub jwks_url: Option<String>,
    /// Who vouches for the server of `jwks_url`; `None` means the system.
    #[serde(default, deserialize_with = "optional_path")]
    pub jwks_ca_file: Option<PathBuf>,
    /// What the issuer may sign with.
    #[serde(default = "Algorithm::all")]
    pub algorithms: Vec<Algorithm>,
    /// The claim that names a person.
    #[serde(default = "Issuer::usual_subject")]
    pub subject_claim: String,
    /// The claim that names the org.
    #[serde(default = "Issuer::usual_org")]
    pub org_claim: String,
    /// From the values of that claim to orgs; empty where the values are orgs.
    #[serde(default)]
    pub org_map: BTreeMap<String, String>,
    /// The one org of all its tokens, whatever they say.
    #[serde(default, deserialize_with = "optional_text")]
    pub org: Option<String>,
    /// The orgs whose people it names; empty for every org, which only a single issuer may be.
    #[serde(default)]
    pub orgs: Vec<String>,
    /// Longest life of a token.
    #[serde(default = "Issuer::usual_life", deserialize_with = "duration::deserialize")]
    pub max_token_life: Duration,
}

/// A signature algorithm that may be allowed; there are no others on purpose.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA with P-256 and SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA with P-384 and SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// RSA PKCS#1 v1.5 with SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSA PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
}

// === impl Issuer ===

impl Issuer {
    // A day: a shift and a night.
    fn usual_life() -> Duration {
        Duration::from_secs(24 * 3600)
    }

    fn usual_subject() -> String {
        "sub".to_owned()
    }

    fn usual_org() -> String {
        "org".to_owned()
    }

    /// Whether its settings say which orgs its tokens may name.
    pub fn is_bound(&self) -> bool {
        !self.orgs.is_empty() || self.org.is_some() || !self.org_map.is_empty()
    }
}

// === impl Algorithm ===

impl Algorithm {
    /// The name in a token's header (RFC 7518, RFC 8037).
    pub fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    /// Every algorithm that may be allowed.
    pub fn all() -> Vec<Self> {
        vec![Self::EdDsa, Self::Es256, Self::Es384, Self::Rs256, Self::Ps256]
    }
}

/// The first fault of `issuer`.
pub(super) fn issuer_fault(issuer: &Issuer) -> Option<String> {
    name_fault(issuer).or_else(|| org_fault(issuer)).map(str::to_owned).or_else(|| key_fault(issuer))
}

fn name_fault(issuer: &Issuer) -> Option<&'static str> {
    let lives = Duration::from_secs(60)..=Duration::from_secs(31 * 24 * 3600);
    let faults = [
        (issuer.issuer.is_empty() || issuer.audience.is_empty(), "issuer and audience must not be empty"),
        (issuer.issuer == crate::auth::INTERNAL_ISSUER, "this name is reserved for tokens between services"),
        (
            issuer.issuer == crate::auth::DEVELOPMENT_ISSUER,
            "this name is reserved for tokens of the development issuer",
        ),
        (!lives.contains(&issuer.max_token_life), "max_token_life must be 1m to 31 days (744h)"),
        (issuer.algorithms.is_empty(), "algorithms must not be empty"),
        (issuer.subject_claim.is_empty() || issuer.org_claim.is_empty(), "a claim must have a name"),
    ];
    first(&faults)
}

fn org_fault(issuer: &Issuer) -> Option<&'static str> {
    let named = issuer.org.iter().chain(issuer.org_map.values());
    let outside = |org: &String| !issuer.orgs.is_empty() && !issuer.orgs.contains(org);
    let claimed = issuer.org_claim != "org" || !issuer.org_map.is_empty();
    let faults = [
        (issuer.orgs.iter().chain(named.clone()).any(String::is_empty), "orgs must not hold an empty name"),
        (issuer.org.is_some() && claimed, "give one of org and org_claim (with org_map)"),
        (named.clone().any(outside), "org and org_map must stay within orgs"),
    ];
    first(&faults)
}

fn key_fault(issuer: &Issuer) -> Option<String> {
    if issuer.jwks_ca_file.is_some() && !issuer.jwks_url.as_ref().is_some_and(|url| url.starts_with("https:")) {
        return Some("jwks_ca_file needs a https jwks_url".to_owned());
    }
    if let Some(why) = issuer.jwks_ca_file.as_deref().and_then(|path| material::roots(path).err()) {
        return Some(format!("jwks_ca_file: {why}"));
    }
    match (&issuer.jwks_file, &issuer.jwks_url) {
        (Some(_), Some(_)) | (None, None) => Some("give one of jwks_file and jwks_url".to_owned()),
        (None, Some(url)) => (!is_http(url)).then(|| "jwks_url must be a http or https url".to_owned()),
        (Some(path), None) => file_fault(path).map(|why| format!("jwks_file: {why}")),
    }
}

// One bad key is left out alone; a file of which nothing is left helps nobody.
fn file_fault(path: &std::path::Path) -> Option<String> {
    match jwks::read_file(path) {
        Ok(keys) if keys.is_empty() => {
            Some(keys.skipped().first().cloned().unwrap_or_else(|| "there is no key in it".to_owned()))
        }
        Ok(_) => None,
        Err(why) => Some(why),
    }
}

fn first(faults: &[(bool, &'static str)]) -> Option<&'static str> {
    faults.iter().find(|(is_so, _)| *is_so).map(|(_, why)| *why)
}
