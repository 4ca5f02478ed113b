//! `dossier import`: customer files from the lines of a CSV or JSON lines file.
//!
//! ```text
//! dossier import applicants.csv --template german_credit_applicant --unit sales --customer-type individual \
//!     --name-from 'Applicant {row}' --unit-ref-from 'german-{row}' --submit
//! ```
//! Every line is one `CreateCustomerFile` call (and with `--submit` one `SubmitCustomerFile` call). Its `request_id`
//! follows from the batch and the row's content, so that an import that was cut off is simply run again: what exists is
//! answered again and counted as there already, nothing is created twice, however the lines end. A line that cannot be
//! read or is refused is told by its number, reason and field, never by its content, and does not stop the others. When
//! an import is interrupted, what was asked and not answered is told as of unknown outcome. The encoding is judged by
//! the whole file, and told.
//!
//! | module | what it is for |
//! |---|---|
//! | [`options`] | what an import is told |
//! | [`lines`] | CSV and JSON lines as records; broken lines as such |
//! | `cells` | cells as spreadsheets write them |
//! | [`plan`] | which column becomes which field, and a record as a request |
//! | [`run`](mod@run) | the calls, bounded and repeated |

mod cells;
pub mod lines;
pub mod options;
pub mod plan;
pub mod run;

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use dossier_kernel::config::Config;

pub(crate) use cells::day as cells_day;
pub use lines::Format;
pub use options::Options;
pub(crate) use options::customer_type;
pub(crate) use run::plan as plan_of;
pub use run::{Progress, Refused, Report, run, run_until};
use tokio_util::sync::CancellationToken;

use crate::client::connection::{Connection, Given};
use crate::out::Ticker;
use crate::serve::Which;
use crate::{Failure, out};

/// What `import` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    options: Options,
    /// Where every refused line goes: CSV of line, reason, field, why. FILE.refused.csv unless told
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    given: Given,
}

/// Runs an import, with progress on standard error.
///
/// # Errors
/// When it cannot begin, when it had to stop, or when lines were refused.
pub async fn command(args: &Args, config: &Config) -> Result<(), Failure> {
    let access = args.given.access()?;
    let connection = access.connect(Which::Profile, config)?;
    let report = read(args, connection).await?;
    let path = args.report.clone().unwrap_or_else(|| beside(&args.file));
    write(&path, &report).map_err(|fault| Failure::file(&path, &fault))?;
    told(args, &report, &path)
}

async fn read(args: &Args, connection: Connection) -> Result<Report, Failure> {
    let options = args.options.clone().completed(&args.file);
    let input: Box<dyn Read + Send> = if args.file.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(&args.file).map_err(|fault| Failure::file(&args.file, &fault))?)
    };
    let mut ticker = Ticker::default();
    let over = CancellationToken::new();
    let listening = tokio::spawn(interrupted(over.clone(), "no other line is begun; waiting for those that were sent"));
    let told = |progress: &Progress| ticker.tick(|| progress.to_string());
    let report = run_until(connection, &options, input, over.clone(), told).await;
    ticker.clear();
    listening.abort();
    let mut report = report?;
    if over.is_cancelled() && report.stopped.is_none() {
        report.stopped = Some(Failure::differs("interrupted"));
    }
    Ok(report)
}

/// The first interruption ends what is being brought in order, and says so; the second at once.
pub(crate) async fn interrupted(over: CancellationToken, note: &str) {
    if tokio::signal::ctrl_c().await.is_ok() {
        out::note(format!("{note} (once more to end at once)"));
        over.cancel();
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    }
}

fn told(args: &Args, report: &Report, path: &Path) -> Result<(), Failure> {
    if !report.unused.is_empty() {
        out::note(format!("columns without a field, left out: {}", report.unused.join(", ")));
    }
    if let Some(encoding) = report.encoding {
        out::note(format!("the file is read as {encoding}"));
    }
    out::line(summary(report, args.options.check))?;
    if let Some(stopped) = &report.stopped {
        return Err(stopped.clone().within("the import stopped; run it again to go on"));
    }
    if report.refused.is_empty() {
        Ok(())
    } else {
        Err(Failure::differs(format!("every refused line: {}", path.display())))
    }
}

/// Created, there already, refused and of unknown outcome, each by itself.
fn summary(report: &Report, check: bool) -> String {
    let count = |number: usize, what: &str| out::count(number as u64, what);
    let created = out::count((report.files.len() as u64).saturating_sub(report.existing), "file");
    let mut parts = vec![
        out::count(report.lines, "line"),
        format!("{created} {}", if check { "in order" } else { "created" }),
        format!("{} there already", out::count(report.existing, "file")),
        format!("{} refused", count(report.refused_lines(), "line")),
    ];
    if !report.unknown.is_empty() {
        parts.push(format!("{} of unknown outcome", count(report.unknown.len(), "line")));
    }
    if report.empty > 0 {
        parts.push(format!("{} without any value left out", out::count(report.empty, "line")));
    }
    parts.join(", ")
}

fn beside(file: &Path) -> PathBuf {
    let name = if file.as_os_str() == "-" { "import".into() } else { file.as_os_str().to_owned() };
    let mut name = name;
    name.push(".refused.csv");
    name.into()
}

/// Writes the refused lines and those of unknown outcome; a file with only its header says that there are none.
fn write(path: &Path, report: &Report) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["line", "reason", "field", "why"]).map_err(std::io::Error::other)?;
    let unknown = |line: &u64| Refused {
        line: *line,
        reason: "OUTCOME_UNKNOWN".to_owned(),
        field: String::new(),
        why: "was sent and not answered; run the import again".to_owned(),
    };
    for one in report.refused.iter().cloned().chain(report.unknown.iter().map(unknown)) {
        let record = [&one.line.to_string(), &one.reason, &one.field, &one.why];
        table.write_record(record).map_err(std::io::Error::other)?;
    }
    let bytes = table.into_inner().map_err(|fault| std::io::Error::other(fault.to_string()))?;
    File::create(path)?.write_all(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_lies_beside_the_file_and_names_every_line() {
        assert_eq!(beside(Path::new("a/b.csv")), PathBuf::from("a/b.csv.refused.csv"));
        assert_eq!(beside(Path::new("-")), PathBuf::from("import.refused.csv"));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.csv");
        let one = Refused { line: 7, reason: "FIELD_VIOLATION".into(), field: "fields.age".into(), why: "a, b".into() };
        let report = Report { lines: 3, refused: vec![one], unknown: vec![9], ..Report::default() };
        write(&path, &report).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(
            text,
            "line,reason,field,why\n7,FIELD_VIOLATION,fields.age,\"a, b\"\n9,OUTCOME_UNKNOWN,,was sent and not answered; run the import again\n"
        );
    }

    #[test]
    fn the_summary_counts_each_outcome_by_itself() {
        let mut report = Report { lines: 3, existing: 1, ..Report::default() };
        report.files = vec![(2, "files/1".into()), (3, "files/2".into())];
        assert_eq!(summary(&report, false), "3 lines, 1 file created, 1 file there already, 0 lines refused");
        (report.unknown, report.empty) = (vec![4], 2);
        assert!(summary(&report, false).ends_with("1 line of unknown outcome, 2 lines without any value left out"));
    }
}
