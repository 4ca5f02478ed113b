//! `load`: how fast the services are, held against floors that this program serves itself. See `tests/load`.
#![expect(clippy::print_stdout, reason = "a program that prints what it measures")]

mod ratio;
mod run;
mod transfer;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use dossier_fire::floor::{Files, Store, prepare, serve};
use dossier_fire::ground::{Fault, Result};

/// How fast Dossier is, as ratios against floors on the same machine and store.
#[derive(Debug, Parser)]
#[command(name = "load", version)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Everything on both stores, with a report
    Run(Box<run::Args>),
    /// One call against its floors
    Ratio(ratio::Args),
    /// Whole files in from an archive, out, and into an empty house
    Transfer(transfer::Args),
    /// Serve the floors (started by this program itself)
    #[command(hide = true)]
    Floor(FloorArgs),
}

#[derive(Debug, clap::Args)]
struct FloorArgs {
    /// Address and port
    #[arg(long)]
    listen: String,
    /// sqlite:PATH or postgres://...
    #[arg(long)]
    store: String,
    /// Where files are written and read
    #[arg(long)]
    folder: std::path::PathBuf,
    /// Rows of each size
    #[arg(long)]
    rows: i64,
    /// Sizes of rows, in bytes
    #[arg(long, value_delimiter = ',')]
    sizes: Vec<usize>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let work = async {
        match Cli::parse().verb {
            Verb::Run(args) => Box::pin(run::run(*args)).await,
            Verb::Ratio(args) => Box::pin(ratio::run(args)).await,
            Verb::Transfer(args) => Box::pin(transfer::run(args)).await,
            Verb::Floor(args) => floor(args).await,
        }
    };
    // Dropped in the middle, the work takes its servers and folders with it.
    let done = tokio::select! {
        done = work => done,
        () = stopped() => Err(Fault::new("stopped")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            println!("failed: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

async fn floor(args: FloorArgs) -> Result<()> {
    let store = Store::open(&args.store).await?;
    prepare(&store, args.rows, &args.sizes).await?;
    let listener = tokio::net::TcpListener::bind(&args.listen).await?;
    serve(listener, store, Files::open(&args.folder)?).await.map_err(Fault::from)
}
