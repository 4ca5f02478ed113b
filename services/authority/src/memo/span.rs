//! How long time alone does not change an answer.

/// The time in which an answer stays what it is, microseconds, the end exclusive: between the last instant that mattered
/// and the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    at: i64,
    from: i64,
    until: i64,
}

// === impl Span ===

impl Span {
    /// All time, for an answer computed at `at` to which no instant matters yet.
    pub fn around(at: i64) -> Self {
        Self { at, from: i64::MIN, until: i64::MAX }
    }

    /// Notes an instant at which the answer may change: a beginning, or an exclusive end.
    pub fn turn(&mut self, instant: i64) {
        if instant <= self.at {
            self.from = self.from.max(instant);
        } else {
            self.until = self.until.min(instant);
        }
    }

    /// Whether the answer of this span is the answer at `now`.
    pub fn holds(&self, now: i64) -> bool {
        (self.from..self.until).contains(&now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_from_the_last_instant_that_mattered_to_the_next() {
        let mut span = Span::around(100);
        assert!(span.holds(i64::MIN) && span.holds(100) && span.holds(i64::MAX - 1));
        for instant in [20, 50, 100, 180, 140] {
            span.turn(instant);
        }
        assert!(span.holds(100) && span.holds(139));
        assert!(!span.holds(140) && !span.holds(99), "time that goes back counts too");
    }
}
