//! Breaks the services in every way there is, while people work with them, and checks what they promised.
//!
//! Each cycle: the load begins, a fault comes and goes, everything recovers, the load stops, the journals come to rest, and
//! the history of all calls of the round is held against the stores. Rounds of at most 25 cycles begin with fresh stores.
#![expect(clippy::print_stdout, reason = "a program that tells what it finds")]

mod acts;
mod calls;
mod chance;
mod controls;
mod faults;
mod messages;
mod papers;
mod report;
mod scene;
mod stall;
mod workers;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use dossier_fire::ground::{Fault, Result};
use dossier_fire::history::Violation;
use tokio::time::{Instant, sleep};

use chance::Chance;
use faults::{Done, Trouble};
use report::Report;
use workers::{Load, MIX};
use world::{Kind, Machine, World};

/// Cycles of one round.
const ROUND: usize = 25;

/// Rounds that may fail before the rest is given up.
const PATIENCE: usize = 3;

/// Breaks the services and checks what they promised.
#[derive(Parser, Debug)]
#[command(name = "tests/crash")]
struct Arguments {
    /// How many faults
    #[arg(long, default_value_t = 20)]
    cycles: usize,
    /// Repeats a run: which faults, when, of which processes, under which calls
    #[arg(long)]
    seed: Option<u64>,
    /// Only this fault
    #[arg(long, value_name = "FAULT")]
    only: Option<Trouble>,
    /// Only these stores
    #[arg(long, value_name = "postgres|sqlite", value_parser = kind)]
    store: Option<Kind>,
    /// Takes a protection away from every process: the rules should turn red
    #[arg(long, value_name = "NAME")]
    weaken: Option<String>,
    /// Violations of this rule are told and counted, but do not end a round; may be repeated
    #[arg(long, value_name = "RULE")]
    known: Vec<String>,
    /// Takes every protection away in turn, and fails unless the rule that watches it turns red
    #[arg(long)]
    controls: bool,
    /// Leaves stores and logs behind
    #[arg(long)]
    keep: bool,
    /// The program `dossier`, built with fault points
    #[arg(long, env = "DOSSIER", hide_env_values = true)]
    program: PathBuf,
}

fn kind(text: &str) -> std::result::Result<Kind, String> {
    match text {
        "postgres" => Ok(Kind::Postgres),
        "sqlite" => Ok(Kind::Sqlite),
        _ => Err("give postgres or sqlite".to_owned()),
    }
}

