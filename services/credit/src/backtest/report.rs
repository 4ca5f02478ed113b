//! How well a score tells the bad from the good.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use crate::domain::number::text;

/// Most bands of a distribution.
const MOST_BANDS: i64 = 20;

/// The outcome of a backtest.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Rows scored.
    pub rows: usize,
    /// Rows whose outcome was bad.
    pub bad: usize,
    /// Area under the ROC curve: the chance that a good row scores above a bad one, ties counted half. Nothing unless
    /// there are both.
    pub auc: Option<f64>,
    /// Kolmogorov-Smirnov: the largest distance between the two distributions. Nothing unless there are both.
    pub ks: Option<f64>,
    /// Lowest score; nothing without rows.
    pub lowest: Option<Decimal>,
    /// Highest score; nothing without rows.
    pub highest: Option<Decimal>,
    /// Mean score, to two places; nothing without rows.
    pub mean: Option<Decimal>,
    /// Rows by score, lowest band first, without gaps.
    pub bands: Vec<Band>,
    /// The outcome that was said to be the bad one.
    pub bad_label: String,
    /// Rows by what their outcome says; every label but the bad one was counted as good.
    pub labels: BTreeMap<String, usize>,
}

/// The rows of one band of scores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Inclusive.
    pub from: Decimal,
    /// Exclusive.
    pub until: Decimal,
    /// Good rows in it.
    pub good: usize,
    /// Bad rows in it.
    pub bad: usize,
}

// === impl Report ===

impl Report {
    /// The report on rows of score and "was bad".
    pub(super) fn of(mut rows: Vec<(Decimal, bool)>, bad_label: &str, labels: BTreeMap<String, usize>) -> Self {
        rows.sort_unstable();
        let bad = rows.iter().filter(|(_, bad)| *bad).count();
        let (auc, ks) = power(&rows, bad).unzip();
        let sum: Decimal = rows.iter().map(|(score, _)| *score).sum();
        Self {
            rows: rows.len(),
            bad,
            auc,
            ks,
            lowest: rows.first().map(|(score, _)| *score),
            highest: rows.last().map(|(score, _)| *score),
            mean: sum.checked_div(Decimal::from(rows.len())).map(|mean| mean.round_dp(2)),
            bands: bands(&rows),
            bad_label: bad_label.to_owned(),
            labels,
        }
    }
}

/// AUC by the rank statistic and KS, in one walk over the rows in order of score.
#[expect(clippy::cast_precision_loss, reason = "a statistic to a few digits of at most some millions of rows")]
fn power(rows: &[(Decimal, bool)], bad: usize) -> Option<(f64, f64)> {
    let good = rows.len() - bad;
    if good == 0 || bad == 0 {
        return None;
    }
    // Pairs are counted doubled, so that a tie is a whole number.
    let (mut doubled, mut distance) = (0_u128, 0_f64);
    let (mut good_below, mut bad_below) = (0_usize, 0_usize);
    for tied in rows.chunk_by(|one, next| one.0 == next.0) {
        let bad_here = tied.iter().filter(|(_, bad)| *bad).count();
        let good_here = tied.len() - bad_here;
        doubled += (good_here as u128) * (2 * bad_below as u128 + bad_here as u128);
        good_below += good_here;
        bad_below += bad_here;
        distance = distance.max((bad_below as f64 / bad as f64 - good_below as f64 / good as f64).abs());
    }
    Some((doubled as f64 / (2.0 * good as f64 * bad as f64), distance))
}

fn bands(rows: &[(Decimal, bool)]) -> Vec<Band> {
    let (Some((lowest, _)), Some((highest, _))) = (rows.first(), rows.last()) else { return Vec::new() };
    let width = width(*highest - *lowest);
    let mut from = (*lowest / width).floor() * width;
    let mut bands = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        let until = from + width;
        let (here, above) = rest.split_at(rest.partition_point(|(score, _)| *score < until));
        let bad = here.iter().filter(|(_, bad)| *bad).count();
        bands.push(Band { from, until, good: here.len() - bad, bad });
        (from, rest) = (until, above);
    }
    bands
}

/// The smallest of 0.001, 0.002, 0.005, 0.01 ... that needs few enough bands.
fn width(range: Decimal) -> Decimal {
    let mut unit = Decimal::new(1, 3);
    loop {
        for step in [1, 2, 5] {
            let width = unit * Decimal::from(step);
            // One band less, because the first begins below the lowest score.
            if range < width * Decimal::from(MOST_BANDS - 1) {
                return width;
            }
        }
        unit *= Decimal::TEN;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
        let score = |value: Option<Decimal>| value.map_or("-".to_owned(), text);
        writeln!(f, "rows {}, good {}, bad {}", self.rows, self.rows - self.bad, self.bad)?;
        writeln!(f, "AUC {}, KS {}", number(self.auc), number(self.ks))?;
        let (lowest, mean, highest) = (score(self.lowest), score(self.mean), score(self.highest));
        writeln!(f, "score lowest {lowest}, mean {mean}, highest {highest}")?;
        writeln!(f, "{}", self.outcomes())?;
        let most = self.bands.iter().map(|band| band.good + band.bad).max().unwrap_or(0).max(1);
        for band in &self.bands {
            let rows = band.good + band.bad;
            let share = format!("{:.1}%", percent(band.bad, rows));
            let label = format!("[{}, {})", band.from.normalize(), band.until.normalize());
            writeln!(f, "{label:>16} {rows:>7} rows {share:>6} bad {}", "#".repeat(rows * 40 / most))?;
        }
        Ok(())
    }
}

