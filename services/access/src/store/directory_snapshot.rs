//! The people of the moment, for the rules: holders of posts, and letters of authorisation.

use dossier_authority::store::delegation::Delegation;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_regime::Pack;
use uuid::Uuid;

use crate::domain::directory_snapshot::{DelegationTerms, DirectorySnapshot, Held, Member};

/// How long an ended letter still explains why somebody may not sign: 90 days.
const MEMORY_MICROS: i64 = 90 * 24 * 3600 * 1_000_000;

#[derive(sqlx::FromRow)]
struct Row {
    person: Uuid,
    active: bool,
    post: String,
    unit: String,
}

macro_rules! members {
    ($who:literal) => {
        concat!(
            "SELECT a.person, w.active, a.post, a.unit FROM appointment a
             JOIN principal w ON w.org = a.org AND w.person = a.person
             WHERE a.org = $1 AND a.valid_from <= $2 AND a.valid_until > $2 AND ",
            $who,
            " ORDER BY a.person, a.post, a.unit"
        )
    };
}

/// Everybody who holds one of `posts` at `now`, all letters that did not end before `since`, and the parties of those.
/// Letters that ended in the 90 days before are there too, to explain refusals.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn load(
    tx: &mut Tx,
    org: &str,
    pack: &Pack,
    posts: &[&str],
    since: i64,
    now: i64,
) -> Result<DirectorySnapshot> {
    let since = since.min(now) - MEMORY_MICROS;
    let mut snapshot =
        DirectorySnapshot { delegations: delegations(tx, org, since).await?, ..DirectorySnapshot::default() };
    for post in posts {
        let text = members!(
            "a.person IN (SELECT h.person FROM appointment h
                 WHERE h.org = $1 AND h.post = $3 AND h.valid_from <= $2 AND h.valid_until > $2)"
        );
        enter(&mut snapshot, pack, sql!(tx, fetch_all as Row, text, org, now, *post)?);
    }
    if !snapshot.delegations.is_empty() {
        let text = members!(
            "a.person IN (SELECT d.delegator FROM delegation d WHERE d.org = $1 AND d.valid_until > $3
                 UNION SELECT d.delegate FROM delegation d WHERE d.org = $1 AND d.valid_until > $3)"
        );
        enter(&mut snapshot, pack, sql!(tx, fetch_all as Row, text, org, now, since)?);
    }
    Ok(snapshot)
}

/// One person with the posts held at `now`; somebody without posts has no power and no clearance.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn member(tx: &mut Tx, org: &str, pack: &Pack, person: Uuid, now: i64) -> Result<Member> {
    let mut snapshot = DirectorySnapshot::default();
    enter(&mut snapshot, pack, sql!(tx, fetch_all as Row, members!("a.person = $3"), org, now, person)?);
    Ok(snapshot.members.remove(&person).unwrap_or(Member { clearance: -1, ..Member::default() }))
}

async fn delegations(tx: &mut Tx, org: &str, since: i64) -> Result<Vec<DelegationTerms>> {
    let text = "SELECT id, delegator, delegate, post, matters, max_rank, valid_from, valid_until, revoked_at
                FROM delegation WHERE org = $1 AND valid_until > $2 AND (revoked_at IS NULL OR revoked_at > $2)
                ORDER BY id DESC";
    let rows = sql!(tx, fetch_all as Delegation, text, org, since)?;
    Ok(rows.into_iter().map(terms).collect())
}

/// The letter of a row of the shared table.
pub(super) fn terms(row: Delegation) -> DelegationTerms {
    DelegationTerms {
        id: row.id,
        delegator: row.delegator,
        delegate: row.delegate,
        post: Some(row.post).filter(|post| !post.is_empty()),
        matters: row.matters.0,
        max_rank: row.max_rank,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        revoked_at: row.revoked_at,
    }
}

fn enter(snapshot: &mut DirectorySnapshot, pack: &Pack, rows: Vec<Row>) {
    for row in rows {
        let clearance = pack.clearance_rank(&row.post).unwrap_or(-1);
        let nobody = || Member { active: row.active, posts: Vec::new(), clearance: -1 };
        let member = snapshot.members.entry(row.person).or_insert_with(nobody);
        let held = Held { post: row.post, unit: row.unit };
        if !member.posts.contains(&held) {
            member.posts.push(held);
        }
        member.clearance = member.clearance.max(clearance);
    }
}
