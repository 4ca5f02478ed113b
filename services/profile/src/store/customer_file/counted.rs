//! Files for statistics: those at levels up to a rank, whoever looks. What is sealed of them nobody opens there.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use uuid::Uuid;

use super::Loaded;
use super::row::FullRow;

/// That the file `f` stands at an open level up to a rank.
macro_rules! open_up_to {
    ($rank:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM level_rule l WHERE l.org = f.org AND l.level = f.level AND NOT l.closed AND l.rank <= ",
            $rank,
            ")"
        )
    };
}
pub(in crate::store) use open_up_to;

/// Up to `limit` files of `kind` at levels up to `rank` behind `before`, the newest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn counted(tx: &mut Tx, org: &str, kind: &str, rank: i64, before: Uuid, limit: i64) -> Result<Vec<Loaded>> {
    let text = concat!(
        "SELECT ",
        columns!(),
        "FALSE",
        whole_from!(),
        "f.unit_kind = $2 AND f.id < $3 AND ",
        open_up_to!("$4"),
        " ORDER BY f.id DESC LIMIT $5"
    );
    let rows = sql!(tx, fetch_all as FullRow, text, org, kind, before, rank, limit)?;
    rows.into_iter().map(Loaded::try_from).collect()
}

/// Those of `files` that stand at levels up to `rank`.
///
/// # Errors
/// As [`counted`].
pub async fn counted_each(tx: &mut Tx, org: &str, rank: i64, files: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Loaded>> {
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(
        ") SELECT ",
        columns!(),
        "FALSE AS standing FROM asked q JOIN customer_file f ON f.org = q.org AND f.id = q.wanted ",
        parts!(),
        " WHERE ",
        open_up_to!("q.reach")
    );
    let head = "WITH asked (org, wanted, reach) AS (";
    let rows = sql_rows!(tx, fetch_all as FullRow, head, files, file => [org, *file, rank], tail)?;
    rows.into_iter().map(|row| Loaded::try_from(row).map(|one| (one.file.id, one))).collect()
}
