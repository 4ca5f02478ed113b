//! What a card says of a customer, and why it does not say more (C-13).

use rust_decimal::Decimal;

use super::number::{self, Points};
use super::score_model::{Bin, Card, Match, Variable};

/// Most reasons that a rating gives.
pub const MOST_REASONS: usize = 4;

/// A score with everything needed to check it by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score<'c> {
    /// Base points plus the points of all variables.
    pub total: Decimal,
    /// One line for each variable, in the order of the card.
    pub lines: Vec<Line<'c>>,
}

/// What one variable contributed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'c> {
    /// Name of the variable.
    pub variable: &'c str,
    /// Label of the bin; empty when the value was missing.
    pub bin: &'c str,
    /// Its points.
    pub points: &'c Points,
    /// Whether the value was missing.
    pub missing: bool,
    /// The best points the variable could have given.
    pub best: &'c Points,
}

/// Why the score is not higher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason<'c> {
    /// The variable's line.
    pub line: Line<'c>,
    /// Its best points less its points, above zero.
    pub loss: Decimal,
}

/// An input that cannot be scored; the value is not part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFault {
    /// Name of the variable.
    pub variable: String,
    /// What is wrong.
    pub why: &'static str,
}

/// Scores the values that `input` gives by name; an absent or empty value is missing.
///
/// # Errors
/// Every input that cannot be scored, in the order of the card.
pub fn score<'c, 'v>(card: &'c Card, input: impl Fn(&str) -> Option<&'v str>) -> Result<Score<'c>, Vec<InputFault>> {
    let mut lines = Vec::with_capacity(card.variables().len());
    let mut faults = Vec::new();
    for variable in card.variables() {
        match line(variable, input(&variable.name).filter(|value| !value.is_empty())) {
            Ok(line) => lines.push(line),
            Err(why) => faults.push(InputFault { variable: variable.name.clone(), why }),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let total = lines.iter().fold(card.base().value(), |sum, line| sum + line.points.value());
    Ok(Score { total, lines })
}

fn line<'c>(variable: &'c Variable, value: Option<&str>) -> Result<Line<'c>, &'static str> {
    let (name, best) = (variable.name.as_str(), variable.best());
    let Some(value) = value else {
        let points = variable.missing.as_ref().ok_or("is missing, and the card has no points for that")?;
        return Ok(Line { variable: name, bin: "", points, missing: true, best });
    };
    let bin = if variable.is_numeric() { numeric(variable, value)? } else { category(variable, value)? };
    Ok(Line { variable: name, bin: &bin.label, points: &bin.points, missing: false, best })
}

fn numeric<'c>(variable: &'c Variable, value: &str) -> Result<&'c Bin, &'static str> {
    let value =
        number::exact(value, 18, 9).ok_or("is no decimal number of at most 18 digits and 9 behind the point")?;
    let within = |bin: &&Bin| match bin.matches {
        Match::Range { from, until } => {
            from.is_none_or(|from| from <= value) && until.is_none_or(|until| value < until)
        }
        Match::Categories(_) => false,
    };
    variable.bins.iter().find(within).ok_or("lies outside every bin of the card")
}

fn category<'c>(variable: &'c Variable, value: &str) -> Result<&'c Bin, &'static str> {
    let named = |bin: &&Bin| match &bin.matches {
        Match::Categories(values) => values.iter().any(|one| one == value),
        Match::Range { .. } => false,
    };
    variable.bins.iter().find(named).ok_or("is no category of the card")
}

// === impl Score ===

impl<'c> Score<'c> {
    /// The total as text.
    pub fn text(&self) -> String {
        number::text(self.total)
    }

    /// What cost most against the best possible: largest loss first, ties in the order of the card.
    pub fn reasons(&self) -> Vec<Reason<'c>> {
        let loss = |line: &Line<'c>| Reason { line: line.clone(), loss: line.best.value() - line.points.value() };
        let mut reasons: Vec<_> = self.lines.iter().map(loss).filter(|reason| reason.loss > Decimal::ZERO).collect();
        reasons.sort_by_key(|one| std::cmp::Reverse(one.loss));
        reasons.truncate(MOST_REASONS);
        reasons
    }
}

#[cfg(test)]
mod tests;
