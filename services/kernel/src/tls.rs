//! Certificates: read and checked before a port is bound, read again when their files change, and told of before they end.
//!
//! | piece | what it does |
//! |---|---|
//! | [`Inbound`] | what this process shows to its callers, and whose certificates it takes |
//! | [`Outbound`] | what it shows to its peers, and whose certificates it takes |
//! | [`faults`] | what is wrong with the files that a configuration names |
//! | [`PeerNames`] | what the certificate of a caller calls them |
//!
//! Files are compared by content every few seconds ([`Inbound::watch`]), so that it does not matter how they are replaced:
//! in place, by a rename, or by a link of Kubernetes. A replacement that cannot be used changes nothing and is warned of.
//! Connections that are open stay as they are until their age ends them.

pub(crate) mod material;
mod names;
mod refused;
#[cfg(test)]
pub(crate) mod tests;
mod watched;

pub use names::PeerNames;
pub(crate) use refused::Refused;

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio_rustls::rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use crate::clock::SharedClock;
use crate::config::{self, ConfigFaults, Origin};
use crate::server::Stop;
use material::Material;
use watched::Watched;

/// The protocol that both sides of a gRPC connection agree on.
const H2: &[u8] = b"h2";

/// A file that an option of the configuration names.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) option: &'static str,
    pub(crate) path: PathBuf,
}

/// The files of one section; certificate and key are there both or not at all.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    pub(crate) pair: Option<(File, File)>,
    pub(crate) authority: Option<File>,
}

/// What is wrong with a file, and which option names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The dotted key of the option.
    pub option: &'static str,
    /// The file and what is wrong with it; nothing of what is in it.
    pub why: String,
}

/// The TLS of the ports of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Inbound {
    watched: Arc<Watched<ServerConfig>>,
    refused: Refused,
}

/// The TLS towards the peers of this process; cheap to clone.
#[derive(Clone, Debug)]
pub struct Outbound(Arc<Watched<ClientConfig>>);

/// Everything that is wrong with the files of `files`, their ends aside: those depend on the time.
pub(crate) fn faults(files: &Files) -> Vec<Fault> {
    let pair = Files { authority: None, ..files.clone() };
    let authority = Files { pair: None, ..files.clone() };
    [pair, authority].iter().filter_map(|files| Material::read(files).err()).collect()
}

// === impl Files ===

impl Files {
    /// The files of the ports.
    pub(crate) fn of_server(settings: &config::Server) -> Self {
        let certificate = file("server.certificate_file", settings.certificate_file.as_ref());
        let key = file("server.key_file", settings.key_file.as_ref());
        Self { pair: certificate.zip(key), authority: file("server.client_ca_file", settings.client_ca_file.as_ref()) }
    }

    /// The files towards the peers.
    pub(crate) fn of_peers(settings: &config::Peers) -> Self {
        let certificate = file("peers.certificate_file", settings.certificate_file.as_ref());
        let key = file("peers.key_file", settings.key_file.as_ref());
        Self { pair: certificate.zip(key), authority: file("peers.ca_file", settings.ca_file.as_ref()) }
    }

    fn all(&self) -> impl Iterator<Item = &File> {
        self.pair.iter().flat_map(|(certificate, key)| [certificate, key]).chain(&self.authority)
    }
}

fn file(option: &'static str, path: Option<&PathBuf>) -> Option<File> {
    path.map(|path| File { option, path: path.clone() })
}

// === impl Inbound ===

impl Inbound {
    /// Reads the certificates of the section `server`; `None` when it switches TLS off.
    ///
    /// # Errors
    /// A file that cannot be used or whose certificate has ended, with the option that names it.
    pub fn open(settings: &config::Server, clock: &SharedClock) -> Result<Option<Self>, ConfigFaults> {
        let files = Files::of_server(settings);
        if files.pair.is_none() {
            return Ok(None);
        }
        let watched = Watched::open(files, clock.clone(), server_config).map_err(at_start)?;
        Ok(Some(Self { watched: Arc::new(watched), refused: Refused::new(clock.clone()) }))
    }

