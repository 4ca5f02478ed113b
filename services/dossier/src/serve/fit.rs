//! Whether the keys and the list of destroyed files are those that the stores were last used with.
//!
//! Fresh state is never made where state is missing: only an installation whose stores hold nothing gets new keys. What a
//! store was written under stands in the store itself ([`anchor`]); a store of before that is known by the keys that its
//! data keys are wrapped under and by the signature of its newest checkpoint.

use std::path::Path;

use dossier_journal::checkpoint::{Checkpoint, Origin, VerifierKey};
use dossier_journal::{begun, last_note};
use dossier_kernel::auth::jwks;
use dossier_kernel::config::Config;
use dossier_kernel::db::{self, Db, Tx};
use dossier_kernel::time::micros;
use dossier_kernel::{clock::Clock, transact};
use dossier_vault::sign::Signer;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{KeyProvider, Keyring, Vault, anchor};

use super::{Ground, Which};
use crate::Failure;

/// What the stores say of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// Nothing was ever written: keys may be made.
    MayBeMade,
    /// They are there and fit.
    Fit,
}

/// Looks whether the stores of `services` fit the keyring and the list of destroyed files that `config` names. Makes
/// nothing.
///
/// # Errors
/// What is missing or another, with the file, the store, and what to do; the faults of the stores.
pub async fn check(config: &Config, services: &[Which], orgs: &[String]) -> Result<Keys, Failure> {
    let (path, list) = (&config.keyring.file, Tombstones::at(&config.keyring.tombstones_file));
    let keyring = if path.exists() { Some(Keyring::open(path).map_err(Failure::keys)?) } else { None };
    for &which in services {
        let told = |fault| Failure::store(which.name(), fault);
        let db = Db::open(&config.store(which.settings(config))).await.map_err(told)?;
        let looked = look(&db, which, orgs, keyring.as_ref(), path, &list).await;
        db.close().await;
        looked?;
    }
    match keyring {
        Some(_) => Ok(Keys::Fit),
        None if services.is_empty() => Err(Failure::keys(format!(
            "there is no keyring `{}`, and no store here that says whether the installation is new: name its data \
             directory (--data-dir) or its keyring (--set keyring.file=...)",
            path.display()
        ))),
        None => Ok(Keys::MayBeMade),
    }
}

async fn look(
    db: &Db,
    which: Which,
    orgs: &[String],
    keyring: Option<&Keyring>,
    path: &Path,
    list: &Tombstones,
) -> Result<(), Failure> {
    let told = |fault| Failure::store(which.name(), fault);
    db::require_migrated(db, &which.migrations()).await.map_err(told)?;
    let mut tx = db.read().await.map_err(told)?;
    for org in orgs {
        match keyring {
            Some(keyring) => fits(&mut tx, which, org, keyring, path).await?,
            None if is_empty(&mut tx, org).await? => {}
            None => {
                return Err(Failure::keys(format!(
                    "the keyring `{}` is missing, and the store of {which} was written with it: put it back from its \
                     backup; without it nothing sealed opens again. A new one is made for an empty installation only",
                    path.display()
                )));
            }
        }
    }
    let lost = Vault::unlisted(list, &mut tx).await.map_err(Failure::keys)?;
    if lost > 0 {
        let path = list.path().into();
        return Err(Failure::keys(dossier_vault::Fault::TombstonesLost { path, lost }));
    }
    Ok(())
}

/// Checks the keyring against the store once more and anchors its keys there, before anything is written with them.
///
/// # Errors
/// As [`check`].
pub(super) async fn require(
    db: &Db,
    which: Which,
    orgs: &[String],
    provider: &dyn KeyProvider,
    clock: &dyn Clock,
    path: &Path,
) -> Result<(), Failure> {
    let now = micros(clock.now());
    let told = |fault| Failure::store(which.name(), fault);
    for org in orgs {
        fits(&mut db.read().await.map_err(told)?, which, org, provider, path).await?;
        transact!(db, tx => anchor::keep(tx, org, provider, now).await.map_err(Into::into)).map_err(told)?;
        // Two processes that start together on an empty store, each with a keyring of its own: one of them goes.
        fits(&mut db.read().await.map_err(told)?, which, org, provider, path).await?;
    }
    Ok(())
}

/// Checks that the processes of this installation know each other's keys, and anchors those that are there. One that made a
/// set of its own would be refused by every other service, and would serve beside them all the same.
///
/// # Errors
/// Another key set than the one that the store knows, with the file; the faults of the stores.
pub(super) async fn require_services(ground: &Ground, db: &Db, which: Which, orgs: &[String]) -> Result<(), Failure> {
    let (path, now) = (&ground.config.auth.internal_jwks_file, micros(ground.providers.clock.now()));
    let ours = jwks::fingerprints(path).map_err(|why| Failure::config(format!("auth.internal_jwks_file: {why}")))?;
    let told = |fault| Failure::store(which.name(), fault);
    for org in orgs {
        if !anchor::knows(&mut db.read().await.map_err(told)?, org, &ours).await.map_err(told)? {
            return Err(Failure::keys(format!(
                "the keys of the services in auth.internal_jwks_file `{}` are not those that the other processes on the \
                 store of {which} use: all of them share that file. To replace every key at once, stop all processes and \
                 delete the rows of purpose `services` from key_anchor in each store",
                path.display()
            )));
        }
        transact!(db, tx => anchor::keep_services(tx, org, &ours, now).await).map_err(told)?;
    }
    Ok(())
}

async fn fits(tx: &mut Tx, which: Which, org: &str, provider: &dyn KeyProvider, path: &Path) -> Result<(), Failure> {
    let mut lack = anchor::lacking(tx, org, provider).await.map_err(Failure::keys)?;
    if lack.is_none() {
        lack = anchor::lacking_root(tx, org, provider).await.map_err(Failure::keys)?;
    }
    let other = match lack {
        Some(lack) => lack.to_string(),
        None if signs(tx, which, org, provider).await? => return Ok(()),
        None => "signs with other keys than those that signed the journal".to_owned(),
    };
    Err(Failure::keys(format!(
        "the keyring `{}` is not the one that the store of {which} was written with: for {org} it {other}. Put that \
         keyring back from its backup",
        path.display()
    )))
}

// A store that anchored nothing yet, but has a signed journal, is of a version before.
async fn signs(tx: &mut Tx, which: Which, org: &str, provider: &dyn KeyProvider) -> Result<bool, Failure> {
    if anchor::is_anchored(tx, org).await.map_err(Failure::call)? {
        return Ok(true);
    }
    let Some(note) = last_note(tx, org).await.map_err(Failure::call)? else { return Ok(true) };
    let origin = Origin::new(org, which.name()).map_err(Failure::config)?;
    let signers = Signer::journals(provider, which.name()).map_err(Failure::keys)?;
    let mut keys = signers.iter().map(|signer| VerifierKey::new(origin.clone(), signer.verifying_key()));
    Ok(keys.any(|key| Checkpoint::verify(&note, &key).is_ok()))
}

async fn is_empty(tx: &mut Tx, org: &str) -> Result<bool, Failure> {
    let anchored = anchor::is_anchored(tx, org).await.map_err(Failure::call)?;
    Ok(!anchored && !begun(tx, org).await.map_err(Failure::call)?)
}
