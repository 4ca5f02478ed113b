//! CSV and JSON lines as records. A line that cannot be read is an item of its own, so that the others go on.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dossier_kernel::sheet::{Decoded, Row, Rows};
use serde_json::Value;

use crate::Failure;

/// The longest line of JSON that is read, 1 MiB; a file has at most 300 fields of 4,000 characters.
const LONGEST: u64 = 1 << 20;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// One line of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Its values by column; empty ones are left out.
    pub cells: Vec<(Arc<str>, Cell)>,
}

/// One value of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// A text, number or truth value as text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// Why a line is no record.
#[derive(Debug)]
pub enum Broken {
    /// The line cannot be read; the next one can. Never tells its content.
    Line {
        /// Where it begins, from 1.
        line: u64,
        /// The reason.
        why: String,
    },
    /// Nothing more can be read.
    End(io::Error),
}

/// The lines of an input.
pub struct Lines {
    /// The columns of the header; empty for JSON lines, where each line names its own.
    pub columns: Vec<Arc<str>>,
    /// The lines, in order; those without any value are left out.
    pub records: Box<dyn Iterator<Item = Result<Record, Broken>> + Send>,
    /// How many lines without any value were left out so far.
    pub empty: Empty,
}

/// Counts lines without any value.
#[derive(Clone, Debug, Default)]
pub struct Empty(Arc<AtomicU64>);

// === impl Lines ===

impl Lines {
    /// Begins to read a file.
    ///
    /// # Errors
    /// When there is no header, or a column comes twice in it.
    pub fn open(file: Decoded, format: Format) -> Result<Self, Failure> {
        match format {
            Format::Csv => csv_lines(file),
            Format::Jsonl => {
                let empty = Empty::default();
                let records = Json { input: Cursor::new(file.bytes), line: 0, empty: empty.clone() };
                Ok(Self { columns: Vec::new(), records: Box::new(records), empty })
            }
        }
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("columns", &self.columns).finish_non_exhaustive()
    }
}

// === impl Empty ===

impl Empty {
    /// How many so far.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

fn csv_lines(file: Decoded) -> Result<Lines, Failure> {
    let rows = Rows::open(file).map_err(|fault| Failure::config(fault.to_string()))?;
    let columns: Vec<Arc<str>> = rows.header.iter().map(|name| Arc::from(name.as_str())).collect();
    let mut seen = BTreeSet::new();
    if let Some(twice) = columns.iter().find(|name| !name.is_empty() && !seen.insert(Arc::clone(name))) {
        return Err(Failure::config(format!("line {}: column `{twice}` comes twice", rows.header_line)));
    }
    let empty = Empty::default();
    let records = Csv { rows, columns: columns.clone(), empty: empty.clone() };
    Ok(Lines { columns, records: Box::new(records), empty })
}

struct Csv {
    rows: Rows,
    columns: Vec<Arc<str>>,
    empty: Empty,
}

impl Iterator for Csv {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next();
        self.empty.0.store(self.rows.empty, Ordering::Relaxed);
        Some(match row? {
            Ok(row) => self.cells(&row),
            Err(broken) => Err(Broken::Line { line: broken.line, why: broken.why }),
        })
    }
}

impl Csv {
    fn cells(&self, row: &Row) -> Result<Record, Broken> {
        let line = row.line;
        let mut cells = Vec::with_capacity(self.columns.len());
        for (column, bytes) in self.columns.iter().zip(&row.cells) {
            let text = std::str::from_utf8(bytes)
                .map_err(|_| Broken::Line { line, why: format!("column `{column}` is not UTF-8") })?;
            let text = meant(text);
            if !text.is_empty() && !column.is_empty() {
                cells.push((Arc::clone(column), Cell::Text(text.to_owned())));
            }
        }
        Ok(Record { line, cells })
    }
}

/// The text that a cell means: a spreadsheet writes `="007"` for a text that looks like a number.
fn meant(cell: &str) -> &str {
    let cell = cell.trim();
    let quoted = cell.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"'));
    quoted.filter(|text| !text.contains('"')).map_or(cell, str::trim)
}

struct Json<R> {
    input: R,
    line: u64,
    empty: Empty,
}

impl<R: BufRead> Iterator for Json<R> {
    type Item = Result<Record, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let bytes = match self.bytes() {
                Ok(None) => return None,
                Ok(Some(bytes)) => bytes,
                Err(fault) => return Some(Err(fault)),
            };
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            let line = self.line;
            match object(line, &bytes) {
                Ok(record) if record.cells.is_empty() => self.empty.0.fetch_add(1, Ordering::Relaxed),
                Ok(record) => return Some(Ok(record)),
                Err(why) => return Some(Err(Broken::Line { line, why })),
            };
        }
    }
}

impl<R: BufRead> Json<R> {
    /// The next line; of one that is too long only the end is looked for.
    fn bytes(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let mut bytes = Vec::new();
        let read = (&mut self.input).take(LONGEST).read_until(b'\n', &mut bytes).map_err(Broken::End)?;
        if read == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.last() == Some(&b'\n') || (read as u64) < LONGEST {
            return Ok(Some(bytes));
        }
        self.skip().map_err(Broken::End)?;
        Err(Broken::Line { line: self.line, why: "is longer than 1 MiB".to_owned() })
    }

    fn skip(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.input.consume(used);
            if done {
                return Ok(());
            }
        }
    }
}

