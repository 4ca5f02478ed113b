//! One statement on its way, the same code for every one: what differs is its text, its values and the type of its rows.

use std::future::Future;
use std::pin::Pin;

use sqlx::{FromRow, SqlSafeStr, SqlStr};
use sqlx_postgres::PgRow;
use sqlx_sqlite::{SqliteConnection, SqliteRow};

use super::rows::Column;
use super::value::{OnPostgres, OnSqlite, Value};
use super::{Db, Glance, Held, Tx};
use crate::error::{Error, Reason, Result};

/// A statement with what it binds.
#[doc(hidden)]
#[derive(Debug)]
pub struct Statement {
    text: SqlStr,
    bound: Bound,
}

#[derive(Debug)]
enum Bound {
    Values(Vec<Value>),
    // PostgreSQL alone.
    Columns(Vec<Column>),
}

/// How many rows are wanted.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Most {
    /// The first.
    One,
    /// As many as there are.
    All,
}

/// A row of either engine.
#[doc(hidden)]
pub enum Row {
    /// Of the embedded store.
    Sqlite(SqliteRow),
    /// Of the production store.
    Postgres(PgRow),
}

/// What a row is read as, on both engines.
#[doc(hidden)]
pub trait Found: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> {}

impl<T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow>> Found for T {}

/// On the heap: the future of a handler that runs twenty statements holds none of them.
type Running<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

// === impl Statement ===

impl Statement {
    /// With a value for each of its parameters.
    pub fn new(text: impl SqlSafeStr, values: Vec<Value>) -> Self {
        Self { text: text.into_sql_str(), bound: Bound::Values(values) }
    }

    /// With an array for each of its parameters; only for PostgreSQL.
    pub(super) fn of_columns(text: impl SqlSafeStr, columns: Vec<Column>) -> Self {
        Self { text: text.into_sql_str(), bound: Bound::Columns(columns) }
    }

    /// Runs it; gives how many rows it touched.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn execute(self, tx: &mut Tx) -> Running<'_, u64> {
        Box::pin(async move {
            self.require_sound()?;
            match tx {
                Tx::Sqlite(inner) => Ok(self.on_sqlite().execute(&mut **inner).await?.rows_affected()),
                Tx::Postgres(inner) => {
                    let done = self.on_postgres(inner.keeps_plans()).execute(&mut **inner).await;
                    inner.judged(done).map(|done| done.rows_affected())
                }
            }
        })
    }

    /// Runs it; gives its rows.
    ///
    /// # Errors
    /// Whatever the store says.
    pub fn rows(self, tx: &mut Tx, most: Most) -> Running<'_, Vec<Row>> {
        Box::pin(async move {
            match tx {
                Tx::Sqlite(inner) => self.rows_of_sqlite(inner, most).await,
                Tx::Postgres(inner) => self.rows_of_postgres(inner, most).await,
            }
        })
    }

    async fn rows_of_sqlite(self, on: &mut SqliteConnection, most: Most) -> Result<Vec<Row>> {
        self.require_sound()?;
        let query = self.on_sqlite();
        let rows = match most {
            Most::One => query.fetch_optional(on).await?.into_iter().collect(),
            Most::All => query.fetch_all(on).await?,
        };
        Ok(rows.into_iter().map(Row::Sqlite).collect())
    }

    async fn rows_of_postgres(self, on: &mut Held, most: Most) -> Result<Vec<Row>> {
        self.require_sound()?;
        let query = self.on_postgres(on.keeps_plans());
        let rows = match most {
            Most::One => query.fetch_optional(&mut **on).await.map(|row| row.into_iter().collect()),
            Most::All => query.fetch_all(&mut **on).await,
        };
        Ok(on.judged(rows)?.into_iter().map(Row::Postgres).collect())
    }

    fn require_sound(&self) -> Result<()> {
        let Bound::Values(values) = &self.bound else { return Ok(()) };
        let faulty = values.iter().any(|value| matches!(value, Value::Faulty));
        if faulty { Err(Error::new(Reason::Internal).because("a value is no JSON")) } else { Ok(()) }
    }

    fn on_sqlite(self) -> OnSqlite {
        let query = sqlx::query(self.text);
        match self.bound {
            Bound::Values(values) => values.into_iter().fold(query, |query, value| value.on_sqlite(query)),
            Bound::Columns(_) => query,
        }
    }

    fn on_postgres(self, keeps_plans: bool) -> OnPostgres {
        let query = sqlx::query(self.text).persistent(keeps_plans);
        match self.bound {
            Bound::Values(values) => values.into_iter().fold(query, |query, value| value.on_postgres(query)),
            Bound::Columns(columns) => columns.into_iter().fold(query, |query, column| column.bind(query)),
        }
    }
}

// === impl Db ===

impl Db {
    /// Runs a reading statement by itself; gives its rows.
    ///
    /// # Errors
    /// Whatever the store says.
    #[doc(hidden)]
    pub fn rows(&self, statement: Statement, most: Most) -> Running<'_, Vec<Row>> {
        Box::pin(async move {
            match self.glance().await? {
                Glance::Sqlite(pool) => statement.rows_of_sqlite(&mut *pool.acquire().await?, most).await,
                Glance::Postgres(mut held) => statement.rows_of_postgres(&mut held, most).await,
            }
        })
    }
}

// === impl Row ===

// What a row holds may be personal.
impl std::fmt::Debug for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Row(..)")
    }
}

impl Row {
    fn read<T: Found>(&self) -> Result<T> {
        Ok(match self {
            Self::Sqlite(row) => T::from_row(row)?,
            Self::Postgres(row) => T::from_row(row)?,
        })
    }
}

/// Every row.
///
/// # Errors
/// `STORE_INCONSISTENT`, or what the statement said.
#[doc(hidden)]
pub fn fetch_all<T: Found>(rows: Result<Vec<Row>>) -> Result<Vec<T>> {
    rows?.iter().map(Row::read).collect()
}

/// The first row, if there is one.
///
/// # Errors
/// As [`fetch_all`].
#[doc(hidden)]
pub fn fetch_optional<T: Found>(rows: Result<Vec<Row>>) -> Result<Option<T>> {
    rows?.first().map(Row::read).transpose()
}

/// The first row.
///
/// # Errors
/// As [`fetch_all`].
#[doc(hidden)]
pub fn fetch_one<T: Found>(rows: Result<Vec<Row>>) -> Result<T> {
    fetch_optional(rows)?.ok_or_else(|| sqlx::Error::RowNotFound.into())
}
