//! Readings of a file's content, as this service's own journal tells them.

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_kernel::time::from_micros;
use jiff::Timestamp;
use uuid::Uuid;

/// When each person last read the content of `file`, a resource name; who never did is not in it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn last(tx: &mut Tx, org: &str, file: &str) -> Result<BTreeMap<Uuid, Timestamp>> {
    let text = "SELECT actor, MAX(time) FROM journal_entry
                WHERE org = $1 AND topic = $2 AND subject = $2 AND action = 'file.disclosed' AND seq IS NOT NULL
                GROUP BY actor";
    let rows = sql!(tx, fetch_all as (String, i64), text, org, file)?;
    let person = |actor: &str| actor.strip_prefix("persons/").and_then(|id| id.parse().ok());
    Ok(rows.into_iter().filter_map(|(actor, at)| Some((person(&actor)?, from_micros(at)))).collect())
}
