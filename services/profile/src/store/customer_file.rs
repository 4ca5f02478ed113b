//! Customer files: where each stands, and what is known of it without opening it.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::store::file::Named;
use dossier_authority::{reach, shut, standing, visible};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{sql, sql_each, sql_rows};
use dossier_regime::CustomerType;
use dossier_vault::store::KeyRow;
use uuid::Uuid;

use crate::content::Content;
use crate::domain::customer_file::CustomerFile;
use row::{FullRow, HeaderRow};

/// A file with its sealed content, as one statement loads it.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub file: CustomerFile,
    /// Its wrapped key.
    pub key: KeyRow,
    /// What identifies its unit, sealed.
    pub unit_ref: Vec<u8>,
    /// The blind token of that.
    pub unit_token: Vec<u8>,
    /// Its newest content.
    pub content: Content,
    /// Whether the caller sees it by standing access; otherwise through a grant.
    pub standing: bool,
}

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Viewer<'a> {
    /// The org.
    pub org: &'a str,
    /// The person.
    pub person: Uuid,
    /// Now, in microseconds.
    pub now: i64,
}

/// The unit of a customer, or of what else a file is about in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerUnit {
    /// Its kind.
    pub kind: String,
    /// The blind token of its reference.
    pub token: Vec<u8>,
    /// The customer type; `None`: it is no customer.
    pub customer_type: Option<CustomerType>,
}

/// How many files deep one belongs to another at most; packs have a few kinds.
const DEEPEST: usize = 16;
/// Most tokens of one search.
pub const MOST_TOKENS: usize = 14;

macro_rules! header {
    () => {
        "f.id, f.number, f.customer_number, f.customer_type, f.unit_kind, f.template, f.template_version, f.level,
         f.unit, f.custodian, f.custody, f.state, f.classification, f.first_contact_at, f.contract_effect_at, f.revision,
         f.created_at, f.updated_at, f.creator, f.activated_at, f.closed_at, f.filled_weight, f.applicable_weight,
         f.complete, f.parent, f.links, f.merged_into, f.merged, f.keep_until"
    };
}

macro_rules! columns {
    () => {
        concat!(header!(), ", f.unit_ref, f.unit_ref_token, k.key_id, k.wrapped, r.content, ")
    };
}

// The key and the newest content of `f`.
macro_rules! parts {
    () => {
        "JOIN file_key k ON k.org = f.org AND k.file = f.id
         JOIN customer_file_revision r ON r.org = f.org AND r.file = f.id AND r.revision = f.revision"
    };
}

// A file whole: its header, its key, its newest content, and how the caller comes to see it.
macro_rules! whole {
    ($where:expr) => {
        concat!("SELECT ", columns!(), standing!(), whole_from!(), $where)
    };
}

// What stands behind the columns of whole files.
macro_rules! whole_from {
    () => {
        concat!(" AS standing FROM customer_file f ", parts!(), " WHERE f.org = $1 AND ")
    };
}

pub mod contest;
// Behind the macros, which they use.
#[macro_use]
mod filter;
mod counted;
mod due;
mod duplicate;
mod list;
mod row;
mod search;
mod write;

pub(in crate::store) use counted::open_up_to;
pub use counted::{counted, counted_each};
pub use due::{DueFilter, DuePlace, all_open_parts, due, due_end, due_place, open_parts};
pub use duplicate::{Reach, sharing};
pub use filter::{Filter, MOST_LABELS};
pub use list::{Stretch, list, list_end, list_whole};
pub use search::{Part, part, search};
pub use write::{insert, lock, update};

/// The file `id` if the viewer may see it; the same `None` for one that does not exist (I10).
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn visible(tx: &mut Tx, viewer: Viewer<'_>, id: Uuid) -> Result<Option<Loaded>> {
    let text = whole!(concat!("f.id = $4 AND ", visible!()));
    let row = sql!(tx, fetch_optional as FullRow, text, viewer.org, viewer.person, viewer.now, id)?;
    row.map(Loaded::try_from).transpose()
}

/// The file `id`, whoever may see it: for what goes on without anybody asking, and is answered to nobody.
///
/// # Errors
/// As [`visible`].
pub async fn regardless(tx: &mut Tx, viewer: Viewer<'_>, id: Uuid) -> Result<Option<Loaded>> {
    let row = sql!(tx, fetch_optional as FullRow, whole!("f.id = $4"), viewer.org, viewer.person, viewer.now, id)?;
    row.map(Loaded::try_from).transpose()
}

/// The file that the viewer may act on: one that they may see, or with `closed` one of a closed level, which is addressed by
/// name or number alone; such a file is seen by nobody, and yet somebody must be able to bring it back.
///
/// # Errors
/// As [`visible`].
pub async fn actionable(tx: &mut Tx, viewer: Viewer<'_>, named: &Named, closed: bool) -> Result<Option<Loaded>> {
    macro_rules! text {
        ($key:literal) => {
            whole!(concat!($key, " AND (", visible!(), " OR (CAST($5 AS BOOLEAN) AND ", shut!(), "))"))
        };
    }
    let Viewer { org, person, now } = viewer;
    let row = match named {
        Named::File(id) => sql!(tx, fetch_optional as FullRow, text!("f.id = $4"), org, person, now, *id, closed)?,
        Named::Number(number) => {
            sql!(tx, fetch_optional as FullRow, text!("f.number = $4"), org, person, now, number, closed)?
        }
    };
    row.map(Loaded::try_from).transpose()
}

