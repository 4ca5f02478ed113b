//! The bus between processes, on the Redis 7 command set.
//!
//! Every command has one key, and the key carries its hash tag, so a cluster or its proxy takes it as well.
//! Ordinary commands share one connection that is made again after every fault ([`line`]); a read that waits has a
//! connection of its own, since it would hold up everybody else; topics have a third one ([`hub`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::streams::StreamReadReply;
use ::redis::{Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, cmd};
use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::topics::listen;
use super::{Appended, Bus, BusError, Item, Messages, Settings, Timeouts, check_seq};

mod address;
mod faults;
mod hub;
mod line;

use address::Address;
use faults::{WAIT, code, ends_connection};
use hub::Hub;
use line::{Line, unavailable};

const FIELD: &str = "b";
// A counter that nobody asks for: what the connection is tried with.
const PROOF: &str = "redis-up";
const PROOF_WINDOW: Duration = Duration::from_secs(60);

/// A [`Bus`] on Redis; it may vanish, come back empty, and vanish again.
pub struct RedisBus {
    line: Line,
    // Connections of reads that waited and are free again; each with the number of the shared one beside it.
    idle: Mutex<Vec<(u64, MultiplexedConnection)>>,
    waiting: Semaphore,
    hub: Hub,
    prefix: Arc<str>,
    stream_length: usize,
    timeouts: Timeouts,
}

// === impl RedisBus ===

impl RedisBus {
    /// A bus at `url`; connects with the first command. Needs a running tokio runtime.
    ///
    /// # Errors
    /// [`BusError::Invalid`] when the address or the prefix cannot be used.
    pub fn open(url: &SecretString, settings: &Settings) -> Result<Self, BusError> {
        let invalid = |why| BusError::Invalid { operation: "open", why };
        if settings.prefix.is_empty() || settings.prefix.contains(['{', '}']) {
            return Err(invalid("the prefix is empty or contains braces"));
        }
        let timeouts = settings.timeouts;
        let prefix: Arc<str> = settings.prefix.as_str().into();
        let address = Address::new(url, settings.redis_url_file.clone())?;
        let line = Line::start(address, timeouts, hit(&key(&prefix, "count", PROOF), PROOF_WINDOW));
        Ok(Self {
            hub: Hub::start(Arc::clone(line.inner()), format!("{prefix}:topic:"), timeouts),
            line,
            idle: Mutex::default(),
            waiting: Semaphore::new(settings.readers),
            prefix,
            stream_length: settings.stream_length.max(1),
            timeouts,
        })
    }

    pub(super) fn key(&self, kind: &str, name: &str) -> String {
        key(&self.prefix, kind, name)
    }

    fn xadd(&self, key: &str, seq: i64, body: &[u8]) -> Cmd {
        let mut command = cmd("XADD");
        command.arg(key).arg("MAXLEN").arg("~").arg(self.stream_length).arg(id(seq)).arg(FIELD).arg(body);
        command
    }

    async fn run<T: FromRedisValue>(&self, operation: &'static str, command: Cmd) -> Result<T, BusError> {
        self.line.run(operation, async |shared| command.query_async(shared).await).await
    }

    async fn read_now(&self, stream: &str, after: i64, limit: usize) -> Result<Vec<Item>, BusError> {
        items(self.run("read", xread(&self.key("stream", stream), after, limit, None)).await?)
    }

    async fn read_waiting(
        &self,
        stream: &str,
        after: i64,
        limit: usize,
        wait: Duration,
    ) -> Result<Vec<Item>, BusError> {
        let Ok(_permit) = self.waiting.try_acquire() else {
            return Err(BusError::Unavailable { operation: "read", cause: None });
        };
        let command = xread(&self.key("stream", stream), after, limit, Some(wait));
        let limit = wait + self.timeouts.command();
        let number = self.line.number();
        if let Some(used) = self.idle_beside(number) {
            match self.read_on(number, used, limit, &command).await {
                // It broke while nobody used it, and so did the others to the same server.
                Err(BusError::Unavailable { cause: Some(cause), .. }) if ends_connection(&code(&cause)) => {
                    self.lock_idle().clear()
                }
                reply => return items(reply?),
            }
        }
        items(self.read_on(number, self.connect().await?, limit, &command).await?)
    }

    // Those of before the last fault lead to a server that may be another one now.
    fn idle_beside(&self, number: u64) -> Option<MultiplexedConnection> {
        let mut idle = self.lock_idle();
        idle.retain(|(beside, _)| *beside == number);
        idle.pop().map(|(_, own)| own)
    }

