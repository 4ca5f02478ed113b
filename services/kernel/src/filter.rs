//! List filters: conditions `field = "value"` joined by `AND`, the part of AIP-160 that every list understands.

use crate::error::{Error, Reason, Result};

/// Longest filter in characters.
pub const MAX_LENGTH: usize = 1000;

/// The conditions of one filter, each field at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<(String, String)>);

// === impl Filter ===

impl Filter {
    /// Parses `text`; an empty text has no condition.
    ///
    /// # Errors
    /// `FILTER_INVALID` with the position when it cannot be parsed, names a field that is not in `fields`, or twice.
    pub fn parse(text: &str, fields: &[&str]) -> Result<Self> {
        if text.chars().count() > MAX_LENGTH {
            return Err(fault(MAX_LENGTH));
        }
        let mut conditions: Vec<(String, String)> = Vec::new();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let start = text.len() - rest.len();
            let (field, value, after) = condition(rest).ok_or_else(|| fault(position(text, start)))?;
            if !fields.contains(&field) || conditions.iter().any(|(known, _)| known == field) {
                return Err(fault(position(text, start)));
            }
            conditions.push((field.to_owned(), value));
            rest = joined(after).ok_or_else(|| fault(position(text, text.len() - after.len())))?;
        }
        Ok(Self(conditions))
    }

    /// The value that `field` must have, if the filter says one.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

fn condition(text: &str) -> Option<(&str, String, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.')?;
    let (field, rest) = text.split_at(end);
    let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
    let mut value = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' if !field.is_empty() => return Some((field, value, &rest[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

// What follows a condition: nothing, or `AND` and one more.
fn joined(after: &str) -> Option<&str> {
    let trimmed = after.trim_start();
    if trimmed.is_empty() {
        return Some("");
    }
    let rest = trimmed.strip_prefix("AND")?;
    let more = rest.trim_start();
    (after.len() != trimmed.len() && rest.len() != more.len() && !more.is_empty()).then_some(more)
}

fn position(text: &str, bytes: usize) -> usize {
    text.get(..bytes).map_or(0, |before| before.chars().count())
}

fn fault(position: usize) -> Error {
    Error::new(Reason::FilterInvalid).with("position", position.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 3] = ["state", "unit", "kind"];

    #[test]
    fn conditions_are_read_with_their_values() {
        let filter = Filter::parse(r#" state = "OPEN" AND unit="a \"b\"" "#, &FIELDS).unwrap();
        assert_eq!((filter.get("state"), filter.get("unit")), (Some("OPEN"), Some(r#"a "b""#)));
        assert_eq!(filter.get("kind"), None);
        assert_eq!(Filter::parse("  ", &FIELDS).unwrap(), Filter::default());
    }

    #[test]
    fn what_is_no_condition_is_refused_with_its_position() {
        let at = |text: &str| Filter::parse(text, &FIELDS).unwrap_err().metadata("position").unwrap().to_owned();
        assert_eq!(at(r#"other = "x""#), "0");
        assert_eq!(at(r#"state = "OPEN" OR unit = "x""#), "14");
        assert_eq!(at(r#"state = "OPEN" AND state = "x""#), "19");
        for wrong in ["state", "state =", "state = OPEN", r#"state = "OPEN"#, r#"state = "OPEN" AND "#, r#"= "x""#] {
            assert_eq!(Filter::parse(wrong, &FIELDS).unwrap_err().reason(), Reason::FilterInvalid, "{wrong}");
        }
    }
}
