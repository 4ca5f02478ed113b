//! The rows of this service, for the verifier.

use std::collections::BTreeSet;

use dossier_journal::rows_by_id;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::from_micros;
use dossier_kernel::{sql, sql_rows};
use dossier_vault::store::KeyRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::note::Note;
use super::rating;
use crate::domain::limit::Content;
use crate::domain::money::Money;
use crate::domain::score_model::{Card, Draft};

type Model = (Uuid, String, i64, Json<Draft>, Vec<u8>, String, Uuid);
type Exposure = (Uuid, Uuid, i64, String, i64, i64, i64, i64, i64);
type Reservation = (Uuid, Uuid, Uuid, i64, i64, i64, i64, String, String, String, i64);

#[derive(sqlx::FromRow)]
struct Limit {
    id: Uuid,
    customer: Uuid,
    amount_minor: i64,
    currency: String,
    terms: String,
    valid_from: Option<i64>,
    valid_until: i64,
    rating: Uuid,
    reason: String,
    digest: Vec<u8>,
    state: String,
    approval: Option<Uuid>,
    proposer: Uuid,
    supersedes: Option<Uuid>,
    created_at: i64,
}

/// A rating with what opens it.
#[derive(sqlx::FromRow)]
pub struct Rated {
    /// The rating.
    #[sqlx(flatten)]
    pub row: rating::Row,
    /// The key of its customer's file.
    #[sqlx(flatten)]
    pub key: KeyRow,
    /// When the file was erased, if it was.
    pub erased_at: Option<i64>,
}

/// A page of the rows of a table of this service; none for another table. `score` is what the journal must promise of a
/// rating.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(
    tx: &mut Tx,
    org: &str,
    table: &str,
    after: Option<&Place>,
    score: impl Fn(&Rated) -> Option<Value>,
) -> Result<Vec<Row>> {
    match table {
        "score_model" => models(tx, org, after).await,
        "rating" => ratings(tx, org, after, score).await,
        "credit_limit" => {
            rows_by_id!(
                tx, org, after,
                "SELECT id, customer, amount_minor, currency, terms, valid_from, valid_until, rating, reason, digest, state,
                     approval, proposer, supersedes, created_at
                 FROM credit_limit",
                "id", Limit,
                one => one.row()
            )
        }
        "exposure" => exposures(tx, org, after).await,
        "reservation" => reservations(tx, org, after).await,
        _ => Ok(Vec::new()),
    }
}

async fn models(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after, "SELECT id, card, number, content, digest, state, creator FROM score_model", "id", Model,
        (id, card, number, content, digest, state, creator) => Row::of(id)
            .with("card", card)
            .with("number", number)
            .with("content", Card::check(&content.0).ok().map(|card| card.digest().to_vec()))
            .with("digest", digest)
            .with("state", state)
            .with("creator", creator)
    )
}

async fn ratings(
    tx: &mut Tx,
    org: &str,
    after: Option<&Place>,
    score: impl Fn(&Rated) -> Option<Value>,
) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, customer, score_model, card, number, detail, salt, evaluator, created_at, key_id, wrapped, erased_at
         FROM (SELECT r.org, r.id, r.customer, r.score_model, r.card, r.number, r.detail, r.salt, r.evaluator, r.created_at,
                   k.key_id, k.wrapped, t.destroyed_at AS erased_at
               FROM rating r JOIN file_key k ON k.org = r.org AND k.file = r.customer
               LEFT JOIN tombstone t ON t.org = r.org AND t.file = r.customer) rated",
        "id", Rated,
        one => rated(&one, score(&one))
    )
}

// An erased customer's rating cannot be opened any more, and need not be.
fn rated(one: &Rated, score: Option<Value>) -> Row {
    let row = &one.row;
    let said = Row::of(row.id)
        .with("customer", row.customer)
        .with("score_model", row.score_model)
        .with("card", &row.card)
        .with("number", row.number)
        .with("evaluator", row.evaluator)
        .with("created_at", row.created_at);
    match score {
        _ if one.erased_at.is_some() => said,
        score => said.with("score", score),
    }
}

