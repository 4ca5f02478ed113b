//! As of when a copy of another service's journal is complete, and whether that is recent enough (I5).
//!
//! A consumer [asks the owner](crate::Source::compare) again and again how far the journal goes and how long the oldest
//! entry without a number has waited. When its own cursor has come that far, the copy is complete as of the moment of
//! asking, less that wait. Ages are measured on this process's own clocks alone, so the clocks of two hosts need not
//! agree. Before the first confirmation, and when the last one is older than the bound, the copy is stale: whoever
//! decides on it must fail closed where that matters.
//!
//! # To decide on a copy
//! 1. Await [`Freshness::settle`] before the transaction: it gives a consumer that only has not looked yet the chance to.
//! 2. Ask [`Freshness::is_fresh`] before the first statement: what it says holds for every later moment of the store.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use dossier_kernel::clock::SharedClock;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

/// How recent the copy of each org is; cheap to clone. The default is for who decides on their own truth: always fresh.
#[derive(Clone, Debug, Default)]
pub struct Freshness(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    clock: SharedClock,
    bound: Duration,
    orgs: HashMap<String, Standing>,
}

#[derive(Debug, Default)]
struct Standing {
    state: watch::Sender<State>,
    wanted: Notify,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    as_of: Option<Moment>,
    /// The last look did not make the copy fresh: waiting for the next one would be in vain.
    vain: bool,
}

/// One moment on both clocks of this process: one that may be set and one that only goes forward.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    wall: Timestamp,
    steady: Instant,
}

// === impl Freshness ===

impl Freshness {
    /// Copies of `orgs` that are stale when they are older than `bound`; stale until confirmed.
    pub fn new(clock: SharedClock, bound: Duration, orgs: Vec<String>) -> Self {
        let orgs = orgs.into_iter().map(|org| (org, Standing::default())).collect();
        Self(Some(Arc::new(Inner { clock, bound, orgs })))
    }

    /// How old a copy may be; `None` when nothing is copied.
    pub fn bound(&self) -> Option<Duration> {
        self.0.as_ref().map(|inner| inner.bound)
    }

    /// Whether the copy of `org` is recent enough now.
    pub fn is_fresh(&self, org: &str) -> bool {
        let Some(inner) = &self.0 else { return true };
        inner.orgs.get(org).is_some_and(|standing| inner.is_fresh(*standing.state.borrow()))
    }

    /// Returns when the copy of `org` is fresh, or when the consumer has looked and could not make it so; at the latest
    /// after a fifth of the bound. Returns at once while the copy is fresh, and while looking is known to be in vain.
    pub async fn settle(&self, org: &str) {
        let Some((inner, standing)) = self.standing(org) else { return };
        let settled = |state: &State| state.vain || inner.is_fresh(*state);
        if inner.is_fresh(*standing.state.borrow()) {
            return;
        }
        standing.wanted.notify_one();
        let mut state = standing.state.subscribe();
        let _ = tokio::time::timeout(inner.bound / 5, state.wait_for(settled)).await;
    }

    /// Now, for a consumer that is about to ask.
    pub(crate) fn moment(&self) -> Option<Moment> {
        let inner = self.0.as_ref()?;
        Some(Moment { wall: inner.clock.now(), steady: Instant::now() })
    }

    /// The copy of `org` is complete as of `asked`, less `waited`.
    pub(crate) fn confirm(&self, org: &str, asked: Moment, waited: Duration) {
        let Some((inner, standing)) = self.standing(org) else { return };
        let as_of = asked.before(waited);
        standing.state.send_modify(|state| {
            // An older confirmation takes nothing back: what was applied stays applied.
            let newer =
                |known: Moment| as_of.is_none_or(|as_of| as_of.steady < known.steady && as_of.wall < known.wall);
            if !state.as_of.is_some_and(newer) {
                state.as_of = as_of;
            }
            state.vain = !inner.is_fresh(*state);
        });
    }

    /// The owner was asked in vain.
    pub(crate) fn fail(&self, org: &str) {
        if let Some((inner, standing)) = self.standing(org) {
            standing.state.send_modify(|state| state.vain = !inner.is_fresh(*state));
        }
    }

    /// Returns when somebody waits for the copy of `org`.
    pub(crate) async fn wanted(&self, org: &str) {
        match self.standing(org) {
            Some((_, standing)) => standing.wanted.notified().await,
            None => std::future::pending().await,
        }
    }

    fn standing(&self, org: &str) -> Option<(&Inner, &Standing)> {
        let inner = self.0.as_deref()?;
        Some((inner, inner.orgs.get(org)?))
    }
}

// === impl Inner ===

impl Inner {
    // By the older of both clocks: the one may have been set back, the other stands still while the machine sleeps.
    fn is_fresh(&self, state: State) -> bool {
        let Some(as_of) = state.as_of else { return false };
        let bound = SignedDuration::try_from(self.bound).unwrap_or(SignedDuration::MAX);
        self.clock.now().duration_since(as_of.wall) <= bound && as_of.steady.elapsed() <= self.bound
    }
}

// === impl Moment ===

impl Moment {
    // `None`: before this machine can count.
    fn before(self, waited: Duration) -> Option<Self> {
        Some(Self { wall: self.wall.checked_sub(waited).ok()?, steady: self.steady.checked_sub(waited)? })
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::clock::Manual;

    use super::*;

    const BOUND: Duration = Duration::from_secs(5);

    fn fresh() -> (Arc<Manual>, Freshness) {
        let clock = Manual::at(Timestamp::UNIX_EPOCH);
        let freshness = Freshness::new(clock.clone(), BOUND, vec!["demo".into()]);
        (clock, freshness)
    }

    #[tokio::test]
    async fn a_copy_is_stale_until_it_is_confirmed_and_again_after_the_bound() {
        let (clock, freshness) = fresh();
        assert!(!freshness.is_fresh("demo") && !freshness.is_fresh("nobody"));
        freshness.confirm("demo", freshness.moment().unwrap(), Duration::ZERO);
        assert!(freshness.is_fresh("demo"));
        clock.advance(SignedDuration::from_secs(5));
        assert!(freshness.is_fresh("demo"));
        clock.advance(SignedDuration::from_micros(1));
        assert!(!freshness.is_fresh("demo"));
        assert!(Freshness::default().is_fresh("nobody"), "his own truth");
    }

    #[tokio::test]
    async fn an_entry_that_waits_for_its_number_makes_the_copy_older() {
        let (clock, freshness) = fresh();
        freshness.confirm("demo", freshness.moment().unwrap(), Duration::from_secs(3));
        clock.advance(SignedDuration::from_secs(2));
        assert!(freshness.is_fresh("demo"));
        clock.advance(SignedDuration::from_secs(1));
        assert!(!freshness.is_fresh("demo"));
        freshness.confirm("demo", freshness.moment().unwrap(), Duration::from_secs(6));
        assert!(!freshness.is_fresh("demo"));
    }

    #[tokio::test]
    async fn who_waits_is_told_when_it_is_fresh_and_when_waiting_is_in_vain() {
        let (_, freshness) = fresh();
        let consumer = async {
            freshness.wanted("demo").await;
            freshness.confirm("demo", freshness.moment().unwrap(), Duration::ZERO);
        };
        tokio::join!(freshness.settle("demo"), consumer);
        assert!(freshness.is_fresh("demo"));
        let (_, freshness) = fresh();
        freshness.fail("demo");
        // Would last a second otherwise; nothing is measured, the test only ends.
        freshness.settle("demo").await;
        assert!(!freshness.is_fresh("demo"));
    }
}
