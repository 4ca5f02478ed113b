//! What every command takes, and how words of the command line are read. It knows no command.

use std::path::PathBuf;

use dossier_kernel::config::{Config, Sources};

use crate::Failure;
use crate::serve::Which;

/// What every command takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct Globals {
    /// Configuration file; it names only what differs from the default (deploy/dossier.toml)
    #[arg(long, global = true, value_name = "FILE", env = "DOSSIER_CONFIG", help_heading = "Global options")]
    pub config: Option<PathBuf>,
    /// Where the embedded stores and the keys live; the same as --set data_dir=DIR
    #[arg(long, global = true, value_name = "DIR", help_heading = "Global options")]
    pub data_dir: Option<PathBuf>,
    /// One option of the configuration; may be repeated
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE", value_parser = pair, help_heading = "Global options")]
    pub set: Vec<(String, String)>,
}

/// One or more services, as `all` or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen(pub Vec<Which>);

// === impl Globals ===

impl Globals {
    /// Where the configuration comes from.
    pub fn sources(&self) -> Sources {
        let folder = self.data_dir.iter().map(|dir| ("data_dir".to_owned(), dir.display().to_string()));
        Sources::of_process(self.config.clone(), folder.chain(self.set.iter().cloned()).collect())
    }

    /// The configuration.
    ///
    /// # Errors
    /// Every fault of it at once.
    pub fn load(&self) -> Result<Config, Failure> {
        Config::load(&self.sources()).map_err(Failure::config)
    }
}

/// Reads which services are meant.
pub(crate) fn chosen(text: &str) -> Result<Chosen, String> {
    match text {
        "all" => Ok(Chosen(Which::ALL.to_vec())),
        one => {
            one.parse().map(|which| Chosen(vec![which])).map_err(|_| "give all, profile, access or credit".to_owned())
        }
    }
}

/// Reads `KEY=VALUE`.
pub(crate) fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must have the form KEY=VALUE")?;
    if key.is_empty() { Err("the part before `=` is empty".to_owned()) } else { Ok((key.to_owned(), value.to_owned())) }
}
