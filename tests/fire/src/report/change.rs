//! What became of the figures since the last run.

use std::collections::BTreeMap;

use super::{Figures, Run};
use crate::measure::median;

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
    /// Whether no turn of one run lies among the turns of the other; true for what is measured once.
    pub apart: bool,
}

/// A difference below this share is noise.
const NOISE: f64 = 0.05;

// === impl Change ===

impl Change {
    /// By how many hundredths it changed; positive is more.
    pub fn percent(&self) -> f64 {
        if self.then.abs() < f64::EPSILON { 0.0 } else { (self.now / self.then - 1.0) * 100.0 }
    }

    /// Whether it became worse by more than noise, and by more than the turns of one run differ among themselves.
    pub fn is_worse(&self) -> bool {
        let percent = if self.more_is_better { -self.percent() } else { self.percent() };
        self.apart && percent > NOISE * 100.0
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
    both(last, now).flat_map(|(store, last, now)| of_store(store, last, now)).collect()
}

// The stores that both runs have, with the figures of each.
fn both<'a>(last: &'a Run, now: &'a Run) -> impl Iterator<Item = (&'a str, &'a Figures, &'a Figures)> {
    now.stores.iter().filter_map(|(store, figures)| Some((store.as_str(), last.stores.get(store)?, figures)))
}

/// The floors that are faster or slower by more than a quarter, each with how many times as fast it is: another machine, or
/// a busier one.
pub fn moved(last: &Run, now: &Run) -> Vec<(String, f64)> {
    let mut floors = BTreeMap::new();
    for (store, last, now) in both(last, now) {
        for (call, compared) in &now.calls {
            let Some(before) = last.calls.get(call) else { continue };
            for (floor, ratio) in &compared.against {
                let then = before.against.get(floor).map_or(0.0, |ratio| median(&ratio.floor));
                if then > 0.0 {
                    floors.entry(format!("{store}: {floor}")).or_insert(median(&ratio.floor) / then);
                }
            }
        }
    }
    floors.into_iter().filter(|(_, factor)| !(0.75..=1.25).contains(factor)).collect()
}

fn of_store(store: &str, last: &Figures, now: &Figures) -> Vec<Change> {
    let change = |what: String, then: f64, now: f64, more_is_better| Change {
        what: format!("{store}: {what}"),
        then,
        now,
        more_is_better,
        apart: true,
    };
    let mut changes = Vec::new();
    for (call, compared) in &now.calls {
        let Some(before) = last.calls.get(call) else { continue };
        for (floor, ratio) in &compared.against {
            if let Some(then) = before.against.get(floor) {
                let both = change(format!("{call} against {floor}"), then.median(), ratio.median(), true);
                changes.push(Change { apart: apart(then.spread(), ratio.spread()), ..both });
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

fn apart(one: (f64, f64), two: (f64, f64)) -> bool {
    one.1 < two.0 || two.1 < one.0
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
    fn a_difference_that_the_turns_of_one_run_have_among_themselves_is_not_called_worse() {
        let turns = |rates: [f64; 3]| {
            let mut run = run(0.0, 40.0);
            let figures = run.stores.get_mut("PostgreSQL").unwrap();
            let ratio = Ratio { floor: vec![100.0; 3], subject: rates.to_vec() };
            figures.calls.get_mut("CheckAccess").unwrap().against.insert("echo".to_owned(), ratio);
            run
        };
        let then = turns([60.0, 61.0, 62.0]);
        assert!(!found(&changes(&then, &turns([40.0, 50.0, 60.5])), "against echo").is_worse());
        assert!(found(&changes(&then, &turns([40.0, 50.0, 59.5])), "against echo").is_worse());
    }

    #[test]
    fn another_machine_shows_in_the_floors() {
        let mut fast = run(0.8, 40.0);
        let floor = &mut fast.stores.get_mut("PostgreSQL").unwrap().calls.get_mut("CheckAccess").unwrap().against;
        floor.get_mut("echo").unwrap().floor = vec![250.0];
        assert_eq!(moved(&run(0.8, 40.0), &fast), [("PostgreSQL: echo".to_owned(), 2.5)]);
        assert_eq!(moved(&fast, &fast), []);
    }

    #[test]
    fn what_only_one_run_has_is_not_compared() {
        let mut then = run(0.8, 40.0);
        then.stores.clear();
        assert!(changes(&then, &run(0.8, 40.0)).is_empty());
    }
}
