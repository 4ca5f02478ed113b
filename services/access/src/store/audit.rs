//! The rows of this service, for the verifier.

use std::collections::BTreeSet;

use dossier_authority::Scope;
use dossier_journal::rows_by_id;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_rows};
use sqlx::types::Json;
use uuid::Uuid;

use super::note::Note;
use crate::domain::plan::Plan;

type Letter = (Uuid, String, String, Uuid, Option<Uuid>);
type Request = (
    Uuid,
    Uuid,
    Uuid,
    i64,
    String,
    String,
    Json<Scope>,
    Option<i64>,
    String,
    String,
    String,
    String,
    Option<Uuid>,
    Option<Uuid>,
);
type Grant = (Uuid, Uuid, Option<Uuid>, String, String, i64, Option<i64>, i64, Option<Uuid>);

#[derive(sqlx::FromRow)]
struct Approval {
    id: Uuid,
    matter: String,
    subject: String,
    file: Option<Uuid>,
    unit: String,
    level: String,
    rank: i64,
    minor_units: Option<i64>,
    currency: Option<String>,
    digest: Vec<u8>,
    requester: Uuid,
    asker: String,
    excluded: Json<Vec<Uuid>>,
    plan: Json<Plan>,
    state: String,
    round: i64,
    passed_steps: i64,
}

#[derive(sqlx::FromRow)]
struct Decision {
    id: Uuid,
    approval: Uuid,
    round: i64,
    step: i64,
    signer: Uuid,
    voice: Uuid,
    verdict: String,
    acting_for: Option<Uuid>,
    delegation: Option<Uuid>,
    post: String,
    unit: String,
    digest: Vec<u8>,
    comment: String,
    decided_at: i64,
    slot: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Loan {
    id: Uuid,
    file: Uuid,
    borrower: Uuid,
    grant_id: Option<Uuid>,
    level: String,
    reason: String,
    signature_reference: String,
    handed_out_by: Uuid,
    out_at: i64,
    due_at: i64,
    state: String,
    renewals: i64,
    recalled_at: Option<i64>,
    recalled_by: Option<Uuid>,
    condition: Option<String>,
    received_by: Option<Uuid>,
    returned_at: Option<i64>,
    case_reference: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Lent {
    id: Uuid,
    loan: Uuid,
    file: Uuid,
    item: Uuid,
    place: i64,
    material: String,
    copies: i64,
    pages: Option<i64>,
    condition: Option<String>,
    returned_copies: Option<i64>,
    returned_pages: Option<i64>,
    returned_at: Option<i64>,
}

/// A page of the rows of a table of this service; none for another table.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(
    tx: &mut Tx,
    org: &str,
    table: &str,
    after: Option<&Place>,
    digest: impl Fn(&Plan) -> Vec<u8>,
) -> Result<Vec<Row>> {
    match table {
        "person" => {
            rows_by_id!(tx, org, after, "SELECT id, display_name FROM person", "id", (Uuid, String),
                (id, name) => Row::of(id).with("display_name", Value::private(name)))
        }
        "letter" => delegations(tx, org, after).await,
        "approval" => approvals(tx, org, after, digest).await,
        "approval_decision" => decisions(tx, org, after).await,
        "access_request" => requests(tx, org, after).await,
        "access_grant" => grants(tx, org, after).await,
        "loan" => loans(tx, org, after).await,
        "loan_item" => lent(tx, org, after).await,
        _ => Ok(Vec::new()),
    }
}

async fn delegations(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after, "SELECT id, max_level, reference, creator, revoker FROM letter", "id", Letter,
        (id, level, reference, creator, revoker) => Row::of(id)
            .with("max_level", level)
            .with("reference", Value::private(reference))
            .with("creator", creator)
            .with("revoker", revoker)
    )
}

async fn approvals(
    tx: &mut Tx,
    org: &str,
    after: Option<&Place>,
    digest: impl Fn(&Plan) -> Vec<u8>,
) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, matter, subject, file, unit, level, rank, minor_units, currency, digest, requester, asker, excluded, plan,
             state, round, passed_steps
         FROM approval",
        "id", Approval,
        one => one.row(&digest)
    )
}

async fn decisions(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, approval, round, step, signer, voice, verdict, acting_for, delegation, post, unit, digest, comment,
             decided_at, slot
         FROM (SELECT d.org, d.id, d.approval, d.round, d.step, d.signer, d.voice, d.verdict, d.acting_for, d.delegation,
                   COALESCE(s.post, d.post) AS post, COALESCE(s.unit, d.unit) AS unit, d.digest, d.comment, d.decided_at,
                   s.slot
               FROM approval_decision d LEFT JOIN approval_seat s ON s.org = d.org AND s.decision = d.id) signed",
        "id", Decision,
        one => one.row()
    )
}

