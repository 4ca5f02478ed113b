//! The sections of `deploy/dossier.toml` as types. What an option means stands there, once.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::duration;
use super::issuers::Issuer;

/// A checked configuration.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the embedded stores and the keys live.
    pub data_dir: PathBuf,
    /// The profile service.
    pub profile: Service,
    /// The access service.
    pub access: Service,
    /// The credit service.
    pub credit: Service,
    /// Where the other services are reached.
    pub peers: Peers,
    /// What all stores share.
    pub database: Database,
    /// Redis, or none.
    pub bus: crate::bus::Settings,
    /// Jobs that one replica at a time runs.
    pub lease: Lease,
    /// Whose tokens are accepted.
    pub auth: Auth,
    /// The keys that wrap the keys of the files.
    pub keyring: Keyring,
    /// Where the contents of documents are kept.
    pub documents: Documents,
    /// How calls are received.
    pub server: Server,
    /// Traces, metrics, logs.
    pub telemetry: crate::telemetry::Settings,
    /// The rule books.
    pub regimes: Regimes,
    /// The append-only record.
    pub journal: Journal,
    /// Bounds of the domain.
    pub limits: Limits,
}

/// One service: where it listens and where it keeps its tables.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// `sqlite:<path>` or `postgres://...`.
    pub database: SecretString,
    /// The file that gave it, when one did.
    #[serde(skip)]
    pub database_file: Option<super::SecretFile>,
    /// What its section is called.
    #[serde(skip)]
    pub name: &'static str,
}

/// The other services, by uri; `None` means in this process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peers {
    /// Uri of profile.
    #[serde(deserialize_with = "optional_text")]
    pub profile: Option<String>,
    /// Uri of access.
    #[serde(deserialize_with = "optional_text")]
    pub access: Option<String>,
    /// Uri of credit.
    #[serde(deserialize_with = "optional_text")]
    pub credit: Option<String>,
    /// Longest time to connect.
    #[serde(deserialize_with = "duration::deserialize")]
    pub connect_timeout: Duration,
    /// Time of a call that has no deadline of its own.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Time between two HTTP/2 pings.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keepalive: Duration,
    /// Certificates that vouch for the peers; `None` means the system's.
    #[serde(deserialize_with = "optional_path")]
    pub ca_file: Option<PathBuf>,
    /// Our certificate, for mTLS.
    #[serde(deserialize_with = "optional_path")]
    pub certificate_file: Option<PathBuf>,
    /// The key of our certificate.
    #[serde(deserialize_with = "optional_path")]
    pub key_file: Option<PathBuf>,
}

/// What all stores share.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// Most connections for each service.
    pub max_connections: u32,
    /// Longest wait for a connection.
    #[serde(deserialize_with = "duration::deserialize")]
    pub acquire_timeout: Duration,
    /// Longest run of one statement.
    #[serde(deserialize_with = "duration::deserialize")]
    pub statement_timeout: Duration,
    /// Longest wait for a lock.
    #[serde(deserialize_with = "duration::deserialize")]
    pub lock_timeout: Duration,
    /// What stands between; `None` means nothing.
    #[serde(deserialize_with = "optional_text")]
    pub pooler: Option<String>,
    /// Longest wait for another process's write lock.
    #[serde(deserialize_with = "duration::deserialize")]
    pub busy_timeout: Duration,
    /// How often a transaction is run at most.
    pub attempts: u32,
    /// Most bytes of answers that each service remembers; 0 remembers none.
    pub memo_bytes: u64,
}

/// Leases in the store.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lease {
    /// How long a silent holder keeps a lease.
    #[serde(deserialize_with = "duration::deserialize")]
    pub ttl: Duration,
    /// By how much this machine's clock may differ from the store's.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_clock_skew: Duration,
}

/// Whose tokens are accepted.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The issuers of callers' tokens.
    pub issuers: Vec<Issuer>,
    /// Difference between two clocks that is forgiven.
    #[serde(deserialize_with = "duration::deserialize")]
    pub leeway: Duration,
    /// How old the keys of an issuer may grow before they are read again.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keys_max_age: Duration,
    /// How much older they may grow while the issuer does not answer.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keys_grace: Duration,
    /// Shortest time between two reads of an issuer's keys.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keys_min_interval: Duration,
    /// Verified tokens remembered.
    pub cache: usize,
    /// Whether tokens of the development issuer are accepted.
    pub development_issuer: bool,
    /// Private key of the development issuer.
    pub development_key_file: PathBuf,
    /// Private key for tokens between services.
    pub internal_key_file: PathBuf,
    /// Public keys of the services.
    pub internal_jwks_file: PathBuf,
    /// Life of a token between services.
    #[serde(deserialize_with = "duration::deserialize")]
    pub internal_token_ttl: Duration,
}

/// The keys that wrap the keys of the files.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keyring {
    /// The keyring.
    pub file: PathBuf,
    /// The list of destroyed files, applied again at start.
    pub tombstones_file: PathBuf,
}

