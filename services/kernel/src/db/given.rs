//! Statements of lists: a condition stands in the text only when it is asked.
//!
//! `CAST($5 AS TEXT) IS NULL OR state = $5` is right whatever is asked, and no index serves it: both engines plan before they
//! know what `$5` is. So a list leaves out what is not asked.

use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

/// The text of a statement with the conditions that are asked:
/// `sql_given!("SELECT ... WHERE org = $1"; state => " AND state = $4", unit => " AND unit = $5"; " ORDER BY id LIMIT $3")`.
///
/// Goes where a text goes in [`sql!`](crate::sql). Before the arrow stands an `Option` or a `bool`. Every argument keeps its
/// number and is bound whether its condition stands there or not. The parts are literals, so the texts that can arise are known:
/// a test prepares each condition alone and all together on both stores.
///
/// Conditions that several statements share stand in a macro of theirs, which gets those of one statement alone in brackets.
#[macro_export]
macro_rules! sql_given {
    ($head:expr; [$($own:expr => $text:expr),+ $(,)?], $($asked:expr => $condition:expr),+ $(,)?; $end:expr) => {
        $crate::sql_given!($head; $($own => $text,)+ $($asked => $condition),+; $end)
    };
    ($head:expr; $($asked:expr => $condition:expr),+ $(,)?; $end:expr) => {
        $crate::db::Given::of($head)$(.when($crate::db::Asked::is_asked(&$asked), $condition))+.end($end)
    };
}

/// What [`sql_given!`](crate::sql_given) makes.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Given(String);

/// What may be asked or not.
#[doc(hidden)]
pub trait Asked {
    /// Whether it is.
    fn is_asked(&self) -> bool;
}

// === impl Given ===

impl Given {
    /// The text so far.
    #[must_use]
    pub fn of(head: &'static str) -> Self {
        Self(head.to_owned())
    }

    /// With a condition, if it is asked.
    #[must_use]
    pub fn when(mut self, asked: bool, condition: &'static str) -> Self {
        if asked {
            self.0.push_str(condition);
        }
        self
    }

    /// With its end.
    #[must_use]
    pub fn end(mut self, end: &'static str) -> Self {
        self.0.push_str(end);
        self
    }
}

impl SqlSafeStr for Given {
    // Only literals came in.
    fn into_sql_str(self) -> SqlStr {
        AssertSqlSafe(self.0).into_sql_str()
    }
}

// === impl Asked ===

impl Asked for bool {
    fn is_asked(&self) -> bool {
        *self
    }
}

impl<T> Asked for Option<T> {
    fn is_asked(&self) -> bool {
        self.is_some()
    }
}

impl<T: Asked> Asked for &T {
    fn is_asked(&self) -> bool {
        (*self).is_asked()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_stands_in_the_text() {
        let text = |state: Option<&str>, open: bool| {
            let given = sql_given!("SELECT 1 WHERE TRUE"; state => " AND state = $1", open => " AND open"; " LIMIT $2");
            given.into_sql_str().as_str().to_owned()
        };
        assert_eq!(text(None, false), "SELECT 1 WHERE TRUE LIMIT $2");
        assert_eq!(text(Some("a"), false), "SELECT 1 WHERE TRUE AND state = $1 LIMIT $2");
        assert_eq!(text(Some("a"), true), "SELECT 1 WHERE TRUE AND state = $1 AND open LIMIT $2");
    }
}
