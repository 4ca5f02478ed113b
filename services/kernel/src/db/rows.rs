//! Many rows in one statement.
//!
//! PostgreSQL gets one array per column: the text of the statement is the same for every number of rows, so it is parsed
//! and planned once. SQLite, which parses in no time, gets the rows themselves.

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::{Query, QueryAs};
use sqlx::sqlite::{SqliteArguments, SqliteExecutor, SqliteRow};
use sqlx::{AssertSqlSafe, FromRow, Postgres, QueryBuilder, Sqlite};

use super::{Db, Glance, Held, Tx};
use crate::error::{Error, Reason, Result};

mod column;

use column::Column;
pub use column::Value;

/// Inserts many rows with one statement: `sql_rows!(tx, "INSERT INTO t (a, b) ", rows, row => [row.a, row.b])`.
///
/// The list names a value per column, each of one type in all rows: text, `i64`, `bool`, `Uuid`, bytes. A text behind it
/// (`, " ON CONFLICT DO NOTHING"`) ends the statement. Gives the number of rows touched. `sql_rows!(tx, fetch_all as
/// Found, head, rows, row => [...], tail)` gives rows instead: for `WITH asked (a, b) AS (VALUES ...) SELECT ...`. `rows`
/// must not be empty; SQLite takes 32,766 values.
#[macro_export]
macro_rules! sql_rows {
    ($tx:expr, fetch_all as $found:ty, $head:expr, $rows:expr, $row:pat => [$($value:expr),+ $(,)?], $tail:expr $(,)?) => {
        $crate::sql_table!($rows, $row => [$($value),+]).fetch_all::<$found>($tx, $head, $tail).await
    };
    ($tx:expr, $head:expr, $rows:expr, $row:pat => [$($value:expr),+ $(,)?] $(,)?) => {
        $crate::sql_rows!($tx, $head, $rows, $row => [$($value),+], "")
    };
    ($tx:expr, $head:expr, $rows:expr, $row:pat => [$($value:expr),+ $(,)?], $tail:expr $(,)?) => {
        $crate::sql_table!($rows, $row => [$($value),+]).execute($tx, $head, $tail).await
    };
}

/// Asks many questions with one statement, each of which has one answer or none: gives a `Vec<Option<Found>>` in their order.
///
/// `sql_each!(tx, Found, "org, file", asked, one => [one.org, one.file], "SELECT f.level, q.place FROM q JOIN file_copy f ON
/// f.org = q.org AND f.id = q.file")`: `q` holds the questions with the columns that were named, and the last column of
/// each answer is the place of its question.
#[macro_export]
macro_rules! sql_each {
    ($tx:expr, $found:ty, $columns:literal, $asked:expr, $one:pat => [$($value:expr),+ $(,)?], $text:expr $(,)?) => {{
        let head = concat!("WITH q (place, ", $columns, ") AS (");
        let tail = format!(") {}", $text);
        let asked = $asked.into_iter().zip(0_i64..);
        $crate::sql_table!(asked, ($one, place) => [place, $($value),+]).fetch_each::<$found>($tx, head, &tail).await
    }};
}

