//! The values of [`sql_rows!`](crate::sql_rows), by column.

use uuid::Uuid;

use crate::db::value::{OnPostgres, Value};

/// The values of one column, all of one type.
pub(crate) enum Column {
    Text(Vec<String>),
    Number(Vec<i64>),
    Truth(Vec<bool>),
    Uuid(Vec<Uuid>),
    Bytes(Vec<Vec<u8>>),
}

// === impl Column ===

impl Column {
    /// One that begins with this value; of what may be absent there is none.
    pub(super) fn of(value: Value) -> Option<Self> {
        Some(match value {
            Value::Text(value) => Self::Text(vec![value]),
            Value::Number(value) => Self::Number(vec![value]),
            Value::Truth(value) => Self::Truth(vec![value]),
            Value::Uuid(value) => Self::Uuid(vec![value]),
            Value::Bytes(value) => Self::Bytes(vec![value]),
            Value::Json(_) | Value::Null(_) | Value::Faulty => return None,
        })
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

    pub(crate) fn bind(self, query: OnPostgres) -> OnPostgres {
        match self {
            Self::Text(values) => query.bind(values),
            Self::Number(values) => query.bind(values),
            Self::Truth(values) => query.bind(values),
            Self::Uuid(values) => query.bind(values),
            Self::Bytes(values) => query.bind(values),
        }
    }
}

// What a statement binds may be personal.
impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Column").field("len", &self.len()).finish_non_exhaustive()
    }
}
