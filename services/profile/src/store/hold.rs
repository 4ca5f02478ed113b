//! Table `hold`.

use dossier_authority::{inside, with_reached};
use dossier_journal::rows_by_id;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, table};
use uuid::Uuid;

use super::customer_file::{Stretch, Viewer};
use crate::domain::hold::{Hold, Placed};

/// Which holds a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this file.
    pub file: Option<Uuid>,
    /// Placed by records of this kind.
    pub kind: Option<&'a str>,
    /// Whether they hold still.
    pub open: Option<bool>,
}

table! {
    select!("hold" as o) of Hold;
    once { id, file, record, kind, placer, placed_at }
    then while "released_at IS NULL" { releaser, released_at, releasing }
}

/// Keeps a new hold; false when its record holds the file already.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Hold) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Writes that it was released.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Hold) -> Result<()> {
    db::update(tx, org, one).await
}

/// The hold `id` of `file`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, file: Uuid, id: Uuid) -> Result<Option<Hold>> {
    sql!(tx, fetch_optional as Hold, select!(" AND o.id = $2 AND o.file = $3"), org, id, file)
}

/// The open holds of `file` that a record releases, the first first.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn open_of(tx: &mut Tx, org: &str, file: Uuid, placed: Placed<'_>) -> Result<Vec<Hold>> {
    match placed {
        Placed::Near(own, above) => {
            let text = select!(
                " AND o.file = $2 AND o.released_at IS NULL AND (o.record = $3 OR o.record = $4) ORDER BY o.id"
            );
            sql!(tx, fetch_all as Hold, text, org, file, own, above)
        }
        Placed::ByKind(kind) => {
            let text = select!(" AND o.file = $2 AND o.released_at IS NULL AND o.kind = $3 ORDER BY o.id");
            sql!(tx, fetch_all as Hold, text, org, file, kind)
        }
    }
}

/// How many holds of `file` are open.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn count_open(tx: &mut Tx, org: &str, file: Uuid) -> Result<i64> {
    let text = "SELECT COUNT(*) FROM hold WHERE org = $1 AND file = $2 AND released_at IS NULL";
    Ok(sql!(tx, fetch_one as (i64,), text, org, file)?.0)
}

/// Up to `limit` holds of a stretch, in files that the viewer sees as a whole, the newest first.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn list(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    filter: Filter<'_>,
    (before, until): (Uuid, Uuid),
    limit: i64,
) -> Result<Vec<Hold>> {
    let text = sql_given!(
        select!(
            with_reached!(),
            " JOIN customer_file f ON f.org = o.org AND f.id = o.file",
            concat!(" AND o.id < $4 AND o.id >= $5 AND ", inside!(reached))
        );
        filter.file => " AND o.file = $6",
        filter.kind => " AND o.kind = $7",
        filter.open == Some(true) => " AND o.released_at IS NULL",
        filter.open == Some(false) => " AND o.released_at IS NOT NULL";
        " ORDER BY o.id DESC LIMIT $8"
    );
    let (org, person, now) = (viewer.org, viewer.person, viewer.now);
    sql!(tx, fetch_all as Hold, text, org, person, now, before, until, filter.file, filter.kind, limit)
}

/// The oldest hold that a stretch looks at; `None` when nothing lies behind it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn list_end(tx: &mut Tx, org: &str, file: Option<Uuid>, stretch: Stretch) -> Result<Option<Uuid>> {
    let (before, skipped) = (stretch.before, stretch.looks - 1);
    let text = sql_given!(
        "SELECT id FROM hold WHERE org = $1 AND id < $2";
        file => " AND file = $4";
        " ORDER BY id DESC LIMIT 1 OFFSET $3"
    );
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, before, skipped, file)?.map(|(id,)| id))
}

/// A page of all holds, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM hold"), "id", Hold, one => row(&one))
}

fn row(one: &Hold) -> Row {
    Row::of(one.id)
        .with("file", one.file)
        .with("record", one.record)
        .with("kind", &one.kind)
        .with("placer", one.placer)
        .with("placed_at", micros(one.placed_at))
        .with("releaser", one.releaser)
        .with("released_at", one.released_at.map(micros))
        .with("releasing", one.releasing)
        .with("version", one.version)
}
