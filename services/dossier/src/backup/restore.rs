//! `dossier restore`: whether a backup can be put back, and putting it back where nothing is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dossier_kernel::config::Config;
use dossier_kernel::sql;
use dossier_vault::tombstone::{Listed, Tombstone, Tombstones};
use secrecy::SecretString;

use super::manifest::{Copied, Manifest};
use super::{CONTENTS, TOMBSTONES, beside, copy, copy_contents, embedded, store_name};
use crate::folder::Folder;
use crate::serve::{self, Which};
use crate::verify::{Verified, contents, copies, stores, stores::open, told};
use crate::{Failure, out};

/// What `restore` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The backup
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// Only look whether it can be put back, and what would be lost
    #[arg(long)]
    pub check: bool,
}

/// How many entries each journal has, those without a number too.
type Ends = BTreeMap<(Which, String), i64>;

/// Checks the backup, and puts it back unless only that was asked for.
///
/// # Errors
/// As [`checked`] and [`put_back`].
pub async fn run(args: &Args, config: Config) -> Result<(), Failure> {
    if !args.check {
        free(&config)?;
    }
    for line in checked(&args.dir, &config).await? {
        out::line(line)?;
    }
    if !args.check {
        for line in put_back(&args.dir, &config)? {
            out::line(line)?;
        }
    }
    Ok(())
}

/// Looks whether the backup in `dir` is whole, opens under the keyring that is there now, and is what its journals say; gives what putting
/// it back would lose. Changes nothing, here or there.
///
/// # Errors
/// A file that is not as it was copied, a keyring that is missing or lacks a key, whatever [`verify`](mod@crate::verify) finds.
pub async fn checked(dir: &Path, config: &Config) -> Result<Vec<String>, Failure> {
    let manifest = Manifest::read(dir)?;
    require_same(dir, &manifest)?;
    let scratch = Folder::temporary("dossier-restore")?;
    let there = laid(dir, config, &scratch.path, &manifest)?;
    // An earlier version's tables are brought up to this program's, in the copy of the copy; then the keys are asked.
    serve::migrate(&there, &Which::ALL).await?;
    let mut verified = stores(&there, &Which::ALL, None, Vec::new()).await?;
    if manifest.contents.is_some() || config.documents.bucket().is_some() {
        contents(&there, &mut verified).await?;
    }
    verified.extend(copies(&there, &Which::ALL, None).await);
    require_verified(&verified)?;
    let mut lines = vec![format!("the backup of {} is whole and verifies", manifest.time)];
    lines.extend(lost(&ends(&there).await?, &ends(config).await?));
    let (now, then) = (listed(&config.keyring.tombstones_file)?, listed(&dir.join(TOMBSTONES))?);
    let risen = beyond(now, &then).len() as u64;
    if risen > 0 {
        lines.push(format!("{} destroyed since: gone again before anybody is served", out::count(risen, "file")));
    }
    Ok(lines)
}

/// Puts the backup in `dir` in the place of the stores that `config` names; gives what is left to do.
///
/// # Errors
/// When any of them is there: a newer journal is never overwritten.
pub fn put_back(dir: &Path, config: &Config) -> Result<Vec<String>, Failure> {
    let stores = free(config)?;
    if config.documents.bucket().is_none() {
        copy_contents(&dir.join(CONTENTS), &config.documents.dir)?;
    }
    for (name, to) in beside(config).into_iter().filter(|(_, to)| !to.exists()) {
        if dir.join(name).exists() {
            copy(&dir.join(name), &to)?;
        }
    }
    // What is known to be destroyed anywhere stays destroyed.
    let here = Tombstones::open(&config.keyring.tombstones_file).map_err(Failure::keys)?;
    here.append(&beyond(listed(&dir.join(TOMBSTONES))?, &listed(here.path())?)).map_err(Failure::keys)?;
    // The stores last: until then nothing is served.
    for (which, to) in &stores {
        copy(&dir.join(store_name(*which)), to)?;
    }
    let mut lines = vec!["put back".to_owned()];
    lines.extend(config.bus.redis().map(|_| "empty Redis before the services are started".to_owned()));
    Ok(lines)
}

