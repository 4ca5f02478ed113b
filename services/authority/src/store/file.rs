//! Each file's place in the rules, as access and credit know it: no content, only level, unit, custodian and state.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::{name, sql, stamp};
use uuid::Uuid;

/// What profile's journal says of a file.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FileCopy {
    /// The file.
    pub id: Uuid,
    /// Its number; empty before activation.
    pub number: String,
    /// Its level, an id of the pack.
    pub level: String,
    /// Its owning unit.
    pub unit: String,
    /// Its custodian, if it has one.
    pub custodian: Option<Uuid>,
    /// Its state, by the name of the contract's enum.
    pub state: String,
    /// The number of the contract's `CustomerType`.
    pub customer_type: i64,
    /// Its newest revision.
    pub revision: i64,
    /// Whether nothing required is missing.
    pub complete: bool,
}

/// Writes what is known of a file, unless a later revision is known: two replicas may commit in another order than their entries
/// are numbered, and a level that has risen does not come back.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn put(tx: &mut Tx, org: &str, one: &FileCopy) -> Result<()> {
    let text = "INSERT INTO file_copy
                    (org, id, number, level, unit, custodian, state, customer_type, revision, complete)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                ON CONFLICT (org, id) DO UPDATE SET number = $3, level = $4, unit = $5, custodian = $6, state = $7,
                    customer_type = $8, revision = $9, complete = $10
                WHERE file_copy.revision <= $9";
    let (number, level, unit, custodian) = (&one.number, &one.level, &one.unit, one.custodian);
    let (state, kind, revision, complete) = (&one.state, one.customer_type, one.revision, one.complete);
    sql!(tx, execute, text, org, one.id, number, level, unit, custodian, state, kind, revision, complete)?;
    stamp::touch(tx, org, one.id).await
}

/// Forgets a file that was destroyed.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn forget(tx: &mut Tx, org: &str, id: Uuid) -> Result<()> {
    sql!(tx, execute, "DELETE FROM file_copy WHERE org = $1 AND id = $2", org, id)?;
    stamp::touch(tx, org, id).await
}

/// The file `id` if `person` may see it at `now`; the same `None` for a file that does not exist (I10).
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn visible(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<FileCopy>> {
    let text = concat!(
        "SELECT f.id, f.number, f.level, f.unit, f.custodian, f.state, f.customer_type, f.revision, f.complete
         FROM file_copy f WHERE f.org = $1 AND f.id = $4 AND ",
        crate::visible!()
    );
    sql!(tx, fetch_optional as FileCopy, text, org, person, now, id)
}

/// One question: how a person stands to a file at a moment.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The org.
    pub org: &'a str,
    /// The person.
    pub person: Uuid,
    /// The moment, microseconds.
    pub now: i64,
    /// The file.
    pub file: Uuid,
}

/// Answers many [`Asked`] with one statement: `each_asked!(tx, Found, asked, "SELECT ..., q.place FROM q ...")`, where `q` has
/// `org`, `person`, `moment` and `file`. As [`sql_each!`](dossier_kernel::sql_each).
#[macro_export]
macro_rules! each_asked {
    ($tx:expr, $found:ty, $asked:expr, $text:expr $(,)?) => {
        dossier_kernel::sql_each!($tx, $found, "org, person, moment, file", $asked, one => [
            one.org, one.person, one.now, one.file,
        ], $text)
    };
}

// For which of the questions the predicate holds.
macro_rules! holds_each {
    ($tx:expr, $asked:expr, $predicate:expr) => {{
        let text = concat!(
            "SELECT f.id, q.place FROM q JOIN file_copy f ON f.org = q.org AND f.id = q.file WHERE ",
            $predicate
        );
        let found = each_asked!($tx, (Uuid,), $asked, text)?;
        Ok(found.into_iter().map(|one| one.is_some()).collect())
    }};
}