    // A read that is dropped half-way takes its connection along: the answer may still come through it.
    async fn read_on(
        &self,
        number: u64,
        mut own: MultiplexedConnection,
        limit: Duration,
        command: &Cmd,
    ) -> Result<Option<StreamReadReply>, BusError> {
        let reply = self.bounded(limit, command.query_async(&mut own)).await?;
        self.line.inner().faults().went_through(WAIT);
        self.lock_idle().push((number, own));
        Ok(reply)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, BusError> {
        self.bounded(self.timeouts.command(), self.line.inner().connect()).await
    }

    // On a connection of a read's own.
    async fn bounded<T>(&self, limit: Duration, work: impl Future<Output = RedisResult<T>>) -> Result<T, BusError> {
        let cause = match tokio::time::timeout(limit, work).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(cause)) => Some(cause),
            Err(_) => None,
        };
        if let Some(cause) = &cause {
            self.line.inner().other_failed(WAIT, cause);
        }
        Err(unavailable("read", cause))
    }

    #[cfg(test)]
    pub(super) fn line(&self) -> &Line {
        &self.line
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<(u64, MultiplexedConnection)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Bus for RedisBus {
    async fn append(&self, stream: &str, seq: i64, body: &[u8]) -> Result<Appended, BusError> {
        check_seq(seq)?;
        match self.run::<String>("append", self.xadd(&self.key("stream", stream), seq, body)).await {
            Ok(_) => Ok(Appended::Added),
            Err(BusError::Unavailable { cause: Some(cause), .. }) if is_already_there(&cause) => {
                Ok(Appended::AlreadyThere)
            }
            Err(fault) => Err(fault),
        }
    }

    async fn append_all(&self, stream: &str, items: &[(i64, Vec<u8>)]) -> Result<(), BusError> {
        let key = self.key("stream", stream);
        let mut commands = Pipeline::with_capacity(items.len());
        for (seq, body) in items {
            check_seq(*seq)?;
            commands.add_command(self.xadd(&key, *seq, body));
        }
        if items.is_empty() {
            return Ok(());
        }
        // One item that is there already says nothing of those behind it.
        commands.ignore_errors();
        let work = async |shared: &mut MultiplexedConnection| {
            let answers: Vec<RedisResult<String>> = commands.query_async(shared).await?;
            let faults = answers.into_iter().filter_map(Result::err);
            faults.filter(|fault| !is_already_there(fault)).map(Err).next().unwrap_or(Ok(()))
        };
        self.line.run("append", work).await
    }

    async fn read(&self, stream: &str, after: i64, limit: usize, wait: Duration) -> Result<Vec<Item>, BusError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let wait = self.timeouts.wait(wait);
        let found = self.read_now(stream, after, limit).await?;
        if !found.is_empty() || wait < Duration::from_millis(1) {
            return Ok(found);
        }
        self.read_waiting(stream, after, limit, wait).await
    }

    async fn publish(&self, topic: &str, body: &[u8]) -> Result<(), BusError> {
        let mut command = cmd("PUBLISH");
        command.arg(self.hub.channel(topic)).arg(body);
        self.run::<i64>("publish", command).await.map(|_| ())
    }

    async fn subscribe(&self, topic: &str) -> Messages {
        listen(self.hub.receiver(topic).await)
    }

    async fn count(&self, counter: &str, window: Duration) -> Result<u64, BusError> {
        let commands = hit(&self.key("count", counter), window);
        let work = async |shared: &mut MultiplexedConnection| commands.query_async(shared).await;
        let (hits,): (u64,) = self.line.run("count", work).await?;
        Ok(hits)
    }

    async fn healthy(&self) -> bool {
        self.run::<String>("ping", cmd("PING")).await.is_ok()
    }
}

// The client's own form would print the address with its password.
impl std::fmt::Debug for RedisBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisBus").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

fn key(prefix: &str, kind: &str, name: &str) -> String {
    format!("{prefix}:{kind}:{{{name}}}")
}

// One transaction on one key: a counter without an end can never be left behind.
fn hit(key: &str, window: Duration) -> Pipeline {
    let millis = u64::try_from(window.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 40);
    let mut commands = Pipeline::new();
    commands.atomic();
    commands.cmd("INCR").arg(key);
    commands.cmd("PEXPIRE").arg(key).arg(millis).arg("NX").ignore();
    commands
}

fn id(seq: i64) -> String {
    format!("{seq}-0")
}

fn xread(key: &str, after: i64, limit: usize, wait: Option<Duration>) -> Cmd {
    let mut command = cmd("XREAD");
    command.arg("COUNT").arg(limit);
    if let Some(wait) = wait {
        command.arg("BLOCK").arg(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1));
    }
    command.arg("STREAMS").arg(key).arg(id(after.max(0)));
    command
}

fn items(reply: Option<StreamReadReply>) -> Result<Vec<Item>, BusError> {
    let foreign = || BusError::Invalid { operation: "read", why: "the stream holds what no bus wrote" };
    let ids = reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids);
    ids.map(|entry| {
        let seq = entry.id.strip_suffix("-0").and_then(|seq| seq.parse().ok()).ok_or_else(foreign)?;
        let body = entry.get(FIELD).ok_or_else(foreign)?;
        Ok(Item { seq, body })
    })
    .collect()
}

// Redis has no code of its own for this refusal, only a sentence.
fn is_already_there(fault: &RedisError) -> bool {
    fault.detail().is_some_and(|detail| detail.contains("equal or smaller"))
}
