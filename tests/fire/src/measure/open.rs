//! The open loop: calls at planned instants, answered or not.
//!
//! The plan is made by a thread of its own, since the runtime's timer knows only milliseconds. Latency counts from the
//! planned instant, never from when the call was really sent, so neither a stall of the server nor one of this program
//! can hide the calls that it delayed. What this program itself was late is counted too, as `late`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::{Ending, Latencies, Quantiles, Subject, float};

/// When calls are made.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Calls for each second on average.
    pub rate: f64,
    /// For how long.
    pub time: Duration,
    /// Whether the gaps are drawn (Poisson) or all the same.
    pub drawn: bool,
    /// What the gaps are drawn from; the same seed gives the same plan.
    pub seed: u64,
    /// Most calls under way; one more is not sent and counted as unsent.
    pub most: u64,
}

/// What became of the calls of an open loop.
#[derive(Clone, Debug, Default)]
pub struct Offered {
    /// Calls that were planned.
    pub planned: u64,
    /// Calls that were answered; the latencies are theirs.
    pub answered: u64,
    /// Calls that were turned away.
    pub refused: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
    /// Calls that were not sent, because too many were under way.
    pub unsent: u64,
    /// Calls that this program sent more than 5 ms after their instant.
    pub late: u64,
    /// From planned instant to answer.
    pub latency: Quantiles,
    /// Answered calls for each second of the plan.
    pub rate: f64,
}

const LATE: Duration = Duration::from_millis(5);

struct Run {
    subject: Subject,
    latencies: Mutex<Latencies>,
    under_way: AtomicU64,
    answered: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
}

/// Calls `subject` at the instants of `pace`; calls are numbered from `first`.
pub async fn open(subject: &Subject, pace: Pace, first: u64) -> Offered {
    let run = Arc::new(Run::new(subject.clone()));
    let (ended, mut all_ended) = mpsc::channel::<()>(1);
    let (sender, runtime) = (run.clone(), Handle::current());
    let planned = tokio::task::spawn_blocking(move || sender.send(pace, first, &runtime, &ended)).await;
    // Every call holds a sender; the last one ends the wait.
    let _ = all_ended.recv().await;
    run.told(pace, planned.unwrap_or_default())
}

// === impl Run ===

impl Run {
    fn new(subject: Subject) -> Self {
        let zero = || AtomicU64::new(0);
        let latencies = Mutex::new(Latencies::new());
        Self { subject, latencies, under_way: zero(), answered: zero(), refused: zero(), failed: zero() }
    }

    // On a thread of its own: waits for each instant and lets the runtime make the call.
    fn send(self: Arc<Self>, pace: Pace, first: u64, runtime: &Handle, ended: &mpsc::Sender<()>) -> Offered {
        let (begun, mut gaps, mut sent) = (Instant::now(), Gaps::new(pace), Offered::default());
        let mut at = Duration::ZERO;
        while at < pace.time {
            let planned = begun + at;
            if let Some(wait) = planned.checked_duration_since(Instant::now()) {
                std::thread::sleep(wait);
            }
            sent.late += u64::from(planned.elapsed() > LATE);
            if self.under_way.load(Ordering::Relaxed) >= pace.most {
                sent.unsent += 1;
            } else {
                let number = first + sent.planned;
                self.under_way.fetch_add(1, Ordering::Relaxed);
                runtime.spawn(Self::call(self.clone(), planned, number, ended.clone()));
            }
            sent.planned += 1;
            at += gaps.next();
        }
        sent
    }

    async fn call(self: Arc<Self>, planned: Instant, number: u64, ended: mpsc::Sender<()>) {
        let outcome = (self.subject)(number % 64, number).await;
        let latency = planned.elapsed();
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        match Ending::of(&outcome) {
            Ending::Answered => {
                self.answered.fetch_add(1, Ordering::Relaxed);
                if let Ok(mut latencies) = self.latencies.lock() {
                    latencies.add(latency);
                }
            }
            Ending::Refused => drop(self.refused.fetch_add(1, Ordering::Relaxed)),
            Ending::Failed => drop(self.failed.fetch_add(1, Ordering::Relaxed)),
        }
        drop(ended);
    }