/// How calls are received.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Most bytes of one message.
    pub max_message_bytes: usize,
    /// Most bytes of the headers of a call.
    pub max_header_bytes: u32,
    /// Calls at work at the same time, over all connections.
    pub max_concurrent_calls: usize,
    /// Calls and streams of one connection.
    pub max_concurrent_streams: u32,
    /// Connections at the same time.
    pub max_connections: usize,
    /// Longest time until the first call of a connection.
    #[serde(deserialize_with = "duration::deserialize")]
    pub first_call_timeout: Duration,
    /// How often callers may call.
    pub rates: Rates,
    /// Time of a call that names no deadline.
    #[serde(deserialize_with = "duration::deserialize")]
    pub default_deadline: Duration,
    /// Longest time a call may ask for.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_deadline: Duration,
    /// Time between the announcement of a stop and the stop.
    #[serde(deserialize_with = "duration::deserialize")]
    pub pre_stop: Duration,
    /// Longest time for calls to end after a stop.
    #[serde(deserialize_with = "duration::deserialize")]
    pub drain_deadline: Duration,
    /// Life of a connection.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_connection_age: Duration,
    /// Time for the calls of an old connection to end.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_connection_grace: Duration,
    /// Time between two HTTP/2 pings.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keepalive: Duration,
    /// Longest wait for the answer to a ping.
    #[serde(deserialize_with = "duration::deserialize")]
    pub keepalive_timeout: Duration,
    /// The certificate chain; with the key it switches TLS on.
    #[serde(deserialize_with = "optional_path")]
    pub certificate_file: Option<PathBuf>,
    /// The key of the certificate.
    #[serde(deserialize_with = "optional_path")]
    pub key_file: Option<PathBuf>,
    /// Who vouches for callers; switches mTLS on.
    #[serde(deserialize_with = "optional_path")]
    pub client_ca_file: Option<PathBuf>,
    /// What callers may say by the names in their certificates; empty for everything.
    pub client_names: Vec<ClientName>,
}

/// What may be said over a connection whose certificate has this name.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct ClientName {
    /// A DNS name or URI of the certificate, or the common name of one that has neither.
    pub name: String,
    /// The services whose tokens are taken; empty for none.
    #[serde(default)]
    pub services: Vec<String>,
    /// The orgs whose tokens are taken; empty for every org.
    #[serde(default)]
    pub orgs: Vec<String>,
}

/// How often callers may call; 0 sets no bound.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    /// Calls of one caller in a second.
    pub caller_per_second: u32,
    /// Calls of all callers of one issuer in a second.
    pub issuer_per_second: u32,
}

/// The rule books.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regimes {
    /// The packs; empty for those compiled in.
    pub dir: PathBuf,
    /// The organisations; empty for those compiled in.
    pub organisations_dir: PathBuf,
}

/// The append-only record.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// Longest time from commit to checkpoint.
    #[serde(deserialize_with = "duration::deserialize")]
    pub merge_delay: Duration,
    /// Most entries sequenced or applied in one transaction.
    pub batch: u32,
    /// The file that receives checkpoints.
    #[serde(deserialize_with = "optional_path")]
    pub witness_file: Option<PathBuf>,
    /// Where checkpoints are posted to.
    #[serde(deserialize_with = "optional_text")]
    pub witness_url: Option<String>,
}

/// Contents of documents.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Documents {
    /// The folder they are kept in, where no bucket is named.
    pub dir: PathBuf,
    /// The bucket they are kept in.
    pub s3: crate::objects::Settings,
}

/// Bounds of the domain.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// How long after a revocation a reader may still be let in.
    #[serde(deserialize_with = "duration::deserialize")]
    pub revocation_bound: Duration,
}

// === impl Config ===

impl Config {
    /// How the store of `service` is opened.
    pub fn store(&self, service: &Service) -> crate::db::Settings {
        crate::db::Settings {
            url: service.database.clone(),
            url_file: service.database_file.clone(),
            service: service.name,
            pooled: self.database.pooler.is_some(),
            lock_timeout: self.database.lock_timeout,
            max_connections: self.database.max_connections,
            acquire_timeout: self.database.acquire_timeout,
            busy_timeout: self.database.busy_timeout,
            statement_timeout: self.database.statement_timeout,
            attempts: self.database.attempts,
        }
    }
}

// === impl Documents ===

impl Documents {
    /// The bucket; `None` where contents are kept in the folder.
    pub fn bucket(&self) -> Option<&crate::objects::Settings> {
        (!self.s3.bucket.is_empty()).then_some(&self.s3)
    }

    /// What the configuration calls the place that they are kept in.
    pub fn key(&self) -> &'static str {
        if self.bucket().is_some() { "documents.s3" } else { "documents.dir" }
    }
}

// === impl Server ===

impl Server {
    /// Connections at the same time, as far as the process may have open files: a third of them, since a process may run
    /// three servers, and some for its stores.
    pub fn connections(&self) -> usize {
        const KEPT: usize = 128;
        let files = open_files().map_or(usize::MAX, |most| most.saturating_sub(KEPT) / 3);
        self.max_connections.min(files).max(16)
    }
}

// Asked of the system's own table: the call needs code that is not safe.
fn open_files() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

pub(crate) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    String::deserialize(deserializer).map(|text| (!text.is_empty()).then_some(text))
}

pub(crate) fn optional_path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    optional_text(deserializer).map(|text| text.map(PathBuf::from))
}

/// Reads an address that may be left empty; for `#[serde(deserialize_with = "...")]`.
///
/// # Errors
/// When the text is neither empty nor an address with a port.
pub fn optional_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = optional_text(deserializer)?;
    text.map(|text| text.parse().map_err(serde::de::Error::custom)).transpose()
}
