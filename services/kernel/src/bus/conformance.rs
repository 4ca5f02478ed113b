//! What every [`Bus`] must do, as one suite that runs on each implementation.
//!
//! A check takes an empty bus and says what it found wrong; nothing here panics, so that a suite that should
//! fail can be seen failing.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use tokio::time::timeout;

use super::{Appended, Bus, BusError, Message, Messages};

/// The [`Settings::stream_length`](super::Settings::stream_length) a bus under test must have.
pub const STREAM_LENGTH: usize = 200;

// Longer than any operation may take; a bus that reaches it hangs.
const PATIENCE: Duration = Duration::from_secs(5);

/// A check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The name of the check.
    pub check: &'static str,
    /// What it found.
    pub why: String,
}

type Verdict = Result<(), String>;
type Check = fn(Arc<dyn Bus>) -> BoxFuture<'static, Verdict>;

const CHECKS: &[(&str, Check)] = &[
    ("a stream gives back what was appended, in order", |bus| Box::pin(order(bus))),
    ("a number appended twice changes nothing", |bus| Box::pin(idempotent(bus))),
    ("many items are appended as one by one", |bus| Box::pin(together(bus))),
    ("numbers may jump and start anywhere", |bus| Box::pin(jumps(bus))),
    ("numbers below 1 are refused", |bus| Box::pin(refused(bus))),
    ("a read gives at most its limit, after its number", |bus| Box::pin(limits(bus))),
    ("a waiting read wakes with the first item", |bus| Box::pin(wakes(bus))),
    ("a waiting read ends with its wait", |bus| Box::pin(patience(bus))),
    ("a waiting read holds nobody up", |bus| Box::pin(unhindered(bus))),
    ("streams do not see each other", |bus| Box::pin(apart(bus))),
    ("a long stream loses its oldest items only", |bus| Box::pin(trimmed(bus))),
    ("any bytes survive", |bus| Box::pin(bytes(bus))),
    ("every listener of a topic hears a message", |bus| Box::pin(fan_out(bus))),
    ("a topic is not heard by others, nor before", |bus| Box::pin(quiet(bus))),
    ("a counter counts and starts again", |bus| Box::pin(counts(bus))),
    ("concurrent hits are all counted", |bus| Box::pin(crowd(bus))),
    ("the bus is healthy", |bus| Box::pin(async move { ensure(bus.healthy().await, "is not healthy") })),
];

/// Runs every check, each on an empty bus from `make`, and returns those that failed.
pub async fn suite(make: impl AsyncFn() -> Arc<dyn Bus>) -> Vec<Failure> {
    let mut failures = Vec::new();
    for (name, check) in CHECKS {
        let verdict = match timeout(PATIENCE * 4, check(make().await)).await {
            Ok(verdict) => verdict,
            Err(_) => Err("hangs".to_owned()),
        };
        failures.extend(verdict.err().map(|why| Failure { check: name, why }));
    }
    failures
}

async fn order(bus: Arc<dyn Bus>) -> Verdict {
    for seq in 1..=5 {
        let done = bus.append("s", seq, &[u8::try_from(seq).unwrap_or(0)]).await.map_err(say)?;
        ensure(done == Appended::Added, "a new number was not added")?;
    }
    let items = bus.read("s", 0, 10, Duration::ZERO).await.map_err(say)?;
    let found: Vec<_> = items.iter().map(|item| (item.seq, item.body.clone())).collect();
    same(found, (1..=5u8).map(|seq| (i64::from(seq), vec![seq])).collect())
}

async fn idempotent(bus: Arc<dyn Bus>) -> Verdict {
    bus.append("s", 7, b"first").await.map_err(say)?;
    for seq in [7, 6, 1] {
        same(bus.append("s", seq, b"again").await.map_err(say)?, Appended::AlreadyThere)?;
    }
    let items = bus.read("s", 0, 10, Duration::ZERO).await.map_err(say)?;
    same(items.into_iter().map(|item| (item.seq, item.body)).collect(), vec![(7, b"first".to_vec())])
}

