//! Tables from elsewhere: text files as spreadsheets write them, read whole.
//!
//! The encoding is judged by the whole file, never line by line: [`decode`]. Line ends are brought to one form there, so
//! that the same rows have the same lines and the same content however they were saved. [`Rows`] then gives the rows of
//! a CSV file with the lines where they really begin.

mod encoding;

use std::io::Cursor;

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};

pub use encoding::{Decoded, Encoding, Undecided, decode};

/// Rows of a CSV file under a header.
///
/// Columns are parted by commas, or by what a first line `sep=;` says, or by tabs or semicolons where the header has no
/// comma. Rows without any value are passed over and counted.
#[derive(Debug)]
pub struct Rows {
    /// The names of the columns, trimmed.
    pub header: Vec<String>,
    /// Where the header stands, from 1.
    pub header_line: u64,
    /// Rows without any value that were passed over so far.
    pub empty: u64,
    reader: Reader<Cursor<Vec<u8>>>,
    record: ByteRecord,
    places: Places,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file, from 1.
    pub line: u64,
    /// Its cells, as many as the header has.
    pub cells: Vec<Vec<u8>>,
}

/// A row that cannot be read; the next one can. Never repeats what stands in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BrokenRow {
    /// Where it begins, from 1.
    pub line: u64,
    /// What is wrong.
    pub why: String,
}

/// The line of each place where a row can begin.
#[derive(Debug)]
struct Places {
    /// Places of all line feeds.
    feeds: Vec<usize>,
    /// Lines before the table: one if a separator is named there.
    before: usize,
}

// === impl Rows ===

impl Rows {
    /// Begins to read a decoded file.
    ///
    /// # Errors
    /// When there is no header.
    pub fn open(file: Decoded) -> Result<Self, BrokenRow> {
        let mut bytes = file.bytes;
        let named = named_separator(&bytes);
        if named.is_some() {
            bytes.drain(..bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1));
        }
        let places = Places::of(&bytes, usize::from(named.is_some()));
        let separator = named.unwrap_or_else(|| likely_separator(&bytes));
        let mut builder = ReaderBuilder::new();
        let mut reader = builder.delimiter(separator).flexible(true).has_headers(false).from_reader(Cursor::new(bytes));
        let mut record = ByteRecord::new();
        let found = reader.read_byte_record(&mut record);
        let line = places.line_of(&record);
        let broken = |why: &str| BrokenRow { line, why: why.to_owned() };
        found.map_err(|fault| broken(why(&fault)))?;
        let names = record.iter().map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()));
        let header = names.collect::<Result<Vec<_>, _>>().map_err(|_| broken("is not UTF-8"))?;
        if header.iter().all(String::is_empty) {
            return Err(broken("there is no header"));
        }
        Ok(Self { header, header_line: line, empty: 0, reader, record, places })
    }
}

impl Iterator for Rows {
    type Item = Result<Row, BrokenRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let read = self.reader.read_byte_record(&mut self.record);
            let line = self.places.line_of(&self.record);
            let broken = |why: String| Some(Err(BrokenRow { line, why }));
            let (found, wanted) = (self.record.len(), self.header.len());
            return match read {
                Ok(false) => None,
                Ok(true) if self.record.iter().all(|cell| cell.trim_ascii().is_empty()) => {
                    self.empty += 1;
                    continue;
                }
                Ok(true) if found != wanted => broken(format!("has {found} columns where the header has {wanted}")),
                Ok(true) => Some(Ok(Row { line, cells: self.record.iter().map(<[u8]>::to_vec).collect() })),
                Err(fault) => broken(why(&fault).to_owned()),
            };
        }
    }
}

// === impl Places ===

impl Places {
    fn of(bytes: &[u8], before: usize) -> Self {
        let feeds = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
        Self { feeds, before }
    }

    // The reader counts a row from the empty lines before it.
    fn line_of(&self, record: &ByteRecord) -> u64 {
        let mut at = record.position().map_or(0, |place| usize::try_from(place.byte()).unwrap_or(usize::MAX));
        let mut passed = self.feeds.partition_point(|feed| *feed < at);
        while self.feeds.get(passed) == Some(&at) {
            (passed, at) = (passed + 1, at + 1);
        }
        u64::try_from(self.before + passed + 1).unwrap_or(u64::MAX)
    }
}

// A first line `sep=;`, as a spreadsheet writes it for itself.
fn named_separator(bytes: &[u8]) -> Option<u8> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    match line.trim_ascii_start() {
        [s, e, p, b'=', separator] if [*s, *e, *p].eq_ignore_ascii_case(b"sep") => Some(*separator),
        _ => None,
    }
}

fn likely_separator(bytes: &[u8]) -> u8 {
    let lines = bytes.split(|byte| *byte == b'\n');
    let header = lines.into_iter().find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |separator: u8| header.iter().filter(|byte| **byte == separator).count();
    match (count(b','), count(b'\t'), count(b';')) {
        (0, tabs, semicolons) if tabs > 0 && tabs >= semicolons => b'\t',
        (0, _, semicolons) if semicolons > 0 => b';',
        _ => b',',
    }
}

// The crate's own texts repeat what stands in the row.
fn why(fault: &csv::Error) -> &'static str {
    match fault.kind() {
        ErrorKind::Utf8 { .. } => "is not UTF-8",
        _ => "is no CSV",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = Result<(u64, String), BrokenRow>;

    fn rows(text: &[u8]) -> (Vec<String>, Vec<Told>, u64) {
        let mut rows = Rows::open(decode(text.to_vec(), Some(Encoding::Utf8)).unwrap()).unwrap();
        let told = |row: Row| (row.line, row.cells.join(&b'|').iter().map(|byte| char::from(*byte)).collect());
        let found = rows.by_ref().map(|row| row.map(told)).collect();
        (rows.header.clone(), found, rows.empty)
    }

    fn lines(text: &[u8]) -> Vec<u64> {
        let told = |row: Told| row.map_or_else(|broken| broken.line, |(line, _)| line);
        rows(text).1.into_iter().map(told).collect()
    }

    #[test]
    fn a_row_is_told_by_the_line_where_it_begins_whatever_the_line_ends() {
        let text = "name,phone\nA,1\n\n\n\"two\nlines\",2\nB,x\n,\nshort\nC,3";
        for end in ["\n", "\r\n", "\r"] {
            let text = text.replace('\n', end);
            assert_eq!(lines(text.as_bytes()), [2, 5, 7, 9, 10], "{end:?}");
            assert_eq!(rows(text.as_bytes()).2, 1);
        }
        assert_eq!(lines("sep=,\r\nname,phone\r\nA,1\r\nB,2\r\n".as_bytes()), [3, 4]);
    }

    #[test]
    fn the_separator_is_what_the_file_says_or_its_header_shows() {
        for text in ["sep=;\na;b\n1;2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "a,b\n1,2\n", "sep=|\na|b\n1|2\n"] {
            let (header, found, _) = rows(text.as_bytes());
            assert_eq!(header, ["a", "b"], "{text}");
            assert_eq!(found[0].as_ref().unwrap().1, "1|2", "{text}");
        }
        assert_eq!(rows(b"a;b,c\n1;2,3\n").0, ["a;b", "c"]);
    }

    #[test]
    fn a_table_needs_a_header() {
        for text in ["", "\n\n", ",,\n", "sep=,"] {
            let file = decode(text.as_bytes().to_vec(), None).unwrap();
            assert!(Rows::open(file).unwrap_err().why.contains("no header"), "{text:?}");
        }
    }
}
