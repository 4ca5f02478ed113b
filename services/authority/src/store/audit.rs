//! The rows of the shared tables, for the verifier.

use dossier_journal::rows_by_id;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name::name;
use sqlx::types::Json;
use uuid::Uuid;

use crate::scope::Scope;

type Appointment = (Uuid, Uuid, String, String, i64, i64);
type Delegation = (Uuid, Uuid, Uuid, String, Json<Vec<String>>, i64, i64, i64, Option<i64>);
type Grant = (Uuid, Uuid, Uuid, String, Json<Scope>, i64, i64, i64, i64, Option<i64>, Option<i64>);
type Item = (Uuid, Uuid, String, String, String, i64);
type File = (Uuid, String, String, String, Option<Uuid>, String, i64, i64, bool);
type Duty =
    (Uuid, String, String, i64, Option<Uuid>, String, String, Option<Uuid>, i64, String, Option<Uuid>, Option<Uuid>);

/// A page of the rows of a shared table; none for a table that is no shared one.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, table: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    match table {
        "principal" => principals(tx, org, after).await,
        "appointment" => appointments(tx, org, after).await,
        "delegation" => delegations(tx, org, after).await,
        "grant_copy" => grants(tx, org, after).await,
        "file_copy" => files(tx, org, after).await,
        "item_copy" => items(tx, org, after).await,
        "duty" => duties(tx, org, after).await,
        _ => Ok(Vec::new()),
    }
}

async fn principals(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, "SELECT person, subject, active FROM principal", "person", (Uuid, String, bool),
        (id, subject, active) => Row::of(id).with("subject", Value::private(subject)).with("active", active))
}

async fn appointments(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, person, post, unit, valid_from, valid_until FROM appointment", "id", Appointment,
        (id, person, post, unit, from, until) => Row::of(id)
            .with("person", person)
            .with("post", post)
            .with("unit", unit)
            .with("valid_from", from)
            .with("valid_until", until)
    )
}

async fn delegations(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, delegator, delegate, post, matters, max_rank, valid_from, valid_until, revoked_at FROM delegation",
        "id", Delegation,
        (id, delegator, delegate, post, matters, rank, from, until, revoked) => Row::of(id)
            .with("delegator", delegator)
            .with("delegate", delegate)
            .with("post", post)
            .with("matters", Value::list(&matters.0))
            .with("max_rank", rank)
            .with("valid_from", from)
            .with("valid_until", until)
            .with("revoked_at", revoked)
    )
}

async fn grants(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, file, holder, purpose, fields, medium, valid_from, valid_until, max_uses, revoked_at, completed_at
         FROM grant_copy",
        "id", Grant,
        (id, file, holder, purpose, scope, kind, from, until, uses, revoked, completed) => Row::of(id)
            .with("file", file)
            .with("holder", holder)
            .with("purpose", purpose)
            .with("fields", scope.spelling())
            .with("medium", kind)
            .with("valid_from", from)
            .with("valid_until", until)
            .with("max_uses", uses)
            .with("revoked_at", revoked)
            .with("completed_at", completed)
    )
}

async fn files(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, number, level, unit, custodian, state, customer_type, revision, complete FROM file_copy",
        "id", File,
        (id, number, level, unit, custodian, state, kind, revision, complete) => Row::of(id)
            .with("number", number)
            .with("level", level)
            .with("unit", unit)
            .with("custodian", custodian)
            .with("state", state)
            .with("customer_type", kind)
            .with("revision", revision)
            .with("complete", complete)
    )
}

async fn items(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after, "SELECT id, file, kind, state, document_kind, revision FROM item_copy", "id", Item,
        (id, file, kind, state, document, revision) => Row::of(id)
            .with("file", file)
            .with("kind", kind)
            .with("state", state)
            .with("document_kind", document)
            .with("revision", revision)
    )
}

async fn duties(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, kind, subject, time_window, file, post, unit, assignee, due_at, state, barred, other FROM duty", "id",
        Duty, (id, kind, subject, window, file, post, unit, assignee, due, state, barred, other) => {
            let told = crate::duty::told(&name("duties", id), barred.map(|_| other), &subject, file);
            Row::of(id)
            .with("kind", kind)
            .with("subject", told.0)
            .with("file", told.1)
            .with("post", post)
            .with("unit", unit)
            .with("assignee", assignee)
            .with("due_at", due)
            .with("time_window", window)
            .with("state", state)
        }
    )
}
