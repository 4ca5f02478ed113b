//! The pack's posts and levels as rows, written at start, so that the predicate can join them.

use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::stamp::{self, ORG};
use dossier_kernel::time::micros;
use dossier_kernel::{sql, transact};
use dossier_regime::{Pack, Tenant};
use jiff::Timestamp;

type PostRow = (String, i64, i64, String, bool);
type LevelRow = (String, i64, bool, String);

/// Makes the rows of `org` say what `pack` says; what the pack no longer names loses its rights. Rows that say so already
/// are left alone.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn sync(db: &Db, org: &str, pack: &Pack) -> Result<()> {
    let (posts, levels) = (posts(pack), levels(pack));
    if kept(&mut db.read().await?, org).await? == (posts.clone(), levels.clone()) {
        return Ok(());
    }
    transact!(*db, tx => {
        // First, because it locks: two replicas that start together write one after the other.
        stamp::touch(tx, org, ORG).await?;
        sql!(tx, execute, "DELETE FROM post_rule WHERE org = $1", org)?;
        sql!(tx, execute, "DELETE FROM level_rule WHERE org = $1", org)?;
        write_posts(tx, org, &posts).await?;
        write_levels(tx, org, &levels).await
    })
}

/// Demands that a version of the pack says what it said when it was first loaded here, if it ever was. Asked at start about those of
/// the future too: on its first day nobody is there to mend it.
///
/// # Errors
/// `PACK_FAULT` with the place; `STORE_UNAVAILABLE`.
pub async fn require_same(db: &Db, tenant: &Tenant) -> Result<()> {
    let text = "SELECT digest FROM rule_load WHERE org = $1 AND pack = $2 AND version = $3";
    let (pack, version) = (tenant.pack(), i64::from(tenant.pack().version));
    let tx = &mut db.read().await?;
    let kept = sql!(tx, fetch_optional as (Vec<u8>,), text, tenant.org(), &pack.id, version)?;
    says_the_same(tenant, kept.as_ref().map(|(digest,)| digest.as_slice()))
}

fn says_the_same(tenant: &Tenant, kept: Option<&[u8]>) -> Result<()> {
    if kept.is_none_or(|kept| kept == tenant.digests().meaning) {
        return Ok(());
    }
    let (id, version) = (&tenant.pack().id, tenant.pack().version);
    let place = format!(
        "regimes/{id}: version {version} said something else before; a change raises it, of a pack that it extends too"
    );
    Err(Error::new(Reason::PackFault).with("place", place))
}

/// Demands that the pack of `tenant` is in force at `now`, and that its version says what it said when it was first loaded
/// here; a new version is written down.
///
/// # Errors
/// `PACK_FAULT` with the place: the pack is of the future, or was changed under its version; `STORE_UNAVAILABLE`.
pub async fn admit(db: &Db, tenant: &Tenant, now: Timestamp) -> Result<()> {
    let (org, pack) = (tenant.org(), tenant.pack());
    if pack.effective_from > tenant.day(now) {
        let place = format!("regimes/{}: effective_from {} lies in the future", pack.id, pack.effective_from);
        return Err(Error::new(Reason::PackFault).with("place", place));
    }
    let (digest, version) = (tenant.digests().meaning.to_vec(), i64::from(pack.version));
    let kept = transact!(*db, tx => {
        let text = "INSERT INTO rule_load (org, pack, version, digest, loaded_at) VALUES ($1, $2, $3, $4, $5)
                    ON CONFLICT DO NOTHING";
        sql!(tx, execute, text, org, &pack.id, version, &digest, micros(now))?;
        let text = "SELECT digest FROM rule_load WHERE org = $1 AND pack = $2 AND version = $3";
        sql!(tx, fetch_optional as (Vec<u8>,), text, org, &pack.id, version)
    })?;
    says_the_same(tenant, kept.as_ref().map(|(digest,)| digest.as_slice()))
}

fn posts(pack: &Pack) -> Vec<PostRow> {
    let row = |post: &dossier_regime::Post| {
        let clearance = pack.clearance_rank(&post.id).unwrap_or(-1);
        (post.id.clone(), clearance, post.grade as i64, post.standing.as_str().to_owned(), post.custodian)
    };
    let mut rows: Vec<PostRow> = pack.posts.iter().map(row).collect();
    rows.sort();
    rows
}

fn levels(pack: &Pack) -> Vec<LevelRow> {
    let row = |level: &dossier_regime::Level| {
        let rank = pack.rank(&level.id).unwrap_or(i64::MAX);
        (level.id.clone(), rank, level.closed, level.standing.as_str().to_owned())
    };
    let mut rows: Vec<LevelRow> = pack.levels.iter().map(row).collect();
    rows.sort();
    rows
}

async fn kept(tx: &mut Tx, org: &str) -> Result<(Vec<PostRow>, Vec<LevelRow>)> {
    let text = "SELECT post, clearance, grade, standing, custodian FROM post_rule WHERE org = $1";
    let mut posts = sql!(tx, fetch_all as PostRow, text, org)?;
    let text = "SELECT level, rank, closed, standing FROM level_rule WHERE org = $1";
    let mut levels = sql!(tx, fetch_all as LevelRow, text, org)?;
    posts.sort();
    levels.sort();
    Ok((posts, levels))
}

async fn write_posts(tx: &mut Tx, org: &str, rows: &[PostRow]) -> Result<()> {
    let text = "INSERT INTO post_rule (org, post, clearance, grade, standing, custodian)
                VALUES ($1, $2, $3, $4, $5, $6)";
    for (post, clearance, grade, standing, custodian) in rows {
        sql!(tx, execute, text, org, post, *clearance, *grade, standing, *custodian)?;
    }
    Ok(())
}

async fn write_levels(tx: &mut Tx, org: &str, rows: &[LevelRow]) -> Result<()> {
    let text = "INSERT INTO level_rule (org, level, rank, closed, standing) VALUES ($1, $2, $3, $4, $5)";
    for (level, rank, closed, standing) in rows {
        sql!(tx, execute, text, org, level, *rank, *closed, standing)?;
    }
    Ok(())
}
