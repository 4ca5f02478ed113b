//! How much of something one caller may hold open at the same time, such as watches.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::call::Call;
use crate::error::{Error, Reason, Result};

/// When a refused caller may ask again; something of theirs may have ended by then.
const AGAIN: Duration = Duration::from_secs(5);

/// What all callers hold; cheap to clone.
#[derive(Clone, Debug)]
pub struct Slots(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: usize,
    held: Mutex<HashMap<Owner, usize>>,
}

type Owner = (String, String);

/// One place, held until it is dropped. Services hold none: what they open is their own business.
#[derive(Debug)]
pub struct Slot(Option<(Slots, Owner)>);

// === impl Slots ===

impl Slots {
    /// At most `most` for each caller.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Inner { most, held: Mutex::default() }))
    }

    /// A place for the caller of `call`.
    ///
    /// # Errors
    /// `RATE_LIMITED` when they hold as many as they may.
    pub fn take(&self, call: &Call) -> Result<Slot> {
        if call.service {
            return Ok(Slot(None));
        }
        let owner = (call.org.clone(), call.subject.clone());
        let mut held = self.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        let count = held.entry(owner.clone()).or_default();
        if *count >= self.0.most {
            return Err(Error::new(Reason::RateLimited).retry_after(AGAIN));
        }
        *count += 1;
        Ok(Slot(Some((self.clone(), owner))))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some((slots, owner)) = self.0.take() else { return };
        let mut held = slots.0.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = held.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                held.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Bearer;

    fn call(subject: &str, service: bool) -> Call {
        Call {
            org: "demo".into(),
            subject: subject.into(),
            service,
            method: "x",
            now: jiff::Timestamp::UNIX_EPOCH,
            expires: jiff::Timestamp::MAX,
            bearer: Bearer::default(),
            deadline: None,
            trace_id: None,
            replayed: Default::default(),
        }
    }

    #[test]
    fn a_caller_holds_so_many_and_gets_another_when_one_is_free() {
        let slots = Slots::new(2);
        let (one, two) = (slots.take(&call("a", false)).unwrap(), slots.take(&call("a", false)).unwrap());
        assert_eq!(slots.take(&call("a", false)).unwrap_err().reason(), Reason::RateLimited);
        let _other = slots.take(&call("b", false)).unwrap();
        drop(one);
        let three = slots.take(&call("a", false)).unwrap();
        let services: Vec<_> = (0..10).map(|_| slots.take(&call("profile", true))).collect();
        assert!(services.iter().all(Result::is_ok), "services have no bound");
        drop((three, two));
        assert_eq!(slots.0.held.lock().unwrap().len(), 1, "nothing is kept of who holds nothing");
    }
}
