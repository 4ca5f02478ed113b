//! What a platform team meets at the edges of the services: each scenario with real processes, PostgreSQL and Redis.
//!
//! # To add a scenario
//! Write `async fn(&mut Stand) -> Result<String>` in a file of its kind, which gives a sentence of what was seen, and put it
//! into [`SCENARIOS`].
#![expect(clippy::print_stdout, reason = "a program that tells what it finds")]

mod clocks;
mod contents;
mod health;
mod imports;
mod keys;
mod observed;
mod stand;
mod stops;
mod traced;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use dossier_fire::ground::Result;
use futures::future::LocalBoxFuture;
use tokio::time::Instant;

use stand::Stand;

type Scenario = for<'a> fn(&'a mut Stand) -> LocalBoxFuture<'a, Result<String>>;

/// Name and scenario, in the order in which they run.
const SCENARIOS: [(&str, Scenario); 14] = [
    ("keys-of-another-folder", |stand| Box::pin(keys::another_folder(stand))),
    ("clock-ahead", |stand| Box::pin(clocks::ahead(stand))),
    ("clock-lease", |stand| Box::pin(clocks::lease(stand))),
    ("clock-work", |stand| Box::pin(clocks::work(stand))),
    ("health-store", |stand| Box::pin(health::store(stand))),
    ("health-directory", |stand| Box::pin(health::directory(stand))),
    ("health-issuers", |stand| Box::pin(health::issuers(stand))),
    ("stop-announced", |stand| Box::pin(stops::announced(stand))),
    ("stop-twice", |stand| Box::pin(stops::twice(stand))),
    ("import-interrupted", |stand| Box::pin(imports::interrupted(stand))),
    ("content-cut", |stand| Box::pin(contents::cut(stand))),
    ("content-too-large", |stand| Box::pin(contents::too_large(stand))),
    ("observed-by-prometheus", |stand| Box::pin(observed::by_prometheus(stand))),
    ("traced-and-logged", |stand| Box::pin(traced::and_logged(stand))),
];

/// Those that take gigabytes and minutes.
const LARGE: [(&str, Scenario); 1] = [("content-2GiB", |stand| Box::pin(contents::largest(stand)))];

/// Tries the edges.
#[derive(Parser, Debug)]
#[command(name = "tests/edges")]
struct Arguments {
    /// Only those with this in their names
    name: Option<String>,
    /// Those that take gigabytes and minutes too
    #[arg(long)]
    large: bool,
    /// Names them
    #[arg(long)]
    list: bool,
    /// Leaves stores and logs behind
    #[arg(long)]
    keep: bool,
    /// The program `dossier`, built with fault points
    #[arg(long, env = "DOSSIER", hide_env_values = true)]
    program: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |name: &str| arguments.name.as_ref().is_none_or(|part| name.contains(part.as_str()));
    let large = LARGE.iter().filter(|_| arguments.large);
    let chosen: Vec<_> = SCENARIOS.iter().chain(large).filter(|(name, _)| wanted(name)).collect();
    if arguments.list {
        chosen.iter().for_each(|(name, _)| println!("{name}"));
        return ExitCode::SUCCESS;
    }
    match run(&arguments, &chosen).await {
        Ok(0) if !chosen.is_empty() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => {
            println!("FAILED: {fault}");
            ExitCode::from(2)
        }
    }
}

/// How many scenarios failed.
async fn run(arguments: &Arguments, chosen: &[&(&'static str, Scenario)]) -> Result<usize> {
    let begun = Instant::now();
    let mut stand = Stand::new(&arguments.program)?;
    let mut failed = 0;
    for (name, scenario) in chosen {
        let since = Instant::now();
        let told = scenario(&mut stand).await;
        stand.clear().await?;
        let took = since.elapsed().as_secs_f64();
        failed += usize::from(told.is_err());
        match told {
            Ok(words) => println!("ok      {name:<24} {took:>6.1} s  {words}"),
            Err(fault) => println!("FAILED  {name:<24} {took:>6.1} s  {fault}"),
        }
    }
    println!("{} scenarios, {failed} failed, {:.0} s", chosen.len(), begun.elapsed().as_secs_f64());
    if failed > 0 || arguments.keep {
        stand.scratch.keep();
        println!("logs and stores: {}", stand.scratch.path().display());
    }
    Ok(failed)
}
