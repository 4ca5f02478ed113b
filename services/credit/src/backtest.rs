//! A card against what really happened: points and score of every row of a CSV file, and how well the score tells the
//! bad from the good.
//!
//! Input: CSV (RFC 4180, UTF-8) with a header line; a column per variable of the card, the outcome's column, and others,
//! which are ignored. Output: the input's `row` column where there is one, `<variable>_points` as the card writes them,
//! `score`. Nothing is written unless every row can be scored.

mod report;

use std::io::{Read, Write};

use csv::{Reader, ReaderBuilder, StringRecord, Writer};

use crate::domain::score::{self, Score};
use crate::domain::score_model::{Card, UnreadableCard};

pub use report::{Band, Report};

/// Faulty rows that are named before the rest is left unread.
pub const MOST_FAULTS: usize = 20;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum BacktestFault {
    /// The card cannot be read.
    #[error("the card is faulty: {0}")]
    Card(#[from] UnreadableCard),
    /// Rows or columns of the input are faulty; at most [`MOST_FAULTS`] are named.
    #[error("{}", list(.0))]
    Input(Vec<InputFault>),
    /// The input cannot be read.
    #[error("the input cannot be read: {0}")]
    Read(std::io::Error),
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
}

/// Scores every row of `input` with the card of `card_json`, writes points and scores to `output`, and compares them with
/// the outcome: a row whose column `outcome.0` says `outcome.1` is bad, any other is good.
///
/// # Errors
/// Every fault of the card; the first [`MOST_FAULTS`] faults of the input by line and column; reading and writing.
pub fn run(
    card_json: &str,
    input: impl Read,
    outcome: (&str, &str),
    mut output: impl Write,
) -> Result<Report, BacktestFault> {
    let card = Card::from_json(card_json)?;
    let mut reader = ReaderBuilder::new().from_reader(input);
    let columns = columns(&card, &mut reader, outcome.0)?;
    let mut table = Writer::from_writer(Vec::new());
    table.write_record(header(&columns)).map_err(write)?;
    let mut faults = Vec::new();
    let mut scored = Vec::new();
    for record in reader.records() {
        match row(&card, &columns, record) {
            Ok((score, record)) => {
                table.write_record(cells(&columns, &record, &score)).map_err(write)?;
                scored.push((score.total, record.get(columns.outcome) == Some(outcome.1)));
            }
            Err(Row::Faulty(found)) => faults.extend(found),
            Err(Row::Unread(fault)) => return Err(BacktestFault::Read(fault)),
        }
        if faults.len() >= MOST_FAULTS {
            break;
        }
    }
    if !faults.is_empty() {
        faults.truncate(MOST_FAULTS);
        return Err(BacktestFault::Input(faults));
    }
    let table = table.into_inner().map_err(|fault| BacktestFault::Write(fault.into_error()))?;
    output.write_all(&table).and_then(|()| output.flush()).map_err(BacktestFault::Write)?;
    Ok(Report::of(scored))
}

fn columns(card: &Card, reader: &mut Reader<impl Read>, outcome: &str) -> Result<Columns, BacktestFault> {
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(fault) => return Err(header_fault(fault)),
    };
    let mut faults = Vec::new();
    let mut find = |name: &str| {
        let mut places = header.iter().enumerate().filter(|(_, one)| *one == name).map(|(at, _)| at);
        let (place, again) = (places.next(), places.next());
        let why = if place.is_none() { "is missing from the header" } else { "comes twice in the header" };
        if place.is_none() || again.is_some() {
            faults.push(InputFault { line: 1, column: Some(name.to_owned()), why: why.to_owned() });
        }
        place.unwrap_or_default()
    };
    let outcome = find(outcome);
    let variables = card.variables().iter().map(|one| (one.name.clone(), find(&one.name))).collect();
    let row = header.iter().position(|name| name == "row");
    if faults.is_empty() { Ok(Columns { row, outcome, variables }) } else { Err(BacktestFault::Input(faults)) }
}

fn header(columns: &Columns) -> Vec<String> {
    let row = columns.row.map(|_| "row".to_owned());
    let points = columns.variables.iter().map(|(name, _)| format!("{name}_points"));
    row.into_iter().chain(points).chain(["score".to_owned()]).collect()
}

fn cells<'r>(columns: &Columns, record: &'r StringRecord, score: &Score<'r>) -> Vec<String> {
    let row = columns.row.map(|at| record.get(at).unwrap_or_default().to_owned());
    let points = score.lines.iter().map(|line| line.points.text().to_owned());
    row.into_iter().chain(points).chain([score.text()]).collect()
}

/// Why a row has no score.
enum Row {
    Faulty(Vec<InputFault>),
    Unread(std::io::Error),
}

fn row<'c>(
    card: &'c Card,
    columns: &Columns,
    record: csv::Result<StringRecord>,
) -> Result<(Score<'c>, StringRecord), Row> {
    let record = record.map_err(unread)?;
    let line = record.position().map_or(0, csv::Position::line);
    let fault = |column: &str, why: &str| InputFault { line, column: Some(column.to_owned()), why: why.to_owned() };
    let place = |name: &str| columns.variables.iter().find(|(one, _)| one == name).map(|(_, at)| *at);
    let scored = score::score(card, |name| place(name).and_then(|at| record.get(at)));
    let mut faults: Vec<_> = match &scored {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(|one| fault(&one.variable, one.why)).collect(),
    };
    if record.get(columns.outcome).is_none_or(str::is_empty) {
        faults.push(InputFault { line, column: None, why: "has no outcome".to_owned() });
    }
    match scored {
        Ok(score) if faults.is_empty() => Ok((score, record)),
        _ => Err(Row::Faulty(faults)),
    }
}

fn unread(fault: csv::Error) -> Row {
    let line = fault.position().map_or(0, csv::Position::line);
    let named = |why: String| Row::Faulty(vec![InputFault { line, column: None, why }]);
    match fault.into_kind() {
        csv::ErrorKind::Io(fault) => Row::Unread(fault),
        csv::ErrorKind::Utf8 { .. } => named("is not UTF-8".to_owned()),
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            named(format!("has {len} columns where the header has {expected_len}"))
        }
        _ => named("is no CSV".to_owned()),
    }
}

fn header_fault(fault: csv::Error) -> BacktestFault {
    match unread(fault) {
        Row::Unread(fault) => BacktestFault::Read(fault),
        Row::Faulty(mut faults) => {
            faults.iter_mut().for_each(|fault| fault.line = 1);
            BacktestFault::Input(faults)
        }
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
