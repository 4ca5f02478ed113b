//! What the claims of an issuer's token say, wherever that issuer puts it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::Refusal;
use crate::config::Issuer;
use crate::text::{Lines, flaw};

/// Longer subjects and orgs are no identifiers.
const LONGEST_NAME: usize = 256;

/// The claims of one token.
#[derive(Debug, Deserialize)]
pub(super) struct Claims(serde_json::Map<String, Value>);

/// In which claims an issuer names a person and their org.
#[derive(Clone, Debug)]
pub(super) struct Naming {
    subject: String,
    org: OrgOf,
}

#[derive(Clone, Debug)]
enum OrgOf {
    /// Every token is of this org, whatever it says.
    Issuer(String),
    /// The claim at `place`; its value is the org, or is looked up in `map` where that has entries.
    Claim { place: String, map: BTreeMap<String, String> },
}

// === impl Claims ===

impl Claims {
    /// The claim at `place`, a name or a path that begins with `/` (RFC 6901); a claim that is null is none.
    pub(super) fn at(&self, place: &str) -> Option<&Value> {
        let Some(path) = place.strip_prefix('/') else { return self.0.get(place).filter(|value| !value.is_null()) };
        let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let value = self.0.get(&first.replace("~1", "/").replace("~0", "~"))?;
        rest.map_or(Some(value), |rest| value.pointer(&format!("/{rest}"))).filter(|value| !value.is_null())
    }

    /// The claim at `place` as an identifier; a refusal calls it `name`.
    pub(super) fn text(&self, name: &'static str, place: &str) -> Result<&str, Refusal> {
        identifier(self.at(place).and_then(Value::as_str)).ok_or(Refusal::Claim(name))
    }
}

// === impl Naming ===

impl Naming {
    /// The claims of Dossier's own tokens.
    pub(super) fn own() -> Self {
        Self { subject: "sub".into(), org: OrgOf::Claim { place: "org".into(), map: BTreeMap::new() } }
    }

    /// The claims of a configured issuer.
    pub(super) fn of(issuer: &Issuer) -> Self {
        let org = match &issuer.org {
            Some(org) => OrgOf::Issuer(org.clone()),
            None => OrgOf::Claim { place: issuer.org_claim.clone(), map: issuer.org_map.clone() },
        };
        Self { subject: issuer.subject_claim.clone(), org }
    }

    /// Who the token is about.
    pub(super) fn subject<'c>(&self, claims: &'c Claims) -> Result<&'c str, Refusal> {
        claims.text("sub", &self.subject)
    }

    /// The org that the token is for. A value that an issuer's map does not have is of no org of ours.
    pub(super) fn org<'c>(&'c self, claims: &'c Claims) -> Result<&'c str, Refusal> {
        match &self.org {
            OrgOf::Issuer(org) => Ok(org),
            OrgOf::Claim { place, map } => {
                let value = identifier(claims.at(place).and_then(single)).ok_or(Refusal::Claim("org"))?;
                if map.is_empty() { Ok(value) } else { map.get(value).map(String::as_str).ok_or(Refusal::ForeignOrg) }
            }
        }
    }
}

/// A text; a list of one text; an object with one key, whose name counts (Keycloak's `organization` has all three forms).
/// Of two organisations nobody can say which one is meant.
fn single(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Array(items) if items.len() == 1 => items.first()?.as_str(),
        Value::Object(members) if members.len() == 1 => members.keys().next().map(String::as_str),
        _ => None,
    }
}

fn identifier(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty() && text.len() <= LONGEST_NAME && flaw(text, Lines::One).is_none())
}
