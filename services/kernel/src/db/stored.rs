//! How a value of the domain lies in a column.

use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use sqlx::types::Json;
use sqlx::{Decode, Row as _, Type, ValueRef as _};
use sqlx_postgres::{PgRow, Postgres};
use sqlx_sqlite::{Sqlite, SqliteRow};
use uuid::Uuid;

use super::value::{Kind, Value};
use crate::states::State;
use crate::time::{from_micros, micros};

/// What reading a row gives; a fault becomes `STORE_INCONSISTENT` with the column.
pub type Read<T> = Result<T, sqlx::Error>;

/// A row of either engine, looked at.
#[derive(Clone, Copy)]
pub enum View<'r> {
    /// Of the embedded store.
    Sqlite(&'r SqliteRow),
    /// Of the production store.
    Postgres(&'r PgRow),
}

/// A type that one column keeps. [`states!`](crate::states) makes a list of states one.
pub trait Stored: Sized {
    /// What the column holds.
    const KIND: Kind;

    /// What a statement binds for it.
    fn value(&self) -> Value;

    /// Reads `column`.
    ///
    /// # Errors
    /// When there is no such column, or it holds something else.
    fn read(row: View<'_>, column: &str) -> Read<Self>;
}

// What a row holds may be personal.
impl std::fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("View(..)")
    }
}

// === impl View ===

impl<'r> View<'r> {
    /// The value of `column`.
    ///
    /// # Errors
    /// As [`Stored::read`].
    pub fn get<T: Stored>(self, column: &str) -> Read<T> {
        T::read(self, column)
    }

    fn is_null(self, column: &str) -> Read<bool> {
        Ok(match self {
            Self::Sqlite(row) => row.try_get_raw(column)?.is_null(),
            Self::Postgres(row) => row.try_get_raw(column)?.is_null(),
        })
    }

    fn plain<T>(self, column: &str) -> Read<T>
    where
        T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>,
    {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }
}

macro_rules! plain {
    ($($own:ty => $kind:ident),+ $(,)?) => {
        $(impl Stored for $own {
            const KIND: Kind = Kind::$kind;

            fn value(&self) -> Value {
                Value::from(self.to_owned())
            }

            fn read(row: View<'_>, column: &str) -> Read<Self> {
                row.plain(column)
            }
        })+
    };
}

plain!(String => Text, i64 => Number, bool => Truth, Uuid => Uuid, Vec<u8> => Bytes);

impl<T: Stored> Stored for Option<T> {
    const KIND: Kind = T::KIND;

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null(T::KIND), T::value)
    }

    fn read(row: View<'_>, column: &str) -> Read<Self> {
        if row.is_null(column)? { Ok(None) } else { T::read(row, column).map(Some) }
    }
}

impl Stored for usize {
    const KIND: Kind = Kind::Number;

    fn value(&self) -> Value {
        i64::try_from(*self).unwrap_or(i64::MAX).into()
    }

    fn read(row: View<'_>, column: &str) -> Read<Self> {
        row.get::<i64>(column)?.try_into().map_err(|_| broken(column))
    }
}

impl Stored for Timestamp {
    const KIND: Kind = Kind::Number;

    fn value(&self) -> Value {
        micros(*self).into()
    }

    fn read(row: View<'_>, column: &str) -> Read<Self> {
        row.get(column).map(from_micros)
    }
}

impl<const N: usize> Stored for [u8; N] {
    const KIND: Kind = Kind::Bytes;

    fn value(&self) -> Value {
        self.into()
    }

    fn read(row: View<'_>, column: &str) -> Read<Self> {
        let bytes: Vec<u8> = row.get(column)?;
        bytes.try_into().map_err(|_| broken(column))
    }
}

impl<T: Serialize + DeserializeOwned> Stored for Json<T> {
    const KIND: Kind = Kind::Json;

    fn value(&self) -> Value {
        self.into()
    }

    // Read as text first: one piece of code for each engine, whatever the type.
    fn read(row: View<'_>, column: &str) -> Read<Self> {
        let Json(raw): Json<Box<RawValue>> = row.plain(column)?;
        serde_json::from_str(raw.get()).map(Json).map_err(|_| broken(column))
    }
}

/// A word of a list of states.
///
/// # Errors
/// When the list has no such word.
#[doc(hidden)]
pub fn read_word<S: State>(row: View<'_>, column: &str) -> Read<S> {
    S::of_word(&row.get::<String>(column)?).ok_or_else(|| broken(column))
}

/// What the column holds is nothing that was ever written there.
pub fn broken(column: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: "no such value is written".into() }
}
