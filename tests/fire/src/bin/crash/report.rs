//! What is told: a line for each cycle, a table at the end, and the figures as Markdown.

use std::collections::BTreeMap;
use std::time::Duration;

use dossier_fire::history::{Attempt, Outcome};

use crate::faults::Trouble;

/// Everything that was counted.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) cycles: usize,
    pub(crate) calls: usize,
    pub(crate) answered: usize,
    pub(crate) refused: usize,
    pub(crate) unknown: usize,
    pub(crate) verified: usize,
    pub(crate) violations: usize,
    /// Violations of rules that were named as known.
    pub(crate) known: usize,
    told: BTreeMap<String, usize>,
    recoveries: BTreeMap<Trouble, Vec<Duration>>,
}

// === impl Report ===

impl Report {
    /// Counts the attempts of one round.
    pub(crate) fn count(&mut self, history: &[Attempt]) {
        self.calls += history.len();
        for attempt in history {
            let told = match &attempt.outcome {
                Outcome::Done(_) => {
                    self.answered += 1;
                    continue;
                }
                Outcome::Refused(why) => {
                    self.refused += 1;
                    format!("{} {why}", attempt.call.word())
                }
                Outcome::Unknown(why) => {
                    self.unknown += 1;
                    why.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
                }
            };
            *self.told.entry(told).or_default() += 1;
        }
    }

    /// Notes one recovery.
    pub(crate) fn recovered(&mut self, from: Trouble, took: Duration) {
        self.recoveries.entry(from).or_default().push(took);
    }

    /// What callers were told instead of an answer, and how often.
    pub(crate) fn told(&self) -> String {
        self.told.iter().map(|(why, times)| format!("{why} {times}")).collect::<Vec<_>>().join(", ")
    }

    /// The table, as Markdown that is readable as it is.
    pub(crate) fn table(&mut self) -> String {
        let mut lines = vec![
            format!("| {:<42} | cycles | recovered p50 | recovered max |", "fault"),
            format!("|{}|-------:|--------------:|--------------:|", "-".repeat(44)),
        ];
        for (trouble, times) in &mut self.recoveries {
            times.sort_unstable();
            let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
            let (name, count) = (trouble.name(), times.len());
            let (median, most) = (median.as_secs_f64(), most.as_secs_f64());
            lines.push(format!("| {name:<42} | {count:>6} | {median:>11.2} s | {most:>11.2} s |"));
        }
        lines.join("\n")
    }

    /// One sentence with the figures.
    pub(crate) fn sentence(&self, seed: u64) -> String {
        let Self { cycles, calls, answered, refused, unknown, verified, violations, known, .. } = self;
        let known = if *known == 0 { String::new() } else { format!(" and {known} known ones") };
        format!(
            "**{cycles} cycles, {calls} calls** ({answered} answered, {refused} refused, {unknown} of unknown outcome), \
             journals verified {verified} times: **{violations} violations**{known} (seed {seed})."
        )
    }
}