fn object(line: u64, bytes: &[u8]) -> Result<Record, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned())?;
    // The parser's own text may quote the line; its place does not.
    let value = serde_json::from_str(text).map_err(|fault| format!("is no JSON at column {}", fault.column()))?;
    let Value::Object(entries) = value else { return Err("is no JSON object".to_owned()) };
    let mut cells = Vec::with_capacity(entries.len());
    for (column, value) in entries {
        match cell(value) {
            Ok(Some(cell)) => cells.push((Arc::from(column), cell)),
            Ok(None) => {}
            Err(why) => return Err(format!("`{column}` {why}")),
        }
    }
    Ok(Record { line, cells })
}

fn cell(value: Value) -> Result<Option<Cell>, &'static str> {
    let text = |value: Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    match value {
        Value::Null => Ok(None),
        Value::Object(_) => Err("is an object; give its values each a name"),
        Value::Array(items) => {
            let texts: Option<Vec<_>> = items.into_iter().map(text).collect();
            texts.map(|texts| Some(Cell::List(texts))).ok_or("is a list of something else than texts and numbers")
        }
        value => Ok(text(value).filter(|text| !text.is_empty()).map(Cell::Text)),
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::sheet::{Encoding, decode};

    use super::*;

    fn open(text: &[u8], format: Format) -> Result<Lines, Failure> {
        Lines::open(decode(text.to_vec(), Some(Encoding::Utf8)).unwrap(), format)
    }

    fn read(text: &[u8], format: Format) -> Vec<Result<(u64, String), (u64, String)>> {
        let lines = open(text, format).unwrap();
        let told = |record: Record| {
            let cells: Vec<_> = record.cells.iter().map(|(column, cell)| format!("{column}={cell:?}")).collect();
            (record.line, cells.join(" "))
        };
        let broken = |broken| match broken {
            Broken::Line { line, why } => (line, why),
            Broken::End(fault) => (0, fault.to_string()),
        };
        lines.records.map(|one| one.map(told).map_err(broken)).collect()
    }

    #[test]
    fn csv_lines_are_read_and_broken_ones_named() {
        let text = b"\xEF\xBB\xBFname,age\nAnn,5\n\"two\nlines\",\nonly one\n\xFF,1\nEve,7\n";
        let read = read(text, Format::Csv);
        assert_eq!(read[0], Ok((2, r#"name=Text("Ann") age=Text("5")"#.to_owned())));
        assert_eq!(read[1], Ok((3, r#"name=Text("two\nlines")"#.to_owned())));
        assert_eq!(read[2], Err((5, "has 1 columns where the header has 2".to_owned())));
        assert_eq!(read[3], Err((6, "column `name` is not UTF-8".to_owned())));
        assert_eq!(read[4], Ok((7, r#"name=Text("Eve") age=Text("7")"#.to_owned())));
    }

    #[test]
    fn lines_without_any_value_are_left_out_and_counted() {
        for (text, format) in [("a,b\n,\n1,2\n , \n", Format::Csv), ("{}\n{\"a\": 1}\n{\"a\": null}\n", Format::Jsonl)]
        {
            let mut lines = open(text.as_bytes(), format).unwrap();
            assert_eq!((lines.records.by_ref().count(), lines.empty.count()), (1, 2), "{format:?}");
        }
    }

    #[test]
    fn a_text_that_a_spreadsheet_kept_from_being_a_number_is_that_text() {
        let read = read(b"a,b,c\n=\"007\",\"=\"\"00 8\"\"\",=1+1\n", Format::Csv);
        assert_eq!(read[0].as_ref().unwrap().1, r#"a=Text("007") b=Text("00 8") c=Text("=1+1")"#);
    }

    #[test]
    fn json_lines_are_read_and_broken_ones_named() {
        let text = b"{\"name\": \"Ann\", \"age\": 5, \"tags\": [\"a\", 1], \"none\": null, \"empty\": \"\"}\n\n{\"name\": \n[1]\n{\"a\": {}}\n\xFF\n";
        let read = read(text, Format::Jsonl);
        assert_eq!(read[0], Ok((1, r#"name=Text("Ann") age=Text("5") tags=List(["a", "1"])"#.to_owned())));
        let faults: Vec<_> = read[1..].iter().map(|one| one.clone().unwrap_err()).collect();
        let lines: Vec<_> = faults.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 5, 6]);
        assert!(faults[0].1.starts_with("is no JSON at column"));
        assert_eq!(faults[1].1, "is no JSON object");
        assert_eq!(faults[2].1, "`a` is an object; give its values each a name");
        assert_eq!(faults[3].1, "is not UTF-8");
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let mut text = vec![b'x'; (LONGEST + 10) as usize];
        text.extend(b"\n{\"a\": 1}\n");
        let lines = open(&text, Format::Jsonl).unwrap();
        let read: Vec<_> = lines.records.collect();
        assert!(matches!(&read[0], Err(Broken::Line { line: 1, why }) if why == "is longer than 1 MiB"));
        assert_eq!(read[1].as_ref().unwrap().line, 2);
    }

    #[test]
    fn a_header_must_be_there_and_name_each_column_once() {
        for (text, part) in [("", "there is no header"), ("a,b,a\n", "column `a` comes twice")] {
            let fault = open(text.as_bytes(), Format::Csv).unwrap_err().to_string();
            assert!(fault.contains(part), "{fault}");
        }
    }
}
