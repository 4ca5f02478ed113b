//! What a statement binds, the same for both engines: a statement is no code of its own for each of them, and none for each of its
//! arguments.

use serde::Serialize;
use serde_json::value::RawValue;
use sqlx::query::Query;
use sqlx::types::Json;
use sqlx_postgres::PgArguments;
use sqlx_postgres::Postgres;
use sqlx_sqlite::Sqlite;
use sqlx_sqlite::SqliteArguments;
use uuid::Uuid;

/// One value of a statement.
#[doc(hidden)]
#[derive(Clone)]
pub enum Value {
    /// TEXT.
    Text(String),
    /// BIGINT.
    Number(i64),
    /// BOOLEAN.
    Truth(bool),
    /// UUID.
    Uuid(Uuid),
    /// BYTEA.
    Bytes(Vec<u8>),
    /// JSONB.
    Json(Box<RawValue>),
    /// Nothing, of this type.
    Null(Kind),
    /// What cannot be written as JSON.
    Faulty,
}

/// The type of a value that is not there.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// TEXT.
    Text,
    /// BIGINT.
    Number,
    /// BOOLEAN.
    Truth,
    /// UUID.
    Uuid,
    /// BYTEA.
    Bytes,
    /// JSONB.
    Json,
}

// === impl Value ===

macro_rules! from {
    ($($given:ty => $kind:ident $(.$own:ident)?),+ $(,)?) => {
        $(impl From<$given> for Value {
            fn from(value: $given) -> Self {
                Self::$kind(value$(.$own())?)
            }
        }
        impl From<Option<$given>> for Value {
            fn from(value: Option<$given>) -> Self {
                value.map_or(Self::Null(Kind::$kind), Self::from)
            }
        })+
    };
}

from!(String => Text, &String => Text.to_owned, &str => Text.to_owned);
from!(i64 => Number, i32 => Number.into, bool => Truth, Uuid => Uuid, &Uuid => Uuid.to_owned);
from!(Vec<u8> => Bytes, &Vec<u8> => Bytes.to_owned, &[u8] => Bytes.to_owned);

// What lies in a row that is written again.
macro_rules! from_borrowed {
    ($($kept:ty),+) => {
        $(impl From<&Option<$kept>> for Value {
            fn from(value: &Option<$kept>) -> Self {
                value.clone().into()
            }
        })+
    };
}

from_borrowed!(String, i64, Uuid, Vec<u8>);

impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(value: &[u8; N]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<T: Serialize> From<Json<T>> for Value {
    fn from(Json(value): Json<T>) -> Self {
        serde_json::value::to_raw_value(&value).map_or(Self::Faulty, Self::Json)
    }
}

impl<T: Serialize> From<&Json<T>> for Value {
    fn from(Json(value): &Json<T>) -> Self {
        Self::from(Json(value))
    }
}

impl<T: Serialize> From<Option<Json<T>>> for Value {
    fn from(value: Option<Json<T>>) -> Self {
        value.map_or(Self::Null(Kind::Json), Self::from)
    }
}

// What a statement binds may be personal.
impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Value(..)")
    }
}

macro_rules! bind {
    ($value:expr, $query:expr) => {
        match $value {
            Self::Text(value) => $query.bind(value),
            Self::Number(value) => $query.bind(value),
            Self::Truth(value) => $query.bind(value),
            Self::Uuid(value) => $query.bind(value),
            Self::Bytes(value) => $query.bind(value),
            Self::Json(value) => $query.bind(Json(value)),
            Self::Null(Kind::Text) => $query.bind(None::<String>),
            Self::Null(Kind::Number) => $query.bind(None::<i64>),
            Self::Null(Kind::Truth) => $query.bind(None::<bool>),
            Self::Null(Kind::Uuid) => $query.bind(None::<Uuid>),
            Self::Null(Kind::Bytes) => $query.bind(None::<Vec<u8>>),
            Self::Null(Kind::Json) | Self::Faulty => $query.bind(None::<Json<()>>),
        }
    };
}

pub(super) type OnSqlite = Query<'static, Sqlite, SqliteArguments>;
pub(super) type OnPostgres = Query<'static, Postgres, PgArguments>;

impl Value {
    pub(super) fn on_sqlite(self, query: OnSqlite) -> OnSqlite {
        bind!(self, query)
    }

    pub(super) fn on_postgres(self, query: OnPostgres) -> OnPostgres {
        bind!(self, query)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bound_is_shown_nowhere() {
        let said = format!(
            "{:?}",
            [Value::from("许知夏"), Value::from(Some(13_800_000_000_i64)), Value::from(Json(["许知夏"]))]
        );
        assert_eq!(said, "[Value(..), Value(..), Value(..)]");
    }

    #[test]
    fn what_is_no_json_is_told_and_not_written_as_nothing() {
        let keys = std::collections::BTreeMap::from([(vec![1], 2)]);
        assert!(matches!(Value::from(Json(keys)), Value::Faulty));
        assert!(matches!(Value::from(None::<Json<i64>>), Value::Null(Kind::Json)));
    }
}
