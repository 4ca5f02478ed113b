//! Rows on their way into a store.

use dossier_kernel::db::Value;
use uuid::Uuid;

/// One value.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Text(String),
    Bytes(Vec<u8>),
    Uuid(Uuid),
    Int(i64),
    Bool(bool),
    Null,
}

/// Rows of one table.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    pub(super) table: &'static str,
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<Vec<Cell>>,
}

// === impl Rows ===

impl Rows {
    pub(super) fn of(table: &'static str, columns: &[&'static str]) -> Self {
        Self { table, columns: columns.to_vec(), rows: Vec::new() }
    }

    /// As PostgreSQL's `COPY` reads them: values apart by tabs, `\N` for nothing, bytes in hexadecimal.
    pub(super) fn copy(&self) -> Vec<u8> {
        let mut text = Vec::with_capacity(self.rows.len() * 200);
        for row in &self.rows {
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    text.push(b'\t');
                }
                cell.copy(&mut text);
            }
            text.push(b'\n');
        }
        text
    }
}

// === impl Cell ===

impl Cell {
    pub(super) fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    fn copy(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"\\N"),
            Self::Bool(value) => out.push(if *value { b't' } else { b'f' }),
            Self::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Uuid(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Self::Bytes(value) => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\\\x");
                out.extend(
                    value.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]),
                );
            }
            Self::Text(value) => {
                for byte in value.bytes() {
                    match byte {
                        b'\\' => out.extend_from_slice(b"\\\\"),
                        b'\t' => out.extend_from_slice(b"\\t"),
                        b'\n' => out.extend_from_slice(b"\\n"),
                        b'\r' => out.extend_from_slice(b"\\r"),
                        other => out.push(other),
                    }
                }
            }
        }
    }
}

/// As a service binds it: JSON is text on both stores.
impl From<Value> for Cell {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(value) => Self::Text(value),
            Value::Number(value) => Self::Int(value),
            Value::Truth(value) => Self::Bool(value),
            Value::Uuid(value) => Self::Uuid(value),
            Value::Bytes(value) => Self::Bytes(value),
            Value::Json(value) => Self::Text(value.get().to_owned()),
            Value::Null(_) | Value::Faulty => Self::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_copy_reads_them() {
        let mut rows = Rows::of("t", &["a", "b", "c", "d", "e", "f"]);
        let cells = [Cell::text("a\t\\b\n"), Cell::Bytes(vec![0, 255]), Cell::Null, Cell::Int(-7), Cell::Bool(true)];
        rows.rows.push(cells.into_iter().chain([Cell::Uuid(Uuid::nil())]).collect());
        let text = String::from_utf8(rows.copy()).unwrap();
        assert_eq!(text, "a\\t\\\\b\\n\t\\\\x00ff\t\\N\t-7\tt\t00000000-0000-0000-0000-000000000000\n");
    }
}