/// What a run carries along.
struct Run {
    arguments: Arguments,
    seed: u64,
    report: Report,
    cycle: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| {
        u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis()).unwrap_or(1) % 1_000_000
    });
    let begun = Instant::now();
    let mut machine = match Machine::new() {
        Ok(machine) => machine,
        Err(fault) => {
            println!("FAILED: {fault}");
            return ExitCode::from(2);
        }
    };
    let keep = arguments.keep;
    let mut run = Run { arguments, seed, report: Report::default(), cycle: 0 };
    let done = tokio::select! {
        done = Box::pin(run.all(&mut machine)) => done,
        _ = tokio::signal::ctrl_c() => Err(Fault::new("interrupted")),
    };
    let failed = match done {
        Ok(true) => false,
        Ok(false) => true,
        Err(fault) => {
            println!("FAILED: {fault}");
            true
        }
    };
    println!("{:.0} s", begun.elapsed().as_secs_f64());
    if failed || keep {
        machine.scratch.keep();
        println!("logs and stores: {}", machine.scratch.path().display());
        println!("the same again: --seed {seed}");
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

// === impl Run ===

impl Run {
    /// Whether everything held.
    async fn all(&mut self, machine: &mut Machine) -> Result<bool> {
        self.require_fault_points().await?;
        if self.arguments.controls {
            println!("Each protection is taken away in turn; its rule must turn red (seed {}).", self.seed);
            let green = controls::run(machine, &self.arguments.program, self.seed, &|line| println!("{line}")).await?;
            return Ok(green == 0);
        }
        println!("{} cycles, seed {}", self.arguments.cycles, self.seed);
        let mut broken = 0;
        for (round, (kind, troubles)) in self.plan().into_iter().enumerate() {
            let held = self.round(machine, round, kind, &troubles).await;
            let held = held.unwrap_or_else(|fault| {
                println!("FAILED: {fault}");
                false
            });
            broken += usize::from(!held);
            if broken >= PATIENCE {
                println!("{PATIENCE} rounds failed; the rest is given up");
                break;
            }
        }
        println!("\nrefused or of unknown outcome: {}", self.report.told());
        println!("\n{}\n\n{}", self.report.table(), self.report.sentence(self.seed));
        Ok(broken == 0)
    }

    async fn require_fault_points(&self) -> Result<()> {
        let told = tokio::process::Command::new(&self.arguments.program).arg("--version").output().await?;
        if String::from_utf8_lossy(&told.stdout).contains("fault points") {
            return Ok(());
        }
        Err(Fault::new("this program was built without fault points; use tests/crash"))
    }

    /// Rounds: the stores of each, and its faults in order. All kinds of faults come once before any comes again.
    fn plan(&self) -> Vec<(Kind, Vec<Trouble>)> {
        let mut chance = Chance::new(self.seed, 1_000_000);
        let (mut left, mut rounds) = (self.arguments.cycles, Vec::new());
        let mut decks = [(Kind::Postgres, Vec::new()), (Kind::Sqlite, Vec::new())];
        while left > 0 {
            let size = left.min(ROUND);
            left -= size;
            // Three quarters run as in production, one quarter embedded.
            let embedded = size.div_ceil(4);
            let shares = match self.arguments.store {
                Some(Kind::Postgres) => [size, 0],
                Some(Kind::Sqlite) => [0, size],
                None => [size - embedded, embedded],
            };
            for ((kind, deck), share) in decks.iter_mut().zip(shares) {
                let mut troubles = Vec::new();
                for _ in 0..share {
                    if deck.is_empty() {
                        *deck = self.arguments.only.map_or_else(|| Trouble::deck(*kind), |only| vec![only]);
                        chance.shuffle(deck);
                    }
                    troubles.extend(deck.pop());
                }
                rounds.extend(Trouble::rounds(&troubles).into_iter().map(|part| (*kind, part)));
            }
        }
        rounds
    }

    /// One round; whether everything held.
    async fn round(&mut self, machine: &mut Machine, round: usize, kind: Kind, troubles: &[Trouble]) -> Result<bool> {
        let seed = self.seed.wrapping_add(round as u64 * 1000);
        let program = self.arguments.program.clone();
        let begun = Instant::now();
        let more: Vec<_> =
            self.arguments.weaken.iter().map(|name| ("DOSSIER_WEAKEN".to_owned(), name.clone())).collect();
        let secure = Trouble::secure(troubles);
        let mut world = World::raise(machine, &program, (kind, secure), round, seed, &more).await?;
        let (replicas, words) = (world.fleet.replicas.len(), if secure { "over TLS, " } else { "" });
        println!("round {}: {kind:?}, {words}{replicas} processes, {:.1} s", round + 1, begun.elapsed().as_secs_f64());
        let mut held = true;
        for (number, trouble) in troubles.iter().enumerate() {
            self.cycle += 1;
            let last = number + 1 == troubles.len();
            held = self.cycle(machine, &mut world, *trouble, last).await?;
            if !held {
                break;
            }
        }
        self.report.count(&world.stage.callers.history());
        if held {
            world.fall(machine, round).await?;
        } else {
            world.fleet.kill().await?;
        }
        Ok(held)
    }

    /// One fault; whether everything held.
    async fn cycle(&mut self, machine: &mut Machine, world: &mut World, trouble: Trouble, last: bool) -> Result<bool> {
        let begun = Instant::now();
        let mut chance = Chance::new(self.seed, self.cycle as u64);
        let weaken = self.arguments.weaken.clone().unwrap_or_default();
        let arming = trouble.arm(world, &mut chance);
        if let Some(arming) = &arming {
            arming.arm(world, &weaken).await?;
        }
        let before = world.stage.callers.history().len();
        let load = Load::start(&world.stage, self.seed.wrapping_add(self.cycle as u64), &MIX);
        sleep(Duration::from_millis(chance.within(150, 500))).await;
        let done = match &arming {
            Some(arming) => arming.run(world).await,
            None => trouble.run(world, machine, &mut chance).await,
        };
        let recovered = match done {
            Ok(done) => world.recover(done.healed).await.map(|took| (done, took)),
            Err(fault) => Err(fault),
        };
        sleep(Duration::from_millis(150)).await;
        let over = begun.elapsed();
        load.stop().await;
        let aftermath = trouble.aftermath(world, &mut chance).await?;
        let stopped = begun.elapsed();
        let settled = world.settle().await;
        let rested = begun.elapsed();
        let (known, grave): (Vec<_>, Vec<_>) =
            world.judge().await?.into_iter().partition(|one| self.arguments.known.iter().any(|rule| rule == one.rule));
        let told = |one: &Violation| format!("{}: {}", one.rule, one.words);
        let mut found: Vec<_> = grave.iter().map(told).collect();
        found.extend(settled.err().map(|fault| fault.to_string()));
        found.extend(aftermath);
        // A whole verification grows with the journal; the rules recompute the tree at every cycle.
        if last || self.cycle.is_multiple_of(10) {
            found.extend(world.verify().await?);
            self.report.verified += 1;
        }
        let words = match recovered {
            Ok((Done { words, happened, .. }, took)) => {
                // A fault that did not come is no recovery.
                if happened {
                    self.report.recovered(trouble, took);
                }
                format!("{words}; recovered in {:.2} s", took.as_secs_f64())
            }
            Err(fault) => {
                found.push(fault.to_string());
                "not recovered".to_owned()
            }
        };
        self.report.cycles += 1;
        self.report.violations += found.len();
        self.report.known += known.len();
        let calls = world.stage.callers.history().len() - before;
        let (cycle, took) = (self.cycle, begun.elapsed());
        let phases =
            [over, stopped - over, rested - stopped, took - rested].map(|span| format!("{:.1}", span.as_secs_f64()));
        let (phases, took) = (phases.join("+"), took.as_secs_f64());
        println!("{cycle:>4}  {}: {words}; {calls} calls, {took:.1} s = {phases}", trouble.name());
        for one in found.iter().chain(known.iter().map(told).collect::<Vec<_>>().iter()).take(20) {
            println!("      VIOLATION {one}");
        }
        if !found.is_empty() {
            let path = machine.scratch.path().join(format!("history-{cycle}.txt"));
            let lines = world.stage.callers.history().iter().map(|one| format!("{one:?}\n")).collect::<String>();
            std::fs::write(path, lines)?;
        }
        Ok(found.is_empty())
    }
}
