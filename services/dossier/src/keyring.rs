//! `dossier keyring`: the key of the organisation that wraps the keys of files, replaced and retired.
//!
//! ```text
//! dossier keyring new        # for an empty installation, before its first start
//! dossier keyring list       # every key without its secret, and how many files hang on each
//! dossier keyring rotate     # a newer key, in the file; then start the services again
//! dossier keyring rewrap     # every file under the newest; the services stopped
//! dossier keyring retire ID  # the old key goes: nobody opens a backup of before any more
//! ```
//! What was destroyed stays closed to this product whatever is put back. To everybody else a backup of before, with the keyring beside it,
//! is open until the key is retired under which the file was wrapped: its line in ListDisposals names that key (I7).

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::sql;
use dossier_vault::provider::Purpose;
use dossier_vault::{KeyId, Keyring};

use crate::recover::survey::require_idle;
use crate::serve::{Ground, Which, base};
use crate::{Failure, out};

/// What `keyring` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// What is done
    #[command(subcommand)]
    pub verb: Verb,
}

/// What is done with the keyring.
#[derive(clap::Subcommand, Clone, Copy, Debug)]
pub enum Verb {
    /// Make the keyring of an empty installation
    New,
    /// Show every key without its secret, and how many keys of files each wraps
    List,
    /// Add a newer key for wrapping the keys of files; services see it when they are started again
    Rotate,
    /// Wrap the keys of all files under the newest key, with the services stopped; safe to run twice
    Rewrap,
    /// Remove an old key for good; refused while anything is wrapped under it
    Retire {
        /// The key, as `list` shows it
        id: KeyId,
    },
}

/// The stores of all services, no service running on them.
type Stores = BTreeMap<Which, Base>;

/// Does what `args` say and prints it.
///
/// # Errors
/// As [`done`].
pub async fn run(args: &Args, config: Config) -> Result<(), Failure> {
    for line in Box::pin(done(args.verb, config, Providers::system())).await? {
        out::line(line)?;
    }
    Ok(())
}

/// Does it, and gives what was done, a line each.
///
/// # Errors
/// A keyring that is not there, or there already; a key that is unknown or in use; stores that a service works on.
pub async fn done(verb: Verb, config: Config, providers: Providers) -> Result<Vec<String>, Failure> {
    let (path, ids) = (config.keyring.file.clone(), providers.ids.clone());
    match verb {
        Verb::New => {
            Keyring::create(&path, &*ids).map_err(Failure::keys)?;
            Ok(vec![format!("made {}", path.display())])
        }
        Verb::Rotate => {
            let made = Keyring::rotate(&path, Purpose::Seal, &*ids).map_err(Failure::keys)?;
            let next = "start the services again, then run `dossier keyring rewrap`";
            Ok(vec![format!("{} wraps from now on: {next}", made.id)])
        }
        Verb::List => Box::pin(list(config, providers)).await,
        Verb::Rewrap => Box::pin(rewrap(config, providers)).await,
        Verb::Retire { id } => Box::pin(retire(config, providers, id)).await.map(|line| vec![line]),
    }
}

async fn list(config: Config, providers: Providers) -> Result<Vec<String>, Failure> {
    let keyring = Keyring::open(&config.keyring.file).map_err(Failure::keys)?;
    let stores = opened(config, providers).await?;
    let mut lines = Vec::new();
    for one in keyring.list() {
        let files = match one.purpose {
            Purpose::Seal => format!("  {} of files", out::count(wrapped(&stores, one.id).await?, "key")),
            _ => String::new(),
        };
        lines.push(format!("{}  {}  {}{files}", one.id, one.created, one.purpose.label()));
    }
    close(stores).await;
    Ok(lines)
}

async fn rewrap(config: Config, providers: Providers) -> Result<Vec<String>, Failure> {
    let stores = opened(config, providers).await?;
    let mut lines = Vec::new();
    for (which, base) in &stores {
        let mut done = 0;
        for org in base.orgs() {
            require_idle(&stores, &org).await?;
            done += rewrapped(base, &org).await?;
        }
        lines.push(format!("{which}: {} of files wrapped anew", out::count(done, "key")));
    }
    close(stores).await;
    Ok(lines)
}

async fn rewrapped(base: &Base, org: &str) -> Result<u64, Failure> {
    let mut done = 0;
    loop {
        match base.vault.rewrap(&base.db, org).await.map_err(Failure::keys)? {
            0 => return Ok(done),
            some => done += some as u64,
        }
    }
}

async fn retire(config: Config, providers: Providers, id: KeyId) -> Result<String, Failure> {
    let path = config.keyring.file.clone();
    let known = Keyring::open(&path).map_err(Failure::keys)?.list().into_iter().find(|one| one.id == id);
    if known.is_none_or(|one| one.purpose != Purpose::Seal) {
        let shown = "`dossier keyring list` shows them";
        return Err(Failure::keys(format!("{id} is no key that wraps the keys of files: {shown}")));
    }
    let ids = providers.ids.clone();
    let stores = opened(config, providers).await?;
    let wrapped = wrapped(&stores, id).await?;
    close(stores).await;
    if wrapped > 0 {
        let (count, first) = (out::count(wrapped, "key"), "run `dossier keyring rewrap` first");
        return Err(Failure::keys(format!("{count} of files are wrapped under {id}: {first}")));
    }
    Keyring::retire(&path, id, &*ids).map_err(Failure::keys)?;
    Ok(format!("{id} is gone: what a backup of before wraps under it nobody opens any more"))
}

async fn opened(config: Config, providers: Providers) -> Result<Stores, Failure> {
    let ground = Ground::lay_offline(config, &Which::ALL, providers).await?;
    let mut stores = Stores::new();
    for which in Which::ALL {
        stores.insert(which, base(&ground, which).await?);
    }
    Ok(stores)
}

async fn close(stores: Stores) {
    for base in stores.into_values() {
        base.db.close().await;
    }
}

// How many keys of files the stores have under it, of every organisation.
async fn wrapped(stores: &Stores, id: KeyId) -> Result<u64, Failure> {
    let mut all = 0;
    for base in stores.values() {
        let text = "SELECT COUNT(*) FROM file_key WHERE root = $1 AND wrapped IS NOT NULL";
        let (count,) = sql!(&mut base.db.read().await?, fetch_one as (i64,), text, id)?;
        all += u64::try_from(count).unwrap_or_default();
    }
    Ok(all)
}
