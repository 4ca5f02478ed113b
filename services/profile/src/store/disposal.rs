//! Tables `disposal` and `disposal_answer`, and the end of whatever a destroyed file left in the others (I7).

mod erase;

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::disposal::{DISPOSALS, State};
use dossier_authority::{inside, with_reached};
use dossier_journal::rows_by_id;
use dossier_journal::verify::state::{Place, Row};
use dossier_kernel::db::{self, Tx};
use dossier_kernel::error::Result;
use dossier_kernel::name::name;
use dossier_kernel::states::State as _;
use dossier_kernel::time::micros;
use dossier_kernel::{sql, sql_given, table};
use sqlx::types::Json;
use uuid::Uuid;

use super::customer_file::{Stretch, Viewer};
use crate::domain::arbiter::Ground;
use crate::domain::disposal::{Answer, Answers, Disposal};

pub use erase::{Unsaid, erase, risen, unsaid};

/// Which destructions a list asks for; `None` asks for any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Announced by records of this file.
    pub list: Option<Uuid>,
    /// In this state.
    pub state: Option<State>,
}

table! {
    select!("disposal" as o) of Disposal;
    once { id, file, number, record, of_file, announcer, announced_at }
    then while "state = 'announced'" { state, ender, ended_at, root }
}

/// Keeps what is announced; false when it is already, or the file was destroyed.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert(tx: &mut Tx, org: &str, one: &Disposal) -> Result<bool> {
    db::insert(tx, org, one).await
}

/// Writes its end.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster.
pub async fn update(tx: &mut Tx, org: &str, one: &mut Disposal) -> Result<()> {
    db::update(tx, org, one).await
}

/// What is announced of `file`.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn announced(tx: &mut Tx, org: &str, file: Uuid) -> Result<Option<Disposal>> {
    sql!(tx, fetch_optional as Disposal, select!(" AND o.file = $2 AND o.state = 'announced'"), org, file)
}

/// What `record` announced and nothing has ended.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn open_of(tx: &mut Tx, org: &str, record: Uuid) -> Result<Vec<Disposal>> {
    let text = select!(" AND o.record = $2 AND o.state = 'announced'");
    sql!(tx, fetch_all as Disposal, text, org, record)
}

/// Those in the file of whose record the viewer sees everything: one, for who asks for it by name.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn visible(tx: &mut Tx, viewer: Viewer<'_>, id: Uuid) -> Result<Option<Disposal>> {
    let text = select!(
        with_reached!(),
        " JOIN customer_file f ON f.org = o.org AND f.id = o.of_file",
        concat!(" AND o.id = $4 AND ", inside!(reached))
    );
    sql!(tx, fetch_optional as Disposal, text, viewer.org, viewer.person, viewer.now, id)
}

/// As [`visible`], up to `limit` of a stretch, the newest first.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn list(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    filter: Filter,
    (before, until): (Uuid, Uuid),
    limit: i64,
) -> Result<Vec<Disposal>> {
    let state = filter.state.map(State::word);
    let text = sql_given!(
        select!(
            with_reached!(),
            " JOIN customer_file f ON f.org = o.org AND f.id = o.of_file",
            concat!(" AND o.id < $4 AND o.id >= $5 AND ", inside!(reached))
        );
        filter.list => " AND o.of_file = $6",
        state => " AND o.state = $7";
        " ORDER BY o.id DESC LIMIT $8"
    );
    let (org, person, now) = (viewer.org, viewer.person, viewer.now);
    sql!(tx, fetch_all as Disposal, text, org, person, now, before, until, filter.list, state, limit)
}

/// The oldest that a stretch looks at; `None` when nothing lies behind it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn list_end(tx: &mut Tx, org: &str, list: Option<Uuid>, stretch: Stretch) -> Result<Option<Uuid>> {
    let (before, skipped) = (stretch.before, stretch.looks - 1);
    let text = sql_given!(
        "SELECT id FROM disposal WHERE org = $1 AND id < $2";
        list => " AND of_file = $4";
        " ORDER BY id DESC LIMIT 1 OFFSET $3"
    );
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, before, skipped, list)?.map(|(id,)| id))
}

/// Keeps what a service says to it.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put_answer(tx: &mut Tx, org: &str, id: Uuid, (service, one): (&str, &Answer)) -> Result<()> {
    let text = "INSERT INTO disposal_answer (org, disposal, service, cleared, grounds) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (org, disposal, service) DO UPDATE SET cleared = $4, grounds = $5";
    let grounds: Vec<_> = one.grounds.iter().map(|ground| ground.word()).collect();
    sql!(tx, execute, text, org, id, service, one.cleared, Json(grounds))?;
    Ok(())
}

/// What the services say to it.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn answers(tx: &mut Tx, org: &str, id: Uuid) -> Result<Answers> {
    type Row = (String, bool, Json<BTreeSet<String>>);
    let text = "SELECT service, cleared, grounds FROM disposal_answer WHERE org = $1 AND disposal = $2";
    let answer = |(service, cleared, words): Row| {
        let grounds = words.0.iter().map(|word| Ground::parse("grounds", word)).collect::<Result<_>>()?;
        Ok((service, Answer { cleared, grounds }))
    };
    sql!(tx, fetch_all as Row, text, org, id)?.into_iter().map(answer).collect()
}

/// Forgets what `service` says, before its journal is told again.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn forget_answers(tx: &mut Tx, org: &str, service: &str) -> Result<()> {
    sql!(tx, execute, "DELETE FROM disposal_answer WHERE org = $1 AND service = $2", org, service)?;
    Ok(())
}

/// What `service` says, a line each, for who makes it anew.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn said(tx: &mut Tx, org: &str, service: &str) -> Result<BTreeMap<String, String>> {
    let text = "SELECT disposal, CASE WHEN cleared THEN 'cleared' ELSE 'blocked' END FROM disposal_answer
                WHERE org = $1 AND service = $2";
    let rows = sql!(tx, fetch_all as (Uuid, String), text, org, service)?;
    Ok(rows.into_iter().map(|(id, said)| (name(DISPOSALS, id), said)).collect())
}

/// A page of all, for the verifier.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn rows(tx: &mut Tx, org: &str, after: Option<&Place>) -> Result<Vec<Row>> {
    rows_by_id!(tx, org, after, concat!("SELECT ", select!(names), " FROM disposal"), "id", Disposal, one => row(&one))
}

fn row(one: &Disposal) -> Row {
    Row::of(one.id)
        .with("file", one.file)
        .with("number", &one.number)
        .with("state", one.state.word())
        .with("record", one.record)
        .with("of_file", one.of_file)
        .with("announcer", one.announcer)
        .with("announced_at", micros(one.announced_at))
        .with("ender", one.ender)
        .with("ended_at", one.ended_at.map(micros))
        .with("root", one.root)
        .with("version", one.version)
}
