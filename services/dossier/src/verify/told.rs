//! What `verify` prints: each fault with its place, a line per journal, a sum, and how much of it rests on a checkpoint that
//! was kept elsewhere.

use dossier_journal::verify::Report;
use dossier_journal::verify::state::Since;

use super::state::State;
use super::stores::Verified;
use crate::{Failure, out};

/// Sums over all journals.
#[derive(Default)]
struct Sum {
    entries: u64,
    rows: u64,
    faults: u64,
}

/// Prints what was found.
///
/// # Errors
/// When anything is wrong.
pub(crate) fn told(verified: &[Verified]) -> Result<(), Failure> {
    let mut sum = Sum::default();
    for one in verified {
        sum.journal(&one.name, &one.outcome)?;
        if let Some(state) = &one.state {
            sum.state(&one.name, state)?;
        }
    }
    let (journals, rows) = (out::count(verified.len() as u64, "journal"), out::count(sum.rows, "row"));
    let wrong = out::count(sum.faults, "fault");
    let summary = format!("{journals}, {}, {rows}, {wrong}", entries_of(sum.entries));
    if sum.faults > 0 {
        complete(verified)?;
        return Err(Failure::differs(summary));
    }
    out::line(summary)?;
    complete(verified)
}

// === impl Sum ===

impl Sum {
    fn journal(&mut self, name: &str, outcome: &Result<Report, String>) -> Result<(), Failure> {
        let report = match outcome {
            Ok(report) => report,
            Err(why) => return self.failed(name, why),
        };
        for fault in &report.faults {
            out::line(format!("{name}: FAULT: {fault}"))?;
        }
        self.entries += report.entries;
        self.faults += report.faults.len() as u64;
        let verdict = if report.verified() { "verified" } else { "DOES NOT VERIFY" };
        let (size, notes) = (entries_of(report.entries), out::count(report.checkpoints, "checkpoint"));
        Ok(out::line(format!("{name}: {size}, {notes}, root {}: {verdict}", hex::encode(report.root)))?)
    }

    fn state(&mut self, name: &str, state: &Result<State, String>) -> Result<(), Failure> {
        let State { findings, gaps } = match state {
            Ok(state) => state,
            Err(why) => return self.failed(name, why),
        };
        for one in &findings.differences {
            out::line(format!("{name}: FAULT: {one}"))?;
        }
        if findings.more > 0 {
            out::line(format!("{name}: FAULT: and {} more", findings.more))?;
        }
        for one in &findings.since {
            out::line(format!("{name}: {}", since(one)))?;
        }
        if findings.erased > 0 {
            let rows = out::count(findings.erased, "revision");
            out::line(format!("{name}: {rows} of erased files: what they promised cannot be opened any more"))?;
        }
        for gap in gaps {
            out::line(format!("{name}: {gap}"))?;
        }
        (self.rows, self.faults) = (self.rows + findings.rows, self.faults + findings.count());
        let verdict = if findings.verified() { "as the entries say" } else { "NOT AS THE ENTRIES SAY" };
        Ok(out::line(format!("{name}: {}: {verdict}", out::count(findings.rows, "row")))?)
    }

    fn failed(&mut self, name: &str, why: &str) -> Result<(), Failure> {
        self.faults += 1;
        Ok(out::line(format!("{name}: FAULT: {why}"))?)
    }
}

fn since(one: &Since) -> String {
    let (place, rows) = (format!("{}.{}", one.table, one.field), out::count(one.rows, "row"));
    match one.seq {
        Some(seq) => {
            format!("state of {place} is proved from entry {seq} on; {rows} stand as entries before it left them")
        }
        None => format!("state of {place} is not proved: no entry speaks of it; {rows}"),
    }
}

// A journal proves what it holds, never that nothing was cut off its end: only a checkpoint kept elsewhere can.
fn complete(verified: &[Verified]) -> Result<(), Failure> {
    let alone = verified.iter().filter(|one| one.witnessed.is_none() && one.outcome.is_ok());
    let alone: Vec<_> = alone.map(|one| one.name.as_str()).collect();
    for one in verified {
        if let Some(size) = one.witnessed {
            out::line(format!("{}: complete up to entry {size}, by a checkpoint kept elsewhere", one.name))?;
        }
    }
    if !alone.is_empty() {
        let names = alone.join(", ");
        out::line(format!(
            "completeness was not shown for {names}: that nothing was cut off the end only a checkpoint kept elsewhere \
             shows (--witness, --checkpoint)"
        ))?;
    }
    Ok(())
}

fn entries_of(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { out::count(number, "entrie") }
}
