//! The pack's posts and levels as rows, written at start, so that the predicate can join them.

use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, transact};
use dossier_regime::Pack;

/// Makes the rows of `org` say what `pack` says; what the pack no longer names loses its rights.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn sync(db: &Db, org: &str, pack: &Pack) -> Result<()> {
    transact!(*db, tx => {
        sql!(tx, execute, "DELETE FROM post_rule WHERE org = $1", org)?;
        sql!(tx, execute, "DELETE FROM level_rule WHERE org = $1", org)?;
        posts(tx, org, pack).await?;
        levels(tx, org, pack).await
    })
}

async fn posts(tx: &mut Tx, org: &str, pack: &Pack) -> Result<()> {
    let text = "INSERT INTO post_rule (org, post, clearance, grade, standing, custodian)
                VALUES ($1, $2, $3, $4, $5, $6)";
    for post in &pack.posts {
        let clearance = pack.clearance_rank(&post.id).unwrap_or(-1);
        let (grade, standing) = (post.grade as i64, post.standing.as_str());
        sql!(tx, execute, text, org, &post.id, clearance, grade, standing, post.custodian)?;
    }
    Ok(())
}

async fn levels(tx: &mut Tx, org: &str, pack: &Pack) -> Result<()> {
    let text = "INSERT INTO level_rule (org, level, rank, closed, standing) VALUES ($1, $2, $3, $4, $5)";
    for level in &pack.levels {
        let rank = pack.rank(&level.id).unwrap_or(i64::MAX);
        sql!(tx, execute, text, org, &level.id, rank, level.closed, level.standing.as_str())?;
    }
    Ok(())
}
