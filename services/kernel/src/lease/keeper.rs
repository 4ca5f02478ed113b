//! Runs a job whenever its lease can be had.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use tokio::time::{Instant, sleep, sleep_until, timeout_at};
use tokio_util::sync::CancellationToken;

use super::{Acquired, Lease, acquire};
use crate::bus::{Bus, Messages};
use crate::clock::SharedClock;
use crate::db::Db;
use crate::fault;

/// Waits for a lease, runs the job, and begins again until told to stop.
#[derive(Debug, Clone)]
pub struct Keeper {
    /// Where the lease is.
    pub db: Db,
    /// Tells the time where the store does not ([`Db::now`]).
    pub clock: SharedClock,
    /// Wakes the next holder.
    pub bus: Arc<dyn Bus>,
    /// The tenant whose job this is.
    pub org: String,
    /// The job, for example `profile.sequencer`.
    pub name: String,
    /// Who asks; no two keepers may have the same.
    pub holder: String,
    /// How long a silent holder keeps the lease; it is renewed three times as often.
    pub ttl: Duration,
}

// === impl Keeper ===

impl Keeper {
    /// Runs `job` whenever the lease is ours, until `stop` is cancelled.
    ///
    /// The job gets its lease and a token that is cancelled by `stop`; it then has one `ttl` to end, with the
    /// lease still kept. When the lease is lost the job is dropped where it stands. A job that ends by itself is
    /// begun again, not sooner than a third of `ttl`.
    pub async fn run<Fut>(&self, stop: CancellationToken, job: impl Fn(Lease, CancellationToken) -> Fut)
    where
        Fut: Future<Output = ()>,
    {
        let mut wake = self.bus.subscribe(&self.topic()).await;
        self.measure(false);
        metrics::counter!("dossier_lease_lost_total", "lease" => self.name.clone()).increment(0);
        while let Some((lease, until)) = stop.run_until_cancelled(self.wait(&mut wake)).await {
            tracing::info!(org = self.org, lease = self.name, epoch = lease.epoch, "lease acquired");
            fault!("lease.acquired");
            self.measure(true);
            self.work(&lease, until, &stop, job(lease.clone(), stop.child_token())).await;
            self.measure(false);
            self.give_back(&lease).await;
            if stop.run_until_cancelled(sleep(self.ttl / 3)).await.is_none() {
                return;
            }
        }
    }

    // The lease, and until when nobody else can have it.
    async fn wait(&self, wake: &mut Messages) -> (Lease, Instant) {
        loop {
            let (asked, clock) = (Instant::now(), self.clock.as_ref());
            let pause = match acquire(&self.db, &self.org, &self.name, &self.holder, clock, self.ttl).await {
                Ok(Acquired::Held(lease)) => return (lease, asked + self.ttl),
                Ok(Acquired::Taken { left }) => left.clamp(self.ttl / 10, self.ttl),
                Err(fault) => {
                    tracing::warn!(org = self.org, lease = self.name, ?fault, "lease cannot be asked for");
                    self.ttl / 3
                }
            };
            tokio::select! {
                Some(_) = wake.next() => {}
                () = sleep(pause) => {}
            }
        }
    }

    async fn work(&self, lease: &Lease, until: Instant, stop: &CancellationToken, job: impl Future<Output = ()>) {
        let patience = async {
            stop.cancelled().await;
            sleep(self.ttl).await;
        };
        tokio::select! {
            () = job => {}
            () = self.keep(lease, until) => {
                metrics::counter!("dossier_lease_lost_total", "lease" => self.name.clone()).increment(1);
                tracing::warn!(org = self.org, lease = self.name, epoch = lease.epoch, "lease lost");
            }
            () = patience => {
                tracing::warn!(org = self.org, lease = self.name, "job did not stop in time");
            }
        }
    }

    // Renews the lease; ends when it is lost, or when it may be lost because the store does not answer.
    async fn keep(&self, lease: &Lease, mut until: Instant) {
        while Instant::now() < until {
            sleep_until(until.min(Instant::now() + self.ttl / 3)).await;
            let asked = Instant::now();
            match timeout_at(until, lease.renew(&self.db, self.clock.as_ref(), self.ttl)).await {
                Ok(Ok(true)) => until = asked + self.ttl,
                Ok(Ok(false)) | Err(_) => break,
                Ok(Err(_)) => {}
            }
            fault!("lease.renewed");
        }
        if fault::weakened("notice") {
            std::future::pending().await
        }
    }

    async fn give_back(&self, lease: &Lease) {
        // Whoever cannot be told takes the lease when it runs out.
        let told = async {
            if lease.release(&self.db).await.unwrap_or(false) {
                let _ = self.bus.publish(&self.topic(), b"").await;
            }
        };
        let _ = tokio::time::timeout(self.ttl, told).await;
    }

    fn measure(&self, held: bool) {
        let labels = [("lease", self.name.clone()), ("org", self.org.clone())];
        metrics::gauge!("dossier_lease_held", &labels).set(f64::from(u8::from(held)));
    }

    fn topic(&self) -> String {
        format!("lease/{}/{}", self.org, self.name)
    }
}
