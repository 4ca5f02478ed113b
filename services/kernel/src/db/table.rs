//! One declaration for a table: how a resource lies in its row, how it is written first, and how it is changed.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::AssertSqlSafe;
use sqlx::types::Json;
use uuid::Uuid;

use super::statement::Statement;
use super::stored::{Read, Stored, View};
use super::value::Value;
use super::{Tx, require_rows};
use crate::error::Result;

/// Declares how a resource lies in its table.
///
/// ```ignore
/// table! {
///     select!("loan" as f) of Loan;
///     once { id, file, grant = grant_id, acceptance as Accepted { duties, signature_reference } }
///     then while "returned_at IS NULL" { due_at, state, inspected as AsJson, updated_at }
///     aside { signatures }
/// }
/// ```
/// - A field stands for the column of its name, or for that behind `=`. What lies otherwise names who keeps it ([`Keeps`]) and,
///   where they are not one of its own name, its columns.
/// - `once` is written with the row and never again; `then` is what a change writes too; `aside` is kept elsewhere and read as its
///   default. Behind `while` stands what a row must still be to be changed.
/// - Every table has `org` and `version`, and is keyed by org and `id`.
///
/// It gives [`Written`] to the type, so that [`insert`] and [`update`] take it, lets [`sql!`](crate::sql) fetch it, and makes a macro of
/// the given name: `select!(" AND f.id = $2")` is the text `SELECT f.id, ... FROM loan f WHERE f.org = $1 AND f.id = $2`;
/// `select!(before, join, rest)` has texts before it and behind its table too; `select!(names)` is the bare list, for what a change
/// returns.
#[macro_export]
macro_rules! table {
    ($select:ident!($table:literal as $alias:ident) of $own:ty;
     once { $($once:ident $(= $once_column:ident)? $(as $once_by:ident $({ $($once_part:ident),+ $(,)? })?)?),+ $(,)? }
     then $(while $guard:literal)? { $($then:ident $(= $then_column:ident)? $(as $then_by:ident $({ $($then_part:ident),+ $(,)? })?)?),+ $(,)? }
     $(aside { $($aside:ident),+ $(,)? })?
    ) => {
        $crate::table! { @select ($) $select $table $alias
            $($once [$($once_column)?] [$($($($once_part),+)?)?])+ $($then [$($then_column)?] [$($($($then_part),+)?)?])+ }

        impl $crate::db::Written for $own {
            const TABLE: &'static str = $table;
            const ONCE: &'static [&'static [&'static str]] =
                &[$($crate::columns_of!($once [$($once_column)?] [$($($($once_part),+)?)?])),+];
            const THEN: &'static [&'static [&'static str]] =
                &[$($crate::columns_of!($then [$($then_column)?] [$($($($then_part),+)?)?])),+];
            const GUARD: &'static str = concat!($(" AND ", $guard)?);

            fn once(&self, into: &mut Vec<$crate::db::Value>) {
                $(<$crate::kept_by!($($once_by)?) as $crate::db::Keeps<_>>::write(&self.$once, into);)+
            }

            fn then(&self, into: &mut Vec<$crate::db::Value>) {
                $(<$crate::kept_by!($($then_by)?) as $crate::db::Keeps<_>>::write(&self.$then, into);)+
            }

            fn id(&self) -> $crate::db::Key {
                self.id
            }

            fn version(&mut self) -> &mut i64 {
                &mut self.version
            }

            fn read(row: $crate::db::View<'_>) -> $crate::db::Read<Self> {
                Ok(Self {
                    $($once: <$crate::kept_by!($($once_by)?) as $crate::db::Keeps<_>>::read(
                        row, $crate::columns_of!($once [$($once_column)?] [$($($($once_part),+)?)?]))?,)+
                    $($then: <$crate::kept_by!($($then_by)?) as $crate::db::Keeps<_>>::read(
                        row, $crate::columns_of!($then [$($then_column)?] [$($($($then_part),+)?)?]))?,)+
                    $($($aside: ::std::default::Default::default(),)+)?
                    version: row.get("version")?,
                })
            }
        }

        $crate::found_by_view!($own);
    };
    (@select ($d:tt) $select:ident $table:literal $alias:ident $($field:ident [$($column:ident)?] [$($part:ident),*])+) => {
        macro_rules! $select {
            (columns) => {
                concat!($($crate::column_list!($alias $field [$($column)?] [$($part),*]),)+ stringify!($alias), ".version")
            };
            (names) => {
                concat!($($crate::column_list!($field [$($column)?] [$($part),*]),)+ "version")
            };
            ($d rest:expr) => {
                $select!("", "", $d rest)
            };
            ($d before:expr, $d join:expr, $d rest:expr) => {
                concat!(
                    $d before, "SELECT ", $select!(columns), " FROM ", $table, " ", stringify!($alias), $d join, " WHERE ",
                    stringify!($alias), ".org = $1", $d rest
                )
            };
        }
    };
}

/// The columns of a field of [`table!`](crate::table).
#[doc(hidden)]
#[macro_export]
macro_rules! columns_of {
    ($field:ident [] []) => {
        &[stringify!($field)]
    };
    ($field:ident [$column:ident] []) => {
        &[stringify!($column)]
    };
    ($field:ident [] [$($part:ident),+]) => {
        &[$(stringify!($part)),+]
    };
}

/// The columns of a field in the text of a statement, each with a comma behind it.
#[doc(hidden)]
#[macro_export]
macro_rules! column_list {
    ($field:ident [] []) => {
        concat!(stringify!($field), ", ")
    };
    ($field:ident [$column:ident] []) => {
        concat!(stringify!($column), ", ")
    };
    ($field:ident [] [$($part:ident),+]) => {
        concat!($(stringify!($part), ", "),+)
    };
    ($alias:ident $field:ident [] []) => {
        concat!(stringify!($alias), ".", stringify!($field), ", ")
    };
    ($alias:ident $field:ident [$column:ident] []) => {
        concat!(stringify!($alias), ".", stringify!($column), ", ")
    };
    ($alias:ident $field:ident [] [$($part:ident),+]) => {
        concat!($(stringify!($alias), ".", stringify!($part), ", "),+)
    };
}

/// Who keeps a field: whoever is named, or [`Plain`].
#[doc(hidden)]
#[macro_export]
macro_rules! kept_by {
    () => {
        $crate::db::Plain
    };
    ($by:ident) => {
        $by
    };
}

/// Lets both engines' rows be read as a type that is [`Written`].
#[doc(hidden)]
#[macro_export]
macro_rules! found_by_view {
    ($own:ty) => {
        impl $crate::db::FromRow<'_, $crate::db::SqliteRow> for $own {
            fn from_row(row: &$crate::db::SqliteRow) -> $crate::db::Read<Self> {
                <Self as $crate::db::Written>::read($crate::db::View::Sqlite(row))
            }
        }

        impl $crate::db::FromRow<'_, $crate::db::PgRow> for $own {
            fn from_row(row: &$crate::db::PgRow) -> $crate::db::Read<Self> {
                <Self as $crate::db::Written>::read($crate::db::View::Postgres(row))
            }
        }
    };
}

