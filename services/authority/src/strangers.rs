//! Refusals of subjects that the directory does not know, told to the journal in bulk.
//!
//! Whoever holds a token that no person stands behind is refused every call, and could fill the journal with that. The first
//! refusal of a subject for a reason is entered at once, like every refusal; what follows within a window is counted, and
//! the count is entered when the window has passed. Only counts are lost with the process, and no more than a window's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use dossier_kernel::call::Call;
use dossier_proto::journal::v1::{AccessRefused, EntryBody};

/// How long refusals are gathered: one minute, in microseconds.
const WINDOW: i64 = 60_000_000;
/// Most subjects that are told apart; those beyond share one count for each org.
const MOST: usize = 10_000;

/// The refusals under way of one process; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Strangers(Arc<Mutex<HashMap<Key, Gathered>>>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    org: String,
    subject: String,
    reason: String,
}

#[derive(Debug)]
struct Gathered {
    until: i64,
    // Those that are not in the journal yet.
    count: i64,
    last: Option<(EntryBody, AccessRefused)>,
}

// === impl Strangers ===

impl Strangers {
    /// Whether this refusal is entered now; otherwise it was counted.
    pub fn is_first(&self, call: &Call, body: &EntryBody, event: &AccessRefused) -> bool {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = Key { org: call.org.clone(), subject: call.subject.clone(), reason: event.reason.clone() };
        if gathered.len() >= MOST && !gathered.contains_key(&key) {
            key.subject.clear();
        }
        match gathered.get_mut(&key) {
            Some(known) if call.micros() < known.until => {
                known.count += 1;
                known.last = Some((body.clone(), event.clone()));
                false
            }
            // What was counted before and not told yet is told in the next round, with this one.
            Some(known) if known.count > 0 => {
                known.count += 1;
                known.last = Some((body.clone(), event.clone()));
                false
            }
            _ => {
                gathered.insert(key, Gathered { until: call.micros().saturating_add(WINDOW), count: 0, last: None });
                true
            }
        }
    }

    /// Takes what was counted in windows that have passed at `now`: the last refusal of each, with how many it stands for.
    pub fn passed(&self, now: i64) -> Vec<(EntryBody, AccessRefused)> {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut told = Vec::new();
        gathered.retain(|_, known| {
            if now < known.until {
                return true;
            }
            if let Some((body, event)) = known.last.take() {
                told.push((body, AccessRefused { repeated: known.count, ..event }));
            }
            false
        });
        told
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::call::Bearer;

    use super::*;

    fn call(subject: &str, at: i64) -> Call {
        Call {
            org: "demo".into(),
            subject: subject.into(),
            service: false,
            method: "x",
            now: dossier_kernel::time::from_micros(at),
            expires: jiff::Timestamp::MAX,
            bearer: Bearer::default(),
            deadline: None,
            trace_id: None,
            replayed: Default::default(),
        }
    }

    fn refused(strangers: &Strangers, subject: &str, at: i64) -> bool {
        let event = AccessRefused { reason: "ERROR_REASON_PERSON_UNKNOWN".into(), ..AccessRefused::default() };
        strangers.is_first(&call(subject, at), &EntryBody::default(), &event)
    }

    #[test]
    fn the_first_is_entered_and_the_rest_of_its_minute_is_one_entry_with_a_count() {
        let strangers = Strangers::default();
        assert!(refused(&strangers, "nobody", 0));
        assert!((1..1_700).all(|at| !refused(&strangers, "nobody", at)));
        assert!(refused(&strangers, "somebody", 5), "each subject by itself");
        assert!(strangers.passed(WINDOW - 1).is_empty());
        assert!(!refused(&strangers, "nobody", WINDOW + 1), "told with those before");
        let told = strangers.passed(WINDOW + 5);
        assert_eq!(told.iter().map(|(_, event)| event.repeated).collect::<Vec<_>>(), [1_700]);
        assert!(refused(&strangers, "nobody", WINDOW + 6), "a new minute");
    }

    #[test]
    fn made_up_subjects_do_not_fill_the_memory() {
        let strangers = Strangers::default();
        let first = (0..3 * MOST).filter(|at| refused(&strangers, &at.to_string(), 0)).count();
        assert_eq!(first, MOST + 1);
        assert_eq!(strangers.0.lock().unwrap().len(), MOST + 1);
    }
}
