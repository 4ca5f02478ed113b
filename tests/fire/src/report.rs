//! The report: what was measured, as a file for machines, as Markdown for people, with charts; and what became of it
//! since the last time.

mod change;
mod chart;
mod charts;
mod goals;
mod page;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ground::{Fault, Result};
use crate::plans::Plans;
use crate::trial::{Compared, Guarded, Point};

pub use change::{Change, changes, moved};
pub use chart::{Bar, Series, bars, curves};

/// One run on one or two stores.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The day, UTC.
    pub date: String,
    /// Whether it was a short run, whose figures mean little.
    pub quick: bool,
    /// What it ran on.
    pub machine: Machine,
    /// Callers of the closed loops, and the connections they shared.
    pub callers: u64,
    /// Connections to each process.
    pub connections: u64,
    /// Seconds of one measurement.
    pub seconds: f64,
    /// Turns of floor and subject.
    pub rounds: u64,
    /// The figures of each store, by its name.
    pub stores: BTreeMap<String, Figures>,
    /// Size of the program, in MiB.
    pub program_mib: f64,
    /// Of it, what a program without debug information would have, if it could be told.
    pub stripped_mib: Option<f64>,
}

/// What a run ran on; no names and no paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// Processors.
    pub cores: u64,
    /// The processor's model.
    pub processor: String,
    /// Memory, in GiB.
    pub memory_gib: f64,
    /// The system.
    pub system: String,
    /// The mean number of processes that wanted a processor in the minute before, besides this run.
    pub load_before: f64,
}

/// What was measured on one store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// The store and what runs beside it, with versions.
    pub made_of: Vec<String>,
    /// Each call against its floors, at the smaller number of files.
    pub calls: BTreeMap<String, Compared>,
    /// Each call's latencies by rate.
    pub latencies: BTreeMap<String, Vec<Point>>,
    /// Whether the limit held when all reserved against it at once.
    pub guarded: Option<Guarded>,
    /// The customer that all reserved against in the measured runs: acknowledged and held.
    pub hot: Option<Guarded>,
    /// What grew.
    pub growth: Option<Growth>,
    /// Seconds from start to ready on existing data, at each number of files, several times.
    pub started: BTreeMap<u64, Vec<f64>>,
    /// Resident memory of the services in MiB: idle, and at its highest under load.
    pub idle_mib: f64,
    /// Under load.
    pub loaded_mib: f64,
    /// The statements of each call that took the most time, by `pg_stat_statements`.
    pub statements: BTreeMap<String, Vec<Statement>>,
    /// How the store finds what it answers, on many files.
    #[serde(default)]
    pub plans: Option<Plans>,
}

/// The same calls on few and on many files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Growth {
    /// Files at first.
    pub few: u64,
    /// Files then.
    pub many: u64,
    /// Calls for each second on few and on many files.
    pub rates: BTreeMap<String, (f64, f64)>,
    /// Ratios to the call's first floor on few and on many files, each measured in turns.
    pub ratios: BTreeMap<String, (f64, f64)>,
    /// Processor milliseconds of services and store for one call, on few and on many files.
    pub spent: BTreeMap<String, (f64, f64)>,
    /// Seconds that generating took.
    pub generated: f64,
    /// Each call's latencies by rate, on many files.
    #[serde(default)]
    pub latencies: BTreeMap<String, Vec<Point>>,
}

/// One statement, as PostgreSQL counts it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// Its beginning.
    pub text: String,
    /// How often it ran for one call.
    pub times: f64,
    /// Its time in PostgreSQL for one call, in microseconds.
    pub micros: f64,
}

// === impl Run ===

impl Run {
    /// The last run that was kept at `path`; `None` when there is none or it was written by another version.
    pub fn last(path: &Path) -> Option<Self> {
        serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()
    }

    /// Writes `load.json`, `load.md` and its charts into `folder`.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write(&self, folder: &Path, last: Option<&Self>) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        let json = serde_json::to_string_pretty(self).map_err(Fault::new)?;
        std::fs::write(folder.join("load.json"), json + "\n")?;
        for (name, chart) in charts::charts(self) {
            std::fs::write(folder.join(name), chart)?;
        }
        std::fs::write(folder.join("load.md"), page::page(self, last))?;
        Ok(())
    }

    /// Refuses a run in which a statement scans a table that grows with an organisation.
    ///
    /// # Errors
    /// Each such statement with its table.
    pub fn require_plans(&self) -> Result<()> {
        let plans = self.stores.iter().filter_map(|(store, figures)| Some((store, figures.plans.as_ref()?)));
        let faults = plans.flat_map(|(store, plans)| plans.faults.iter().map(move |fault| format!("{store}: {fault}")));
        let faults: Vec<_> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(Fault::new(faults.join("\n"))) }
    }

    /// The page as text, for whoever prints it.
    pub fn page(&self, last: Option<&Self>) -> String {
        page::page(self, last)
    }
}

// === impl Growth ===

impl Growth {
    /// How much dearer each call became: the ratio to its floor on few files by that on many. The floors do not grow, so
    /// what the machine did between the two measurements cancels.
    pub fn factors(&self) -> BTreeMap<&str, f64> {
        let factor = |(few, many): &(f64, f64)| if *many > 0.0 { few / many } else { f64::INFINITY };
        self.ratios.iter().map(|(call, ratios)| (call.as_str(), factor(ratios))).collect()
    }
}
