//! Tokens of the development issuer.

use std::time::Duration;

use super::Ground;
use crate::Failure;

/// A bearer token of the development issuer for `subject` in `org`, valid for `ttl`.
///
/// # Errors
/// When the configuration switches the development issuer off.
pub fn development_token(ground: &Ground, org: &str, subject: &str, ttl: Duration) -> Result<String, Failure> {
    let issuer = ground.auth.development();
    let issuer = issuer.ok_or_else(|| Failure::config("auth.development_issuer is switched off"))?;
    issuer.token(org, subject, ttl).map_err(Failure::call)
}
