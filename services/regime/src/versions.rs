//! The versions of the rules that one organisation lives under: each holds from its first day until the first day of the next.

use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;

use crate::tenant::Tenant;

/// The rules of one organisation, and which of their versions holds. The first one holds until somebody tells the time: nothing here
/// reads a clock.
#[derive(Debug)]
pub(crate) struct Versions {
    // By their first days; never empty.
    all: Vec<Tenant>,
    current: AtomicUsize,
}

// === impl Versions ===

impl Versions {
    /// `None` without any.
    pub(crate) fn new(mut all: Vec<Tenant>) -> Option<Self> {
        all.sort_by_key(|one| one.pack().effective_from);
        (!all.is_empty()).then(|| Self { all, current: AtomicUsize::new(0) })
    }

    /// All of them, by their first days.
    pub(crate) fn all(&self) -> &[Tenant] {
        &self.all
    }

    /// The one that holds.
    pub(crate) fn current(&self) -> &Tenant {
        let at = self.current.load(Ordering::Acquire).min(self.all.len() - 1);
        &self.all[at]
    }

    /// The one that has to take its place at `now`; `None` where it holds already. Time does not go back.
    pub(crate) fn due(&self, now: Timestamp) -> Option<&Tenant> {
        let at = self.at(now);
        (at > self.current.load(Ordering::Acquire)).then(|| &self.all[at])
    }

    /// Lets the one hold that holds at `now`.
    pub(crate) fn enter(&self, now: Timestamp) {
        self.current.fetch_max(self.at(now), Ordering::AcqRel);
    }

    // Before its first day a version does not hold; before the first of all nobody is served.
    fn at(&self, now: Timestamp) -> usize {
        let begun = self.all.iter().filter(|one| one.pack().effective_from <= one.day(now)).count();
        begun.saturating_sub(1)
    }
}

impl Clone for Versions {
    // The copy has a time of its own.
    fn clone(&self) -> Self {
        Self { all: self.all.clone(), current: AtomicUsize::new(self.current.load(Ordering::Acquire)) }
    }
}
