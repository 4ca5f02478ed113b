//! What the program prints: results to standard output, everything else to standard error.
//!
//! A result that cannot be written is an error of the command; a remark that cannot be written is not.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

/// Writes one line of a result.
///
/// # Errors
/// When standard output takes no more.
pub fn line(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}

/// Writes text of a result as it is.
///
/// # Errors
/// When standard output takes no more.
pub fn text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes one line of a remark: progress, warnings, faults.
pub fn note(text: impl Display) {
    // Whoever closed standard error does not want remarks.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// `1 file`, `2 files`, `1,000 files`.
pub fn count(number: u64, what: &str) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {what}{}", if number == 1 { "" } else { "s" })
}

/// A line of standard error that is written over and over.
#[derive(Debug, Default)]
pub struct Ticker {
    shown: Option<std::time::Instant>,
    open: bool,
}

// === impl Ticker ===

impl Ticker {
    /// Shows `text`, at most five times a second on a screen and once in five seconds in a log.
    pub fn tick(&mut self, text: impl FnOnce() -> String) {
        let screen = io::stderr().is_terminal();
        let pause = std::time::Duration::from_millis(if screen { 200 } else { 5000 });
        let now = std::time::Instant::now();
        if !screen && self.shown.is_none() {
            // What is over at once needs no line in a log.
            self.shown = Some(now);
        }
        if self.shown.is_some_and(|shown| now.duration_since(shown) < pause) {
            return;
        }
        self.shown = Some(now);
        if !screen {
            return note(text());
        }
        self.open = true;
        let mut err = io::stderr().lock();
        let _ = write!(err, "\r\u{1b}[2K{}", text());
        let _ = err.flush();
    }

    /// Takes the line off the screen.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.open) {
            let _ = write!(io::stderr().lock(), "\r\u{1b}[2K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_as_people_do() {
        let counted = [0, 1, 999, 1000, 1_234_567].map(|number| count(number, "line"));
        assert_eq!(counted, ["0 lines", "1 line", "999 lines", "1,000 lines", "1,234,567 lines"]);
    }
}
