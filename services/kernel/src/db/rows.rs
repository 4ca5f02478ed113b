//! Many rows in one statement.
//!
//! PostgreSQL gets one array per column: the text of the statement is the same for every number of rows, so it is parsed
//! and planned once. SQLite, which parses in no time, gets the rows themselves.

use sqlx::AssertSqlSafe;

use super::statement::{Found, Most, Statement, fetch_all};
use super::value::Value;
use super::{Db, Tx};
use crate::error::{Error, Reason, Result};

mod column;

pub(super) use column::Column;

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
        let mut table = $crate::db::Rows::default();
        for $row in $rows { table.push([$($crate::db::Value::from($value)),+]); }
        table
    }};
}

/// The rows of [`sql_rows!`](crate::sql_rows).
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Rows {
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

// === impl Rows ===

impl Rows {
    /// Adds a row.
    pub fn push<const N: usize>(&mut self, row: [Value; N]) {
        if self.columns.is_empty() {
            self.columns = row.into_iter().filter_map(Column::of).collect();
            self.mixed |= self.columns.len() < N;
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
        self.statement(tx.is_embedded(), head, tail)?.execute(tx).await
    }

    /// Runs the statement for its rows.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn fetch_all<T: Found>(self, tx: &mut Tx, head: &str, tail: &str) -> Result<Vec<T>> {
        fetch_all(self.statement(tx.is_embedded(), head, tail)?.rows(tx, Most::All).await)
    }

    /// Runs the statement for what is found for each row: at its place, or nothing.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn fetch_each<T: Found>(self, tx: &mut Tx, head: &str, tail: &str) -> Result<Vec<Option<T>>> {
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
    pub async fn glance_all<T: Found>(self, db: &Db, head: &str, tail: &str) -> Result<Vec<T>> {
        fetch_all(db.rows(self.statement(db.embedded(), head, tail)?, Most::All).await)
    }

    fn statement(self, embedded: bool, head: &str, tail: &str) -> Result<Statement> {
        self.require_types()?;
        if !embedded {
            return Ok(Statement::of_columns(AssertSqlSafe(self.arrays(head, tail)), self.columns));
        }
        let text = AssertSqlSafe(self.values(head, tail));
        let (rows, mut columns) = (self.len(), Vec::new());
        columns.extend(self.columns.into_iter().map(Column::into_values));
        let row = |_| columns.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>();
        Ok(Statement::new(text, (0..rows).flat_map(row).collect()))
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

    fn values(&self, head: &str, tail: &str) -> String {
        let row = format!("({})", vec!["?"; self.columns.len()].join(", "));
        format!("{head}VALUES {}{tail}", vec![row; self.len()].join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: [[Value; 2]; 2]) -> Rows {
        rows.into_iter().fold(Rows::default(), |mut table, row| {
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
        let mut one = Rows::default();
        one.push([Value::from("a"), Value::from(1)]);
        let text = "INSERT INTO t (a, b) SELECT * FROM UNNEST($1, $2) ON CONFLICT DO NOTHING";
        for table in [one, two] {
            assert_eq!(table.arrays("INSERT INTO t (a, b) ", " ON CONFLICT DO NOTHING"), text);
        }
    }

    #[test]
    fn rows_come_out_as_they_went_in() {
        let two = table([[Value::from("a"), Value::from(1)], [Value::from("b"), Value::from(2)]]);
        let text = two.values("INSERT INTO t (a, b) ", " RETURNING a");
        assert_eq!(text, "INSERT INTO t (a, b) VALUES (?, ?), (?, ?) RETURNING a");
    }
}
