//! People: who a token's subject is, and which posts the person holds.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::sql;
use dossier_kernel::stamp::{self, ORG};
use uuid::Uuid;

use crate::principal::{HeldPost, Principal};

#[derive(sqlx::FromRow)]
struct Row {
    person: Uuid,
    post: Option<String>,
    unit: Option<String>,
}

/// The active person behind `subject` with the posts held at `now`, in one statement; `None` for strangers and leavers.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, subject: &str, now: i64) -> Result<Option<Principal>> {
    let text = "SELECT w.person, a.post, a.unit FROM principal w
                LEFT JOIN appointment a ON a.org = w.org AND a.person = w.person
                     AND a.valid_from <= $3 AND a.valid_until > $3
                WHERE w.org = $1 AND w.subject = $2 AND w.active ORDER BY a.post, a.unit";
    let rows = sql!(tx, fetch_all as Row, text, org, subject, now)?;
    Ok(gather(rows))
}

/// The active person `person` with the posts held at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup_person(tx: &mut Tx, org: &str, person: Uuid, now: i64) -> Result<Option<Principal>> {
    let text = "SELECT w.person, a.post, a.unit FROM principal w
                LEFT JOIN appointment a ON a.org = w.org AND a.person = w.person
                     AND a.valid_from <= $3 AND a.valid_until > $3
                WHERE w.org = $1 AND w.person = $2 AND w.active ORDER BY a.post, a.unit";
    let rows = sql!(tx, fetch_all as Row, text, org, person, now)?;
    Ok(gather(rows))
}

fn gather(rows: Vec<Row>) -> Option<Principal> {
    let person = rows.first()?.person;
    let held = |row: Row| Some(HeldPost { post: row.post?, unit: row.unit? });
    Some(Principal { person, posts: rows.into_iter().filter_map(held).collect() })
}

/// Writes a person; a later call for the same person replaces it.
///
/// # Errors
/// `ALREADY_EXISTS` when another person has the subject, `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, person: Uuid, subject: &str, active: bool) -> Result<()> {
    let text = "INSERT INTO principal (org, person, subject, active) VALUES ($1, $2, $3, $4)
                ON CONFLICT (org, person) DO UPDATE SET subject = $3, active = $4";
    sql!(tx, execute, text, org, person, subject, active)?;
    stamp::touch(tx, org, ORG).await
}
