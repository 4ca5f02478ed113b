//! `load run`: everything, on both stores, with a report.

mod machine;
mod store;

use std::path::PathBuf;
use std::time::Duration;

use dossier_fire::clock;
use dossier_fire::ground::Result;
use dossier_fire::report::Run;
use dossier_fire::subjects::Call;
use dossier_fire::trial::Length;

/// What `run` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The program dossier, a release build
    #[arg(long, env = "DOSSIER", default_value = "target/release/dossier")]
    dossier: PathBuf,
    /// About two minutes: shows that everything works
    #[arg(long)]
    quick: bool,
    /// Only one of the stores
    #[arg(long, value_enum)]
    only: Option<Only>,
    /// Only these calls, with commas between them; the report has no others
    #[arg(long, value_enum, value_delimiter = ',')]
    calls: Vec<Call>,
    /// Seconds of one measurement [default: 5; quick: 1]
    #[arg(long)]
    seconds: Option<f64>,
    /// Turns of floor and call [default: 5; quick: 1]
    #[arg(long)]
    rounds: Option<usize>,
    /// Files at first [default: 10000]
    #[arg(long, default_value_t = 10_000)]
    few: u64,
    /// Files in the end [default: 1000000; quick: 20000]
    #[arg(long)]
    files: Option<u64>,
    /// Callers of the closed loops
    #[arg(long, default_value_t = 64)]
    callers: u64,
    /// Connections to each service that they share
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// The folder of the report
    #[arg(long)]
    out: PathBuf,
    /// The figures of the last run, for the comparison [default: load.json in the folder of the report]
    #[arg(long)]
    last: Option<PathBuf>,
}

/// One of the two stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Only {
    /// PostgreSQL, Redis, three processes.
    Postgres,
    /// SQLite, one process.
    Sqlite,
}

/// What is measured on each store.
#[derive(Clone, Debug)]
pub struct Course {
    args: Args,
    length: Length,
    many: u64,
}

// === impl Course ===

impl Course {
    /// The calls that are measured, in their order.
    fn calls(&self) -> impl Iterator<Item = Call> {
        Call::ALL.into_iter().filter(|call| self.args.calls.is_empty() || self.args.calls.contains(call))
    }
}

/// Measures, prints the report and writes it.
///
/// # Errors
/// Whatever keeps a stand from standing; after the report, a statement that scans what grows.
pub async fn run(args: Args) -> Result<()> {
    let last = Run::last(&args.last.clone().unwrap_or_else(|| args.out.join("load.json")));
    let seconds = args.seconds.unwrap_or(if args.quick { 1.0 } else { 5.0 });
    let rounds = args.rounds.unwrap_or(if args.quick { 1 } else { 5 });
    let length = Length { callers: args.callers, time: Duration::from_secs_f64(seconds.max(0.1)), rounds };
    let many = args.files.unwrap_or(if args.quick { 20_000 } else { 1_000_000 }).max(args.few);
    let (program_mib, stripped_mib) = machine::program(&args.dossier)?;
    let mut run = Run {
        date: clock::day(),
        quick: args.quick,
        machine: machine::facts(),
        callers: args.callers,
        connections: u64::try_from(args.connections).unwrap_or(u64::MAX),
        seconds,
        rounds: u64::try_from(rounds).unwrap_or(u64::MAX),
        program_mib,
        stripped_mib,
        ..Run::default()
    };
    let course = Course { args: args.clone(), length, many };
    for (name, only) in [("PostgreSQL", Only::Postgres), ("SQLite", Only::Sqlite)] {
        if args.only.is_none_or(|wanted| wanted == only) {
            println!("\n{name}");
            run.stores.insert(name.to_owned(), store::measure(&course, only == Only::Postgres).await?);
            // What was measured so far is kept, should the other store fail.
            run.write(&args.out, last.as_ref())?;
        }
    }
    println!("\n{}", run.page(last.as_ref()));
    run.require_plans()
}
