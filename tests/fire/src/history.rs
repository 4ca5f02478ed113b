//! What was called, what was answered, and whether the stores agree: judged without a line of the services' own code.
//!
//! An [`Attempt`] is one call with its beginning, its end and its [`Outcome`]; a call without a clear answer *may have
//! happened*. [`facts`] reads the stores by plain SQL. [`judge`] holds both against the rules, one file each in `rules`:
//!
//! | rule | what must hold |
//! |---|---|
//! | `journal` | numbers 1..n without gap, hashes and root recomputed; one entry for each acknowledged effect, none that nobody asked for |
//! | `writes` | nothing acknowledged is lost |
//! | `loans` | at no time two open loans of one original |
//! | `limits` | at no time more drawn and held than the limit |
//! | `repeats` | the same request id: the same answer, one effect; another body: refused |
//! | `reads` | every disclosed reading has its durable entry; none succeeds beyond the bound after a revocation |
//! | `copies` | what consumers know equals what the owner says, each entry applied once |
//! | `leases` | who lost a lease writes nothing |
//! | `answers` | no failure but those that a caller may retry |
//!
//! # To add a rule
//! Write a function `(&[Attempt], &Facts) -> Vec<Violation>` in a file of `rules`, add it to [`judge`], and show in its tests
//! a history that is good and one that is not.

pub mod facts;
mod rules;
mod tree;

use uuid::Uuid;

use crate::ground::Service;
pub use facts::Facts;

/// One call, as its caller saw it. Times are microseconds since the run began.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The trace id that was sent with it: journal entries repeat it.
    pub trace: Uuid,
    /// The `request_id` of a mutation.
    pub request: Option<Uuid>,
    /// Which service was called.
    pub service: Service,
    /// The subject of the caller's token.
    pub who: &'static str,
    /// What was asked.
    pub call: Call,
    /// Whether the body is another than that of the first attempt with this request id.
    pub other_body: bool,
    /// When it was sent.
    pub begin: u64,
    /// When the answer was there or the caller gave up.
    pub end: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// What was asked; names are resource names of the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// A file is created, changed or moved on; the action is that of the journal.
    File(&'static str),
    /// A file is read.
    Read {
        /// The file.
        file: String,
    },
    /// A right to look at a file is asked for, for the caller.
    Ask {
        /// The file.
        file: String,
    },
    /// A right is taken back.
    Revoke {
        /// The grant.
        grant: String,
        /// Its file.
        file: String,
        /// The subject of its holder.
        holder: &'static str,
    },
    /// An original is handed out.
    CheckOut {
        /// The file.
        file: String,
    },
    /// An original comes back.
    Return {
        /// The loan.
        loan: String,
        /// Its file.
        file: String,
    },
    /// A part of a limit is set aside.
    Reserve {
        /// The customer.
        customer: String,
        /// Minor units.
        amount: i64,
    },
    /// A part of what is set aside is drawn, and the rest let go.
    Commit {
        /// The reservation.
        reservation: String,
        /// Its customer.
        customer: String,
        /// Minor units.
        amount: i64,
    },
    /// What is set aside is let go.
    Release {
        /// The reservation.
        reservation: String,
        /// Its customer.
        customer: String,
    },
    /// Another mutation, with the action that the journal must show.
    Other(&'static str),
    /// Another call without an effect.
    Look,
}

impl Call {
    /// One word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::File(action) | Self::Other(action) => action,
            Self::Read { .. } => "read",
            Self::Ask { .. } => "ask",
            Self::Revoke { .. } => "revoke",
            Self::CheckOut { .. } => "check out",
            Self::Return { .. } => "return",
            Self::Reserve { .. } => "reserve",
            Self::Commit { .. } => "commit",
            Self::Release { .. } => "release",
            Self::Look => "look",
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was answered.
    Done(Reply),
    /// It was refused for a reason that says: nothing happened.
    Refused(String),
    /// It may have happened.
    Unknown(String),
}

/// What an answer said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The encoded answer.
    pub bytes: Vec<u8>,
    /// The resource that the answer is about, or is.
    pub name: String,
    /// Of a file: its revision.
    pub revision: i64,
    /// Its state, by the name of the contract's enum.
    pub state: String,
    /// Of a reservation, minor units: what it still holds and what is drawn.
    pub held: i64,
    /// What is drawn of it.
    pub committed: i64,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// What was seen, in words.
    pub words: String,
}

