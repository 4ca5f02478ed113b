//! What all services of one process stand on: rules, keys, credentials, bus, time.

use std::sync::Arc;

use dossier_kernel::auth::{Auth, Orgs};
use dossier_kernel::bus::{self, Bus, VouchKey};
use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::objects::Objects;
use dossier_kernel::ready::Board;
use dossier_regime::{Fault, Regimes};
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{Keyring, SharedProvider, Vault, sign};
use secrecy::ExposeSecret;

use super::fit::{self, Keys};
use super::settled::CONSUMERS;
use super::{Which, private};
use crate::Failure;

/// What all services of one process share; cheap to clone.
#[derive(Clone)]
pub struct Ground {
    /// The checked configuration.
    pub config: Arc<Config>,
    /// Packs, organisations, calendars.
    pub regimes: Arc<Regimes>,
    /// Root keys.
    pub provider: SharedProvider,
    /// Data keys, sealing, indexes.
    pub vault: Vault,
    /// Who may call.
    pub auth: Auth,
    /// The fast path.
    pub bus: Arc<dyn Bus>,
    /// Time and ids.
    pub providers: Providers,
    /// Where the services say whether they are ready.
    pub board: Board,
}

// === impl Ground ===

impl Ground {
    /// Opens everything that `config` names, for a process that runs `services`. Makes a keyring where the stores of all
    /// of them are empty, and nowhere else.
    ///
    /// # Errors
    /// Every fault of rules, keys and credentials, before a port is bound; a keyring or a list of destroyed files that is
    /// missing, or not the one that the stores were last used with.
    pub async fn lay(config: Config, services: &[Which], providers: Providers) -> Result<Self, Failure> {
        let names: Vec<_> = services.iter().map(|which| which.name()).collect();
        let auth = |config: &Config, orgs| Auth::open(config, orgs, &names, &providers).map_err(Failure::config);
        Self::with(config, services, &providers, auth).await
    }

    /// The same for work on the stores of `services` while none of them runs: without a key that speaks for them.
    ///
    /// # Errors
    /// As [`lay`](Self::lay).
    pub async fn lay_offline(config: Config, services: &[Which], providers: Providers) -> Result<Self, Failure> {
        let auth = |config: &Config, orgs| Auth::offline(config, orgs, &providers).map_err(Failure::keys);
        Self::with(config, services, &providers, auth).await
    }

    async fn with(
        config: Config,
        services: &[Which],
        providers: &Providers,
        auth: impl FnOnce(&Config, Orgs) -> Result<Auth, Failure>,
    ) -> Result<Self, Failure> {
        private::folder(&config.data_dir)?;
        let regimes = Arc::new(rules(&config)?);
        let orgs: Vec<_> = regimes.tenants().map(|tenant| tenant.org().to_owned()).collect();
        let (path, ids) = (&config.keyring.file, providers.ids.as_ref());
        let keyring = match fit::check(&config, services, &orgs).await? {
            Keys::Fit => Keyring::open(path),
            Keys::MayBeMade => Keyring::open_or_create(path, ids),
        };
        let keyring = keyring.map_err(Failure::keys)?;
        let auth = auth(&config, Orgs::new(orgs))?;
        let provider: SharedProvider = Arc::new(keyring);
        let tombstones = Tombstones::open(&config.keyring.tombstones_file).map_err(Failure::keys)?;
        let vault = Vault::new(Arc::clone(&provider), Arc::clone(&providers.ids), tombstones);
        let vouchers = sign::bus_keys(provider.as_ref()).map_err(Failure::keys)?;
        let vouchers = vouchers.iter().map(|secret| VouchKey::new(secret.expose_secret())).collect();
        // Every consumer of every organisation waits in a read of its own.
        let readers = CONSUMERS.len() * regimes.tenants().count();
        let settings = bus::Settings { readers: readers.max(config.bus.readers), ..config.bus.clone() };
        let bus = bus::open(&settings, vouchers).map_err(Failure::config)?;
        let (config, providers, board) = (Arc::new(config), providers.clone(), Board::default());
        Ok(Self { config, regimes, provider, vault, auth, bus, providers, board })
    }

    /// The store of contents; a folder is made where there is none. Whether a bucket lets this process in is told in the log: a
    /// server that is gone just now keeps nobody from serving what needs no contents.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn contents(&self) -> Result<Objects, Failure> {
        let documents = &self.config.documents;
        let opened = |objects: Result<Objects, _>| objects.map_err(|fault| Failure::store(documents.key(), fault));
        let Some(settings) = documents.bucket() else {
            private::inner(documents.key(), &documents.dir)?;
            return opened(Objects::open(documents));
        };
        let objects = opened(Objects::open(documents))?;
        let (asked, bucket) = (objects.clone(), settings.bucket.clone());
        tokio::spawn(async move {
            match asked.look().await {
                Ok(()) => tracing::info!(bucket, "contents of documents are kept in the bucket"),
                Err(_) => tracing::error!(
                    bucket,
                    "documents.s3: contents of documents can be neither kept nor read; see the warning before"
                ),
            }
        });
        Ok(objects)
    }

    /// The same, with the services on `board`.
    #[must_use]
    pub fn on(self, board: Board) -> Self {
        Self { board, ..self }
    }
}

// An empty folder name means the packs and organisations that are compiled in.
pub(crate) fn rules(config: &Config) -> Result<Regimes, Failure> {
    let settings = &config.regimes;
    let shipped = settings.dir.as_os_str().is_empty() && settings.organisations_dir.as_os_str().is_empty();
    let rules = if shipped { Regimes::shipped() } else { Regimes::load(&settings.dir, &settings.organisations_dir) };
    let rules = rules.map_err(Failure::config)?;
    for warning in worth_saying(&rules, shipped) {
        tracing::warn!("{warning}");
    }
    Ok(rules)
}

// That the invented companies have one general manager each is known, and nobody at this terminal can appoint another;
// `dossier lint` says it.
fn worth_saying(rules: &Regimes, shipped: bool) -> &[Fault] {
    if shipped { &[] } else { &rules.warnings().0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_organisations_are_not_warned_of_and_a_companys_own_are() {
        let rules = Regimes::shipped().unwrap();
        assert!(!rules.warnings().0.is_empty());
        assert!(worth_saying(&rules, true).is_empty());
        assert_eq!(worth_saying(&rules, false), rules.warnings().0);
    }
}