async fn together(bus: Arc<dyn Bus>) -> Verdict {
    bus.append("s", 2, b"first").await.map_err(say)?;
    let items: Vec<_> = (1..=4_u8).map(|seq| (i64::from(seq), vec![seq])).collect();
    bus.append_all("s", &items).await.map_err(say)?;
    bus.append_all("s", &items[..3]).await.map_err(say)?;
    bus.append_all("s", &[]).await.map_err(say)?;
    let refused = bus.append_all("s", &[(0, Vec::new())]).await;
    ensure(matches!(refused, Err(BusError::Invalid { .. })), "a number below 1 was taken")?;
    let found = bus.read("s", 0, 10, Duration::ZERO).await.map_err(say)?;
    let found = found.into_iter().map(|item| (item.seq, item.body)).collect();
    same(found, vec![(2, b"first".to_vec()), (3, vec![3]), (4, vec![4])])
}

async fn jumps(bus: Arc<dyn Bus>) -> Verdict {
    for seq in [1_000_000_000_000, 1_000_000_000_007, i64::MAX] {
        same(bus.append("s", seq, b"x").await.map_err(say)?, Appended::Added)?;
    }
    same(seqs(&*bus, "s", 1_000_000_000_000).await?, vec![1_000_000_000_007, i64::MAX])
}

async fn refused(bus: Arc<dyn Bus>) -> Verdict {
    for seq in [0, -1, i64::MIN] {
        let refused = matches!(bus.append("s", seq, b"x").await, Err(BusError::Invalid { .. }));
        ensure(refused, "a number below 1 was taken")?;
    }
    same(seqs(&*bus, "s", i64::MIN).await?, vec![])
}

async fn limits(bus: Arc<dyn Bus>) -> Verdict {
    fill(&*bus, "s", 1..=9).await?;
    let items = bus.read("s", 3, 4, Duration::ZERO).await.map_err(say)?;
    same(items.iter().map(|item| item.seq).collect(), vec![4, 5, 6, 7])?;
    same(bus.read("s", 3, 0, Duration::ZERO).await.map_err(say)?, vec![])?;
    same(seqs(&*bus, "s", 9).await?, vec![])
}

async fn wakes(bus: Arc<dyn Bus>) -> Verdict {
    fill(&*bus, "s", 1..=2).await?;
    let reader = bus.clone();
    let waiting = async move { reader.read("s", 2, 10, PATIENCE).await };
    let (found, appended) = tokio::join!(within(waiting), bus.append("s", 3, b"x"));
    appended.map_err(say)?;
    same(found?.map_err(say)?.iter().map(|item| item.seq).collect(), vec![3])
}

async fn patience(bus: Arc<dyn Bus>) -> Verdict {
    let found = within(bus.read("s", 0, 10, Duration::from_millis(30))).await?.map_err(say)?;
    same(found, vec![])
}

async fn unhindered(bus: Arc<dyn Bus>) -> Verdict {
    let readers: Vec<_> = (0..4).map(|_| bus.read("idle", 0, 1, PATIENCE * 2)).collect();
    let busy = async {
        for seq in 1..=20 {
            bus.append("busy", seq, b"x").await.map_err(say)?;
        }
        Ok(())
    };
    tokio::select! {
        // The readers first, so that they wait before anybody is busy.
        biased;
        _ = futures::future::join_all(readers) => Err("a read of an empty stream did not wait".into()),
        done = within(busy) => done?,
    }
}

async fn apart(bus: Arc<dyn Bus>) -> Verdict {
    fill(&*bus, "profile/one", 1..=3).await?;
    fill(&*bus, "profile/two", 1..=1).await?;
    same(seqs(&*bus, "profile/two", 0).await?, vec![1])?;
    same(seqs(&*bus, "profile", 0).await?, vec![])
}

