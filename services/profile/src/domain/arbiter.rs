//! The arbiter: whether a file may be erased, and every ground on which it may not (X-09, X-10, X-11, C-06).
//!
//! One pure function over what is known of a file; whatever removes anything asks it. What is not known is a ground of its own: a
//! service that has not told of its loans or of what a customer owes has not said that there are none. Nothing that a customer is
//! classed as enters, so that nobody's file goes because they buy no more.
//!
//! # To add a ground
//! A word of [`Ground`], and in [`Facts::stands`] when it holds; the compiler asks for the rest, and so does the second statement of
//! the rule in the tests.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use dossier_kernel::states;
use jiff::Span;
use jiff::civil::Date;

use super::customer_file::State;

states! {
    /// Why a file may not be erased.
    pub enum Ground {
        /// It is not closed.
        NotClosed = "not_closed",
        /// It was merged, and goes with the file that it was merged into (P-02).
        Merged = "merged",
        /// Its retention class keeps it until a day that has not passed.
        Retention = "retention",
        /// Its retention class keeps it for ever.
        Permanent = "permanent",
        /// A record holds it.
        Hold = "hold",
        /// A claim or a dispute about it is not finished (C-06).
        Dispute = "dispute",
        /// Its original is lent.
        LoanOpen = "loan_open",
        /// The customer owes, or may draw (C-06).
        ExposureOpen = "exposure_open",
        /// A file that belongs to it is not closed.
        PartsOpen = "parts_open",
        /// It stands at a closed level, and no act decides about its end.
        ClosedLevel = "closed_level",
        /// Whether it is lent, or what the customer owes, is not known here.
        NotTold = "not_told",
        /// Somebody asked for it, or asks for an approval about it.
        RequestOpen = "request_open",
        /// Something of it is in the archive, and nobody noted where.
        CarrierAstray = "carrier_astray",
    }
}

states! {
    /// What follows from the grounds.
    pub enum Verdict {
        /// Nothing keeps it.
        Erasable = "erasable",
        /// It is kept until a day that is known, and by whatever else holds.
        KeepUntil = "keep_until",
        /// It is kept until something happens that no day brings about.
        Keep = "keep",
        /// It is kept for ever.
        KeepForever = "keep_forever",
        /// It is held, or disputed: nothing of it is removed, whatever else holds.
        Frozen = "frozen",
        /// Its erasure was asked for and something keeps it: it is stored, and used no further.
        Restricted = "restricted",
    }
}

/// For how long a file is kept, as far as its class says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// For ever.
    Forever,
    /// Up to this day and with it.
    Until(Date),
}

/// What is known of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Where it stands.
    pub state: State,
    /// Whether it was merged into another file.
    pub merged: bool,
    /// Whether it stands at a closed level.
    pub shut: bool,
    /// How long its class keeps it; `None`: no term has begun.
    pub term: Option<Term>,
    /// How many records hold it.
    pub holds: i64,
    /// How many claims and disputes are not finished.
    pub disputes: i64,
    /// How many files that belong to it are not closed.
    pub parts: i64,
    /// How many of its originals are lent; `None`: access has not told.
    pub loans: Option<i64>,
    /// How much the customer owes or may draw, in minor units; `None`: credit has not told.
    pub exposure: Option<i64>,
    /// How many requests and approvals about it are not decided, as far as access has told.
    pub requests: i64,
    /// How many of its items are in the archive and in no place.
    pub astray: i64,
    /// Whether its erasure was asked for.
    pub erasure_asked: bool,
}

/// What the arbiter says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruling {
    /// What may be done.
    pub verdict: Verdict,
    /// The last day on which its class keeps it; `None`: for ever, or it is not closed.
    pub keep_until: Option<Date>,
    /// Every ground that holds; none: it may be erased.
    pub grounds: BTreeSet<Ground>,
}

// === impl Term ===

impl Term {
    /// `years` after the day `since`; where the class gives none, for ever.
    pub fn of(years: Option<u32>, since: Date) -> Self {
        let Some(years) = years else { return Self::Forever };
        // A day that the month does not have becomes its last. What lies behind the calendar never comes.
        let end = Span::new().try_years(years).and_then(|span| since.checked_add(span)).ok();
        Self::Until(end.unwrap_or(Date::MAX))
    }

    /// The day up to which it keeps a file.
    pub const fn last_day(self) -> Option<Date> {
        match self {
            Self::Until(day) => Some(day),
            Self::Forever => None,
        }
    }
}

// === impl Facts ===

impl Facts {
    fn last_day(&self) -> Option<Date> {
        self.term.and_then(Term::last_day)
    }

    fn stands(&self, ground: Ground, today: Date) -> bool {
        match ground {
            Ground::NotClosed => self.state != State::Closed || self.term.is_none(),
            Ground::Merged => self.merged,
            Ground::Retention => self.last_day().is_some_and(|day| today <= day),
            Ground::Permanent => self.term == Some(Term::Forever),
            Ground::Hold => self.holds > 0,
            Ground::Dispute => self.disputes > 0,
            Ground::LoanOpen => self.loans.is_some_and(|count| count > 0),
            Ground::ExposureOpen => self.exposure.is_some_and(|sum| sum > 0),
            Ground::PartsOpen => self.parts > 0,
            Ground::ClosedLevel => self.shut,
            Ground::NotTold => self.loans.is_none() || self.exposure.is_none(),
            Ground::RequestOpen => self.requests > 0,
            Ground::CarrierAstray => self.astray > 0,
        }
    }
}

/// Whether the file may be erased on `today`, and every ground why not.
pub fn judge(facts: &Facts, today: Date) -> Ruling {
    let grounds = Ground::ALL.iter().copied().filter(|ground| facts.stands(*ground, today)).collect();
    Ruling { verdict: verdict(&grounds, facts.erasure_asked), keep_until: facts.last_day(), grounds }
}

// The strictest first.
fn verdict(grounds: &BTreeSet<Ground>, erasure_asked: bool) -> Verdict {
    let any = |some: &[Ground]| some.iter().any(|ground| grounds.contains(ground));
    if grounds.is_empty() {
        Verdict::Erasable
    } else if any(&[Ground::Hold, Ground::Dispute]) {
        Verdict::Frozen
    } else if erasure_asked {
        Verdict::Restricted
    } else if any(&[Ground::Permanent]) {
        Verdict::KeepForever
    } else if any(&[Ground::Retention]) {
        Verdict::KeepUntil
    } else {
        Verdict::Keep
    }
}
