//! How often one caller, and all callers of one issuer, may call.
//!
//! Counted in this process: it needs no Redis, so it holds when Redis is gone. With several replicas a caller has that much
//! at each of them. Services are not counted: what they do, their callers began.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use http::{Request, Response};
use tonic::body::Body;

use super::wrap::{Inner, Next, Wrap, refuse};
use crate::auth::Caller;
use crate::config;
use crate::error::{Error, Reason};

/// Callers remembered before those are forgotten who have not called of late.
const REMEMBERED: usize = 10_000;
/// Calls between two looks at how many are remembered.
const LOOKED_AFTER: u32 = 4096;

/// Refuses calls beyond a rate.
#[derive(Clone)]
pub(super) struct Rates {
    caller: Option<Arc<Limiter<(String, String)>>>,
    issuer: Option<Arc<Limiter<Arc<str>>>>,
}

struct Limiter<K: Clone + std::hash::Hash + Eq> {
    keyed: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
    asked: AtomicU32,
}

// === impl Rates ===

impl Rates {
    pub(super) fn new(settings: &config::Rates) -> Self {
        let (caller, issuer) = (settings.caller_per_second, settings.issuer_per_second);
        Self { caller: Limiter::of(caller).map(Arc::new), issuer: Limiter::of(issuer).map(Arc::new) }
    }

    // How long the caller has to wait; nothing when the call may go on.
    fn wait(&self, caller: &Caller) -> Option<Duration> {
        if caller.service {
            return None;
        }
        let person = (caller.org.clone(), caller.subject.clone());
        let by_caller = self.caller.as_ref().and_then(|limiter| limiter.wait(&person));
        by_caller.or_else(|| self.issuer.as_ref().and_then(|limiter| limiter.wait(&caller.issuer)))
    }
}

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rates").finish_non_exhaustive()
    }
}

impl Wrap for Rates {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        match request.extensions().get::<Caller>().and_then(|caller| self.wait(caller)) {
            None => next.run(request).await,
            Some(wait) => {
                metrics::counter!("dossier_server_rate_limited_total").increment(1);
                refuse(Error::new(Reason::RateLimited).retry_after(wait))
            }
        }
    }
}

// === impl Limiter ===

impl<K: Clone + std::hash::Hash + Eq> Limiter<K> {
    // A second's worth may come at once. Zero switches it off.
    fn of(per_second: u32) -> Option<Self> {
        let quota = Quota::per_second(NonZeroU32::new(per_second)?);
        Some(Self {
            keyed: DefaultKeyedRateLimiter::keyed(quota),
            clock: DefaultClock::default(),
            asked: AtomicU32::new(0),
        })
    }

    fn wait(&self, key: &K) -> Option<Duration> {
        // Now and then: to count them all takes longer than a call should.
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(LOOKED_AFTER) && self.keyed.len() > REMEMBERED {
            self.keyed.retain_recent();
        }
        self.keyed.check_key(key).err().map(|not_until| not_until.wait_time_from(self.clock.now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(subject: &str, issuer: &str, service: bool) -> Caller {
        let (org, subject, issuer) = ("demo".into(), subject.into(), issuer.into());
        Caller { org, subject, service, issuer, expires: jiff::Timestamp::MAX }
    }

    #[test]
    fn each_caller_has_his_own_measure_and_services_have_none() {
        let rates = Rates::new(&config::Rates { caller_per_second: 5, issuer_per_second: 0 });
        let waits = |who: &Caller| (0..8).filter(|_| rates.wait(who).is_some()).count();
        assert!(waits(&caller("li.wei", "a", false)) >= 2);
        assert!(rates.wait(&caller("li.wei", "a", false)).is_some_and(|wait| wait <= Duration::from_millis(200)));
        assert_eq!(waits(&caller("profile", "dossier-internal", true)), 0);
        assert!(rates.wait(&caller("zhang.san", "a", false)).is_none());
    }

    #[test]
    fn the_callers_of_one_issuer_share_a_measure() {
        let rates = Rates::new(&config::Rates { caller_per_second: 0, issuer_per_second: 5 });
        let refused = (0..20).filter(|at| rates.wait(&caller(&at.to_string(), "a", false)).is_some()).count();
        assert!(refused >= 10, "{refused}");
        assert!(rates.wait(&caller("x", "b", false)).is_none());
    }
}
