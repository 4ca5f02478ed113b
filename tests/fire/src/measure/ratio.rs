//! Two rates measured in turns, so that the drift of a machine meets both.

use serde::{Deserialize, Serialize};

/// A subject against a floor, in several rounds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// Rates of the floor, a round each.
    pub floor: Vec<f64>,
    /// Rates of the subject, a round each.
    pub subject: Vec<f64>,
}

// === impl Ratio ===

impl Ratio {
    /// Takes a round down.
    pub fn add(&mut self, floor: f64, subject: f64) {
        self.floor.push(floor);
        self.subject.push(subject);
    }

    /// The ratio of each round; a round without a floor counts as nothing reached.
    pub fn rounds(&self) -> Vec<f64> {
        let rounds = self.floor.iter().zip(&self.subject);
        rounds.map(|(floor, subject)| if *floor > 0.0 { subject / floor } else { 0.0 }).collect()
    }

    /// The median of the rounds.
    pub fn median(&self) -> f64 {
        median(&self.rounds())
    }

    /// The lowest and the highest of the rounds.
    pub fn spread(&self) -> (f64, f64) {
        let rounds = self.rounds();
        let low = rounds.iter().copied().fold(f64::INFINITY, f64::min);
        let high = rounds.iter().copied().fold(0.0, f64::max);
        (if low.is_finite() { low } else { 0.0 }, high)
    }
}

/// The middle one; of an even number the mean of the two in the middle, of none 0.
pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_round_does_not_move_the_median() {
        let mut ratio = Ratio::default();
        for (floor, subject) in [(100.0, 80.0), (50.0, 40.0), (100.0, 10.0)] {
            ratio.add(floor, subject);
        }
        assert!((ratio.median() - 0.8).abs() < 1e-9);
        assert_eq!(ratio.spread(), (0.1, 0.8));
    }

    #[test]
    fn medians() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!(median(&[]).abs() < 1e-9);
        let mut none = Ratio::default();
        none.add(0.0, 5.0);
        assert_eq!((none.median(), none.spread()), (0.0, (0.0, 0.0)));
    }
}
