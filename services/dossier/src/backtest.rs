//! `dossier credit backtest`: a score model against applicants whose outcome is known. Offline: no service, no store.

use std::fs::File;
use std::path::PathBuf;

use dossier_credit::backtest;
use dossier_kernel::sheet::Encoding;

use crate::{Failure, globals, out, scorecard};

/// A score model against what really became of the applicants
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// Score model: scorecard JSON, or what get-score-model printed; create-score-model takes the same file
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// Applicants: CSV with a header; the column `row`, if there is one, is kept
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The encoding of the applicants' file: utf-8, gb18030, utf-16le or utf-16be; judged by the whole file unless told
    #[arg(long, value_name = "NAME", value_parser = crate::import::options::encoding)]
    encoding: Option<Encoding>,
    /// The column that tells how it ended, and its value for a bad end
    #[arg(long, value_name = "COLUMN=BADVALUE", value_parser = globals::pair)]
    outcome: (String, String),
    /// Where the points of every variable and the score go: CSV, a row for each row
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

/// Scores every row and prints AUC, KS and the distribution of the scores.
///
/// # Errors
/// Faults of the model or of rows, by line and column; then no output is written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let card = scorecard::file(&args.model, scorecard::card)?;
    let input = File::open(&args.input).map_err(|fault| Failure::file(&args.input, &fault))?;
    let (column, bad) = &args.outcome;
    let mut table = Vec::new();
    let outcome = (column.as_str(), bad.as_str());
    let report = backtest::run_in(&card, input, args.encoding, outcome, &mut table).map_err(Failure::differs)?;
    std::fs::write(&args.output, table).map_err(|fault| Failure::file(&args.output, &fault))?;
    out::text(&report.to_string())?;
    Ok(())
}