    /// Looks for changed files until `stop`, every few seconds and when the process is told to (SIGHUP).
    pub async fn watch(&self, stop: &Stop) {
        self.watched.watch(stop).await;
    }

    /// Looks for changed files now.
    pub fn look(&self) {
        self.watched.look();
    }

    /// What takes the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.watched.current())
    }

    /// Who is told of handshakes that fail.
    pub(crate) fn refused(&self) -> &Refused {
        &self.refused
    }
}

// === impl Outbound ===

impl Outbound {
    /// Reads the certificates of the section `peers`; without a `ca_file`, those of the system vouch for https peers.
    ///
    /// # Errors
    /// As [`Inbound::open`].
    pub fn open(settings: &config::Peers, clock: &SharedClock) -> Result<Self, ConfigFaults> {
        // The authorities of the system are many, and of no use to a process whose peers are inside it.
        let uris = [&settings.profile, &settings.access, &settings.credit];
        let secure = uris.iter().any(|uri| uri.as_ref().is_some_and(|uri| uri.starts_with("https:")));
        let make = if secure { client_config } else { idle_config };
        let watched = Watched::open(Files::of_peers(settings), clock.clone(), make).map_err(at_start)?;
        Ok(Self(Arc::new(watched)))
    }

    /// Looks for changed files until `stop`, as [`Inbound::watch`].
    pub async fn watch(&self, stop: &Stop) {
        self.0.watch(stop).await;
    }

    /// Looks for changed files now.
    pub fn look(&self) {
        self.0.look();
    }

    /// What makes the next connection.
    pub(crate) fn connector(&self) -> TlsConnector {
        TlsConnector::from(self.0.current())
    }
}

fn at_start(fault: Fault) -> ConfigFaults {
    let mut faults = ConfigFaults::default();
    faults.push(Origin::Start, fault.option, fault.why);
    faults
}

fn server_config(files: &Files, material: Material) -> Result<ServerConfig, Fault> {
    let builder = ServerConfig::builder_with_provider(material::provider())
        .with_safe_default_protocol_versions()
        .map_err(|fault| unusable(files, &fault))?;
    let shown = material.shown().ok_or_else(|| unusable(files, &"there is no certificate"))?;
    let (builder, mutual) = match material.roots {
        Some(roots) => (builder.with_client_cert_verifier(verifier(files, roots.store)?), true),
        None => (builder.with_no_client_auth(), false),
    };
    let mut config = builder.with_cert_resolver(shown);
    config.alpn_protocols = vec![H2.to_vec()];
    if mutual {
        // A resumed session is not asked for its certificate again, which may have ended or lost its authority meanwhile.
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
    }
    Ok(config)
}

fn verifier(files: &Files, roots: RootCertStore) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, Fault> {
    let built = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), material::provider()).build();
    built.map_err(|fault| unusable(files, &fault))
}

fn client_config(files: &Files, material: Material) -> Result<ClientConfig, Fault> {
    client(files, material, material::system_roots)
}

fn idle_config(files: &Files, material: Material) -> Result<ClientConfig, Fault> {
    client(files, material, RootCertStore::empty)
}

fn client(files: &Files, material: Material, usual: fn() -> RootCertStore) -> Result<ClientConfig, Fault> {
    let builder = ClientConfig::builder_with_provider(material::provider())
        .with_safe_default_protocol_versions()
        .map_err(|fault| unusable(files, &fault))?;
    let shown = material.shown();
    let roots = material.roots.map_or_else(usual, |roots| roots.store);
    let builder = builder.with_root_certificates(roots);
    let mut config = match shown {
        Some(shown) => builder.with_client_cert_resolver(shown),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![H2.to_vec()];
    Ok(config)
}

fn unusable(files: &Files, fault: &dyn std::fmt::Display) -> Fault {
    let option = files.authority.as_ref().or(files.pair.as_ref().map(|pair| &pair.0)).map_or("", |file| file.option);
    Fault { option, why: format!("cannot be used: {fault}") }
}

/// How long until `ends`, in seconds; negative when it has passed.
fn left(ends: Timestamp, now: Timestamp) -> f64 {
    ends.duration_since(now).as_secs_f64()
}
