//! The values of [`sql_rows!`](crate::sql_rows), by column.

use sqlx::Postgres;
use sqlx::postgres::PgArguments;
use sqlx::query::{Query, QueryAs};
use uuid::Uuid;

/// One value of [`sql_rows!`](crate::sql_rows).
#[doc(hidden)]
#[derive(Clone, Debug)]
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
}

/// The values of one column, all of one type.
#[derive(Debug)]
pub(super) enum Column {
    Text(Vec<String>),
    Number(Vec<i64>),
    Truth(Vec<bool>),
    Uuid(Vec<Uuid>),
    Bytes(Vec<Vec<u8>>),
}

// === impl Value ===

macro_rules! from {
    ($($given:ty => $variant:ident $(.$own:ident)?),+ $(,)?) => {
        $(impl From<$given> for Value {
            fn from(value: $given) -> Self {
                Self::$variant(value$(.$own())?)
            }
        })+
    };
}

from!(String => Text, &String => Text.to_owned, &str => Text.to_owned, i64 => Number, bool => Truth);
from!(Uuid => Uuid, &Uuid => Uuid.to_owned, Vec<u8> => Bytes, &Vec<u8> => Bytes.to_owned, &[u8] => Bytes.to_owned);

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

// === impl Column ===

macro_rules! bind {
    ($column:expr, $query:expr) => {
        match $column {
            Self::Text(values) => $query.bind(values),
            Self::Number(values) => $query.bind(values),
            Self::Truth(values) => $query.bind(values),
            Self::Uuid(values) => $query.bind(values),
            Self::Bytes(values) => $query.bind(values),
        }
    };
}

impl Column {
    pub(super) fn of(value: Value) -> Self {
        match value {
            Value::Text(value) => Self::Text(vec![value]),
            Value::Number(value) => Self::Number(vec![value]),
            Value::Truth(value) => Self::Truth(vec![value]),
            Value::Uuid(value) => Self::Uuid(vec![value]),
            Value::Bytes(value) => Self::Bytes(vec![value]),
        }
    }

    /// Adds a value; `false`, and nothing was added, when it is of another type.
    pub(super) fn push(&mut self, value: Value) -> bool {
        match (self, value) {
            (Self::Text(values), Value::Text(value)) => values.push(value),
            (Self::Number(values), Value::Number(value)) => values.push(value),
            (Self::Truth(values), Value::Truth(value)) => values.push(value),
            (Self::Uuid(values), Value::Uuid(value)) => values.push(value),
            (Self::Bytes(values), Value::Bytes(value)) => values.push(value),
            _ => return false,
        }
        true
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Truth(values) => values.len(),
            Self::Uuid(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    pub(super) fn into_values(self) -> Box<dyn Iterator<Item = Value> + Send> {
        match self {
            Self::Text(values) => Box::new(values.into_iter().map(Value::Text)),
            Self::Number(values) => Box::new(values.into_iter().map(Value::Number)),
            Self::Truth(values) => Box::new(values.into_iter().map(Value::Truth)),
            Self::Uuid(values) => Box::new(values.into_iter().map(Value::Uuid)),
            Self::Bytes(values) => Box::new(values.into_iter().map(Value::Bytes)),
        }
    }

    pub(super) fn bind<'q>(self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        bind!(self, query)
    }

    pub(super) fn bind_as<'q, T>(
        self,
        query: QueryAs<'q, Postgres, T, PgArguments>,
    ) -> QueryAs<'q, Postgres, T, PgArguments> {
        bind!(self, query)
    }
}
