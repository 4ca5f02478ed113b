//! Verifying journals where they lie.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use dossier_journal::checkpoint::{Checkpoint, VerifierKey};
use dossier_journal::verify::{Report, Trust, store};
use dossier_kernel::config::Config;
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::sql;
use dossier_vault::Vault;
use secrecy::ExposeSecret;

use super::Keys;
use super::state::{self, State};
use crate::serve::Which;
use crate::{Failure, out};

/// One journal and what was found in it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it is called.
    pub name: String,
    /// The report, or why there is none.
    pub outcome: Result<Report, String>,
    /// What its service's rows are worth beside it; nothing where there are none, as with an export.
    pub state: Option<Result<State, String>>,
    /// How many entries a checkpoint kept elsewhere vouches for; none without one.
    pub witnessed: Option<u64>,
}

// === impl Verified ===

impl Verified {
    /// What could not even be looked at.
    pub(super) fn unseen(name: String, why: String) -> Self {
        Self { name, outcome: Err(why), state: None, witnessed: None }
    }

    /// Whether nothing is wrong.
    pub fn verified(&self) -> bool {
        let rows = self.state.as_ref().is_none_or(|state| state.as_ref().is_ok_and(|it| it.findings.verified()));
        rows && self.outcome.as_ref().is_ok_and(Report::verified)
    }
}

/// Verifies the journals of `services` in their stores; of one org, or of all that the stores know.
///
/// # Errors
/// When the keyring cannot be used, or when nothing that can be read speaks of `org`: a slip of the pen would be verified
/// otherwise. A store that cannot be read is a finding.
pub async fn stores(
    config: &Config,
    services: &[Which],
    org: Option<&str>,
    known: Vec<Checkpoint>,
) -> Result<Vec<Verified>, Failure> {
    let ground =
        Ground { keys: Keys::open(config)?, vault: state::vault(config)?, trust: Trust { known, ..Trust::default() } };
    let mut stores = BTreeMap::new();
    for which in Which::ALL {
        stores.insert(which, open(config, which).await);
    }
    if let Some(org) = org {
        let witnessed = ground.trust.known.iter().any(|known| known.origin.org() == org);
        let read: Vec<_> = stores.iter().filter_map(|(which, db)| Some((db.as_ref().ok()?, *which))).collect();
        if !witnessed && !read.is_empty() {
            require_known(&read, org).await?;
        }
    }
    let mut verified = Vec::new();
    for &which in services {
        match &stores[&which] {
            Ok(db) => verified.extend(service(db, which, org, &ground, &stores).await),
            Err(why) => verified.push(Verified::unseen(which.to_string(), why.clone())),
        }
    }
    for db in stores.values().flatten() {
        db.close().await;
    }
    Ok(verified)
}

type Stores = BTreeMap<Which, Result<Db, String>>;

/// What stores are verified with.
struct Ground {
    keys: Keys,
    vault: Vault,
    trust: Trust,
}

/// Opens the store of a service, which must exist.
pub(crate) async fn open(config: &Config, which: Which) -> Result<Db, String> {
    let settings = config.store(which.settings(config));
    if let Some(path) = sqlite(settings.url.expose_secret()).filter(|path| !Path::new(path).exists()) {
        return Err(format!("there is no store `{path}`"));
    }
    let told = |fault| Failure::store(which.name(), fault).to_string();
    Db::open(&settings).await.map_err(told)
}

/// The path of an SQLite store; opening one that is missing would make it.
pub(crate) fn sqlite(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().filter(|path| !path.starts_with(":memory:"))
}

