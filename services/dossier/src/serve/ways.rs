//! The ways into this process and between the services, and what is read again while it runs.

use std::collections::BTreeMap;

use dossier_kernel::link::{Link, Slot};
use dossier_kernel::server::{Door, Stop};
use dossier_kernel::tls::{Inbound, Outbound};

use super::{Ground, Which};
use crate::Failure;

/// The ways into this process and between the services: those of this process are filled as they become ready.
pub(super) struct Ways {
    here: BTreeMap<Which, Slot>,
    inbound: Option<Inbound>,
    outbound: Outbound,
}

// === impl Ways ===

impl Ways {
    /// The ways of a process that runs `which`.
    ///
    /// # Errors
    /// Certificates that cannot be used or have ended.
    pub(super) fn open(ground: &Ground, which: &[Which]) -> Result<Self, Failure> {
        let (settings, clock) = (&ground.config, &ground.providers.clock);
        let inbound = Inbound::open(&settings.server, clock).map_err(Failure::config)?;
        let outbound = Outbound::open(&settings.peers, clock).map_err(Failure::config)?;
        Ok(Self { here: which.iter().map(|&one| (one, Slot::default())).collect(), inbound, outbound })
    }

    /// How callers come in; `None` without TLS.
    pub(super) fn inbound(&self) -> Option<Inbound> {
        self.inbound.clone()
    }

    /// Notes that `which` is behind `door`.
    pub(super) fn fill(&self, which: Which, door: Door) {
        if let Some(slot) = self.here.get(&which) {
            slot.fill(door);
        }
    }

    /// The way of `from` to `to`. The configured uri wins; a service of this process needs no socket.
    ///
    /// # Errors
    /// When `to` is neither here nor configured.
    pub(super) fn link(&self, ground: &Ground, from: Which, to: Which) -> Result<Link, Failure> {
        let (peers, tokens) = (&ground.config.peers, ground.auth.tokens(from.name()));
        if let Some(uri) = to.peer(&ground.config) {
            return Link::remote(to.name(), uri, peers, &self.outbound, tokens).map_err(Failure::config);
        }
        let slot = self.here.get(&to).cloned();
        let slot = slot.ok_or_else(|| Failure::config(format!("peers.{to} is empty and {to} does not run here")))?;
        Ok(Link::later(to.name(), slot, peers, tokens))
    }

    /// Follows what others replace until `stop`: certificates, and the keys of issuers.
    pub(super) fn follow(self, ground: &Ground, stop: &Stop) {
        let (auth, told) = (ground.auth.clone(), stop.clone());
        stop.spawn(async move {
            let inbound = async {
                if let Some(inbound) = &self.inbound {
                    inbound.watch(&told).await;
                }
            };
            let keys = told.soft().run_until_cancelled(auth.keep_keys());
            tokio::join!(inbound, self.outbound.watch(&told), keys);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dossier_kernel::call::Providers;
    use dossier_kernel::clock::Manual;
    use dossier_kernel::config::{Config, Sources};
    use dossier_kernel::id;
    use tokio::io::AsyncReadExt;

    use super::*;
    use crate::serve;

    fn config(folder: &tempfile::TempDir, more: &[(&str, &str)]) -> Config {
        let data = folder.path().join("data").display().to_string();
        let own = [("data_dir", data.as_str()), ("access.listen", "127.0.0.1:0")];
        let flags = own.iter().chain(more).map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Config::load(&Sources { flags, ..Sources::default() }).unwrap()
    }

    #[tokio::test]
    async fn a_process_reads_the_keys_of_its_issuers_before_anybody_calls() {
        let (folder, issuer) =
            (tempfile::tempdir().unwrap(), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
        let issuers = format!(
            "[{{ issuer = 'a', audience = 'b', org = 'demo', jwks_url = 'http://{}/keys' }}]",
            issuer.local_addr().unwrap()
        );
        let config = config(&folder, &[("auth.development_issuer", "false"), ("auth.issuers", &issuers)]);
        let which = [Which::Access];
        serve::migrate(&config, &which).await.unwrap();
        let ground = Ground::lay(config, &which, Providers::system()).await.unwrap();
        let stop = Stop::new();
        let ways = Ways::open(&ground, &which).unwrap();
        ways.follow(&ground, &stop);
        let (mut stream, _) = tokio::time::timeout(Duration::from_secs(10), issuer.accept()).await.unwrap().unwrap();
        let mut asked = [0; 9];
        stream.read_exact(&mut asked).await.unwrap();
        assert_eq!(&asked, b"GET /keys");
        stop.request();
        assert!(stop.finished(Duration::from_secs(10)).await, "it ends when it is asked to");
    }

    #[tokio::test]
    async fn a_process_whose_certificate_has_ended_does_not_start() {
        let folder = tempfile::tempdir().unwrap();
        let kernel = concat!(env!("CARGO_MANIFEST_DIR"), "/../kernel/src/server/fixtures/");
        let pem = |name: &str| format!("{kernel}{name}");
        let files = [("server.certificate_file", pem("server.pem")), ("server.key_file", pem("server.key"))];
        let files = files.each_ref().map(|(key, path)| (*key, path.as_str()));
        let (config, which) = (config(&folder, &files), [Which::Access]);
        let clock = Manual::at("9000-01-01T00:00:00Z".parse().unwrap());
        let providers = Providers { clock: clock.clone(), ids: id::System::shared() };
        serve::migrate(&config, &which).await.unwrap();
        let ground = Ground::lay(config, &which, providers).await.unwrap();
        let failure = serve::start(&ground, &which, Stop::new()).await.unwrap_err().to_string();
        assert!(failure.contains("server.certificate_file") && failure.contains("server.pem` ended at"), "{failure}");
    }
}