async fn exposures(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT customer, limit_id, limit_minor, currency, drawn_minor, held_minor, excess_minor, valid_from, valid_until
         FROM exposure",
        "customer", Exposure,
        (customer, limit, minor, currency, drawn, held, excess, from, until) => Row::of(customer)
            .with("limit", limit)
            .with("limit_minor", minor)
            .with("currency", currency)
            .with("drawn_minor", drawn)
            .with("held_minor", held)
            .with("excess_minor", excess)
            .with("valid_from", from)
            .with("valid_until", until)
    )
}

async fn reservations(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(
        tx, org, after,
        "SELECT id, customer, limit_id, amount_minor, committed_minor, released_minor, held_minor, currency, state, creator,
             expire_at
         FROM reservation",
        "id", Reservation,
        (id, customer, limit, amount, committed, released, held, currency, state, creator, expire) => Row::of(id)
            .with("customer", customer)
            .with("limit", limit)
            .with("amount_minor", amount)
            .with("committed_minor", committed)
            .with("released_minor", released)
            .with("held_minor", held)
            .with("currency", currency)
            .with("state", state)
            .with("creator", creator)
            .with("expire_at", expire)
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
    let tail = ") SELECT n.entry, n.field, n.text, n.salt
                FROM asked q JOIN entry_note n ON n.org = q.org AND n.entry = q.entry";
    sql_rows!(tx, fetch_all as Note, "WITH asked (org, entry) AS (", entries, entry => [org, *entry], tail)
}

/// Up to `limit` notes of entries that the journal does not have.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn stray_notes(tx: &mut Tx, org: &str, limit: i64) -> Result<Vec<(Uuid, String)>> {
    let text = "SELECT n.entry, n.field FROM entry_note n LEFT JOIN journal_entry e ON e.org = n.org AND e.id = n.entry
                WHERE n.org = $1 AND e.id IS NULL ORDER BY n.entry, n.field LIMIT $2";
    sql!(tx, fetch_all as (Uuid, String), text, org, limit)
}

/// Up to `most` submissions of no limit, or of another approval or content than their limit in the same round.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn stray_submissions(tx: &mut Tx, org: &str, most: i64) -> Result<Vec<Uuid>> {
    let text = "SELECT s.id FROM submission s LEFT JOIN credit_limit c ON c.org = s.org AND c.id = s.id
                WHERE s.org = $1 AND (c.id IS NULL OR (s.state = 'pending' AND c.state = 'pending_approval'
                    AND s.round = c.round AND (s.approval <> c.approval OR s.digest <> c.digest)))
                ORDER BY s.id LIMIT $2";
    Ok(sql!(tx, fetch_all as (Uuid,), text, org, most)?.into_iter().map(|(id,)| id).collect())
}

// === impl Limit ===

impl Limit {
    fn row(self) -> Row {
        let content = self.content();
        let approval = self.approval;
        // A returned limit gives its approval up without a word when a corrected one is submitted.
        let returned = self.state == "returned";
        let row = Row::of(self.id)
            .with("customer", self.customer)
            .with("amount_minor", self.amount_minor)
            .with("currency", self.currency)
            .with("valid_from", self.valid_from)
            .with("valid_until", self.valid_until)
            .with("rating", self.rating)
            .with("content", content)
            .with("digest", self.digest)
            .with("state", self.state)
            .with("proposer", self.proposer)
            .with("supersedes", self.supersedes)
            .with("created_at", self.created_at);
        if returned { row } else { row.with("approval", approval) }
    }

    // What was signed, computed anew. A limit that holds from its approval on was signed without a beginning.
    fn content(&self) -> Vec<u8> {
        let mut content = Content {
            amount: Money { minor: self.amount_minor, currency: self.currency.clone() },
            terms: self.terms.clone(),
            valid_from: self.valid_from.map(from_micros),
            valid_until: from_micros(self.valid_until),
            rating: self.rating,
            justification: self.reason.clone(),
        };
        let whole = content.digest(self.customer).to_vec();
        content.valid_from = None;
        let open = content.digest(self.customer).to_vec();
        if open == self.digest { open } else { whole }
    }
}
