//! A bucket of an S3 server: its settings, what can be wrong with them, and the store in it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use object_store::aws::{AmazonS3Builder, AwsCredential};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, CredentialProvider, ObjectStore, RetryConfig};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::http::Client;
use crate::config::{SecretFile, duration, is_http, optional_path, optional_text};
use crate::tls::material;

/// The section `documents.s3` of the configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The bucket, which is there; empty where contents are kept in a folder.
    pub bucket: String,
    /// Where its server is reached; `None` means Amazon's own, in `region`.
    #[serde(deserialize_with = "optional_text")]
    pub endpoint: Option<String>,
    /// What requests are signed for.
    pub region: String,
    /// What every path in the bucket begins with.
    pub prefix: String,
    /// How the bucket is addressed.
    pub style: Style,
    /// Whether the way there may be open.
    pub allow_http: bool,
    /// Who vouches for the server; `None` means the system.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
    /// Longest time for one request.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Who this process is.
    pub access_key_id: SecretString,
    /// The file that gave it, when one did: it is read again for each request.
    #[serde(skip)]
    pub access_key_id_file: Option<SecretFile>,
    /// What proves it.
    pub secret_access_key: SecretString,
    /// The file that gave it, likewise.
    #[serde(skip)]
    pub secret_access_key_file: Option<SecretFile>,
}

/// How a bucket is addressed.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// `https://server/bucket/...`
    Path,
    /// `https://bucket.server/...`
    Host,
}

/// Whom requests are signed as.
#[derive(Debug)]
struct Keys(Settings);

/// The store that `settings` name.
pub(super) fn open(settings: &Settings) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&settings.bucket)
        .with_region(&settings.region)
        .with_virtual_hosted_style_request(settings.style == Style::Host)
        .with_credentials(Arc::new(Keys(settings.clone())))
        .with_retry(retries(settings.timeout))
        .with_http_connector(Client::open(settings.ca_file.as_deref(), settings.timeout).map_err(cannot)?);
    if let Some(endpoint) = settings.address() {
        builder = builder.with_endpoint(endpoint);
    }
    let (store, prefix) = (builder.build()?, Path::parse(&settings.prefix)?);
    Ok(match prefix.as_ref() {
        "" => Arc::new(store),
        _ => Arc::new(PrefixStore::new(store, prefix)),
    })
}

// Tried again as long as one request may take, so that all of it takes twice as long at most.
fn retries(timeout: Duration) -> RetryConfig {
    let (init_backoff, max_backoff) = (Duration::from_millis(100), Duration::from_secs(1));
    RetryConfig {
        backoff: BackoffConfig { init_backoff, max_backoff, base: 2. },
        max_retries: 5,
        retry_timeout: timeout,
    }
}

fn cannot(why: String) -> object_store::Error {
    object_store::Error::Generic { store: "S3", source: why.into() }
}

// === impl Settings ===

impl Settings {
    /// Where requests go; for [`Style::Host`] the bucket stands in it.
    fn address(&self) -> Option<String> {
        let endpoint = self.endpoint.as_deref()?.trim_end_matches('/');
        Some(match (self.style, endpoint.split_once("://")) {
            (Style::Host, Some((scheme, rest))) => format!("{scheme}://{}.{rest}", self.bucket),
            _ => endpoint.to_owned(),
        })
    }

    /// What is wrong with them, each with its key.
    pub(crate) fn faults(&self) -> Vec<(&'static str, String)> {
        if self.bucket.is_empty() {
            return self
                .idle()
                .map(|key| ("bucket", format!("is missing beside documents.s3.{key}")))
                .into_iter()
                .collect();
        }
        let (endpoint, long) = (self.endpoint.as_deref(), Duration::from_secs(300));
        let named = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
        };
        let said = |wrong: bool, key, why: &str| wrong.then(|| (key, why.to_owned()));
        let faults = [
            said(!named(&self.bucket), "bucket", "must be the name of a bucket, of letters, digits, . - and _"),
            said(!named(&self.region), "region", "must be a region such as eu-central-1"),
            said(Path::parse(&self.prefix).is_err(), "prefix", "must be names parted by /"),
            said(
                endpoint.is_some_and(|uri| !is_plain(uri)),
                "endpoint",
                "must be a uri such as https://s3.example.org",
            ),
            said(
                endpoint.is_some_and(|uri| uri.starts_with("http:")) && !self.allow_http,
                "endpoint",
                "is not secured: documents.s3.allow_http says where that may be",
            ),
            said(self.is_open() && self.ca_file.is_some(), "ca_file", "needs a https endpoint"),
            self.ca_file.as_deref().and_then(|path| material::roots(path).err()).map(|why| ("ca_file", why)),
            said(self.access_key_id.expose_secret().is_empty(), "access_key_id", "is missing"),
            said(self.secret_access_key.expose_secret().is_empty(), "secret_access_key", "is missing"),
            said(!(Duration::from_millis(100)..=long).contains(&self.timeout), "timeout", "must be 100ms to 5m"),
        ];
        faults.into_iter().flatten().collect()
    }

    fn is_open(&self) -> bool {
        self.endpoint.as_deref().is_some_and(|uri| uri.starts_with("http:"))
    }

    // What was said of a bucket that has no name.
    fn idle(&self) -> Option<&'static str> {
        let said = [
            ("endpoint", self.endpoint.is_some()),
            ("prefix", !self.prefix.is_empty()),
            ("ca_file", self.ca_file.is_some()),
            ("access_key_id", !self.access_key_id.expose_secret().is_empty()),
            ("secret_access_key", !self.secret_access_key.expose_secret().is_empty()),
        ];
        said.into_iter().find(|(_, said)| *said).map(|(key, _)| key)
    }
}

// No user, no query: only where the server is.
fn is_plain(uri: &str) -> bool {
    is_http(uri) && !uri.contains(['@', '?', '#'])
}

// === impl Keys ===

#[async_trait]
impl CredentialProvider for Keys {
    type Credential = AwsCredential;

    // A file that cannot be read just now is being replaced.
    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let now = |file: &Option<SecretFile>, known: &SecretString| {
            let read = file.as_ref().and_then(|file| file.read().ok());
            read.unwrap_or_else(|| known.clone()).expose_secret().to_owned()
        };
        Ok(Arc::new(AwsCredential {
            key_id: now(&self.0.access_key_id_file, &self.0.access_key_id),
            secret_key: now(&self.0.secret_access_key_file, &self.0.secret_access_key),
            token: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, Sources};

    #[test]
    fn a_bucket_stands_before_its_server_or_behind_it() {
        let with = |style: &str, endpoint: &str| {
            let given = [("bucket", "contents"), ("access_key_id", "i"), ("secret_access_key", "k"), ("style", style)];
            let given = given.into_iter().chain([("endpoint", endpoint)]);
            let flags = given.map(|(key, value)| (format!("documents.s3.{key}"), value.to_owned())).collect();
            Config::load(&Sources { flags, ..Sources::default() }).unwrap().documents.s3.address()
        };
        assert_eq!(with("path", "https://s3.example.org:9000/").unwrap(), "https://s3.example.org:9000");
        assert_eq!(with("host", "https://s3.example.org:9000").unwrap(), "https://contents.s3.example.org:9000");
        assert_eq!(with("host", ""), None);
    }
}
