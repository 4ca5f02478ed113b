//! A card against what really happened: points and score of every row of a CSV file, and how well the score tells the
//! bad from the good.
//!
//! Input: CSV (RFC 4180) with a header line, its encoding judged by the whole file; a column per variable of the card, the
//! outcome's column, and others, which are ignored; rows without any value are passed over. Output: the input's `row` column where there is one, `<variable>_points` as the card writes them,
//! `score`. Nothing is written unless every row can be scored.

mod report;

use std::collections::BTreeMap;
use std::io::{Read, Write};

use csv::Writer;
use dossier_kernel::sheet::{BrokenRow, Encoding, Row as Cells, Rows, Undecided, decode};

use crate::domain::score::{self, Score};
use crate::domain::score_model::Card;

pub use report::{Band, Report};

/// Faulty rows that are named before the rest is left unread.
pub const MOST_FAULTS: usize = 20;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum BacktestFault {
    /// Rows or columns of the input are faulty; at most [`MOST_FAULTS`] are named.
    #[error("{}", list(.0))]
    Input(Vec<InputFault>),
    /// The input cannot be read.
    #[error("the input cannot be read: {0}")]
    Read(std::io::Error),
    /// The encoding of the input is not known.
    #[error(transparent)]
    Encoding(#[from] Undecided),
    /// The output cannot be written.
    #[error("the output cannot be written: {0}")]
    Write(std::io::Error),
}

/// One thing that is wrong with the input; no value of it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {why}", .column.as_ref().map(|name| format!(" column `{name}`")).unwrap_or_default())]
pub struct InputFault {
    /// Line of the file, from 1; the header is line 1.
    pub line: u64,
    /// Name of the column, where one is at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub why: String,
}

/// Where in a record the columns are.
struct Columns {
    row: Option<usize>,
    outcome: usize,
    variables: Vec<(String, usize)>,
    /// Line of the header.
    line: u64,
}

/// Scores every row of `input` with `card`, writes points and scores to `output`, and compares them with the outcome: a row
/// whose column `outcome.0` says `outcome.1` is bad, any other is good; the report names every label.
///
/// # Errors
/// The first [`MOST_FAULTS`] faults of the input by line and column; reading and writing.
pub fn run(card: &Card, input: impl Read, outcome: (&str, &str), output: impl Write) -> Result<Report, BacktestFault> {
    run_in(card, input, None, outcome, output)
}

/// As [`run`], with an input in `encoding`; `None`: what the whole of it shows.
///
/// # Errors
/// As [`run`].
pub fn run_in(
    card: &Card,
    mut input: impl Read,
    encoding: Option<Encoding>,
    outcome: (&str, &str),
    mut output: impl Write,
) -> Result<Report, BacktestFault> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(BacktestFault::Read)?;
    let rows = match Rows::open(decode(bytes, encoding)?) {
        Ok(rows) => rows,
        Err(fault) => return Err(no_header(card, outcome.0, fault)),
    };
    let columns = columns(card, &rows, outcome.0)?;
    let mut table = Writer::from_writer(Vec::new());
    table.write_record(header(&columns)).map_err(write)?;
    let (mut faults, mut scored, mut labels) = (Vec::new(), Vec::new(), BTreeMap::new());
    for record in rows {
        match row(card, &columns, record) {
            Ok((score, record)) => {
                table.write_record(cells(&columns, &record, &score)).map_err(write)?;
                let label = record.get(columns.outcome).cloned().unwrap_or_default();
                scored.push((score.total, label == outcome.1));
                *labels.entry(label).or_insert(0) += 1;
            }
            Err(found) => faults.extend(found),
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    // A label that is misspelt makes every row a good one.
    if faults.is_empty() && !scored.is_empty() && !labels.contains_key(outcome.1) {
        let why = "never says what is to count as bad".to_owned();
        faults.push(InputFault { line: columns.line, column: Some(outcome.0.to_owned()), why });
    }
    if !faults.is_empty() {
        faults.truncate(MOST_FAULTS);
        return Err(BacktestFault::Input(faults));
    }
    let table = table.into_inner().map_err(|fault| BacktestFault::Write(fault.into_error()))?;
    output.write_all(&table).and_then(|()| output.flush()).map_err(BacktestFault::Write)?;
    Ok(Report::of(scored, outcome.1, labels))
}

// Every column is missing from a header that is not there.
fn no_header(card: &Card, outcome: &str, fault: BrokenRow) -> BacktestFault {
    let names = std::iter::once(outcome).chain(card.variables().iter().map(|one| one.name.as_str()));
    let missing = |name: &str| InputFault {
        line: fault.line,
        column: Some(name.to_owned()),
        why: "is missing from the header".to_owned(),
    };
    match fault.why.as_str() {
        "there is no header" => BacktestFault::Input(names.map(missing).collect()),
        _ => BacktestFault::Input(vec![InputFault { line: fault.line, column: None, why: fault.why }]),
    }
}

fn columns(card: &Card, rows: &Rows, outcome: &str) -> Result<Columns, BacktestFault> {
    let mut faults = Vec::new();
    let mut find = |name: &str| {
        let mut places = rows.header.iter().enumerate().filter(|(_, one)| *one == name).map(|(at, _)| at);
        let (place, again) = (places.next(), places.next());
        let why = if place.is_none() { "is missing from the header" } else { "comes twice in the header" };
        if place.is_none() || again.is_some() {
            let column = Some(name.to_owned());
            faults.push(InputFault { line: rows.header_line, column, why: why.to_owned() });
        }
        place.unwrap_or_default()
    };
    let outcome = find(outcome);
    let variables = card.variables().iter().map(|one| (one.name.clone(), find(&one.name))).collect();
    let (row, line) = (rows.header.iter().position(|name| name == "row"), rows.header_line);
    if faults.is_empty() { Ok(Columns { row, outcome, variables, line }) } else { Err(BacktestFault::Input(faults)) }
}

fn header(columns: &Columns) -> Vec<String> {
    let row = columns.row.map(|_| "row".to_owned());
    let points = columns.variables.iter().map(|(name, _)| format!("{name}_points"));
    row.into_iter().chain(points).chain(["score".to_owned()]).collect()
}

fn cells(columns: &Columns, record: &[String], score: &Score<'_>) -> Vec<String> {
    let row = columns.row.map(|at| record.get(at).cloned().unwrap_or_default());
    let points = score.lines.iter().map(|line| line.points.text().to_owned());
    row.into_iter().chain(points).chain([score.text()]).collect()
}

type Scored<'c> = (Score<'c>, Vec<String>);

fn row<'c>(card: &'c Card, columns: &Columns, record: Result<Cells, BrokenRow>) -> Result<Scored<'c>, Vec<InputFault>> {
    let broken = |line: u64, why: &str| vec![InputFault { line, column: None, why: why.to_owned() }];
    let Cells { line, cells } = record.map_err(|fault| broken(fault.line, &fault.why))?;
    let texts = cells.into_iter().map(String::from_utf8).collect::<Result<Vec<_>, _>>();
    let record = texts.map_err(|_| broken(line, "is not UTF-8"))?;
    let fault = |column: &str, why: &str| InputFault { line, column: Some(column.to_owned()), why: why.to_owned() };
    let place = |name: &str| columns.variables.iter().find(|(one, _)| one == name).map(|(_, at)| *at);
    let scored = score::score(card, |name| place(name).and_then(|at| record.get(at)).map(String::as_str));
    let mut faults: Vec<_> = match &scored {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(|one| fault(&one.variable, one.why)).collect(),
    };
    if record.get(columns.outcome).is_none_or(String::is_empty) {
        faults.push(InputFault { line, column: None, why: "has no outcome".to_owned() });
    }
    match scored {
        Ok(score) if faults.is_empty() => Ok((score, record)),
        _ => Err(faults),
    }
}

fn write(fault: csv::Error) -> BacktestFault {
    BacktestFault::Write(std::io::Error::other(fault))
}

fn list(faults: &[InputFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
