//! One measurement after the other on a stand: ratios in turns, latencies by rate, what calls cost.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::Executor;

use crate::floor::Kind;
use crate::ground::{Fault, Result};
use crate::measure::{Offered, Pace, Quantiles, Ratio, Throughput, closed, float, median, open};
use crate::report::Statement;
use crate::scene::units;
use crate::stand::Stand;
use crate::subjects::Call;

/// How long and how often is measured.
#[derive(Clone, Copy, Debug)]
pub struct Length {
    /// Callers of the closed loop.
    pub callers: u64,
    /// One measurement of one kind.
    pub time: Duration,
    /// Turns of floor and subject.
    pub rounds: usize,
}

/// A call against its floors.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// By the name of the floor.
    pub against: BTreeMap<String, Ratio>,
    /// Answered calls for each second, a round each.
    pub rates: Vec<f64>,
    /// Processor milliseconds of each group of processes for one call of the subject, everything that it left behind
    /// included.
    pub spent: BTreeMap<String, f64>,
    /// Seconds that the services worked on after the last answer of a round, at most.
    pub drained: f64,
    /// Calls that were answered, warming up included.
    pub answered: u64,
    /// Calls that were turned away.
    pub refused: u64,
    /// Calls that failed.
    pub failed: u64,
    /// What the first of these said.
    pub fault: Option<String>,
}

/// Latencies at one rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The share of the capacity that was offered.
    pub share: f64,
    /// Calls that were offered each second.
    pub offered: f64,
    /// Calls that were answered each second.
    pub answered: f64,
    /// From planned instant to answer, in milliseconds.
    pub latency: Quantiles,
    /// Calls that were planned.
    pub planned: u64,
    /// Calls that were turned away, failed or not sent.
    pub lost: u64,
    /// Calls that the generator itself sent late.
    pub late: u64,
}

/// What reserving against one limit by many at once came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guarded {
    /// The limit, in minor units.
    pub limit: i64,
    /// The sum of what was acknowledged.
    pub acknowledged: i64,
    /// What the service says is held or drawn.
    pub held: i64,
    /// Calls that were refused because the limit was reached.
    pub refused: u64,
}

// === impl Compared ===

impl Compared {
    /// The median of the rates.
    pub fn rate(&self) -> f64 {
        median(&self.rates)
    }
}

// === impl Guarded ===

impl Guarded {
    /// Whether what was acknowledged is what is held, and the limit holds it.
    pub fn holds(&self) -> bool {
        self.acknowledged == self.held && self.held <= self.limit
    }
}

/// Measures `call` and the floors in turns.
///
/// # Errors
/// When nothing at all is answered.
pub async fn compare(stand: &Stand, call: Call, floors: &[Kind], length: Length) -> Result<Compared> {
    let subject = stand.subject(call);
    let warm = length.time / 4;
    for kind in floors {
        run(stand, &stand.floor(*kind, call), length.callers, warm).await;
    }
    let warmed = run(stand, &subject, length.callers, warm).await;
    stand.settle().await;
    let (mut spent, mut calls) = (BTreeMap::new(), 0);
    let mut told = Compared { answered: warmed.calls, ..Compared::default() };
    for _ in 0..length.rounds {
        let mut rates = Vec::new();
        for kind in floors {
            let floor = run(stand, &stand.floor(*kind, call), length.callers, length.time).await;
            check(&kind.to_string(), &floor)?;
            rates.push((kind.name().to_owned(), floor.rate()));
            stand.settle().await;
        }
        let before = stand.meter().read();
        let done = run(stand, &subject, length.callers, length.time).await;
        told.drained = told.drained.max(stand.settle().await);
        check(call.name(), &done)?;
        for (name, seconds) in stand.meter().read().since(&before).0 {
            *spent.entry(name.to_owned()).or_insert(0.0) += seconds;
        }
        calls += done.calls;
        for (name, rate) in rates {
            told.against.entry(name).or_default().add(rate, done.rate());
        }
        told.rates.push(done.rate());
        told.answered += done.calls;
        told.refused += done.refused;
        told.failed += done.failed;
        told.fault = told.fault.or(done.fault);
    }
    told.spent = spent.into_iter().map(|(name, seconds)| (name, seconds * 1000.0 / float(calls.max(1)))).collect();
    Ok(told)
}