async fn trimmed(bus: Arc<dyn Bus>) -> Verdict {
    let length = i64::try_from(STREAM_LENGTH).map_err(say)?;
    let last = length * 5;
    fill(&*bus, "s", 1..=last).await?;
    let kept = seqs(&*bus, "s", 0).await?;
    let first = kept.first().copied().unwrap_or(0);
    ensure(first > 1, "nothing was dropped")?;
    ensure(first <= last - length + 1, "more was dropped than allowed")?;
    same(kept, (first..=last).collect())
}

async fn bytes(bus: Arc<dyn Bus>) -> Verdict {
    let body: Vec<u8> = (0..=255).collect();
    bus.append("s", 1, &body).await.map_err(say)?;
    bus.append("s", 2, b"").await.map_err(say)?;
    let items = bus.read("s", 0, 10, Duration::ZERO).await.map_err(say)?;
    same(items.into_iter().map(|item| item.body).collect(), vec![body.clone(), vec![]])?;
    let mut heard = bus.subscribe("t").await;
    bus.publish("t", &body).await.map_err(say)?;
    same(next(&mut heard).await?, Message::Body(body.into()))
}

async fn fan_out(bus: Arc<dyn Bus>) -> Verdict {
    let mut listeners = [bus.subscribe("t").await, bus.subscribe("t").await];
    for body in [b"one", b"two"] {
        bus.publish("t", body).await.map_err(say)?;
    }
    for listener in &mut listeners {
        same(next(listener).await?, Message::Body(b"one".as_slice().into()))?;
        same(next(listener).await?, Message::Body(b"two".as_slice().into()))?;
    }
    Ok(())
}

async fn quiet(bus: Arc<dyn Bus>) -> Verdict {
    bus.publish("t", b"before").await.map_err(say)?;
    let mut listener = bus.subscribe("t").await;
    bus.publish("t/other", b"elsewhere").await.map_err(say)?;
    bus.publish("t", b"now").await.map_err(say)?;
    same(next(&mut listener).await?, Message::Body(b"now".as_slice().into()))
}

async fn counts(bus: Arc<dyn Bus>) -> Verdict {
    let long = Duration::from_secs(3600);
    for hits in 1..=3 {
        same(bus.count("long", long).await.map_err(say)?, hits)?;
    }
    same(bus.count("other", long).await.map_err(say)?, 1)?;
    let short = Duration::from_millis(20);
    bus.count("short", short).await.map_err(say)?;
    // The wait of a read is the bus' own clock.
    bus.read("nothing", 0, 1, short * 3).await.map_err(say)?;
    same(bus.count("short", short).await.map_err(say)?, 1)
}

async fn crowd(bus: Arc<dyn Bus>) -> Verdict {
    let hits = (0..50).map(|_| bus.count("crowd", Duration::from_secs(3600)));
    let mut seen: Vec<_> = futures::future::try_join_all(hits).await.map_err(say)?;
    seen.sort_unstable();
    same(seen, (1..=50).collect())
}

async fn fill(bus: &dyn Bus, stream: &str, seqs: impl IntoIterator<Item = i64>) -> Verdict {
    for seq in seqs {
        bus.append(stream, seq, b"x").await.map_err(say)?;
    }
    Ok(())
}

async fn seqs(bus: &dyn Bus, stream: &str, after: i64) -> Result<Vec<i64>, String> {
    let items = bus.read(stream, after, 100_000, Duration::ZERO).await.map_err(say)?;
    Ok(items.into_iter().map(|item| item.seq).collect())
}

async fn next(messages: &mut Messages) -> Result<Message, String> {
    within(messages.next()).await?.ok_or_else(|| "the subscription ended".to_owned())
}

async fn within<T>(work: impl Future<Output = T>) -> Result<T, String> {
    timeout(PATIENCE, work).await.map_err(|_| "hangs".to_owned())
}

fn ensure(holds: bool, why: &str) -> Verdict {
    if holds { Ok(()) } else { Err(why.to_owned()) }
}

fn same<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Verdict {
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, wanted {wanted:?}")) }
}

fn say(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}
