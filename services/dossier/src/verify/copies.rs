//! Comparing what each service has applied of the others' journals with those journals.

use std::collections::BTreeMap;

use dossier_journal::recover::{self, Finding};
use dossier_kernel::config::Config;
use dossier_kernel::db::{self, Db};
use dossier_kernel::error::Result;
use dossier_kernel::sql;

use super::Verified;
use super::stores::open;
use crate::out;
use crate::serve::Which;

/// Compares the copies that `services` keep, and those that others keep of them, with their owners; of one org, or of all.
/// Only what does not agree is given. Stores that are not there, or of another version, are left out and named.
pub async fn copies(config: &Config, services: &[Which], org: Option<&str>) -> Vec<Verified> {
    let mut dbs = BTreeMap::new();
    for which in Which::ALL {
        match open(config, which).await {
            Ok(db) if db::require_migrated(&db, &which.migrations()).await.is_ok() => drop(dbs.insert(which, db)),
            _ => out::note(format!(
                "{which}: its copies are not compared: the store is not there or not of this version"
            )),
        }
    }
    let mut wrong = Vec::new();
    for (holder, db) in &dbs {
        match of(*holder, db, &dbs, services, org).await {
            Ok(found) => wrong.extend(found),
            Err(fault) => wrong.push(Verified::unseen(format!("copies of {holder}"), fault.to_string())),
        }
    }
    for db in dbs.values() {
        db.close().await;
    }
    wrong
}

async fn of(
    holder: Which,
    db: &Db,
    dbs: &BTreeMap<Which, Db>,
    services: &[Which],
    org: Option<&str>,
) -> Result<Vec<Verified>> {
    let mut wrong = Vec::new();
    for org in orgs(db, org).await? {
        // The cursors first: an owner that is read later is at least as far.
        let mut tx = db.read().await?;
        let (copies, doubts) = (recover::copies(&mut tx, &org).await?, recover::doubts(&mut tx, &org).await?);
        drop(tx);
        for doubt in doubts.iter().filter(|doubt| services.contains(&holder) || concerns(&doubt.source, services)) {
            let why = format!("it is not what it was at entry {}, as {} found", doubt.seq, doubt.told_by);
            wrong.push(fault(&org, &doubt.source, holder, &why));
        }
        for copy in copies.iter().filter(|copy| services.contains(&holder) || concerns(&copy.source, services)) {
            let owner = copy.source.parse::<Which>().ok().and_then(|owner| dbs.get(&owner));
            let Some(owner) = owner else { continue };
            let finding = recover::compare(&mut owner.read().await?, &org, &copy.place).await?;
            wrong.extend(words(finding, copy.place.seq).map(|why| fault(&org, &copy.source, holder, &why)));
        }
    }
    Ok(wrong)
}

fn concerns(source: &str, services: &[Which]) -> bool {
    services.iter().any(|which| which.name() == source)
}

fn words(finding: Finding, seq: i64) -> Option<String> {
    match finding {
        Finding::Contained => None,
        Finding::Behind(last) => {
            Some(format!("{seq} entries were applied, the journal has {last}: run `dossier recover`"))
        }
        Finding::Other => Some(format!("the journal says something else up to entry {seq}: run `dossier recover`")),
        Finding::Outlived => Some(format!(
            "{seq} entries were applied that the journal gave up when it was recovered: run `dossier recover`"
        )),
    }
}

fn fault(org: &str, source: &str, holder: Which, why: &str) -> Verified {
    Verified::unseen(format!("dossier/{org}/{source} as {holder} knows it"), why.to_owned())
}

async fn orgs(db: &Db, org: Option<&str>) -> Result<Vec<String>> {
    if let Some(org) = org {
        return Ok(vec![org.to_owned()]);
    }
    let text = "SELECT org FROM journal_cursor UNION SELECT org FROM journal_doubt ORDER BY 1";
    let rows = sql!(&mut db.read().await?, fetch_all as (String,), text)?;
    Ok(rows.into_iter().map(|(org,)| org).collect())
}