/// The id that a row is keyed by, with its org.
pub type Key = Uuid;

/// What [`table!`](crate::table) knows of a resource.
pub trait Written: Sized {
    /// The table.
    const TABLE: &'static str;
    /// The columns that are written with the row and never again, by field.
    const ONCE: &'static [&'static [&'static str]];
    /// The columns that a change writes too, by field.
    const THEN: &'static [&'static [&'static str]];
    /// What a row must still be to be changed; empty: it is always changed.
    const GUARD: &'static str;

    /// The values of `ONCE`.
    fn once(&self, into: &mut Vec<Value>);
    /// The values of `THEN`.
    fn then(&self, into: &mut Vec<Value>);
    /// The key.
    fn id(&self) -> Key;
    /// The version that was read; a new row has 1.
    fn version(&mut self) -> &mut i64;
    /// Reads a row.
    ///
    /// # Errors
    /// When a column holds what is never written.
    fn read(row: View<'_>) -> Read<Self>;
}

/// How a value lies in one column or several.
pub trait Keeps<T> {
    /// Adds a value for each of its columns.
    fn write(value: &T, into: &mut Vec<Value>);
    /// Reads it from `columns`.
    ///
    /// # Errors
    /// When they hold what is never written.
    fn read(row: View<'_>, columns: &[&'static str]) -> Read<T>;
}

/// When a row last changed, which rows of an earlier version do not say: then it is the newest of the moments that they have.
pub trait Moments {
    /// The column of its beginning.
    const BEGUN: &'static str;
    /// The columns of what may have happened since.
    const SINCE: &'static [&'static str];
}

/// A value that one column keeps as it is.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

/// A value that one column keeps as JSON.
#[derive(Clone, Copy, Debug)]
pub struct AsJson;

/// A value that one column keeps as JSON, or nothing.
#[derive(Clone, Copy, Debug)]
pub struct MaybeJson;

impl<M: Moments, T: Stored + Ord> Keeps<T> for M {
    fn write(value: &T, into: &mut Vec<Value>) {
        Plain::write(value, into);
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<T> {
        let mut newest: T = row.get(M::BEGUN)?;
        for column in columns.iter().chain(M::SINCE) {
            if let Some(moment) = row.get::<Option<T>>(column)? {
                newest = newest.max(moment);
            }
        }
        Ok(newest)
    }
}

// === impl Plain ===

impl<T: Stored> Keeps<T> for Plain {
    fn write(value: &T, into: &mut Vec<Value>) {
        into.push(value.value());
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<T> {
        row.get(columns[0])
    }
}

// === impl AsJson ===

impl<T: Serialize + DeserializeOwned> Keeps<T> for AsJson {
    fn write(value: &T, into: &mut Vec<Value>) {
        into.push(Value::from(Json(value)));
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<T> {
        row.get::<Json<T>>(columns[0]).map(|json| json.0)
    }
}

// === impl MaybeJson ===

impl<T: Serialize + DeserializeOwned> Keeps<Option<T>> for MaybeJson {
    fn write(value: &Option<T>, into: &mut Vec<Value>) {
        into.push(Value::from(value.as_ref().map(Json)));
    }

