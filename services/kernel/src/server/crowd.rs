//! How many connections a server bears, and which it gives up when there are too many.
//!
//! A connection is a guest until a call with a good credential comes over it. Whoever says nothing at all is cut after a
//! time. When the house is full, the guest who came first goes, so that a crowd of strangers cannot keep out a caller, or
//! a health check, for longer than it takes them to speak.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// The connections of one server; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Crowd(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    house: Mutex<House>,
}

#[derive(Debug, Default)]
struct House {
    next: u64,
    inside: usize,
    guests: BTreeMap<u64, CancellationToken>,
}

/// What is known of one connection; cheap to clone, in the extensions of each of its requests.
#[derive(Clone, Debug)]
pub(crate) struct Guest(Arc<Known>);

#[derive(Debug)]
struct Known {
    crowd: Crowd,
    number: u64,
    spoke: AtomicBool,
    proven: AtomicBool,
}

// === impl Crowd ===

impl Crowd {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most: most.max(1), house: Mutex::default() }))
    }

    /// Lets a connection in, which `cut` can end; the oldest guest goes when the house is full. `None` when everybody
    /// inside has shown a credential.
    pub(super) fn enter(&self, cut: CancellationToken) -> Option<Guest> {
        let mut house = self.house();
        if house.inside >= self.0.most {
            let (_, oldest) = house.guests.pop_first()?;
            oldest.cancel();
            metrics::counter!("dossier_server_connections_cut_total").increment(1);
            house.inside -= 1;
        }
        let number = house.next;
        house.next += 1;
        house.inside += 1;
        house.guests.insert(number, cut);
        let (spoke, proven) = (AtomicBool::new(false), AtomicBool::new(false));
        Some(Guest(Arc::new(Known { crowd: self.clone(), number, spoke, proven })))
    }

    fn house(&self) -> MutexGuard<'_, House> {
        self.0.house.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Guest ===

impl Guest {
    /// Whether a call has come over the connection.
    pub(super) fn has_spoken(&self) -> bool {
        self.0.spoke.load(Ordering::Relaxed)
    }

    /// Notes that a call has come.
    pub(super) fn speak(&self) {
        self.0.spoke.store(true, Ordering::Relaxed);
    }

    /// Notes that a call with a good credential has come: the connection stays.
    pub(crate) fn prove(&self) {
        if !self.0.proven.load(Ordering::Relaxed) && !self.0.proven.swap(true, Ordering::Relaxed) {
            self.0.crowd.house().guests.remove(&self.0.number);
        }
    }

    /// Notes that the connection is gone. One that was cut for another has left already.
    pub(super) fn leave(&self) {
        let mut house = self.0.crowd.house();
        let guest = house.guests.remove(&self.0.number).is_some();
        if guest || self.0.proven.load(Ordering::Relaxed) {
            house.inside = house.inside.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_guest_goes_and_who_has_shown_a_credential_stays() {
        let crowd = Crowd::new(2);
        let cuts: Vec<_> = (0..4).map(|_| CancellationToken::new()).collect();
        let first = crowd.enter(cuts[0].clone()).unwrap();
        let second = crowd.enter(cuts[1].clone()).unwrap();
        first.prove();
        let third = crowd.enter(cuts[2].clone()).unwrap();
        assert_eq!(cuts.iter().map(CancellationToken::is_cancelled).collect::<Vec<_>>(), [false, true, false, false]);
        second.leave();
        third.prove();
        assert!(crowd.enter(cuts[3].clone()).is_none(), "nobody is cut for a stranger who has shown a credential");
        first.leave();
        assert!(crowd.enter(cuts[3].clone()).is_some(), "one place is free, not two");
        assert_eq!(crowd.house().inside, 2);
    }
}