/// As [`sql_rows!`](crate::sql_rows) for rows, as one reading statement by itself, like [`glance!`](crate::glance).
#[macro_export]
macro_rules! glance_rows {
    ($db:expr, fetch_all as $found:ty, $head:expr, $rows:expr, $row:pat => [$($value:expr),+ $(,)?], $tail:expr $(,)?) => {
        $crate::sql_table!($rows, $row => [$($value),+]).glance_all::<$found>($db, $head, $tail).await
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! sql_table {
    ($rows:expr, $row:pat => [$($value:expr),+ $(,)?]) => {{
        let mut table = $crate::db::Table::default();
        for $row in $rows { table.push([$($crate::db::Value::from($value)),+]); }
        table
    }};
}

/// The rows of [`sql_rows!`](crate::sql_rows).
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Table {
    columns: Vec<Column>,
    mixed: bool,
}

/// What was found for the question at a place. The place stands last, so that a tuple finds its columns first.
#[derive(sqlx::FromRow)]
struct Placed<T> {
    #[sqlx(flatten)]
    value: T,
    place: i64,
}

// === impl Table ===

impl Table {
    /// Adds a row.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) {
        if self.columns.is_empty() {
            self.columns = row.into_iter().map(Column::of).collect();
            return;
        }
        for (column, value) in self.columns.iter_mut().zip(row) {
            self.mixed |= !column.push(value);
        }
    }

    /// Runs the statement.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn execute(self, tx: &mut Tx, head: &str, tail: &str) -> Result<u64> {
        self.require_types()?;
        Ok(match tx {
            Tx::Sqlite(inner) => {
                let mut query = self.values(head, tail);
                query.build().execute(&mut **inner).await?.rows_affected()
            }
            Tx::Postgres(inner) => {
                let query: Query<'_, Postgres, PgArguments> = sqlx::query(AssertSqlSafe(self.arrays(head, tail)));
                let query = query.persistent(inner.keeps_plans());
                let query = self.columns.into_iter().fold(query, |query, column| column.bind(query));
                let done = query.execute(&mut **inner).await;
                inner.judged(done)?.rows_affected()
            }
        })
    }

    /// Runs the statement for its rows.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn fetch_all<T>(self, tx: &mut Tx, head: &str, tail: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        match tx {
            Tx::Sqlite(inner) => self.fetch_sqlite(&mut **inner, head, tail).await,
            Tx::Postgres(inner) => self.fetch_postgres(inner, head, tail).await,
        }
    }

    /// Runs the statement for what is found for each row: at its place, or nothing.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn fetch_each<T>(self, tx: &mut Tx, head: &str, tail: &str) -> Result<Vec<Option<T>>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        let mut each: Vec<Option<T>> = (0..self.len()).map(|_| None).collect();
        let found: Vec<Placed<T>> = if each.is_empty() { Vec::new() } else { self.fetch_all(tx, head, tail).await? };
        for one in found {
            if let Some(place) = usize::try_from(one.place).ok().and_then(|place| each.get_mut(place)) {
                *place = Some(one.value);
            }
        }
        Ok(each)
    }

    /// Runs the statement by itself for its rows.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn glance_all<T>(self, db: &Db, head: &str, tail: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        match db.glance().await? {
            Glance::Sqlite(pool) => self.fetch_sqlite(pool, head, tail).await,
            Glance::Postgres(mut held) => self.fetch_postgres(&mut held, head, tail).await,
        }
    }

    async fn fetch_sqlite<'e, T>(self, on: impl SqliteExecutor<'e>, head: &str, tail: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, SqliteRow> + Send + Unpin,
    {
        self.require_types()?;
        let mut query = self.values(head, tail);
        let query: QueryAs<'_, Sqlite, T, SqliteArguments> = query.build_query_as();
        Ok(query.fetch_all(on).await?)
    }

    async fn fetch_postgres<T>(self, on: &mut Held, head: &str, tail: &str) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        self.require_types()?;
        let query: QueryAs<'_, Postgres, T, PgArguments> = sqlx::query_as(AssertSqlSafe(self.arrays(head, tail)));
        let query = query.persistent(on.keeps_plans());
        let query = self.columns.into_iter().fold(query, |query, column| column.bind_as(query));
        let done = query.fetch_all(&mut **on).await;
        on.judged(done)
    }

    fn len(&self) -> usize {
        self.columns.first().map_or(0, Column::len)
    }

    fn require_types(&self) -> Result<()> {
        let fault = || Error::new(Reason::Internal).because("the rows of one statement differ in their types");
        if self.mixed { Err(fault()) } else { Ok(()) }
    }

    fn arrays(&self, head: &str, tail: &str) -> String {
        let places: Vec<_> = (1..=self.columns.len()).map(|place| format!("${place}")).collect();
        format!("{head}SELECT * FROM UNNEST({}){tail}", places.join(", "))
    }

    fn values(self, head: &str, tail: &str) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::<Sqlite>::new(head);
        let rows = self.len();
        let mut columns: Vec<_> = self.columns.into_iter().map(Column::into_values).collect();
        query.push_values(0..rows, |mut values, _| {
            for value in columns.iter_mut().filter_map(Iterator::next) {
                match value {
                    Value::Text(value) => values.push_bind(value),
                    Value::Number(value) => values.push_bind(value),
                    Value::Truth(value) => values.push_bind(value),
                    Value::Uuid(value) => values.push_bind(value),
                    Value::Bytes(value) => values.push_bind(value),
                };
            }
        });
        query.push(tail);
        query
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: [[Value; 2]; 2]) -> Table {
        rows.into_iter().fold(Table::default(), |mut table, row| {
            table.push(row);
            table
        })
    }

    #[test]
    fn a_column_has_one_type() {
        let good = table([[Value::from("a"), Value::from(1)], [Value::from("b"), Value::from(2)]]);
        assert!(good.require_types().is_ok());
        let mixed = table([[Value::from("a"), Value::from(1)], [Value::from("b"), Value::from("2")]]);
        assert_eq!(mixed.require_types().unwrap_err().reason(), Reason::Internal);
    }

    #[test]
    fn the_text_for_arrays_is_the_same_for_any_number_of_rows() {
        let two = table([[Value::from("a"), Value::from(1)], [Value::from("b"), Value::from(2)]]);
        let mut one = Table::default();
        one.push([Value::from("a"), Value::from(1)]);
        let text = "INSERT INTO t (a, b) SELECT * FROM UNNEST($1, $2) ON CONFLICT DO NOTHING";
        for table in [one, two] {
            assert_eq!(table.arrays("INSERT INTO t (a, b) ", " ON CONFLICT DO NOTHING"), text);
        }
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let two = table([[Value::from("a"), Value::from(1)], [Value::from("b"), Value::from(2)]]);
        let text = two.values("INSERT INTO t (a, b) ", " RETURNING a").into_string();
        assert_eq!(text, "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING a");
    }
}
