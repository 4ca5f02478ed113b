//! Every fault of a card at once.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::{Bin, BinDraft, Card, CardFault, Draft, MOST, Match, MatchDraft, Variable, VariableDraft};
use crate::domain::number::{Points, exact};

const DECIMAL: &str = "must be a decimal of at most 9 digits and 6 behind the point";

/// Collects faults; what is faulty has no value.
#[derive(Default)]
struct Faults(Vec<CardFault>);

pub(super) fn card(draft: &Draft) -> Result<Card, Vec<CardFault>> {
    let mut faults = Faults::default();
    let base = faults.points("base_points", &draft.base_points);
    faults.count("variables", draft.variables.len());
    let mut names = HashSet::new();
    let mut variables = Vec::new();
    for (at, one) in draft.variables.iter().enumerate() {
        let path = format!("variables[{at}]");
        if !names.insert(one.name.as_str()) {
            faults.field(format!("{path}.name"), "repeats the name of another variable");
        }
        variables.extend(faults.variable(&path, one));
    }
    match base {
        Some(base) if faults.0.is_empty() => Ok(Card { base, variables }),
        _ => Err(faults.0),
    }
}

// === impl Faults ===

impl Faults {
    fn field(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.0.push(CardFault { path: path.into(), why: why.into(), contradicts: None });
    }

    fn contradiction(&mut self, path: &str, variable: &VariableDraft, why: &str) {
        let contradicts = Some(variable.name.clone());
        self.0.push(CardFault { path: path.to_owned(), why: why.to_owned(), contradicts });
    }

    fn count(&mut self, path: &str, found: usize) {
        if !(1..=MOST).contains(&found) {
            self.field(path, format!("must have between 1 and {MOST} elements"));
        }
    }

    fn text(&mut self, path: String, text: &str, most: usize) {
        if text.is_empty() || text.chars().count() > most {
            self.field(path, format!("must have between 1 and {most} characters"));
        }
    }

    fn points(&mut self, path: impl Into<String>, text: &str) -> Option<Points> {
        let points = Points::parse(text);
        if points.is_none() {
            self.field(path, DECIMAL);
        }
        points
    }

    fn variable(&mut self, path: &str, draft: &VariableDraft) -> Option<Variable> {
        if !is_name(&draft.name) {
            self.field(format!("{path}.name"), "must be `[a-z][a-z0-9_]*` of at most 100 characters");
        }
        let missing = match draft.missing_points.as_str() {
            "" => None,
            text => self.points(format!("{path}.missing_points"), text),
        };
        self.count(&format!("{path}.bins"), draft.bins.len());
        let mut labels = HashSet::new();
        let mut bins = Vec::new();
        for (at, one) in draft.bins.iter().enumerate() {
            let path = format!("{path}.bins[{at}]");
            if !labels.insert(one.label.as_str()) {
                self.field(format!("{path}.label"), "repeats the label of another bin");
            }
            bins.extend(self.bin(&path, one));
        }
        if bins.len() != draft.bins.len() || bins.is_empty() {
            return None;
        }
        self.kinds(path, draft, &bins);
        Some(Variable { name: draft.name.clone(), bins, missing })
    }

    fn bin(&mut self, path: &str, draft: &BinDraft) -> Option<Bin> {
        self.text(format!("{path}.label"), &draft.label, 1000);
        let points = self.points(format!("{path}.points"), &draft.points);
        let matches = match &draft.matches {
            None => {
                self.field(path, "must say by `range` or `categories` what falls into it");
                None
            }
            Some(MatchDraft::Range { from, until }) => self.range(path, from, until),
            Some(MatchDraft::Categories(values)) => self.categories(path, values),
        };
        Some(Bin { label: draft.label.clone(), points: points?, matches: matches? })
    }

    fn range(&mut self, path: &str, from: &str, until: &str) -> Option<Match> {
        let from = self.bound(format!("{path}.range.lower"), from)?;
        let until = self.bound(format!("{path}.range.upper"), until)?;
        if let (Some(from), Some(until)) = (from, until)
            && from >= until
        {
            self.field(format!("{path}.range.upper"), "must be above `lower`");
            return None;
        }
        Some(Match::Range { from, until })
    }

    /// The outer option is nothing for a fault, the inner for no bound.
    fn bound(&mut self, path: String, text: &str) -> Option<Option<Decimal>> {
        if text.is_empty() {
            return Some(None);
        }
        let bound = exact(text, 15, 6);
        if bound.is_none() {
            self.field(path, "must be a decimal of at most 15 digits and 6 behind the point");
        }
        bound.map(Some)
    }

    fn categories(&mut self, path: &str, values: &[String]) -> Option<Match> {
        let path = format!("{path}.categories.values");
        self.count(&path, values.len());
        for (at, value) in values.iter().enumerate() {
            self.text(format!("{path}[{at}]"), value, 200);
        }
        Some(Match::Categories(values.to_vec()))
    }

    /// All bins are of one kind, and no value falls into two of them or, for numbers, between them.
    fn kinds(&mut self, path: &str, draft: &VariableDraft, bins: &[Bin]) {
        let ranges: Vec<_> = bins.iter().filter_map(bounds).collect();
        if !ranges.is_empty() && ranges.len() < bins.len() {
            return self.contradiction(path, draft, "mixes bins of numbers with bins of categories");
        }
        let mut seen = HashSet::new();
        let mut categories = bins.iter().flat_map(texts);
        if categories.any(|text| !seen.insert(text)) {
            self.contradiction(path, draft, "has a category in two bins");
        }
        if let Some(why) = seam(ranges) {
            self.contradiction(path, draft, why);
        }
    }
}

type Bounds = (Option<Decimal>, Option<Decimal>);

fn bounds(bin: &Bin) -> Option<Bounds> {
    match bin.matches {
        Match::Range { from, until } => Some((from, until)),
        Match::Categories(_) => None,
    }
}

fn texts(bin: &Bin) -> &[String] {
    match &bin.matches {
        Match::Range { .. } => &[],
        Match::Categories(values) => values,
    }
}

/// What is wrong where two neighbouring intervals meet; `None` sorts first, and is no lower bound.
fn seam(mut ranges: Vec<Bounds>) -> Option<&'static str> {
    ranges.sort();
    ranges.windows(2).find_map(|pair| match (pair[0].1, pair[1].0) {
        (Some(end), Some(start)) if end == start => None,
        (Some(end), Some(start)) if end < start => Some("leaves a gap between two bins of numbers"),
        _ => Some("has bins of numbers that overlap"),
    })
}

fn is_name(name: &str) -> bool {
    name.len() <= 100
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}