/// Bounds that a rule needs.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How long after a revocation was acknowledged a reader may still be let in, microseconds.
    pub revocation: u64,
    /// The limit of each hot customer, minor units.
    pub limit: i64,
}

// === impl Attempt ===

impl Attempt {
    /// The answer, if there was one.
    pub fn reply(&self) -> Option<&Reply> {
        match &self.outcome {
            Outcome::Done(reply) => Some(reply),
            Outcome::Refused(_) | Outcome::Unknown(_) => None,
        }
    }

    /// Whether it happened or may have.
    pub fn may_have_happened(&self) -> bool {
        !matches!(self.outcome, Outcome::Refused(_))
    }

    /// The action that the journal shows of it, if it has an effect.
    pub fn action(&self) -> Option<&'static str> {
        match &self.call {
            Call::File(action) | Call::Other(action) => Some(action),
            Call::Ask { .. } => Some("access_request.created"),
            Call::Revoke { .. } => Some("grant.revoked"),
            Call::CheckOut { .. } => Some("loan.checked_out"),
            Call::Return { .. } => Some("loan.returned"),
            Call::Reserve { .. } => Some("reservation.held"),
            Call::Commit { .. } => Some("reservation.committed"),
            Call::Release { .. } => Some("reservation.released"),
            Call::Read { .. } | Call::Look => None,
        }
    }
}

// === impl Violation ===

impl Violation {
    fn new(rule: &'static str, words: impl Into<String>) -> Self {
        Self { rule, words: words.into() }
    }
}

/// A history after the store of `service` was put back to how it was at `from`, while nobody had it at `until`: what was
/// answered between is of unknown outcome, since whoever puts a store back gives that up.
pub fn put_back(history: Vec<Attempt>, service: Service, from: u64, until: u64) -> Vec<Attempt> {
    let given_up = |one: &Attempt| one.service == service && one.end >= from && one.begin <= until;
    let without = |mut one: Attempt| {
        if given_up(&one) && one.reply().is_some() {
            one.outcome = Outcome::Unknown(String::new());
        }
        one
    };
    history.into_iter().map(without).collect()
}

/// Holds a history and the stores against every rule.
pub fn judge(history: &[Attempt], facts: &Facts, bounds: Bounds) -> Vec<Violation> {
    let mut found = rules::journal::check(history, facts);
    found.extend(rules::writes::check(history, facts));
    found.extend(rules::loans::check(history, facts));
    found.extend(rules::limits::check(history, facts, bounds.limit));
    found.extend(rules::repeats::check(history, facts));
    found.extend(rules::reads::check(history, facts, bounds.revocation));
    found.extend(rules::copies::check(facts));
    found.extend(rules::leases::check(facts));
    found.extend(rules::answers::check(history));
    found
}

#[cfg(test)]
mod tests {
    use super::rules::made::{attempt, timed};
    use super::*;

    #[test]
    fn a_store_that_was_put_back_gives_up_what_it_answered_between_and_nothing_else() {
        let one = |service, begin| Attempt { service, ..timed(attempt(Call::Look), begin, begin + 5) };
        let times = [10, 18, 20, 30, 31];
        let given_up = |service| {
            let history = times.iter().map(|begin| one(service, *begin)).collect();
            let after = put_back(history, Service::Access, 20, 30);
            after.iter().filter(|one| one.reply().is_none()).map(|one| one.begin).collect::<Vec<_>>()
        };
        assert_eq!(given_up(Service::Access), [18, 20, 30]);
        assert_eq!(given_up(Service::Profile), [0; 0]);
    }
}
