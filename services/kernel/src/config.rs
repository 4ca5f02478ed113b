//! Configuration: the documented `deploy/dossier.toml` is the default; then a file, the environment, flags.
//!
//! | layer | how | relative paths are meant from |
//! |---|---|---|
//! | default | `deploy/dossier.toml`, compiled in | the working directory |
//! | file | `--config FILE` | the folder of that file |
//! | environment | `DOSSIER__SECTION__KEY=value` | the working directory |
//! | flags | `--set section.key=value` | the working directory |
//!
//! A later layer wins, key by key. Every fault of every layer is reported at once ([`ConfigFaults`]), before a port is
//! bound; an unknown key is a fault. `{data_dir}` in a value stands for the data directory. A secret `K` may be given
//! as the file `K_file` instead, and never shows in `Debug`.
//!
//! # To add an option
//! 1. Write it into `deploy/dossier.toml` with its default, its unit and a sentence; name a path `*_file` or `*_dir`.
//! 2. Add the field to its section in `config/sections.rs`.
//! 3. If not every value of its type is possible, refuse the others in `config/check.rs`.

mod check;
pub mod duration;
mod faults;
mod issuers;
mod layers;
mod paths;
mod sections;
#[cfg(test)]
mod tests;

pub(crate) use check::is_http;
pub use faults::{ConfigFaults, Fault, Origin};
pub use issuers::{Algorithm, Issuer};
pub use layers::Sources;
pub use paths::SecretFile;
pub use sections::{
    Auth, ClientName, Config, Database, Documents, Journal, Keyring, Lease, Limits, Peers, Rates, Regimes, Server,
    Service, optional_address,
};
pub(crate) use sections::{optional_path, optional_text};

use std::path::Path;

use serde::Deserialize;
use toml::{Table, Value};

use layers::Overrides;

/// The documented default, word for word.
pub const DEFAULT: &str = include_str!("../../../deploy/dossier.toml");

/// The most bytes that an item of a gRPC request may have whatever the configuration says: the generated servers
/// refuse more. Larger content travels as a stream of pieces.
pub const MOST_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

// === impl Config ===

impl Config {
    /// Reads and checks a configuration.
    ///
    /// # Errors
    /// Every fault of every layer at once.
    pub fn load(sources: &Sources) -> Result<Self, ConfigFaults> {
        let mut faults = ConfigFaults::default();
        let mut defaults: Table = match DEFAULT.parse() {
            Ok(table) => table,
            Err(fault) => {
                faults.push(Origin::Default, "", fault.to_string());
                return Err(faults);
            }
        };
        let mut overrides = layers::read(sources, &defaults, &mut faults);
        let data_dir = data_dir(&defaults, &overrides);
        let files = paths::read_secrets(&mut defaults, &mut overrides, &data_dir, &mut faults);
        paths::expand_all(&mut defaults, &mut overrides, &data_dir);
        let mut config = typed(&defaults, &overrides, &mut faults);
        if let Some(config) = &mut config {
            config.remember(files);
        }
        if let Some(config) = &config {
            check::check(config, &overrides, &mut faults);
        }
        match config {
            Some(config) => faults.unless_any(config),
            None => Err(faults),
        }
    }

    // Where a secret came from, for those that are read again while the process runs.
    fn remember(&mut self, mut files: paths::SecretFiles) {
        let services = [("profile", &mut self.profile), ("access", &mut self.access), ("credit", &mut self.credit)];
        for (name, service) in services {
            service.name = name;
            service.database_file = files.remove(&format!("{name}.database"));
        }
        self.bus.redis_url_file = files.remove("bus.redis_url");
        let s3 = &mut self.documents.s3;
        s3.access_key_id_file = files.remove("documents.s3.access_key_id");
        s3.secret_access_key_file = files.remove("documents.s3.secret_access_key");
    }

    /// The embedded default with everything inside `data_dir` and every port free to choose.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn embedded(data_dir: &Path) -> Result<Self, ConfigFaults> {
        let mut flags = vec![("data_dir".to_owned(), data_dir.display().to_string())];
        for service in ["profile", "access", "credit"] {
            flags.push((format!("{service}.listen"), "127.0.0.1:0".to_owned()));
        }
        Self::load(&Sources { flags, ..Sources::default() })
    }
}

// === impl Sources ===

impl Sources {
    /// The sources of a real process: its environment, beside a file and flags.
    pub fn of_process(file: Option<std::path::PathBuf>, flags: Vec<(String, String)>) -> Self {
        // A variable that is no Unicode cannot be one of ours and right; its name still shows as unknown.
        let environment = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        Self { file, environment, flags }
    }
}

fn data_dir(defaults: &Table, overrides: &Overrides) -> String {
    let given = overrides.get("data_dir").map(|(value, _)| value);
    given.or(defaults.get("data_dir")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Tries every given value alone on top of the defaults, so that each faulty one is found and named.
fn typed(defaults: &Table, overrides: &Overrides, faults: &mut ConfigFaults) -> Option<Config> {
    let read = |table: Table| Config::deserialize(Value::Table(table));
    let mut merged = defaults.clone();
    for (key, (value, origin)) in overrides {
        let mut trial = defaults.clone();
        layers::put(&mut trial, key, value.clone());
        match read(trial) {
            Ok(_) => layers::put(&mut merged, key, value.clone()),
            Err(fault) => faults.push(origin.clone(), key, fault.message()),
        }
    }
    match read(merged) {
        Ok(config) => Some(config),
        Err(fault) => {
            faults.push(Origin::Default, "", fault.to_string());
            None
        }
    }
}