/// Latencies of `call` at shares of `capacity`, calls for each second.
pub async fn latencies(stand: &Stand, call: Call, capacity: f64, shares: &[f64], time: Duration) -> Vec<Point> {
    let subject = stand.subject(call);
    let mut points = Vec::new();
    for share in shares {
        stand.settle().await;
        let rate = (capacity * share).max(1.0);
        let pace = Pace { rate, time, drawn: true, seed: 7, most: 2_000 };
        let seen = open(&subject, pace, stand.first()).await;
        points.push(point(*share, rate, &seen));
    }
    points
}

/// Lets all callers reserve one unit each, again and again, against a limit of `limit` units until it is used up, and
/// compares what was acknowledged with what is held.
///
/// # Errors
/// When the customer cannot be brought about, or the exposure not be read.
pub async fn guard(stand: &Stand, mark: &str, limit: i64, callers: u64) -> Result<Guarded> {
    let scene = &stand.cast.scene;
    let customer = scene.customer(&stand.model, mark, limit).await?;
    let cast = crate::subjects::Cast { hot: customer.clone(), ..(*stand.cast).clone() };
    let subject = Call::Reserve.subject(&std::sync::Arc::new(cast));
    let first = stand.first();
    let each = limit.unsigned_abs() / callers + 20;
    let callers = (0..callers).map(|caller| {
        let subject = subject.clone();
        async move {
            let (mut yes, mut no) = (0_u64, 0_u64);
            for n in 0..each {
                match subject(caller, first + caller * 1_000_000 + n).await {
                    Ok(()) => yes += 1,
                    Err(_) => no += 1,
                }
            }
            (yes, no)
        }
    });
    let counts = futures::future::join_all(callers).await;
    let (yes, no) = counts.into_iter().fold((0, 0), |(yes, no), (one, two)| (yes + one, no + two));
    let known = scene.exposure(&customer).await?;
    let held = units(known.held) + units(known.drawn);
    Ok(Guarded { limit, acknowledged: i64::try_from(yes).unwrap_or(i64::MAX), held, refused: no })
}

/// The five statements of `call` that take most of PostgreSQL's time; nothing on another store. Counting slows the
/// server down, so this run is apart from the others.
///
/// # Errors
/// When PostgreSQL does not answer.
pub async fn statements(stand: &Stand, call: Call, callers: u64, time: Duration) -> Result<Vec<Statement>> {
    let Some(postgres) = stand.postgres() else { return Ok(Vec::new()) };
    let mut connection = postgres.connect("postgres").await?;
    for text in ["ALTER SYSTEM SET pg_stat_statements.track = 'top'", "SELECT pg_reload_conf()"] {
        connection.execute(text).await?;
    }
    // The servers read their settings before the next statement; one short run lets all of them come to it.
    run(stand, &stand.subject(call), callers, time / 10).await;
    connection.execute("SELECT pg_stat_statements_reset()").await?;
    let done = run(stand, &stand.subject(call), callers, time).await;
    stand.settle().await;
    let text = "SELECT query, calls, total_exec_time FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat%'
                ORDER BY total_exec_time DESC LIMIT 5";
    let rows: Vec<(String, i64, f64)> = sqlx::query_as(text).fetch_all(&mut connection).await?;
    for text in ["ALTER SYSTEM SET pg_stat_statements.track = 'none'", "SELECT pg_reload_conf()"] {
        connection.execute(text).await?;
    }
    let calls = float(done.calls.max(1));
    let told = |(query, times, millis): (String, i64, f64)| Statement {
        text: query.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(110).collect(),
        times: float(times.unsigned_abs()) / calls,
        micros: millis * 1000.0 / calls,
    };
    Ok(rows.into_iter().map(told).collect())
}

async fn run(stand: &Stand, subject: &crate::measure::Subject, callers: u64, time: Duration) -> Throughput {
    closed(subject, callers, time, stand.first()).await
}

fn check(what: &str, done: &Throughput) -> Result<()> {
    if done.calls > 0 {
        return Ok(());
    }
    Err(Fault::new(done.fault.clone().unwrap_or_default()).within(format!("{what} answers nothing")))
}

fn point(share: f64, offered: f64, seen: &Offered) -> Point {
    Point {
        share,
        offered,
        answered: seen.rate,
        latency: seen.latency,
        planned: seen.planned,
        lost: seen.refused + seen.failed + seen.unsent,
        late: seen.late,
    }
}
