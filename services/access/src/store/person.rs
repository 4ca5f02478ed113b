//! Table `person`, with what the shared tables say of the same people.

use dossier_authority::store::appointment;
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_kernel::{sql, sql_given};
use uuid::Uuid;

use crate::domain::appointment::Appointment;
use crate::domain::person::Person;

/// Which people a list asks for; `None` asks for any.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Who hold this post now.
    pub post: Option<&'a str>,
    /// Who hold a post in this unit now.
    pub unit: Option<&'a str>,
    /// Who are switched on, or off.
    pub active: Option<bool>,
    /// When now is, microseconds.
    pub now: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    subject: String,
    display_name: String,
    active: bool,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT p.id, w.subject, p.display_name, w.active, p.created_at, p.updated_at, p.version FROM person p
             JOIN principal w ON w.org = p.org AND w.person = p.id WHERE p.org = $1",
            $rest
        )
    };
}

// === impl Row ===

impl From<Row> for Person {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            subject: row.subject,
            display_name: row.display_name,
            active: row.active,
            appointments: Vec::new(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// Writes what access alone knows of a new person; gives whether it is new.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Person) -> Result<bool> {
    let text = "INSERT INTO person (org, id, display_name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
                ON CONFLICT DO NOTHING";
    Ok(sql!(tx, execute, text, org, one.id, &one.display_name, one.created_at)? == 1)
}

/// The person with all its appointments, newest first.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Person>> {
    let Some(row) = sql!(tx, fetch_optional as Row, select!(" AND p.id = $2"), org, id)? else { return Ok(None) };
    with_appointments(tx, org, row.into()).await.map(Some)
}

/// The id of the person whose tokens have this subject.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn by_subject(tx: &mut Tx, org: &str, subject: &str) -> Result<Option<Uuid>> {
    let text = "SELECT person FROM principal WHERE org = $1 AND subject = $2";
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, subject)?.map(|(person,)| person))
}

/// Writes the name and the time of a change, against the version that was read: whoever changes a person or one of its
/// appointments passes here, so two changes of one person never cross.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &Person) -> Result<()> {
    let text = "UPDATE person SET display_name = $4, updated_at = $5, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3";
    require_rows(sql!(tx, execute, text, org, one.id, one.version, &one.display_name, one.updated_at)?, 1)
}

/// A page of people by id, with one more than the page holds.
///
/// # Errors
/// `PAGE_TOKEN_INVALID`, `STORE_UNAVAILABLE`.
pub async fn list(tx: &mut Tx, org: &str, filter: &Filter<'_>, page: &Page) -> Result<Vec<Person>> {
    macro_rules! holds {
        ($what:literal) => {
            concat!(
                " AND EXISTS (SELECT 1 FROM appointment a WHERE a.org = p.org AND a.person = p.id
                      AND a.valid_from <= $6 AND a.valid_until > $6 AND ",
                $what,
                ")"
            )
        };
    }
    let (after, limit) = (page.after_uuid()?, page.size + 1);
    let (active, post, unit, now) = (filter.active, filter.post, filter.unit, filter.now);
    // One appointment has both.
    let text = sql_given!(
        select!(" AND p.id > $3");
        active => " AND w.active = $2",
        post.is_some() && unit.is_none() => holds!("a.post = $4"),
        post.is_none() && unit.is_some() => holds!("a.unit = $5"),
        post.is_some() && unit.is_some() => holds!("a.post = $4 AND a.unit = $5");
        " ORDER BY p.id LIMIT $7"
    );
    let rows = sql!(tx, fetch_all as Row, text, org, active, after, post, unit, now, limit)?;
    let mut people = Vec::with_capacity(rows.len());
    for row in rows {
        people.push(with_appointments(tx, org, row.into()).await?);
    }
    Ok(people)
}

async fn with_appointments(tx: &mut Tx, org: &str, mut person: Person) -> Result<Person> {
    let rows = appointment::of_person(tx, org, person.id).await?;
    person.appointments = rows.into_iter().map(held).collect();
    Ok(person)
}

fn held(row: appointment::Appointment) -> Appointment {
    Appointment { id: row.id, post: row.post, unit: row.unit, valid_from: row.valid_from, valid_until: row.valid_until }
}
