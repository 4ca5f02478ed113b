//! The closed loop: how much gets done when a number of callers ask again as soon as they are answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Ending, Subject, float};

/// What a closed loop got done.
#[derive(Clone, Debug, Default)]
pub struct Throughput {
    /// Answered calls.
    pub calls: u64,
    /// Calls that were turned away.
    pub refused: u64,
    /// Calls that failed otherwise.
    pub failed: u64,
    /// From the first call to the last answer.
    pub seconds: f64,
    /// What the first failed call said.
    pub fault: Option<String>,
}

#[derive(Default)]
struct Counts {
    calls: AtomicU64,
    refused: AtomicU64,
    failed: AtomicU64,
    fault: std::sync::Mutex<Option<String>>,
}

/// Lets `callers` ask for `time`; calls are numbered from `first`, no number twice.
pub async fn closed(subject: &Subject, callers: u64, time: Duration, first: u64) -> Throughput {
    let counts = Arc::new(Counts::default());
    let begun = Instant::now();
    let end = begun + time;
    let callers = (0..callers).map(|caller| {
        let (subject, counts) = (subject.clone(), counts.clone());
        tokio::spawn(async move {
            let mut number = first + caller * 1_000_000_000;
            while Instant::now() < end {
                counts.note(subject(caller, number).await);
                number += 1;
            }
        })
    });
    futures::future::join_all(callers).await;
    counts.told(begun.elapsed())
}

// === impl Throughput ===

impl Throughput {
    /// Answered calls for each second.
    pub fn rate(&self) -> f64 {
        if self.seconds > 0.0 { float(self.calls) / self.seconds } else { 0.0 }
    }
}

// === impl Counts ===

impl Counts {
    fn note(&self, outcome: Result<(), tonic::Status>) {
        let count = match Ending::of(&outcome) {
            Ending::Answered => &self.calls,
            Ending::Refused => &self.refused,
            Ending::Failed => &self.failed,
        };
        count.fetch_add(1, Ordering::Relaxed);
        if let Err(status) = outcome
            && let Ok(mut fault) = self.fault.lock()
        {
            fault.get_or_insert_with(|| format!("{:?}: {}", status.code(), status.message()));
        }
    }

    fn told(&self, time: Duration) -> Throughput {
        Throughput {
            calls: self.calls.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
            seconds: time.as_secs_f64(),
            fault: self.fault.lock().ok().and_then(|fault| fault.clone()),
        }
    }
}