/// Those of `files` that the viewer may see, with their levels.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn visible_levels(tx: &mut Tx, viewer: Viewer<'_>, files: &BTreeSet<Uuid>) -> Result<Vec<(Uuid, String)>> {
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let tail = concat!(
        ") SELECT f.id, f.level FROM asked q JOIN customer_file f ON f.org = q.org AND f.id = q.file WHERE ",
        visible!(reach!("q.person", "q.moment"), "q.person", "q.moment")
    );
    let (head, Viewer { org, person, now }) = ("WITH asked (org, person, moment, file) AS (", viewer);
    sql_rows!(tx, fetch_all as (Uuid, String), head, files, file => [org, person, now, *file], tail)
}

/// Those of `files` that the viewer sees by standing access, with their levels.
///
/// # Errors
/// As [`visible`].
pub async fn standing(tx: &mut Tx, viewer: Viewer<'_>, files: &BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, String>> {
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(
        ") SELECT f.id, f.level FROM asked q JOIN customer_file f ON f.org = q.org AND f.id = q.file WHERE ",
        "(",
        reach!("q.person", "q.moment"),
        " = 2)"
    );
    let (head, Viewer { org, person, now }) = ("WITH asked (org, person, moment, file) AS (", viewer);
    let rows = sql_rows!(tx, fetch_all as (Uuid, String), head, files, file => [org, person, now, *file], tail)?;
    Ok(rows.into_iter().collect())
}

/// Those of `files` that the viewer may see, without their content.
///
/// # Errors
/// As [`visible`].
pub async fn visible_headers(
    tx: &mut Tx,
    viewer: Viewer<'_>,
    files: &BTreeSet<Uuid>,
) -> Result<BTreeMap<Uuid, CustomerFile>> {
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let tail = concat!(
        ") SELECT ",
        header!(),
        " FROM asked q JOIN customer_file f ON f.org = q.org AND f.id = q.file WHERE ",
        visible!(reach!("q.person", "q.moment"), "q.person", "q.moment")
    );
    let (head, Viewer { org, person, now }) = ("WITH asked (org, person, moment, file) AS (", viewer);
    let rows = sql_rows!(tx, fetch_all as HeaderRow, head, files, file => [org, person, now, *file], tail)?;
    rows.into_iter().map(|row| CustomerFile::try_from(row).map(|file| (file.id, file))).collect()
}

/// The unit of the file that `file` belongs to in the end, or of itself where it belongs to none.
///
/// # Errors
/// `STORE_INCONSISTENT` for files that belong to each other, `STORE_UNAVAILABLE`.
pub async fn customer_unit(tx: &mut Tx, org: &str, file: Uuid) -> Result<CustomerUnit> {
    let text = "SELECT unit_kind, unit_ref_token, customer_type, parent FROM customer_file WHERE org = $1 AND id = $2";
    let mut next = file;
    for _ in 0..DEEPEST {
        let (kind, token, customer, parent) =
            sql!(tx, fetch_one as (String, Vec<u8>, String, Option<Uuid>), text, org, next)?;
        let Some(parent) = parent else {
            return Ok(CustomerUnit { kind, token, customer_type: row::customer_type(&customer)? });
        };
        next = parent;
    }
    Err(inconsistent("customer_file", "parent"))
}

/// The number of the customer whom `file` is about, by the file that it was merged into in the end; where that has none, its id.
///
/// # Errors
/// `STORE_UNAVAILABLE`; also when there is no such file.
pub async fn customer_of(tx: &mut Tx, org: &str, file: Uuid) -> Result<String> {
    let text = "SELECT customer_number, merged_into FROM customer_file WHERE org = $1 AND id = $2";
    let mut next = file;
    for _ in 0..DEEPEST {
        let (number, into) = sql!(tx, fetch_one as (Option<String>, Option<Uuid>), text, org, next)?;
        let Some(into) = into else { return Ok(number.unwrap_or_else(|| next.to_string())) };
        next = into;
    }
    Ok(next.to_string())
}

/// Each file that is asked for, if its viewer may see it; in the order of `asked`.
///
/// # Errors
/// As [`visible`].
pub async fn visible_each(tx: &mut Tx, asked: &[(Viewer<'_>, Uuid)]) -> Result<Vec<Option<Loaded>>> {
    let text = concat!(
        ", s AS MATERIALIZED (SELECT q.place, q.person, q.moment, f.org, f.id, ",
        reach!("q.person", "q.moment"),
        " AS reach FROM q JOIN customer_file f ON f.org = q.org AND f.id = q.file)
         SELECT ",
        columns!(),
        "s.reach = 2 AS standing, s.place FROM s JOIN customer_file f ON f.org = s.org AND f.id = s.id ",
        parts!(),
        " WHERE ",
        visible!("s.reach", "s.person", "s.moment")
    );
    let found = sql_each!(tx, FullRow, "org, person, moment, file", asked, (viewer, file) => [
        viewer.org, viewer.person, viewer.now, file,
    ], text)?;
    found.into_iter().map(|row| row.map(Loaded::try_from).transpose()).collect()
}

// === impl Loaded ===

impl TryFrom<FullRow> for Loaded {
    type Error = Error;

    fn try_from(row: FullRow) -> Result<Self> {
        Ok(Self {
            file: row.header.try_into()?,
            key: row.key,
            unit_ref: row.unit_ref,
            unit_token: row.unit_ref_token,
            content: Content::read("customer_file_revision", &row.content)?,
            standing: row.standing,
        })
    }
}

/// A refusal for a row that cannot be true.
pub(crate) fn inconsistent(table: &'static str, column: &'static str) -> Error {
    Error::new(Reason::StoreInconsistent).with("table", table).with("column", column)
}
