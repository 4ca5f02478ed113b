//! Table `journal_node`, and the leaves that stand in for its level 0.

use std::collections::HashMap;

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};

use super::{counted, hash, inconsistent, stored};
use crate::merkle::{Frontier, Hash, NodeId, Plan};

/// The most rows of one insert.
const CHUNK: usize = 500;

/// Stores complete inner subtrees.
pub(crate) async fn insert(tx: &mut Tx, org: &str, nodes: &[(NodeId, Hash)]) -> Result<()> {
    for chunk in nodes.chunks(CHUNK) {
        let head = "INSERT INTO journal_node (org, level, idx, hash) ";
        let inserted = sql_rows!(tx, head, chunk.iter(), (id, hash) => [
            org, i64::from(id.level), stored(id.index), hash,
        ])?;
        require_rows(inserted, chunk.len() as u64)?;
    }
    Ok(())
}

/// The hashes of a plan.
///
/// # Errors
/// `STORE_INCONSISTENT` when a node of the tree is missing.
pub(crate) async fn resolve(tx: &mut Tx, org: &str, plan: &Plan) -> Result<Vec<Hash>> {
    let mut nodes = HashMap::new();
    for id in plan.needs() {
        if let Some(hash) = get(tx, org, id).await? {
            nodes.insert(id, hash);
        }
    }
    plan.resolve(|id| nodes.get(&id).copied()).ok_or_else(|| inconsistent("journal_node", "hash"))
}

/// The right edge of the tree over the first `size` leaves.
///
/// # Errors
/// `STORE_INCONSISTENT` when a node of the tree is missing.
pub(crate) async fn frontier(tx: &mut Tx, org: &str, size: u64) -> Result<Frontier> {
    let mut peaks = Vec::new();
    for id in Frontier::needs(size) {
        peaks.push(get(tx, org, id).await?.ok_or_else(|| inconsistent("journal_node", "hash"))?);
    }
    Frontier::resume(size, peaks).ok_or_else(|| inconsistent("journal_node", "hash"))
}

async fn get(tx: &mut Tx, org: &str, id: NodeId) -> Result<Option<Hash>> {
    let (level, index) = (i64::from(id.level), stored(id.index));
    let row = if level == 0 {
        let text = "SELECT leaf_hash FROM journal_entry WHERE org = $1 AND seq = $2";
        sql!(tx, fetch_optional as (Vec<u8>,), text, org, index + 1)?
    } else {
        let text = "SELECT hash FROM journal_node WHERE org = $1 AND level = $2 AND idx = $3";
        sql!(tx, fetch_optional as (Vec<u8>,), text, org, level, index)?
    };
    row.map(|(bytes,)| hash("journal_node", "hash", &bytes)).transpose()
}

/// The stored nodes of one level with `from <= idx <= to`, for the verifier, which also looks at hashes of odd length.
pub(crate) async fn range(tx: &mut Tx, org: &str, level: u32, from: u64, to: u64) -> Result<HashMap<u64, Vec<u8>>> {
    let text = "SELECT idx, hash FROM journal_node WHERE org = $1 AND level = $2 AND idx >= $3 AND idx <= $4";
    let rows = sql!(tx, fetch_all as (i64, Vec<u8>), text, org, i64::from(level), stored(from), stored(to))?;
    Ok(rows.into_iter().map(|(index, hash)| (counted(index), hash)).collect())
}

/// How many nodes are stored.
pub(crate) async fn count(tx: &mut Tx, org: &str) -> Result<u64> {
    let (count,) = sql!(tx, fetch_one as (i64,), "SELECT COUNT(*) FROM journal_node WHERE org = $1", org)?;
    Ok(counted(count))
}
