//! Table `score_model`.

use dossier_kernel::db::{self, AsJson, Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, table};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use super::inconsistent;
use crate::domain::score_model::{Card, Draft, ModelState};

/// A version of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Its id.
    pub id: Uuid,
    /// The card it is a version of.
    pub card: String,
    /// Version of the card, from 1.
    pub number: i64,
    /// Title.
    pub title: String,
    /// The card as it was written.
    pub content: Draft,
    /// SHA-256 of the content.
    pub digest: [u8; 32],
    /// Where it stands.
    pub state: ModelState,
    /// Who entered it.
    pub creator: Uuid,
    /// When it was entered.
    pub created_at: Timestamp,
    /// When it became active.
    pub activated_at: Option<Timestamp>,
    /// When it was replaced.
    pub retired_at: Option<Timestamp>,
    /// Grows with every change of state.
    pub version: i64,
}

/// Which models a list asks for; nothing asks for any.
#[derive(Clone, Debug, Default)]
pub struct Filter<'a> {
    /// Of this card.
    pub card: Option<&'a str>,
    /// In this state.
    pub state: Option<ModelState>,
}

table! {
    select!("score_model" as m) of Model;
    once { id, card, number, title, content as AsJson, digest, creator, created_at }
    then { state, activated_at, retired_at }
}

// === impl Model ===

impl Model {
    /// The card to score with.
    ///
    /// # Errors
    /// `STORE_INCONSISTENT`: what is stored was checked before.
    pub fn checked(&self) -> Result<Card> {
        Card::check(&self.content).map_err(|_| inconsistent("score_model", "content"))
    }
}

/// Writes a new draft as the next version of its card; gives its number, or the id of the version with the same digest.
///
/// # Errors
/// `CONFLICT_RETRY` when another version was entered at the same time, `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, model: &Model) -> Result<Result<i64, Uuid>> {
    let (digest, card) = (model.digest.to_vec(), &model.card);
    let twin = "SELECT id FROM score_model WHERE org = $1 AND card = $2 AND digest = $3";
    if let Some((twin,)) = sql!(tx, fetch_optional as (Uuid,), twin, org, card, &digest)? {
        return Ok(Err(twin));
    }
    let text = "INSERT INTO score_model (org, id, card, number, title, content, digest, state, creator, created_at)
                SELECT CAST($1 AS TEXT), $2, CAST($3 AS TEXT), COALESCE(MAX(number), 0) + 1, $4, $5, $6, $7, $8, $9
                FROM score_model WHERE org = $1 AND card = $3
                ON CONFLICT DO NOTHING RETURNING number";
    let (title, state, at) = (&model.title, model.state.as_str(), micros(model.created_at));
    let content = Json(&model.content);
    let row = sql!(
        tx,
        fetch_optional as (i64,),
        text,
        org,
        model.id,
        card,
        title,
        content,
        digest,
        state,
        model.creator,
        at
    )?;
    require_rows(u64::from(row.is_some()), 1)?;
    Ok(Ok(row.map_or(1, |(number,)| number)))
}

/// The model `id`.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<Model>> {
    let text = select!(" AND m.id = $2");
    sql!(tx, fetch_optional as Model, text, org, id)
}

/// Up to two models in force: of `card`, or of any card.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn active(tx: &mut Tx, org: &str, card: Option<&str>) -> Result<Vec<Model>> {
    let text = sql_given!(
        select!(" AND m.state = 'active'");
        card => " AND m.card = $2";
        " ORDER BY m.card LIMIT 2"
    );
    sql!(tx, fetch_all as Model, text, org, card)
}

/// Up to `limit` models in the order of card, newest version first, behind the given one.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn list(
    tx: &mut Tx,
    org: &str,
    filter: &Filter<'_>,
    after: Option<(String, i64)>,
    limit: i64,
) -> Result<Vec<Model>> {
    let text = sql_given!(
        select!(" AND (m.card > $4 OR (m.card = $4 AND m.number < $5))");
        filter.card => " AND m.card = $2",
        filter.state => " AND m.state = $3";
        " ORDER BY m.card, m.number DESC LIMIT $6"
    );
    let (card, number) = after.unwrap_or((String::new(), i64::MAX));
    let state = filter.state.map(ModelState::as_str);
    sql!(tx, fetch_all as Model, text, org, filter.card, state, card, number, limit)
}

/// Moves a model to another state, if nobody moved it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn update(tx: &mut Tx, org: &str, model: &mut Model) -> Result<()> {
    // Another version became active at the same time: read again.
    db::update(tx, org, model).await.map_err(|fault| match fault.reason() {
        Reason::AlreadyExists => Error::new(Reason::ConflictRetry).transient(),
        _ => fault,
    })
}
