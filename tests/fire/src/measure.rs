//! Measuring: callers in a closed loop for throughput, calls at planned instants for latency, and what processes spend.
//!
//! A **closed loop** is a number of callers that each ask again as soon as they are answered: it finds the capacity, but
//! its latencies lie, since a slow server is asked less often. An **open loop** sends at planned instants whether or not
//! answers came, and counts each latency from the planned instant: a stall shows in every call that it delayed.

mod closed;
mod figures;
mod open;
mod random;
mod ratio;
mod spent;

use std::sync::Arc;

use futures::future::BoxFuture;
use tonic::{Code, Status};

pub use closed::{Throughput, closed};
pub use figures::{Latencies, Quantiles};
pub use open::{Offered, Pace, open};
pub use random::{Random, mixed};
pub use ratio::{Ratio, median};
pub use spent::{Group, Meter, Spent};

/// One kind of call: the caller's number and the number of the call give what is asked.
pub type Subject = Arc<dyn Fn(u64, u64) -> BoxFuture<'static, Result<(), Status>> + Send + Sync>;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Answered.
    Answered,
    /// Turned away because there was too much to do; may be repeated.
    Refused,
    /// Anything else.
    Failed,
}

// === impl Ending ===

impl Ending {
    /// What an outcome means.
    pub fn of(outcome: &Result<(), Status>) -> Self {
        match outcome.as_ref().map_err(Status::code) {
            Ok(()) => Self::Answered,
            Err(Code::Unavailable | Code::ResourceExhausted | Code::Aborted) => Self::Refused,
            Err(_) => Self::Failed,
        }
    }
}

/// A whole number as a share or a rate; counts of a run stay far below what a double holds exactly.
#[expect(clippy::cast_precision_loss, reason = "counts of a run stay far below 2^53")]
pub fn float(count: u64) -> f64 {
    count as f64
}