/// Whether each asked person may see the file, in the order of `asked`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn visible_each(tx: &mut Tx, asked: &[Asked<'_>]) -> Result<Vec<bool>> {
    holds_each!(tx, asked, crate::visible!(crate::reach!("q.person", "q.moment"), "q.person", "q.moment"))
}

/// Whether each asked person's clearance dominates the level of the file, in the order of `asked`.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn askable_each(tx: &mut Tx, asked: &[Asked<'_>]) -> Result<Vec<bool>> {
    holds_each!(tx, asked, crate::cleared!("q.person", "q.moment"))
}

/// The file `id` if the clearance of `person` dominates its level at `now`, with or without need to know: what may be
/// asked for. `None` for closed levels and for files that do not exist.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn askable(tx: &mut Tx, org: &str, person: Uuid, now: i64, id: Uuid) -> Result<Option<FileCopy>> {
    let text = concat!(
        "SELECT f.id, f.number, f.level, f.unit, f.custodian, f.state, f.customer_type, f.revision, f.complete
         FROM file_copy f WHERE f.org = $1 AND f.id = $4 AND ",
        crate::cleared!()
    );
    sql!(tx, fetch_optional as FileCopy, text, org, person, now, id)
}

/// How a file is named: by itself, or by its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// `files/{uuid}`.
    File(Uuid),
    /// `fileNumbers/{id}`, as [`name::of_number`] gives it.
    Number(String),
}

// === impl Named ===

impl Named {
    /// Reads a name; a number may be anything that a register holds.
    ///
    /// # Errors
    /// A violation of `field`.
    pub fn read(field: &str, text: &str) -> Result<Self> {
        let fits = |number: &String| number.chars().count() <= 64;
        match name::number(text).filter(fits) {
            Some(number) => Ok(Self::Number(number)),
            None => name::id(field, "files", text).map(Self::File),
        }
    }

    /// The two columns that a statement compares; one of them is absent.
    pub fn parts(&self) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::File(id) => (Some(*id), None),
            Self::Number(number) => (None, Some(number)),
        }
    }
}

/// The file that `person` may act on at `now`: one seen by standing access, or with `closed` one of a closed level, which
/// is addressed by name or number alone and read by nobody. `None` for every other, as for one that does not exist.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn actionable(
    tx: &mut Tx,
    org: &str,
    person: Uuid,
    now: i64,
    named: &Named,
    closed: bool,
) -> Result<Option<FileCopy>> {
    macro_rules! text {
        ($key:literal) => {
            concat!(
                "SELECT f.id, f.number, f.level, f.unit, f.custodian, f.state, f.customer_type, f.revision, f.complete
                 FROM file_copy f WHERE f.org = $1 AND ",
                $key,
                " AND (",
                crate::standing!(),
                " OR (CAST($5 AS BOOLEAN) AND ",
                crate::shut!(),
                "))"
            )
        };
    }
    match named {
        Named::File(id) => sql!(tx, fetch_optional as FileCopy, text!("f.id = $4"), org, person, now, *id, closed),
        Named::Number(number) => {
            // An empty number is that of every draft.
            let text = text!("f.number = $4 AND f.number <> ''");
            sql!(tx, fetch_optional as FileCopy, text, org, person, now, number, closed)
        }
    }
}

/// The file `id` whoever asks; only for the services' own work, never for an answer.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn lookup(tx: &mut Tx, org: &str, id: Uuid) -> Result<Option<FileCopy>> {
    let text = "SELECT id, number, level, unit, custodian, state, customer_type, revision, complete
                FROM file_copy WHERE org = $1 AND id = $2";
    sql!(tx, fetch_optional as FileCopy, text, org, id)
}

/// The file that has this number, whoever asks; only to decide who may know of what was done under the number.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn numbered(tx: &mut Tx, org: &str, number: &str) -> Result<Option<Uuid>> {
    // An empty number is that of every draft.
    let text = "SELECT id FROM file_copy WHERE org = $1 AND number = $2 AND number <> ''";
    Ok(sql!(tx, fetch_optional as (Uuid,), text, org, number)?.map(|(id,)| id))
}
