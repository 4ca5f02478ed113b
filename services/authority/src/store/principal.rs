//! People: who a token's subject is, and which posts the person holds.

use std::collections::BTreeSet;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::stamp::{self, ORG};
use dossier_kernel::{sql, sql_rows};
use uuid::Uuid;

use crate::principal::{HeldPost, Principal, Tenure, Term};

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

#[derive(sqlx::FromRow)]
struct TermRow {
    at: i64,
    person: Uuid,
    post: Option<String>,
    unit: Option<String>,
    valid_from: Option<i64>,
    valid_until: Option<i64>,
}

// `$key` is the column that tells one person from another.
macro_rules! tenures {
    ($tx:expr, $asked:expr, $key:literal) => {{
        // Everybody once, however often they ask.
        let distinct: Vec<_> = BTreeSet::from_iter($asked).into_iter().collect();
        let rows = distinct.iter().zip(0_i64..).map(|((org, key), at)| (at, *org, *key));
        let (head, tail) = (
            concat!("WITH asked (at, org, ", $key, ") AS ("),
            concat!(
                ") SELECT q.at, w.person, h.post, h.unit, h.valid_from, h.valid_until FROM asked q
                 JOIN principal w ON w.org = q.org AND w.",
                $key,
                " = q.",
                $key,
                " AND w.active
                 LEFT JOIN appointment h ON h.org = w.org AND h.person = w.person ORDER BY q.at, h.post, h.unit"
            ),
        );
        let rows = sql_rows!($tx, fetch_all as TermRow, head, rows, (at, org, key) => [at, org, key], tail)?;
        let found = tenures(&rows, distinct.len());
        let of = |one| distinct.binary_search(&one).ok().and_then(|at| found[at].clone());
        Ok($asked.iter().map(of).collect())
    }};
}

/// For each org and subject the active person behind it, whenever their appointments are; in the order of `asked`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn by_subject(tx: &mut Tx, asked: &[(&str, &str)]) -> Result<Vec<Option<Tenure>>> {
    if asked.is_empty() { Ok(Vec::new()) } else { tenures!(tx, asked, "subject") }
}

/// As [`by_subject`], for each org and person.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn by_person(tx: &mut Tx, asked: &[(&str, Uuid)]) -> Result<Vec<Option<Tenure>>> {
    if asked.is_empty() { Ok(Vec::new()) } else { tenures!(tx, asked, "person") }
}

fn tenures(rows: &[TermRow], asked: usize) -> Vec<Option<Tenure>> {
    let mut found = vec![None; asked];
    for row in rows {
        let place = usize::try_from(row.at).ok().and_then(|at| found.get_mut(at));
        let Some(place) = place else { continue };
        let tenure = place.get_or_insert_with(|| Tenure { person: row.person, terms: Vec::new() });
        tenure.terms.extend(row.term());
    }
    found
}

// === impl TermRow ===

impl TermRow {
    // A person without an appointment has a row of nothing.
    fn term(&self) -> Option<Term> {
        let held = HeldPost { post: self.post.clone()?, unit: self.unit.clone()? };
        Some(Term { held, from: self.valid_from?, until: self.valid_until? })
    }
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
