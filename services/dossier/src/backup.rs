//! `dossier backup` and `dossier restore`: the embedded stores of one moment, put away and put back.
//!
//! ```text
//! dossier backup /var/backups/monday          # while the services run; the keyring goes elsewhere
//! dossier restore /var/backups/monday --check # whether it can be put back, and what would be lost; changes nothing
//! dossier restore /var/backups/monday         # into the stores that the configuration names, where there are none
//! ```
//! While the three stores are copied nothing is written to any of them, so no copy of another's journal is ahead of it and nothing has to be
//! recovered afterwards. Reading goes on; whoever writes waits, at most `database.busy_timeout`. The contents of documents follow: what
//! the stores name is there by then. `backup.json` is written last: a folder without it is no backup.
//!
//! The keyring is never in it, since whoever has both reads everything. A server makes its own copies: `deploy/operations.md`.

mod manifest;
pub mod restore;

use std::fs::File;
use std::path::{Path, PathBuf};

use dossier_kernel::call::Providers;
use dossier_kernel::config::Config;
use dossier_kernel::db::Db;
use secrecy::ExposeSecret;

use crate::folder::private;
use crate::serve::Which;
use crate::verify::stores;
use crate::{Failure, out};
use manifest::{Copied, Manifest, Pieces};

/// The folder of the contents, below that of the backup.
const CONTENTS: &str = "documents";
/// The list of destroyed files.
const TOMBSTONES: &str = "tombstones.jsonl";

/// What `backup` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Where it goes: a folder that is empty or not there
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
}

/// Makes the backup and prints what is in it.
///
/// # Errors
/// As [`made`].
pub async fn run(args: &Args, config: Config) -> Result<(), Failure> {
    for line in made(&args.dir, &config, &Providers::system()).await? {
        out::line(line)?;
    }
    Ok(())
}

/// Makes a backup in `dir`; gives what is in it, a line each.
///
/// # Errors
/// A folder that holds other things, a store that is missing or on a server, a disk that takes no more. What was written until then stays,
/// without `backup.json`.
pub async fn made(dir: &Path, config: &Config, providers: &Providers) -> Result<Vec<String>, Failure> {
    let stores = embedded(config)?;
    fresh(dir)?;
    let mut manifest = Manifest::begun(providers.clock.now());
    copy_stores(dir, config, &stores, &mut manifest).await?;
    manifest.contents = match config.documents.bucket() {
        Some(_) => None,
        None => Some(copy_contents(&config.documents.dir, &dir.join(CONTENTS))?),
    };
    for (name, from) in beside(config) {
        if from.exists() {
            copy(&from, &dir.join(name))?;
        }
    }
    manifest.write(dir)?;
    Ok(told(dir, config, &manifest))
}

fn told(dir: &Path, config: &Config, manifest: &Manifest) -> Vec<String> {
    let mut lines: Vec<_> =
        manifest.stores.iter().map(|(name, one)| format!("{name}: {}", out::count(one.bytes, "byte"))).collect();
    lines.push(match (&manifest.contents, config.documents.bucket()) {
        (Some(all), _) => format!("contents: {}, {}", out::count(all.pieces, "piece"), out::count(all.bytes, "byte")),
        (None, bucket) => {
            let name = bucket.map(|one| one.bucket.as_str()).unwrap_or_default();
            format!("contents: in the bucket `{name}`, which keeps its own versions")
        }
    });
    lines.push(format!("{} is whole; put the keyring `{}` elsewhere", dir.display(), config.keyring.file.display()));
    lines
}

/// Where the stores lie.
///
/// # Errors
/// When one is on a server.
fn embedded(config: &Config) -> Result<Vec<(Which, PathBuf)>, Failure> {
    let path = |which: Which| {
        let url = &which.settings(config).database;
        let path = stores::sqlite(url.expose_secret()).map(PathBuf::from).ok_or_else(|| {
            let why = "is no embedded store; a server makes its own copies, as deploy/operations.md says";
            Failure::config(format!("{which}.database {why}"))
        })?;
        Ok((which, path))
    };
    Which::ALL.into_iter().map(path).collect()
}

// What belongs to the stores beside them, by its name in the backup. No keyring.
fn beside(config: &Config) -> [(&'static str, PathBuf); 4] {
    let auth = &config.auth;
    [
        (TOMBSTONES, config.keyring.tombstones_file.clone()),
        ("internal.pem", auth.internal_key_file.clone()),
        ("internal.jwks.json", auth.internal_jwks_file.clone()),
        ("development.pem", auth.development_key_file.clone()),
    ]
}

async fn copy_stores(
    dir: &Path,
    config: &Config,
    paths: &[(Which, PathBuf)],
    manifest: &mut Manifest,
) -> Result<(), Failure> {
    let mut dbs = Vec::new();
    for (which, _) in paths {
        dbs.push((*which, stores::open(config, *which).await.map_err(Failure::config)?));
    }
    let copied = copy_held(dir, &dbs).await;
    for (_, db) in &dbs {
        db.close().await;
    }
    copied?;
    for (which, _) in paths {
        let name = store_name(*which);
        manifest.stores.insert(which.name().to_owned(), Copied::of(&dir.join(name))?);
    }
    Ok(())
}

// All of one moment: nobody writes to any of them from the first copy to the last.
async fn copy_held(dir: &Path, dbs: &[(Which, Db)]) -> Result<(), Failure> {
    let mut held = Vec::new();
    for (which, db) in dbs {
        held.push(db.write().await.map_err(|fault| Failure::store(which.name(), fault))?);
    }
    for (which, db) in dbs {
        let copied = db.copy_into(&dir.join(store_name(*which))).await;
        copied.map_err(|fault| Failure::store(which.name(), fault))?;
    }
    Ok(())
}

fn store_name(which: Which) -> String {
    format!("{which}.db")
}

// A folder of its owner alone, with nothing in it.
fn fresh(dir: &Path) -> Result<(), Failure> {
    private(dir).map_err(|fault| Failure::file(dir, &fault))?;
    let mut there = std::fs::read_dir(dir).map_err(|fault| Failure::file(dir, &fault))?;
    match there.next() {
        None => Ok(()),
        Some(_) => {
            Err(Failure::config(format!("`{}` is not empty: give each backup a folder of its own", dir.display())))
        }
    }
}

// Pieces never change, so a copy that was cut is made again over what is there.
fn copy_contents(from: &Path, to: &Path) -> Result<Pieces, Failure> {
    let mut all = Pieces::default();
    private(to).map_err(|fault| Failure::file(to, &fault))?;
    if !from.exists() {
        return Ok(all);
    }
    for entry in std::fs::read_dir(from).map_err(|fault| Failure::file(from, &fault))? {
        let entry = entry.map_err(|fault| Failure::file(from, &fault))?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            all += copy_contents(&source, &target)?;
        } else {
            all += Pieces { pieces: 1, bytes: copy(&source, &target)? };
        }
    }
    Ok(all)
}

fn copy(from: &Path, to: &Path) -> Result<u64, Failure> {
    let bytes = std::fs::copy(from, to).map_err(|fault| Failure::file(to, &fault))?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|fault| Failure::file(to, &fault))?;
    Ok(bytes)
}