/// More labels than this are no labels, and may be anything.
const MOST_LABELS: usize = 10;

impl Report {
    // What was counted as what: a label that nobody thought of, or one that is misspelt, counts as good.
    fn outcomes(&self) -> String {
        let good = self.labels.iter().filter(|(label, _)| **label != self.bad_label);
        let told: Vec<_> = good.map(|(label, rows)| format!("`{label}` {rows}")).collect();
        let bad = self.labels.get(&self.bad_label).copied().unwrap_or_default();
        let good = match told.len() {
            0 => "nothing".to_owned(),
            1..=MOST_LABELS => told.join(", "),
            many => format!("{many} different labels"),
        };
        format!("outcome `{}` {bad} counted as bad; {good} counted as good", self.bad_label)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share of rows, for people")]
fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(scores: &[(i64, bool)]) -> Vec<(Decimal, bool)> {
        scores.iter().map(|(score, bad)| (Decimal::from(*score), *bad)).collect()
    }

    fn of(scores: &[(i64, bool)]) -> Report {
        Report::of(rows(scores), "bad", BTreeMap::new())
    }

    #[test]
    fn every_label_is_told_with_what_it_counted_as() {
        let labels = [("bad", 2), ("good", 1), ("goood", 1)].map(|(label, rows)| (label.to_owned(), rows)).into();
        let report = Report::of(rows(&[(1, true), (2, true), (3, false), (4, false)]), "bad", labels);
        let line = "outcome `bad` 2 counted as bad; `good` 1, `goood` 1 counted as good\n";
        assert!(report.to_string().contains(line), "{report}");
        let many = (0..11).map(|at| (format!("{at}"), 1)).collect();
        let report = Report::of(rows(&[(1, false)]), "bad", many);
        assert!(report.to_string().contains("11 different labels counted as good"));
    }

    #[test]
    fn a_perfect_score_has_auc_one_and_a_blind_one_half() {
        let report = of(&[(1, true), (2, true), (3, false), (4, false)]);
        assert_eq!((report.auc, report.ks), (Some(1.0), Some(1.0)));
        let report = of(&[(5, true), (5, true), (5, false)]);
        assert_eq!((report.auc, report.ks), (Some(0.5), Some(0.0)));
        let report = of(&[(5, false)]);
        assert_eq!((report.auc, report.ks), (None, None));
        assert_eq!(of(&[]).bands, []);
    }

    proptest! {
        #[test]
        fn auc_and_ks_are_what_counting_every_pair_gives(scores in prop::collection::vec((0_i64..12, any::<bool>()), 2..40)) {
            let good: Vec<_> = scores.iter().filter(|row| !row.1).map(|row| row.0).collect();
            let bad: Vec<_> = scores.iter().filter(|row| row.1).map(|row| row.0).collect();
            prop_assume!(!good.is_empty() && !bad.is_empty());
            let pair = |(one, other): (i64, i64)| if one > other { 1.0 } else if one == other { 0.5 } else { 0.0 };
            let wins: f64 = good.iter().flat_map(|one| bad.iter().map(|other| pair((*one, *other)))).sum();
            let below = |list: &[i64], cut: i64| list.iter().filter(|one| **one <= cut).count() as f64 / list.len() as f64;
            let ks = (0..12).map(|cut| (below(&bad, cut) - below(&good, cut)).abs()).fold(0.0, f64::max);
            let report = of(&scores);
            prop_assert!((report.auc.unwrap() - wins / (good.len() * bad.len()) as f64).abs() < 1e-12);
            prop_assert!((report.ks.unwrap() - ks).abs() < 1e-12);
        }

        #[test]
        fn the_bands_hold_every_row_once(scores in prop::collection::vec((-5000_i64..5000, any::<bool>()), 1..60)) {
            let report = of(&scores);
            prop_assert_eq!(report.bands.iter().map(|band| band.good + band.bad).sum::<usize>(), scores.len());
            prop_assert!(report.bands.windows(2).all(|pair| pair[0].until == pair[1].from));
            prop_assert!(report.bands.len() <= 20);
            prop_assert!(report.bands[0].from <= report.lowest.unwrap());
        }
    }
}
