//! What the figures should reach, and where they do not.

use super::{Bar, Figures, Growth, Run};
use crate::measure::Ratio;
use crate::subjects::{Call, Goal};

/// The most that a call may become dearer from few files to many.
const GROWTH: f64 = 1.3;
/// The longest start on existing data, in seconds.
const START: f64 = 0.5;
/// The most resident memory when idle, in MiB.
const IDLE: f64 = 60.0;

/// Each call against its floors, as bars.
pub(super) fn ratios(store: &str, figures: &Figures) -> Vec<Bar> {
    let mut rows = Vec::new();
    for (call, goal, ratio) in goals(store, figures) {
        let value = ratio.median();
        let met = goal.least.is_none_or(|least| value >= least);
        rows.push(Bar {
            label: format!("{call} / {}", goal.floor),
            value,
            spread: ratio.spread(),
            goal: goal.least,
            met,
        });
    }
    rows
}

/// The ratios that were measured, with what they should reach.
pub(super) fn goals<'a>(store: &str, figures: &'a Figures) -> Vec<(Call, Goal, &'a Ratio)> {
    let mut rows = Vec::new();
    for call in Call::ALL {
        let Some(compared) = figures.calls.get(call.name()) else { continue };
        for goal in call.goals(store == "PostgreSQL") {
            if let Some(ratio) = compared.against.get(goal.floor.name()) {
                rows.push((call, goal, ratio));
            }
        }
    }
    rows
}

/// How much dearer calls became on many files, as bars.
pub(super) fn grown(figures: &Figures) -> Vec<Bar> {
    let factors = figures.growth.iter().flat_map(Growth::factors);
    let bar = |(call, value): (&str, f64)| Bar {
        label: call.to_owned(),
        value,
        spread: (value, value),
        goal: Some(GROWTH),
        met: value <= GROWTH,
    };
    factors.map(bar).collect()
}

/// What is not reached, in words.
pub(super) fn missed(run: &Run) -> Vec<String> {
    let mut missed = Vec::new();
    for (store, figures) in &run.stores {
        for bar in ratios(store, figures).into_iter().filter(|bar| !bar.met) {
            let goal = bar.goal.unwrap_or_default();
            missed.push(format!("{store}: {} reaches {:.2} of {goal} times", bar.label, bar.value));
        }
        for bar in grown(figures).into_iter().filter(|bar| !bar.met) {
            missed.push(format!(
                "{store}: {} is {:.2} times as dear on many files; {GROWTH} is allowed",
                bar.label, bar.value
            ));
        }
        if store == "SQLite" {
            let slowest = figures.started.values().flatten().copied().fold(0.0, f64::max);
            if slowest > START {
                missed.push(format!("{store}: `serve all` is ready after {slowest:.2} s; {START} s are allowed"));
            }
            if figures.idle_mib > IDLE {
                missed.push(format!("{store}: {:.0} MiB idle; {IDLE:.0} MiB are allowed", figures.idle_mib));
            }
        }
        for fault in figures.plans.iter().flat_map(|plans| &plans.faults) {
            missed.push(format!("{store}: **scans what grows**: {fault}"));
        }
        for guarded in figures.guarded.iter().chain(&figures.hot).filter(|guarded| !guarded.holds()) {
            missed.push(format!("{store}: **a limit did not hold**: {guarded:?}"));
        }
    }
    missed
}
