//! What can be wrong with one issuer of callers' tokens.

use std::time::Duration;

use super::Issuer;
use super::check::is_http;
use crate::auth::jwks;
use crate::tls::material;

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
        Ok(keys) => keys.skipped().first().filter(|_| keys.is_empty()).cloned(),
        Err(why) => Some(why),
    }
}

fn first(faults: &[(bool, &'static str)]) -> Option<&'static str> {
    faults.iter().find(|(is_so, _)| *is_so).map(|(_, why)| *why)
}
