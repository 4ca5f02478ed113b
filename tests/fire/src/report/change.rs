//! What became of the figures since the last run.

use super::{Figures, Run};

/// One figure, then and now.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// What it is, with its store.
    pub what: String,
    /// The last time.
    pub then: f64,
    /// This time.
    pub now: f64,
    /// Whether more is better.
    pub more_is_better: bool,
}

/// A difference below this share is noise.
const NOISE: f64 = 0.05;

// === impl Change ===

impl Change {
    /// By how many hundredths it changed; positive is more.
    pub fn percent(&self) -> f64 {
        if self.then.abs() < f64::EPSILON { 0.0 } else { (self.now / self.then - 1.0) * 100.0 }
    }

    /// Whether it became worse by more than noise.
    pub fn is_worse(&self) -> bool {
        let percent = if self.more_is_better { -self.percent() } else { self.percent() };
        percent > NOISE * 100.0
    }

    /// An arrow and the hundredths, such as `↑ 12 %`; `=` within noise.
    pub fn arrow(&self) -> String {
        let percent = self.percent();
        match percent {
            _ if percent.abs() <= NOISE * 100.0 => "=".to_owned(),
            _ if percent > 0.0 => format!("↑ {percent:.0} %"),
            _ => format!("↓ {:.0} %", -percent),
        }
    }
}

/// Every figure that both runs have. Rates are compared as ratios to floors, so that another machine does not count.
pub fn changes(last: &Run, now: &Run) -> Vec<Change> {
    let both = now.stores.iter().filter_map(|(store, figures)| Some((store, last.stores.get(store)?, figures)));
    both.flat_map(|(store, last, now)| of_store(store, last, now)).collect()
}

fn of_store(store: &str, last: &Figures, now: &Figures) -> Vec<Change> {
    let change = |what: String, then: f64, now: f64, more_is_better| Change {
        what: format!("{store}: {what}"),
        then,
        now,
        more_is_better,
    };
    let mut changes = Vec::new();
    for (call, compared) in &now.calls {
        let Some(before) = last.calls.get(call) else { continue };
        for (floor, ratio) in &compared.against {
            if let Some(then) = before.against.get(floor) {
                changes.push(change(format!("{call} against {floor}"), then.median(), ratio.median(), true));
            }
        }
    }
    if let (Some(before), Some(grown)) = (&last.growth, &now.growth) {
        let then = before.factors();
        for (call, factor) in grown.factors() {
            if let Some(then) = then.get(call) {
                changes.push(change(format!("{call}, cost on many files by cost on few"), *then, factor, false));
            }
        }
    }
    changes.push(change("idle memory, MiB".to_owned(), last.idle_mib, now.idle_mib, false));
    changes.push(change("memory under load, MiB".to_owned(), last.loaded_mib, now.loaded_mib, false));
    changes
}

#[cfg(test)]
mod tests {
    use super::super::Run;
    use super::*;
    use crate::measure::Ratio;
    use crate::trial::Compared;

    fn run(ratio: f64, idle: f64) -> Run {
        let mut compared = Compared::default();
        compared.against.insert("echo".to_owned(), Ratio { floor: vec![100.0], subject: vec![100.0 * ratio] });
        let mut figures = Figures { idle_mib: idle, loaded_mib: 50.0, ..Figures::default() };
        figures.calls.insert("CheckAccess".to_owned(), compared);
        let mut run = Run::default();
        run.stores.insert("PostgreSQL".to_owned(), figures);
        run
    }

    fn found<'a>(changes: &'a [Change], words: &str) -> &'a Change {
        changes.iter().find(|change| change.what.contains(words)).unwrap()
    }

    #[test]
    fn a_lower_ratio_is_worse_and_lower_memory_is_better() {
        let changes = changes(&run(0.8, 40.0), &run(0.6, 30.0));
        let ratio = found(&changes, "CheckAccess against echo");
        assert!(ratio.is_worse());
        assert_eq!(ratio.arrow(), "↓ 25 %");
        let idle = found(&changes, "idle memory");
        assert!(!idle.is_worse());
        assert_eq!(idle.arrow(), "↓ 25 %");
    }

    #[test]
    fn a_difference_within_noise_is_none() {
        let changes = changes(&run(0.80, 40.0), &run(0.78, 41.0));
        assert!(changes.iter().all(|change| !change.is_worse() && change.arrow() == "="), "{changes:?}");
    }

    #[test]
    fn what_only_one_run_has_is_not_compared() {
        let mut then = run(0.8, 40.0);
        then.stores.clear();
        assert!(changes(&then, &run(0.8, 40.0)).is_empty());
    }
}
