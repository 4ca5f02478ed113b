//! `load ratio`: one call against its floors, for whoever changes something and wants to know what it brought.

use std::path::PathBuf;
use std::time::Duration;

use dossier_fire::ground::Result;
use dossier_fire::measure::median;
use dossier_fire::stand::{Plans, Stand};
use dossier_fire::subjects::Call;
use dossier_fire::trial::{self, Compared, Length};

/// What `ratio` takes.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    /// The calls; several are measured one after the other
    #[arg(required = true)]
    calls: Vec<Call>,
    /// The program dossier, a release build
    #[arg(long, env = "DOSSIER", default_value = "target/release/dossier")]
    dossier: PathBuf,
    /// On SQLite and one process instead of PostgreSQL, Redis and three
    #[arg(long)]
    sqlite: bool,
    /// Seconds of one measurement
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Turns of floor and call
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Callers of the closed loop
    #[arg(long, default_value_t = 64)]
    callers: u64,
    /// Connections that they share
    #[arg(long, default_value_t = 8)]
    connections: usize,
    /// Generated files
    #[arg(long, default_value_t = 10_000)]
    files: u64,
}

/// Measures and prints.
///
/// # Errors
/// Whatever keeps the stand from standing.
pub async fn run(args: Args) -> Result<()> {
    let load = std::env::current_exe()?;
    let (postgres, connections) = (!args.sqlite, args.connections);
    let plans = Plans { dossier: args.dossier, load, postgres, connections, files: args.files };
    let stand = Stand::set_up(plans, |words| println!("  {words}")).await?;
    let length =
        Length { callers: args.callers, time: Duration::from_secs_f64(args.seconds.max(0.1)), rounds: args.rounds };
    for call in args.calls {
        let floors: Vec<_> = call.goals(postgres).iter().map(|goal| goal.floor).collect();
        let told = trial::compare(&stand, call, &floors, length).await?;
        print(call, postgres, &told);
    }
    Ok(())
}

fn print(call: Call, postgres: bool, told: &Compared) {
    println!("{call}: {:.0} calls/s", told.rate());
    for goal in call.goals(postgres) {
        let Some(ratio) = told.against.get(goal.floor.name()) else { continue };
        let (low, high) = ratio.spread();
        let goal_text = goal.least.map(|least| format!(", goal {least}")).unwrap_or_default();
        let floor = median(&ratio.floor);
        println!(
            "  {:.3} x {} ({low:.3} to {high:.3}{goal_text}), floor {floor:.0} calls/s",
            ratio.median(),
            goal.floor
        );
    }
    let spent = told.spent.iter().map(|(name, millis)| format!("{name} {millis:.3}"));
    println!("  CPU ms a call: {}", spent.collect::<Vec<_>>().join(", "));
    println!("  work left behind: {:.1} s; turned away {}, failed {}", told.drained, told.refused, told.failed);
    if let Some(fault) = &told.fault {
        println!("  the first fault: {fault}");
    }
}