// Where the stores go: nothing is there, nor what SQLite left beside one, which would damage another.
fn free(config: &Config) -> Result<Vec<(Which, PathBuf)>, Failure> {
    let stores = embedded(config)?;
    for (which, path) in &stores {
        for end in ["", "-wal", "-shm"] {
            let mut there = path.clone().into_os_string();
            there.push(end);
            if Path::new(&there).exists() {
                let what = format!("the store of {which} is there, `{}`", Path::new(&there).display());
                return Err(Failure::config(format!(
                    "{what}: move it away with what lies beside it; nothing was changed"
                )));
            }
        }
    }
    Ok(stores)
}

fn require_same(dir: &Path, manifest: &Manifest) -> Result<(), Failure> {
    for which in Which::ALL {
        let path = dir.join(store_name(which));
        let kept = manifest.stores.get(which.name());
        let kept = kept.ok_or_else(|| Failure::config(format!("`{}` holds no store of {which}", dir.display())))?;
        if Copied::of(&path)? != *kept {
            return Err(Failure::differs(format!("`{}` is not as it was copied", path.display())));
        }
    }
    Ok(())
}

// The backup as a configuration of its own, under the keys of the present one. The stores are opened as copies: to open changes a file.
fn laid(dir: &Path, config: &Config, scratch: &Path, manifest: &Manifest) -> Result<Config, Failure> {
    let mut there = config.clone();
    there.data_dir = scratch.to_owned();
    for which in Which::ALL {
        let to = scratch.join(store_name(which));
        copy(&dir.join(store_name(which)), &to)?;
        let service = match which {
            Which::Profile => &mut there.profile,
            Which::Access => &mut there.access,
            Which::Credit => &mut there.credit,
        };
        (service.database, service.database_file) = (SecretString::from(format!("sqlite:{}", to.display())), None);
    }
    // As they were then: what was destroyed since is in the copy.
    there.keyring.tombstones_file = scratch.join(TOMBSTONES);
    if dir.join(TOMBSTONES).exists() {
        copy(&dir.join(TOMBSTONES), &there.keyring.tombstones_file)?;
    }
    if manifest.contents.is_some() {
        there.documents.dir = dir.join(CONTENTS);
        there.documents.s3.bucket.clear();
    }
    Ok(there)
}

fn require_verified(verified: &[Verified]) -> Result<(), Failure> {
    if verified.iter().all(Verified::verified) {
        return Ok(());
    }
    let differs = |what: &str| Failure::differs(format!("the backup does not verify: {what}"));
    told(verified).map_err(|sum| differs(&sum.to_string()))?;
    Err(differs("not all of it could be looked at"))
}

fn lost(there: &Ends, here: &Ends) -> Vec<String> {
    let mut lines = Vec::new();
    for ((which, org), last) in here {
        let kept = there.get(&(*which, org.clone())).copied().unwrap_or(0);
        if *last > kept {
            let lost = out::count(last.abs_diff(kept), "entry");
            lines.push(format!("{which} of {org} has {lost} since, which would be lost: run `dossier recover` then"));
        }
    }
    lines
}

// Nothing where a store is not there: what replaces it loses nothing.
async fn ends(config: &Config) -> Result<Ends, Failure> {
    let mut ends = Ends::new();
    for (which, path) in embedded(config)? {
        if !path.exists() {
            continue;
        }
        let told = |fault| Failure::store(which.name(), fault);
        let db = open(config, which).await.map_err(Failure::config)?;
        let text = "SELECT org, COUNT(*) FROM journal_entry GROUP BY org";
        let rows = sql!(&mut db.read().await.map_err(told)?, fetch_all as (String, i64), text);
        db.close().await;
        ends.extend(rows.map_err(told)?.into_iter().map(|(org, last)| ((which, org), last)));
    }
    Ok(ends)
}

// A list of destroyed files; empty where there is none.
fn listed(path: &Path) -> Result<Listed, Failure> {
    let list = Tombstones::at(path);
    if list.exists() { list.read().map_err(Failure::keys) } else { Ok(Listed::new()) }
}

// What `all` says is destroyed and `known` does not.
fn beyond(all: Listed, known: &Listed) -> Vec<Tombstone> {
    let dead = all.into_iter().filter(|(place, _)| !known.contains_key(place));
    dead.map(|((org, file), destroyed_at)| Tombstone { org, file, destroyed_at }).collect()
}