async fn service(db: &Db, which: Which, org: Option<&str>, ground: &Ground, stores: &Stores) -> Vec<Verified> {
    let orgs = match org {
        Some(org) => Ok(vec![org.to_owned()]),
        None => orgs(db, which).await,
    };
    let orgs = match orgs {
        Ok(orgs) => orgs,
        Err(why) => return vec![Verified::unseen(which.to_string(), why)],
    };
    let mut orgs = orgs;
    // A journal that only its witness remembers is one as well.
    let known = ground.trust.known.iter().map(|known| &known.origin).filter(|origin| origin.service() == which.name());
    orgs.extend(known.map(|origin| origin.org().to_owned()).filter(|name| org.is_none_or(|org| org == name)));
    orgs.sort();
    orgs.dedup();
    if orgs.is_empty() {
        out::note(format!("{which}: there is no entry yet"));
    }
    let mut verified = Vec::new();
    for org in orgs {
        let name = format!("dossier/{org}/{which}");
        let outcome = match ground.keys.of(&org, which.name()) {
            Ok(keys) => journal(db, which, &keys, &ground.trust).await,
            Err(failure) => Err(failure.to_string()),
        };
        let owners = |owner: Which| stores.get(&owner).and_then(|store| store.as_ref().ok()).cloned();
        let state = Some(state::compare(db, which, &org, &ground.vault, owners).await);
        let witnessed = ground.trust.reach(&name);
        verified.push(Verified { name, outcome, state, witnessed });
    }
    verified
}

// A key that was changed goes on to vouch for what it signed.
async fn journal(db: &Db, which: Which, keys: &[VerifierKey], trust: &Trust) -> Result<Report, String> {
    let told = |fault| Failure::store(which.name(), fault).to_string();
    let Some((newest, also)) = keys.split_first() else { return Err("the keyring has no key for it".to_owned()) };
    let trust = Trust { also: also.to_vec(), ..trust.clone() };
    store(&mut db.read().await.map_err(told)?, newest, &trust).await.map_err(told)
}

/// Demands that any of these stores speaks of `org`.
///
/// # Errors
/// What is there instead.
pub(crate) async fn require_known(stores: &[(&Db, Which)], org: &str) -> Result<(), Failure> {
    let mut there = BTreeSet::new();
    for (db, which) in stores {
        there.extend(orgs(db, *which).await.map_err(Failure::config)?);
    }
    if there.contains(org) {
        return Ok(());
    }
    let there: Vec<_> = there.iter().map(String::as_str).collect();
    let told = format!("--org: nothing here speaks of an organisation `{org}`; there are: {}", there.join(", "));
    Err(Failure::config(told))
}

/// Every org of which anything is there: what was removed leaves traces in the other tables.
async fn orgs(db: &Db, which: Which) -> Result<Vec<String>, String> {
    let told = |fault| Failure::store(which.name(), fault).to_string();
    let tx: &mut Tx = &mut db.read().await.map_err(told)?;
    let rows = sql!(
        tx,
        fetch_all as (String,),
        "SELECT org FROM journal_entry UNION SELECT org FROM journal_head
         UNION SELECT org FROM journal_checkpoint UNION SELECT org FROM journal_node ORDER BY 1"
    );
    let mut orgs: BTreeSet<String> = rows.map_err(told)?.into_iter().map(|(org,)| org).collect();
    orgs.extend(state::orgs(tx, which).await.map_err(told)?);
    Ok(orgs.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_embedded_store_is_found() {
        assert_eq!(sqlite("sqlite:d/profile.db"), Some("d/profile.db"));
        assert_eq!(sqlite("sqlite:///d/profile.db?mode=ro"), Some("/d/profile.db"));
        assert_eq!(sqlite("sqlite::memory:"), None);
        assert_eq!(sqlite("postgres://a/b"), None);
    }

    #[tokio::test]
    async fn a_missing_store_is_a_finding_and_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::embedded(folder.path()).unwrap();
        Keyring::create(&config.keyring.file, &dossier_kernel::id::System).unwrap();
        let found = stores(&config, &Which::ALL, None, Vec::new()).await.unwrap();
        assert_eq!(found.len(), 3);
        assert!(found.iter().all(|one| !one.verified()));
        assert!(!folder.path().join("profile.db").exists());
    }

    use dossier_vault::Keyring;
}
