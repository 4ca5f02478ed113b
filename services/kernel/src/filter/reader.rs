//! A filter, letter by letter.

use super::{Condition, Op, Position, Value, invalid};
use crate::error::Result;
use crate::path::Path;

const OPS: &str = "one of the operators =, <, <=, >, >=";
const VALUES: &str = "a value: a word, a whole number, or a text in double quotes";

/// What of a filter is still to be read.
pub(super) struct Reader<'a> {
    letters: &'a [char],
    at: usize,
}

// === impl Reader ===

impl<'a> Reader<'a> {
    pub(super) fn of(letters: &'a [char]) -> Self {
        Self { letters, at: 0 }
    }

    pub(super) fn conditions(mut self) -> Result<Vec<Condition>> {
        let mut found = Vec::new();
        self.blanks();
        while self.at < self.letters.len() {
            if !found.is_empty() {
                self.and()?;
            }
            found.push(self.condition()?);
            self.blanks();
        }
        Ok(found)
    }

    fn condition(&mut self) -> Result<Condition> {
        let position = Position(self.at);
        let path = self.path()?;
        self.blanks();
        let op = self.op()?;
        self.blanks();
        let value_position = Position(self.at);
        let value = self.value()?;
        Ok(Condition { path, op, value, position, value_position })
    }

    fn and(&mut self) -> Result<()> {
        let at = self.at;
        // A condition may follow a closing quote at once, a word may not follow a word.
        if self.take(|c| c.is_ascii_alphanumeric() || c == '_') != "AND" {
            return Err(invalid(at, "`AND` between two conditions, or the end"));
        }
        if !self.peek().is_some_and(char::is_whitespace) {
            return Err(invalid(self.at, "a blank and a condition after `AND`"));
        }
        self.blanks();
        Ok(())
    }

    fn path(&mut self) -> Result<Path> {
        let at = self.at;
        let text = self.take(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        Path::parse(&text).ok_or_else(|| invalid(at, "a condition, which begins with the path of a field"))
    }

    fn op(&mut self) -> Result<Op> {
        let at = self.at;
        let first = self.next();
        let or_equal = first.is_some_and(|c| "<>".contains(c)) && self.peek() == Some('=');
        self.at += usize::from(or_equal);
        match (first, or_equal) {
            (Some('='), _) => Ok(Op::Equal),
            (Some('<'), false) => Ok(Op::Less),
            (Some('<'), true) => Ok(Op::AtMost),
            (Some('>'), false) => Ok(Op::Greater),
            (Some('>'), true) => Ok(Op::AtLeast),
            _ => Err(invalid(at, OPS)),
        }
    }

    fn value(&mut self) -> Result<Value> {
        let at = self.at;
        match self.peek() {
            Some('"') => self.text().map(Value::Text),
            Some(c) if c == '-' || c.is_ascii_digit() => self.whole(at).map(Value::Whole),
            Some(c) if c.is_ascii_alphabetic() => Ok(Value::Word(self.take(|c| c.is_ascii_alphanumeric() || c == '_'))),
            _ => Err(invalid(at, VALUES)),
        }
    }

    fn whole(&mut self, at: usize) -> Result<i64> {
        let text = self.take(|c| c.is_ascii_alphanumeric() || "-_.:+".contains(c));
        let number = text.parse::<i64>().ok().filter(|number| number.to_string() == text);
        number.ok_or_else(|| invalid(at, "a whole number of 64 bits, or a text in double quotes"))
    }

    fn text(&mut self) -> Result<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => {
                    let escaped = self.peek().filter(|c| matches!(c, '"' | '\\'));
                    text.push(escaped.ok_or_else(|| invalid(self.at, "a double quote or a backslash"))?);
                    self.at += 1;
                }
                Some(c) => text.push(c),
                None => return Err(invalid(self.letters.len(), "a double quote that ends the value")),
            }
        }
    }

    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    fn blanks(&mut self) {
        self.take(char::is_whitespace);
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.letters[start..self.at].iter().collect()
    }
}
