//! Table `journal_head`.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{fault, sql};

use super::{counted, hash, inconsistent, stored};
use crate::merkle::{Frontier, Hash};

const HASH: usize = size_of::<Hash>();

/// How far a journal has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub frontier: Frontier,
    pub root: Hash,
    pub published: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    size: i64,
    peaks: Vec<u8>,
    root: Vec<u8>,
    published: i64,
}

// === impl Head ===

impl TryFrom<Row> for Head {
    type Error = dossier_kernel::error::Error;

    fn try_from(row: Row) -> Result<Self> {
        let frontier = frontier(row.size, &row.peaks, "journal_head")?;
        Ok(Self { frontier, root: hash("journal_head", "root", &row.root)?, published: row.published })
    }
}

/// The right edge of a tree of `size` leaves, as `table` keeps it.
///
/// # Errors
/// `STORE_INCONSISTENT` when the bytes are not that many hashes.
pub(crate) fn frontier(size: i64, peaks: &[u8], table: &'static str) -> Result<Frontier> {
    let (peaks, rest) = peaks.as_chunks::<HASH>();
    let frontier = Frontier::resume(counted(size), peaks.to_vec()).filter(|_| rest.is_empty());
    frontier.ok_or_else(|| inconsistent(table, "peaks"))
}

/// The head; `None` before the first entry was numbered.
pub(crate) async fn get(tx: &mut Tx, org: &str) -> Result<Option<Head>> {
    let text = "SELECT size, peaks, root, published FROM journal_head WHERE org = $1";
    sql!(tx, fetch_optional as Row, text, org)?.map(Head::try_from).transpose()
}

/// Claims the head for the holder of `epoch` and locks it until the transaction ends; `None` when a later holder wrote
/// already.
pub(crate) async fn claim(tx: &mut Tx, org: &str, epoch: i64) -> Result<Option<Head>> {
    let empty = Frontier::default().root().to_vec();
    let create = "INSERT INTO journal_head (org, size, peaks, root, epoch, published) VALUES ($1, 0, $2, $3, 0, 0)
                  ON CONFLICT DO NOTHING";
    let claim = if fault::weakened("fence") {
        "UPDATE journal_head SET epoch = $2 WHERE org = $1 RETURNING size, peaks, root, published"
    } else {
        "UPDATE journal_head SET epoch = $2 WHERE org = $1 AND epoch <= $2
                 RETURNING size, peaks, root, published"
    };
    if let Some(row) = sql!(tx, fetch_optional as Row, claim, org, epoch)? {
        return Head::try_from(row).map(Some);
    }
    sql!(tx, execute, create, org, Vec::<u8>::new(), empty)?;
    sql!(tx, fetch_optional as Row, claim, org, epoch)?.map(Head::try_from).transpose()
}

/// Moves the head from `size` leaves to `frontier` and notes that the bus has seen the entries up to `told`; `false` when
/// it is not there any more or belongs to a later holder.
pub(crate) async fn grow(
    tx: &mut Tx,
    org: &str,
    epoch: i64,
    size: u64,
    frontier: &Frontier,
    told: i64,
) -> Result<bool> {
    let text = "UPDATE journal_head SET size = $4, peaks = $5, root = $6,
                    published = CASE WHEN published < $7 THEN $7 ELSE published END
                WHERE org = $1 AND epoch = $2 AND size = $3";
    let (root, peaks) = (frontier.root().to_vec(), frontier.peaks().concat());
    let rows = sql!(tx, execute, text, org, epoch, stored(size), stored(frontier.size()), peaks, root, told)?;
    Ok(rows == 1)
}

/// Notes that the bus has seen the entries up to `seq`; `false` when a later holder wrote already, or noted as much.
pub(crate) async fn publish(tx: &mut Tx, org: &str, epoch: i64, seq: i64) -> Result<bool> {
    let text = "UPDATE journal_head SET published = $3 WHERE org = $1 AND epoch <= $2 AND published < $3";
    Ok(sql!(tx, execute, text, org, epoch, seq)? == 1)
}
