//! Table `score_model`.

use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{from_micros, micros};
use dossier_kernel::{sql, sql_given};
use jiff::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use super::{digest, inconsistent, instant};
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

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    card: String,
    number: i64,
    title: String,
    content: Json<Draft>,
    digest: Vec<u8>,
    state: String,
    creator: Uuid,
    created_at: i64,
    activated_at: Option<i64>,
    retired_at: Option<i64>,
    version: i64,
}

macro_rules! columns {
    () => {
        "SELECT id, card, number, title, content, digest, state, creator, created_at, activated_at, retired_at, version
         FROM score_model "
    };
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

impl TryFrom<Row> for Model {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            card: row.card,
            number: row.number,
            title: row.title,
            content: row.content.0,
            digest: digest("score_model", &row.digest)?,
            state: ModelState::parse(&row.state).ok_or_else(|| inconsistent("score_model", "state"))?,
            creator: row.creator,
            created_at: from_micros(row.created_at),
            activated_at: instant(row.activated_at),
            retired_at: instant(row.retired_at),
            version: row.version,
        })
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
    let (title, state, at) = (&model.title, model.state.word(), micros(model.created_at));
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
    let text = concat!(columns!(), "WHERE org = $1 AND id = $2");
    sql!(tx, fetch_optional as Row, text, org, id)?.map(Model::try_from).transpose()
}

/// Up to two models in force: of `card`, or of any card.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `STORE_INCONSISTENT`.
pub async fn active(tx: &mut Tx, org: &str, card: Option<&str>) -> Result<Vec<Model>> {
    let text = sql_given!(
        concat!(columns!(), "WHERE org = $1 AND state = 'active'");
        card => " AND card = $2";
        " ORDER BY card LIMIT 2"
    );
    sql!(tx, fetch_all as Row, text, org, card)?.into_iter().map(Model::try_from).collect()
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
        concat!(columns!(), "WHERE org = $1 AND (card > $4 OR (card = $4 AND number < $5))");
        filter.card => " AND card = $2",
        filter.state => " AND state = $3";
        " ORDER BY card, number DESC LIMIT $6"
    );
    let (card, number) = after.unwrap_or((String::new(), i64::MAX));
    let state = filter.state.map(ModelState::word);
    let rows = sql!(tx, fetch_all as Row, text, org, filter.card, state, card, number, limit)?;
    rows.into_iter().map(Model::try_from).collect()
}

/// Moves a model to another state, if nobody moved it meanwhile.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn update(tx: &mut Tx, org: &str, model: &Model) -> Result<()> {
    let text = "UPDATE score_model SET state = $4, activated_at = $5, retired_at = $6, version = version + 1
                WHERE org = $1 AND id = $2 AND version = $3";
    let (activated, retired) = (model.activated_at.map(micros), model.retired_at.map(micros));
    let rows = sql!(tx, execute, text, org, model.id, model.version, model.state.word(), activated, retired);
    // Another version became active at the same time: read again.
    let rows = rows.map_err(|fault| match fault.reason() {
        Reason::AlreadyExists => Error::new(Reason::ConflictRetry).transient(),
        _ => fault,
    })?;
    require_rows(rows, 1)
}
