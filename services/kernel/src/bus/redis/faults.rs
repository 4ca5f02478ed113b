//! What Redis lacks at the moment: each fault is told once with its cause, and once more when it is over.
//!
//! A fault has the code that Redis gave it; whatever came from no server is one fault, however the system words it. It is
//! over when what failed goes through again, not when a connection stands: a replica answers a ping as well.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ::redis::{ErrorKind, RedisError};

/// The operation of whoever keeps the shared connection.
pub(super) const CONNECT: &str = "connect";
/// The operation of a read that waits, on a connection of its own.
pub(super) const WAIT: &str = "wait";
/// The operation of the connection that listens.
pub(super) const LISTEN: &str = "listen";

const UNREACHABLE: &str = "UNREACHABLE";
const WRONG_PASSWORD: &str = "WRONGPASS";

/// The faults that stand.
#[derive(Debug, Default)]
pub(super) struct Faults {
    standing: Mutex<Standing>,
    // Every command asks, and nearly always nothing stands.
    any: AtomicBool,
}

#[derive(Debug, Default)]
struct Standing {
    connected: bool,
    // By their codes: the operation that failed first, whose success ends it.
    operations: BTreeMap<String, &'static str>,
}

/// What Redis calls the fault.
pub(super) fn code(fault: &RedisError) -> String {
    if fault.kind() == ErrorKind::AuthenticationFailed {
        return WRONG_PASSWORD.to_owned();
    }
    // A transaction that was refused names the command that was.
    let inner = fault.clone().into_server_errors();
    let inner = inner.as_deref().and_then(|all| all.first()).map(|(_, one)| one.code().to_owned());
    inner.or_else(|| fault.code().map(str::to_owned)).unwrap_or_else(|| UNREACHABLE.to_owned())
}

/// Whether another connection may do better: this one broke, leads to the wrong server, or was not let in.
pub(super) fn ends_connection(code: &str) -> bool {
    const ELSEWHERE: [&str; 8] =
        ["READONLY", "LOADING", "MOVED", "ASK", "CLUSTERDOWN", "MASTERDOWN", "NOAUTH", "UNBLOCKED"];
    code == UNREACHABLE || code == WRONG_PASSWORD || ELSEWHERE.contains(&code)
}

// Whether the fault is about one command or key: that another one goes through says nothing.
fn is_particular(code: &str) -> bool {
    ["NOPERM", "MOVED", "ASK", "CROSSSLOT", "WRONGTYPE"].contains(&code)
}

// === impl Faults ===

impl Faults {
    /// `operation` failed; says so unless that is known.
    pub(super) fn failed(&self, operation: &'static str, fault: &RedisError) {
        let code = code(fault);
        let mut standing = self.lock();
        if standing.operations.contains_key(&code) {
            return;
        }
        metrics::counter!("dossier_bus_faults_total").increment(1);
        tracing::warn!(code, operation, cause = %fault, "Redis fails; the services go on without it");
        standing.operations.insert(code, operation);
        self.shown(&standing);
    }

    /// `operation` went through: what it failed of is over.
    pub(super) fn went_through(&self, operation: &'static str) {
        if self.any.load(Ordering::Relaxed) {
            self.end(&mut self.lock(), |_, failed| failed == operation);
        }
    }

    /// A connection stands and took a write: what is no other connection's or one command's affair is over.
    pub(super) fn proved(&self) {
        let own = |failed| failed == WAIT || failed == LISTEN;
        let mut standing = self.lock();
        standing.connected = true;
        self.end(&mut standing, |code, failed| failed == CONNECT || !own(failed) && !is_particular(code));
    }

    /// A connection stands, whatever it takes.
    pub(super) fn connected(&self, is: bool) {
        let mut standing = self.lock();
        standing.connected = is;
        self.shown(&standing);
    }

    fn end(&self, standing: &mut Standing, over: impl Fn(&str, &'static str) -> bool) {
        let mut ended = Vec::new();
        standing.operations.retain(|code, failed| {
            let keep = !over(code, failed);
            if !keep {
                ended.push(code.clone());
            }
            keep
        });
        if !ended.is_empty() {
            metrics::counter!("dossier_bus_recoveries_total").increment(1);
            tracing::info!(after = ended.join(", "), "Redis is used again");
        }
        self.shown(standing);
    }

    fn shown(&self, standing: &Standing) {
        let faultless = standing.operations.is_empty();
        self.any.store(!faultless, Ordering::Relaxed);
        metrics::gauge!("dossier_bus_up").set(f64::from(u8::from(standing.connected && faultless)));
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(in crate::bus) fn codes(&self) -> Vec<String> {
        self.lock().operations.keys().cloned().collect()
    }
}
