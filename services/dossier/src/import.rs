//! `dossier import`: customer files from the lines of a CSV or JSON lines file.
//!
//! ```text
//! dossier import applicants.csv --template german_credit_applicant --unit sales --customer-type natural-person \
//!     --name-from 'Applicant {row}' --unit-ref-from 'german-{row}' --submit
//! ```
//! Every line is one `CreateCustomerFile` call (and with `--submit` one `SubmitCustomerFile` call). Its `request_id`
//! follows from the batch, the line number and the line's content, so that an import that was cut off is simply run
//! again: what exists is answered again, nothing is created twice. A line that cannot be read or is refused is told by
//! its number, reason and field, never by its content, and does not stop the others.
//!
//! | module | what it is for |
//! |---|---|
//! | [`options`] | what an import is told |
//! | [`lines`] | CSV and JSON lines as records; broken lines as such |
//! | [`plan`] | which column becomes which field, and a record as a request |
//! | [`run`](mod@run) | the calls, bounded and repeated |

pub mod lines;
pub mod options;
pub mod plan;
pub mod run;

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use dossier_kernel::config::Config;

pub use lines::Format;
pub use options::Options;
pub use run::{Progress, Refused, Report, run};

use crate::client::connection::{Access, Connection};
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
    /// Where the profile service is reached; the configured address unless told
    #[arg(long, value_name = "URI", env = "DOSSIER_PROFILE_ADDRESS")]
    address: Option<String>,
    /// The bearer token; rather in the environment, where other users do not see it
    #[arg(long, value_name = "JWT", env = "DOSSIER_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// A file with the bearer token; wins over --token
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// Runs an import, with progress on standard error.
///
/// # Errors
/// When it cannot begin, when it had to stop, or when lines were refused.
pub async fn command(args: &Args, config: &Config) -> Result<(), Failure> {
    let access = Access::given(args.address.clone(), args.token.as_deref(), args.token_file.as_deref())?;
    let connection = access.connect(Which::Profile, config)?;
    let report = read(args, connection).await?;
    let path = args.report.clone().unwrap_or_else(|| beside(&args.file));
    write(&path, &report.refused).map_err(|fault| Failure::file(&path, &fault))?;
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
    let report =
        run(connection, &options, BufReader::new(input), |progress| ticker.tick(|| progress.to_string())).await;
    ticker.clear();
    report
}

fn told(args: &Args, report: &Report, path: &Path) -> Result<(), Failure> {
    if !report.unused.is_empty() {
        out::note(format!("columns without a field, left out: {}", report.unused.join(", ")));
    }
    let refused = report.refused_lines() as u64;
    let (lines, files) = (out::count(report.lines, "line"), out::count(report.files.len() as u64, "file"));
    let done = if args.options.check { "in order" } else { "created" };
    out::line(format!("{lines}, {files} {done}, {} refused", out::count(refused, "line")))?;
    if let Some(stopped) = &report.stopped {
        return Err(stopped.clone().within("the import stopped; run it again to go on"));
    }
    if refused == 0 { Ok(()) } else { Err(Failure::differs(format!("every refused line: {}", path.display()))) }
}

fn beside(file: &Path) -> PathBuf {
    let name = if file.as_os_str() == "-" { "import".into() } else { file.as_os_str().to_owned() };
    let mut name = name;
    name.push(".refused.csv");
    name.into()
}

/// Writes the refused lines; a file with only its header says that there are none.
fn write(path: &Path, refused: &[Refused]) -> std::io::Result<()> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["line", "reason", "field", "why"]).map_err(std::io::Error::other)?;
    for one in refused {
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
        write(&path, &[one]).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "line,reason,field,why\n7,FIELD_VIOLATION,fields.age,\"a, b\"\n");
    }
}
