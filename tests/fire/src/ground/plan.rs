//! What is to be started: which services, on which stores, under which options.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Pki, Postgres, Redis, Relay, Result};

/// One of the three services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Customer files.
    Profile,
    /// Directory, approvals, grants, loans.
    Access,
    /// Ratings, limits, exposure.
    Credit,
}

/// Where the services keep their tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    /// In files below this data directory.
    Sqlite(PathBuf),
    /// In these databases of PostgreSQL, by url.
    Postgres(BTreeMap<Service, String>),
}

/// What is to be started.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program `dossier`.
    pub program: PathBuf,
    /// Keys, and with SQLite the stores.
    pub data: PathBuf,
    /// How many processes of each service; with `together`, of all.
    pub replicas: usize,
    /// Whether one process runs all three services.
    pub together: bool,
    /// Options on top of the defaults, as `DOSSIER__SECTION__KEY`, and whatever else the processes are to see.
    pub environment: BTreeMap<String, String>,
    /// Where the tables are. What the services are told may be another way to the same place.
    pub store: Store,
    /// The authority that vouches for the ports; without it they are plain.
    pub authority: Option<PathBuf>,
}

// === impl Service ===

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Access, Self::Profile, Self::Credit];

    /// The name in commands and options.
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Access => "access",
            Self::Credit => "credit",
        }
    }

    /// The variable that sets an option of the service, or the address under which the others find it.
    pub(super) fn option(self, section: &str) -> String {
        match section {
            "PEERS" => format!("DOSSIER__PEERS__{}", self.name().to_uppercase()),
            key => format!("DOSSIER__{}__{key}", self.name().to_uppercase()),
        }
    }
}

// === impl Plan ===

impl Plan {
    /// `serve all` on SQLite and without Redis, everything below `data`.
    pub fn embedded(program: &Path, data: &Path) -> Self {
        Self {
            program: program.to_owned(),
            data: data.to_owned(),
            replicas: 1,
            together: true,
            // What is measured and broken here is the work, not the bound on a single caller.
            environment: ["CALLER", "ISSUER"]
                .map(|who| (format!("DOSSIER__SERVER__RATES__{who}_PER_SECOND"), "0".to_owned()))
                .into(),
            store: Store::Sqlite(data.to_owned()),
            authority: None,
        }
    }

    /// One process of each service on fresh databases of `postgres` whose names begin with `prefix`.
    ///
    /// # Errors
    /// When PostgreSQL does not answer.
    pub async fn on_postgres(program: &Path, data: &Path, postgres: &Postgres, prefix: &str) -> Result<Self> {
        let mut urls = BTreeMap::new();
        for service in Service::ALL {
            let database = format!("{prefix}_{}", service.name());
            postgres.create(&database).await?;
            urls.insert(service, postgres.url(&database));
        }
        let mut plan = Self { together: false, store: Store::Postgres(urls.clone()), ..Self::embedded(program, data) };
        for (service, url) in urls {
            plan.environment.insert(service.option("DATABASE"), url);
        }
        Ok(plan)
    }

    /// With `redis` as the bus.
    #[must_use]
    pub fn with_redis(self, redis: &Redis) -> Self {
        self.with("DOSSIER__BUS__REDIS_URL", redis.url())
    }

    /// With the certificates of `pki` at every port, and between the services.
    #[must_use]
    pub fn secured(mut self, pki: &Pki) -> Self {
        self.authority = Some(pki.authority_file());
        let files = [
            ("DOSSIER__SERVER__CERTIFICATE_FILE", pki.certificate_file()),
            ("DOSSIER__SERVER__KEY_FILE", pki.key_file()),
            ("DOSSIER__PEERS__CA_FILE", pki.authority_file()),
        ];
        files.into_iter().fold(self, |plan, (name, file)| plan.with(name, file.display().to_string()))
    }

    /// How uris to the services begin.
    pub fn scheme(&self) -> &'static str {
        if self.authority.is_some() { "https" } else { "http" }
    }

    /// With another option or variable.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// With the store of `service` reached through `relay`.
    #[must_use]
    pub fn through(mut self, service: Service, relay: &Relay) -> Self {
        if let Store::Postgres(urls) = &self.store
            && let Some((head, tail)) = urls.get(&service).and_then(|url| url.split_once("@127.0.0.1:"))
            && let Some((_, database)) = tail.split_once('/')
        {
            let url = format!("{head}@{}/{database}", relay.address());
            self.environment.insert(service.option("DATABASE"), url);
        }
        self
    }
}
