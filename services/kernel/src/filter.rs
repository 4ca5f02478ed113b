//! List filters: conditions `field = "value"` joined by `AND`, the part of AIP-160 that every list understands.

use crate::error::{Error, Reason, Result};

const LONGEST: usize = 1_000;

/// The conditions of one filter over a closed set of fields, each at most once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter(Vec<Condition>);

/// One condition of a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field.
    pub field: String,
    /// The value, without its quotes.
    pub value: String,
    /// Where it begins, in characters from 0.
    pub position: usize,
}

/// The conditions of `text`, in its order; none for an empty filter.
///
/// # Errors
/// `FILTER_INVALID` with the position of the first fault, and what must stand there.
pub fn parse(text: &str) -> Result<Vec<Condition>> {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() > LONGEST {
        return Err(invalid(LONGEST, "the end: a filter has at most 1,000 characters"));
    }
    let mut reader = Reader { letters: &letters, at: 0 };
    let mut found = Vec::new();
    reader.spaces();
    while !reader.is_done() {
        if !found.is_empty() {
            reader.word("AND")?;
        }
        found.push(reader.condition()?);
        reader.spaces();
    }
    Ok(found)
}

/// A refusal that points at a place in the filter and says what must stand there; never what does.
pub fn invalid(position: usize, expected: &str) -> Error {
    let fault = Error::new(Reason::FilterInvalid).with("position", position.to_string()).with("expected", expected);
    fault.and_violation("filter", format!("at position {position}: expected {expected}"))
}

/// What must stand where a field is unknown or named again.
pub fn fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    let fields: Vec<_> = fields.into_iter().collect();
    format!("each once, one of the fields {}", fields.join(", "))
}

struct Reader<'a> {
    letters: &'a [char],
    at: usize,
}

// === impl Filter ===

impl Filter {
    /// Parses `text`; an empty text has no condition.
    ///
    /// # Errors
    /// `FILTER_INVALID` with the position when it cannot be parsed, names a field that is not in `fields`, or twice.
    pub fn parse(text: &str, fields: &[&str]) -> Result<Self> {
        let conditions = parse(text)?;
        for (at, one) in conditions.iter().enumerate() {
            if !fields.contains(&one.field.as_str()) || conditions[..at].iter().any(|known| known.field == one.field) {
                return Err(invalid(one.position, &self::fields(fields.iter().copied())));
            }
        }
        Ok(Self(conditions))
    }

    /// The value that `field` must have, if the filter says one.
    pub fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|one| one.field == field).map(|one| one.value.as_str())
    }
}

// === impl Reader ===

impl Reader<'_> {
    fn is_done(&self) -> bool {
        self.at >= self.letters.len()
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> Result<()> {
        for letter in word.chars() {
            self.letter(letter, "`AND` between two conditions")?;
        }
        if !self.peek().is_some_and(char::is_whitespace) {
            return Err(invalid(self.at, "a condition after `AND`"));
        }
        self.spaces();
        Ok(())
    }

    fn letter(&mut self, letter: char, expected: &str) -> Result<()> {
        if self.peek() != Some(letter) {
            return Err(invalid(self.at, expected));
        }
        self.at += 1;
        Ok(())
    }

    fn condition(&mut self) -> Result<Condition> {
        let position = self.at;
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
        let mut field = String::new();
        while let Some(c) = self.peek().filter(|c| is_name(*c)) {
            field.push(c);
            self.at += 1;
        }
        if field.is_empty() {
            return Err(invalid(self.at, "the name of a field"));
        }
        self.spaces();
        self.letter('=', "the operator `=`, the only one")?;
        self.spaces();
        let value = self.quoted()?;
        Ok(Condition { field, value, position })
    }

    fn quoted(&mut self) -> Result<String> {
        self.letter('"', "a value in double quotes")?;
        let mut value = String::new();
        loop {
            let c = self.peek().ok_or_else(|| invalid(self.at, "a double quote that ends the value"))?;
            self.at += 1;
            match c {
                '"' => return Ok(value),
                '\\' => {
                    let escaped = self.peek().filter(|c| matches!(c, '"' | '\\'));
                    value.push(escaped.ok_or_else(|| invalid(self.at, "a double quote or a backslash"))?);
                    self.at += 1;
                }
                c => value.push(c),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn conditions_are_read_in_order() {
        let found = parse(r#"state = "ACTIVE" AND classification.industry="制\"造""#).unwrap();
        assert_eq!((found[0].field.as_str(), found[0].value.as_str()), ("state", "ACTIVE"));
        assert_eq!((found[1].field.as_str(), found[1].value.as_str()), ("classification.industry", "制\"造"));
        assert_eq!(found[1].position, 21);
        assert!(parse("  ").unwrap().is_empty());
    }

    #[test]
    fn a_closed_set_of_fields_is_demanded() {
        let filter = Filter::parse(r#"state = "OPEN" AND unit="sales""#, &["state", "unit", "kind"]).unwrap();
        assert_eq!((filter.get("state"), filter.get("unit"), filter.get("kind")), (Some("OPEN"), Some("sales"), None));
        let at = |text| Filter::parse(text, &["state"]).unwrap_err().metadata("position").map(str::to_owned);
        assert_eq!(at(r#"other = "x""#).as_deref(), Some("0"));
        assert_eq!(at(r#"state = "OPEN" AND state = "x""#).as_deref(), Some("19"));
    }

    #[test]
    fn faults_say_where() {
        for (text, position) in [
            ("state", "5"),
            ("state = ACTIVE", "8"),
            (r#"state = "A"#, "10"),
            (r#"a = "b" OR c = "d""#, "8"),
            (r#"a = "b"AND c = "d" AND"#, "22"),
            (r#"= "b""#, "0"),
        ] {
            assert_eq!(parse(text).unwrap_err().metadata("position"), Some(position), "{text}");
        }
        for (text, expected) in
            [("state > \"A\"", "the operator `=`"), ("state = A", "double quotes"), ("a=\"b\" OR", "`AND`")]
        {
            let fault = parse(text).unwrap_err();
            assert!(fault.metadata("expected").unwrap().contains(expected), "{text}: {fault:?}");
            assert_eq!(fault.violations()[0].field, "filter");
        }
        let fault = Filter::parse("colour=\"red\"", &["state", "unit"]).unwrap_err();
        assert_eq!(fault.metadata("expected"), Some("each once, one of the fields state, unit"));
        assert!(parse(&"x".repeat(1001)).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn what_is_written_is_read(field in "[a-z_.]{1,12}", value in "\\PC{0,20}") {
            let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
            let found = parse(&format!("{field} = \"{quoted}\"")).unwrap();
            prop_assert_eq!((&found[0].field, &found[0].value), (&field, &value));
        }
    }
}