async fn requests(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, file, requester, medium, purpose, reason, fields, duration, reading_place, level, matter, state, approval,
             grant_id
         FROM access_request",
        "id", Request,
        (id, file, requester, kind, purpose, reason, scope, duration, place, level, matter, state, approval, grant) =>
            Row::of(id)
                .with("file", file)
                .with("requester", requester)
                .with("medium", kind)
                .with("purpose", purpose)
                .with("reason", Value::private(reason))
                .with("fields", scope.spelling())
                .with("duration", duration)
                .with("reading_place", place)
                .with("level", level)
                .with("matter", matter)
                .with("state", state)
                .with("approval", approval)
                .with("grant", grant)
    )
}

async fn grants(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, access_request, approval, reading_place, level, valid_until, loan_term, hand_outs, revoker
         FROM access_grant",
        "id", Grant,
        (id, request, approval, place, level, until, term, hand_outs, revoker) => Row::of(id)
            .with("access_request", request)
            .with("approval", approval)
            .with("reading_place", place)
            .with("level", level)
            .with("valid_until", until)
            .with("loan_term", term)
            .with("hand_outs", hand_outs)
            .with("revoker", revoker)
    )
}

async fn loans(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, file, borrower, grant_id, level, reason, signature_reference, handed_out_by, out_at, due_at, state, renewals,
             recalled_at, recalled_by, condition, received_by, returned_at, case_reference
         FROM loan",
        "id", Loan,
        one => one.row()
    )
}

async fn lent(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, loan, file, item, place, material, copies, pages, condition, returned_copies, returned_pages, returned_at
         FROM loan_item",
        "id", Lent,
        one => one.row()
    )
}

/// What an earlier version kept in clear of these entries' promises.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn notes(tx: &mut Tx, org: &str, entries: &BTreeSet<Uuid>) -> Result<Vec<Note>> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let tail =
        ") SELECT n.entry, n.field, n.text, n.salt FROM asked q JOIN note n ON n.org = q.org AND n.entry = q.entry";
    sql_rows!(tx, fetch_all as Note, "WITH asked (org, entry) AS (", entries, entry => [org, *entry], tail)
}

/// Up to `limit` notes of entries that the journal does not have.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn stray_notes(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<(Uuid, String)>> {
    let text = "SELECT n.entry, n.field FROM note n LEFT JOIN journal_entry e ON e.org = n.org AND e.id = n.entry
                WHERE n.org = $1 AND e.id IS NULL ORDER BY n.entry, n.field LIMIT $2";
    sql!(tx, fetch_all as (Uuid, String), text, org, limit)
}

// === impl Approval ===

impl Approval {
    fn row(self, digest: impl Fn(&Plan) -> Vec<u8>) -> Row {
        let excluded: Vec<_> = self.excluded.0.iter().map(Uuid::to_string).collect();
        Row::of(self.id)
            .with("matter", self.matter)
            .with("subject", self.subject)
            .with("file", self.file)
            .with("unit", self.unit)
            .with("level", self.level)
            .with("rank", self.rank)
            .with("minor_units", self.minor_units)
            .with("currency", self.currency)
            .with("digest", self.digest)
            .with("requester", self.requester)
            .with("asker", self.asker)
            .with("excluded", Value::list(&excluded))
            .with("plan", digest(&self.plan.0))
            .with("state", self.state)
            .with("round", self.round)
            .with("passed_steps", self.passed_steps)
    }
}

// === impl Decision ===

impl Decision {
    fn row(self) -> Row {
        Row::of(self.id)
            .called(format!("{}/{}/{}", self.approval, self.round, self.signer))
            .with("step", self.step)
            .with("voice", self.voice)
            .with("verdict", self.verdict)
            .with("acting_for", self.acting_for)
            .with("delegation", self.delegation)
            .with("post", self.post)
            .with("unit", self.unit)
            .with("digest", self.digest)
            .with("comment", Value::private(self.comment))
            .with("decided_at", self.decided_at)
            .with("slot", self.slot)
    }
}

// === impl Loan ===

impl Loan {
    fn row(self) -> Row {
        Row::of(self.id)
            .with("file", self.file)
            .with("borrower", self.borrower)
            .with("grant", self.grant_id)
            .with("level", self.level)
            .with("reason", Value::private(self.reason))
            .with("signature_reference", Value::private(self.signature_reference))
            .with("handed_out_by", self.handed_out_by)
            .with("out_at", self.out_at)
            .with("due_at", self.due_at)
            .with("state", self.state)
            .with("renewals", self.renewals)
            .with("recalled_at", self.recalled_at)
            .with("recalled_by", self.recalled_by)
            .with("condition", self.condition)
            .with("received_by", self.received_by)
            .with("returned_at", self.returned_at)
            .with("case_reference", self.case_reference.unwrap_or_default())
    }
}

// === impl Lent ===

impl Lent {
    fn row(self) -> Row {
        Row::of(self.id)
            .called(format!("{}/{}", self.loan, self.item))
            .with("file", self.file)
            .with("place", self.place)
            .with("material", Value::private(self.material))
            .with("copies", self.copies)
            .with("pages", self.pages)
            .with("condition", self.condition)
            .with("returned_copies", self.returned_copies)
            .with("returned_pages", self.returned_pages)
            .with("returned_at", self.returned_at)
    }
}
