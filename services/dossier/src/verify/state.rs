//! The rows of the stores beside what the journals say: each service's own tables beside its journal, and the copies that
//! it keeps beside the journals of their owners.

use std::sync::Arc;

use dossier_authority::audit::{DIRECTORY, FILES_AND_ITEMS, Shared};
use dossier_journal::verify::replay::{Audited, replay, replay_copies};
use dossier_journal::verify::state::Findings;
use dossier_kernel::config::Config;
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::id::System;
use dossier_kernel::sql;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{Keyring, Vault};

use crate::Failure;
use crate::serve::Which;

/// What an organisation's rows are worth.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What was found, or why nothing could be.
    pub findings: Findings,
    /// What could not be compared, and why.
    pub gaps: Vec<String>,
}

/// Who keeps copies of whose rows.
const COPIES: [(Which, Which, &[&str]); 4] = [
    (Which::Profile, Which::Access, &DIRECTORY),
    (Which::Credit, Which::Access, &DIRECTORY),
    (Which::Access, Which::Profile, &FILES_AND_ITEMS),
    (Which::Credit, Which::Profile, &FILES_AND_ITEMS),
];

/// What opens the promises of the entries: the keyring, and nothing that writes.
///
/// # Errors
/// When the keyring cannot be used.
pub(super) fn vault(config: &Config) -> Result<Vault, Failure> {
    let keyring = Keyring::open(&config.keyring.file).map_err(Failure::keys)?;
    let tombstones = Tombstones::at(&config.keyring.tombstones_file);
    Ok(Vault::new(Arc::new(keyring), Arc::new(System), tombstones))
}

/// Compares the rows of `org` in the store of `which`. `owners` gives the stores of the other services, as far as they are
/// at hand.
///
/// # Errors
/// When a store does not answer.
pub(super) async fn compare(
    db: &Db,
    which: Which,
    org: &str,
    vault: &Vault,
    owners: impl Fn(Which) -> Option<Db>,
) -> Result<State, String> {
    let told = |fault| Failure::from(fault).to_string();
    let mut tx = db.read().await.map_err(told)?;
    let mut state =
        State { findings: replay(&*audit(which, vault), &mut tx, org).await.map_err(told)?, gaps: Vec::new() };
    for (_, owner, tables) in COPIES.into_iter().filter(|(keeper, ..)| *keeper == which) {
        let Some(owner_db) = owners(owner) else {
            state.gaps.push(format!("the copies of {owner} are not compared: its store is not at hand"));
            continue;
        };
        let cursor = cursor(&mut tx, org, which, owner).await.map_err(told)?;
        let mut owner_tx = owner_db.read().await.map_err(told)?;
        let found = replay_copies(&Shared(tables), &mut owner_tx, &mut tx, org, cursor).await.map_err(told)?;
        state.findings.absorb(found);
    }
    Ok(state)
}

fn audit(which: Which, vault: &Vault) -> Box<dyn Audited> {
    match which {
        Which::Profile => Box::new(dossier_profile::audit::Audit(vault.clone())),
        Which::Access => Box::new(dossier_access::audit::Audit(vault.clone())),
        Which::Credit => Box::new(dossier_credit::audit::Audit(vault.clone())),
    }
}

// The consumers are called as their services.
async fn cursor(tx: &mut Tx, org: &str, which: Which, owner: Which) -> dossier_kernel::error::Result<i64> {
    dossier_journal::cursor(tx, org, which.name(), owner.name()).await
}

/// Every org that any table of the store speaks of and that no journal needs to be there for: what was removed from the
/// journal leaves traces here.
///
/// # Errors
/// When the store does not answer.
pub(super) async fn orgs(tx: &mut Tx, which: Which) -> dossier_kernel::error::Result<Vec<String>> {
    let rows = match which {
        Which::Profile => sql!(
            tx,
            fetch_all as (String,),
            "SELECT DISTINCT org FROM customer_file UNION SELECT DISTINCT org FROM customer_file_revision
             UNION SELECT DISTINCT org FROM document
             UNION SELECT DISTINCT org FROM record UNION SELECT DISTINCT org FROM record_revision
             UNION SELECT DISTINCT org FROM file_number UNION SELECT DISTINCT org FROM number_series
             UNION SELECT DISTINCT org FROM customer_number UNION SELECT DISTINCT org FROM duty
             UNION SELECT DISTINCT org FROM principal UNION SELECT DISTINCT org FROM file_copy"
        ),
        Which::Access => sql!(
            tx,
            fetch_all as (String,),
            "SELECT DISTINCT org FROM person UNION SELECT DISTINCT org FROM principal
             UNION SELECT DISTINCT org FROM appointment UNION SELECT DISTINCT org FROM letter
             UNION SELECT DISTINCT org FROM approval UNION SELECT DISTINCT org FROM access_request
             UNION SELECT DISTINCT org FROM access_grant UNION SELECT DISTINCT org FROM loan
             UNION SELECT DISTINCT org FROM duty UNION SELECT DISTINCT org FROM file_copy"
        ),
        Which::Credit => sql!(
            tx,
            fetch_all as (String,),
            "SELECT DISTINCT org FROM score_model UNION SELECT DISTINCT org FROM rating
             UNION SELECT DISTINCT org FROM credit_limit UNION SELECT DISTINCT org FROM reservation
             UNION SELECT DISTINCT org FROM exposure UNION SELECT DISTINCT org FROM duty
             UNION SELECT DISTINCT org FROM principal UNION SELECT DISTINCT org FROM file_copy"
        ),
    };
    Ok(rows?.into_iter().map(|(org,)| org).collect())
}