    fn told(&self, pace: Pace, sent: Offered) -> Offered {
        let answered = self.answered.load(Ordering::Relaxed);
        Offered {
            answered,
            refused: self.refused.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            latency: self.latencies.lock().map(|latencies| latencies.quantiles()).unwrap_or_default(),
            rate: float(answered) / pace.time.as_secs_f64(),
            ..sent
        }
    }
}

/// The gaps between planned instants.
struct Gaps {
    mean: f64,
    drawn: bool,
    random: super::Random,
}

// === impl Gaps ===

impl Gaps {
    fn new(pace: Pace) -> Self {
        Self { mean: 1.0 / pace.rate.max(0.001), drawn: pace.drawn, random: super::Random::new(pace.seed) }
    }

    fn next(&mut self) -> Duration {
        let factor = if self.drawn { -(1.0 - self.random.share()).ln() } else { 1.0 };
        Duration::from_secs_f64(self.mean * factor)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn pace(drawn: bool) -> Pace {
        Pace { rate: 1000.0, time: Duration::from_secs(1), drawn, seed: 7, most: 10_000 }
    }

    fn planned(pace: Pace) -> Vec<Duration> {
        let mut gaps = Gaps::new(pace);
        let instants = std::iter::successors(Some(Duration::ZERO), move |at| Some(*at + gaps.next()));
        instants.take_while(|at| *at < pace.time).collect()
    }

    // A server that answers at once, but for one span in which everything waits for its end.
    fn stalling(from: Duration, until: Duration) -> Subject {
        let begun = Instant::now();
        Arc::new(move |_, _| {
            async move {
                let at = begun.elapsed();
                if at >= from && at < until {
                    tokio::time::sleep(until - at).await;
                }
                Ok(())
            }
            .boxed()
        })
    }

    #[test]
    fn a_drawn_plan_has_the_rate_that_was_asked_for_and_repeats_with_its_seed() {
        let (drawn, even) = (planned(pace(true)), planned(pace(false)));
        assert!((900..1100).contains(&drawn.len()), "{}", drawn.len());
        assert!((999..=1001).contains(&even.len()), "{}", even.len());
        assert_eq!(drawn, planned(pace(true)));
        assert_ne!(drawn, planned(Pace { seed: 8, ..pace(true) }));
    }

    // The negative control of the generator: one that waited for the answer before it sent again would see one slow call
    // in hundreds, and p99 would not know of the stall.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_stall_of_the_server_shows_in_every_call_that_it_delayed() {
        let time = Duration::from_millis(600);
        let stalled = stalling(Duration::from_millis(100), Duration::from_millis(400));
        let seen = open(&stalled, Pace { time, ..pace(false) }, 0).await;
        assert_eq!((seen.answered, seen.refused, seen.failed), (seen.planned, 0, 0));
        // Half of the calls fell into the stall; the first of them waited for all of it.
        assert!(seen.latency.max >= 250.0, "{seen:?}");
        assert!(seen.latency.p99 >= 200.0 && seen.latency.p90 >= 100.0, "{seen:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_the_server_turns_away_is_no_latency() {
        let refusing: Subject = Arc::new(|_, n| {
            let refused = n % 2 == 0;
            async move { if refused { Err(tonic::Status::unavailable("busy")) } else { Ok(()) } }.boxed()
        });
        let seen = open(&refusing, Pace { time: Duration::from_millis(100), ..pace(false) }, 0).await;
        assert_eq!(seen.refused + seen.answered, seen.planned);
        assert!(seen.refused > 0 && seen.answered > 0, "{seen:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn calls_beyond_the_most_under_way_are_told_as_unsent() {
        let never: Subject = Arc::new(|_, _| {
            async {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Ok(())
            }
            .boxed()
        });
        let seen = open(&never, Pace { time: Duration::from_millis(100), most: 10, ..pace(false) }, 0).await;
        assert_eq!((seen.answered, seen.unsent), (10, seen.planned - 10));
    }
}
