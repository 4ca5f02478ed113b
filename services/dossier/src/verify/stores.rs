//! Verifying journals where they lie.

use std::path::Path;

use dossier_journal::checkpoint::{Checkpoint, VerifierKey};
use dossier_journal::verify::{Report, Trust, store};
use dossier_kernel::config::Config;
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::sql;
use secrecy::ExposeSecret;

use super::{Keys, better};
use crate::serve::Which;
use crate::{Failure, out};

/// One journal and what was found in it.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it is called.
    pub name: String,
    /// The report, or why there is none.
    pub outcome: Result<Report, String>,
}

// === impl Verified ===

impl Verified {
    /// Whether nothing is wrong.
    pub fn verified(&self) -> bool {
        self.outcome.as_ref().is_ok_and(Report::verified)
    }
}

/// Verifies the journals of `services` in their stores; of one org, or of all that the stores know.
///
/// # Errors
/// When the keyring cannot be used. A store that cannot be read is a finding.
pub async fn stores(
    config: &Config,
    services: &[Which],
    org: Option<&str>,
    known: Vec<Checkpoint>,
) -> Result<Vec<Verified>, Failure> {
    let keys = Keys::open(config)?;
    let trust = Trust { key: None, known };
    let mut verified = Vec::new();
    for &which in services {
        match open(config, which).await {
            Ok(db) => {
                verified.extend(service(&db, which, org, &keys, &trust).await?);
                db.close().await;
            }
            Err(why) => verified.push(Verified { name: which.to_string(), outcome: Err(why) }),
        }
    }
    Ok(verified)
}

/// Opens the store of a service, which must exist.
pub(crate) async fn open(config: &Config, which: Which) -> Result<Db, String> {
    let settings = config.store(which.settings(config));
    if let Some(path) = sqlite(settings.url.expose_secret()).filter(|path| !Path::new(path).exists()) {
        return Err(format!("there is no store `{path}`"));
    }
    Db::open(&settings).await.map_err(|fault| Failure::from(fault).to_string())
}

/// The path of an SQLite store; opening one that is missing would make it.
fn sqlite(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    path.split('?').next().filter(|path| !path.starts_with(":memory:"))
}

async fn service(
    db: &Db,
    which: Which,
    org: Option<&str>,
    keys: &Keys,
    trust: &Trust,
) -> Result<Vec<Verified>, Failure> {
    let orgs = match org {
        Some(org) => Ok(vec![org.to_owned()]),
        None => orgs(db).await,
    };
    let orgs = match orgs {
        Ok(orgs) => orgs,
        Err(why) => return Ok(vec![Verified { name: which.to_string(), outcome: Err(why) }]),
    };
    if orgs.is_empty() {
        out::note(format!("{which}: there is no entry yet"));
    }
    let mut verified = Vec::new();
    for org in orgs {
        let name = format!("dossier/{org}/{which}");
        let outcome = match keys.of(&org, which.name()) {
            Ok(keys) => journal(db, &keys, trust).await,
            Err(failure) => Err(failure.to_string()),
        };
        verified.push(Verified { name, outcome });
    }
    Ok(verified)
}

async fn journal(db: &Db, keys: &[VerifierKey], trust: &Trust) -> Result<Report, String> {
    let told = |fault| Failure::from(fault).to_string();
    let mut best: Option<Report> = None;
    for key in keys {
        let mut tx = db.read().await.map_err(told)?;
        let report = store(&mut tx, key, trust).await.map_err(told)?;
        best = Some(match best {
            Some(best) => better(best, report),
            None => report,
        });
        if best.as_ref().is_some_and(Report::verified) {
            break;
        }
    }
    best.ok_or_else(|| "the keyring has no key for it".to_owned())
}

/// Every org of which anything of a journal is there: what was removed leaves traces in the other tables.
async fn orgs(db: &Db) -> Result<Vec<String>, String> {
    let told = |fault| Failure::from(fault).to_string();
    let tx: &mut Tx = &mut db.read().await.map_err(told)?;
    let rows = sql!(
        tx,
        fetch_all as (String,),
        "SELECT org FROM journal_entry UNION SELECT org FROM journal_head
         UNION SELECT org FROM journal_checkpoint UNION SELECT org FROM journal_node ORDER BY 1"
    );
    Ok(rows.map_err(told)?.into_iter().map(|(org,)| org).collect())
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
