//! Where scripts are played: three services in this process, with a clock that the scripts move.

use std::path::Path;
use std::sync::Arc;

use dossier_kernel::call::Providers;
use dossier_kernel::clock::Manual;
use dossier_kernel::config::{Config, Sources};
use dossier_kernel::id::Seeded;
use dossier_kernel::server::Stop;
use jiff::Timestamp;

use super::company::Rules;
use crate::Failure;
use crate::serve::{self, Ground, Running, Which};

/// The services and the clock that they follow.
#[derive(Clone, Copy)]
pub struct House<'h> {
    /// What the services stand on.
    pub ground: &'h Ground,
    /// The services.
    pub running: &'h Running,
    /// Their clock.
    pub clock: &'h Arc<Manual>,
}

/// A house of its own on embedded stores.
pub struct Own {
    ground: Ground,
    running: Running,
    clock: Arc<Manual>,
}

// === impl Own ===

impl Own {
    /// Three services on fresh stores below `home`, under `rules`, at the moment `start`.
    ///
    /// # Errors
    /// Those of starting the services.
    pub async fn start(home: &Path, rules: &Rules, start: Timestamp) -> Result<Self, Failure> {
        let clock = Manual::at(start);
        let providers = Providers { clock: clock.clone(), ids: Seeded::new(1, clock.clone()) };
        let config = config(home, rules)?;
        serve::migrate(&config, &Which::ALL).await?;
        let ground = Ground::lay(config, &Which::ALL, providers).await?;
        let running = serve::start(&ground, &Which::ALL, Stop::new()).await?;
        Ok(Self { ground, running, clock })
    }

    /// The house as scripts see it.
    pub fn open(&self) -> House<'_> {
        House { ground: &self.ground, running: &self.running, clock: &self.clock }
    }

    /// Stops the services.
    pub async fn stop(self) {
        self.running.stop().await;
    }
}

fn config(home: &Path, rules: &Rules) -> Result<Config, Failure> {
    let shown = |path: &Path| path.display().to_string();
    let mut flags = vec![
        ("data_dir".to_owned(), shown(&home.join("data"))),
        ("regimes.dir".to_owned(), shown(&rules.regimes)),
        ("regimes.organisations_dir".to_owned(), shown(&rules.organisations)),
        ("server.drain_deadline".to_owned(), "2s".to_owned()),
    ];
    flags.extend(Which::ALL.map(|which| (format!("{which}.listen"), "127.0.0.1:0".to_owned())));
    Config::load(&Sources { flags, ..Sources::default() }).map_err(Failure::config)
}
