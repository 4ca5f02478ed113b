//! Table `rating`. Every read for a person goes through the predicate of visibility; the key of the file comes along.

use dossier_authority::{visible, with_reached};
use dossier_kernel::db::{Tx, require_rows};
use dossier_kernel::error::Result;
use dossier_kernel::{sql, sql_given};
use dossier_vault::store::KeyRow;
use uuid::Uuid;

/// A rating as stored: what it says is sealed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// The customer's file.
    pub customer: Uuid,
    /// The model used.
    pub score_model: Uuid,
    /// The card of that model.
    pub card: String,
    /// The version of that card.
    pub number: i64,
    /// Points, bins and score, sealed under the file's key.
    pub detail: Vec<u8>,
    /// The salt of the journal's commitment to the score, sealed likewise.
    pub salt: Vec<u8>,
    /// Who asked for it.
    pub evaluator: Uuid,
    /// When it was made.
    pub created_at: i64,
}

/// A rating with the key of its customer's file.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Keyed {
    /// The rating.
    #[sqlx(flatten)]
    pub row: Row,
    /// The key.
    #[sqlx(flatten)]
    pub key: KeyRow,
}

/// Which ratings a list asks for; nothing asks for any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this customer.
    pub customer: Option<Uuid>,
    /// Made with this model.
    pub score_model: Option<Uuid>,
}

macro_rules! seen {
    () => {
        seen!("", visible!())
    };
    ($before:expr, $visible:expr) => {
        concat!(
            $before,
            "SELECT r.id, r.customer, r.score_model, r.card, r.number, r.detail, r.salt, r.evaluator, r.created_at,
                    k.key_id, k.wrapped
             FROM rating r
             JOIN file_copy f ON f.org = r.org AND f.id = r.customer
             JOIN file_key k ON k.org = r.org AND k.file = r.customer
             WHERE r.org = $1 AND ",
            $visible
        )
    };
}

/// Writes a rating.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, row: &Row) -> Result<()> {
    let text = "INSERT INTO rating (org, id, customer, score_model, card, number, detail, salt, evaluator, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let (model, card, number, evaluator, at) = (row.score_model, &row.card, row.number, row.evaluator, row.created_at);
    let rows =
        sql!(tx, execute, text, org, row.id, row.customer, model, card, number, &row.detail, &row.salt, evaluator, at)?;
    require_rows(rows, 1)
}

/// The rating `id`, if `person` may see its customer at `now`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn visible(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<Keyed>> {
    sql!(tx, fetch_optional as Keyed, concat!(seen!(), " AND r.id = $4"), org, person, now, id)
}

/// Up to `limit` ratings of customers that `person` may see, newest first, older than `before`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn list(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    filter: &Filter,
    before: Uuid,
    limit: i64,
) -> Result<Vec<Keyed>> {
    let text = sql_given!(
        concat!(seen!(with_reached!(), visible!(reached)), " AND r.id < $4");
        filter.customer => " AND r.customer = $5",
        filter.score_model => " AND r.score_model = $6";
        " ORDER BY r.id DESC LIMIT $7"
    );
    sql!(tx, fetch_all as Keyed, text, org, person, now, before, filter.customer, filter.score_model, limit)
}