    fn read(row: View<'_>, columns: &[&'static str]) -> Read<Option<T>> {
        row.get::<Option<Json<T>>>(columns[0]).map(|json| json.map(|json| json.0))
    }
}

/// Writes a new row; gives false, and nothing was written, when a key of the table is taken. It does not say which: only a table with one
/// key that can be taken gives that a meaning.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn insert<T: Written>(tx: &mut Tx, org: &str, one: &T) -> Result<bool> {
    let mut values = vec![Value::from(org)];
    one.once(&mut values);
    one.then(&mut values);
    let text = insert_text(T::TABLE, &[T::ONCE.concat(), T::THEN.concat()].concat());
    Ok(Statement::new(AssertSqlSafe(text), values).execute(tx).await? == 1)
}

/// Writes everything of `one` that changes, against the version that was read, and raises that.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, or it must not be changed any more.
pub async fn update<T: Written>(tx: &mut Tx, org: &str, one: &mut T) -> Result<()> {
    let mut values = vec![Value::from(org), Value::from(one.id()), Value::from(*one.version())];
    one.then(&mut values);
    let text = update_text(T::TABLE, &T::THEN.concat(), T::GUARD);
    require_rows(Statement::new(AssertSqlSafe(text), values).execute(tx).await?, 1)?;
    *one.version() += 1;
    Ok(())
}

/// The text by which [`insert`] writes a row.
#[doc(hidden)]
pub fn insert_text(table: &str, columns: &[&str]) -> String {
    let places: Vec<_> = (2..columns.len() + 2).map(|place| format!("${place}")).collect();
    let (columns, places) = (columns.join(", "), places.join(", "));
    format!("INSERT INTO {table} (org, {columns}) VALUES ($1, {places}) ON CONFLICT DO NOTHING")
}

/// The text by which [`update`] changes a row.
#[doc(hidden)]
pub fn update_text(table: &str, columns: &[&str], guard: &str) -> String {
    let set: Vec<_> = (4..).zip(columns).map(|(place, column)| format!("{column} = ${place}, ")).collect();
    let set = set.concat();
    format!("UPDATE {table} SET {set}version = version + 1 WHERE org = $1 AND id = $2 AND version = $3{guard}")
}
