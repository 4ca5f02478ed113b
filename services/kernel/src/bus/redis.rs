//! The bus between processes, on the Redis 7 command set.
//!
//! Every command has one key, and the key carries its hash tag, so a cluster or its proxy takes it as well.
//! Ordinary commands share one connection that reconnects by itself; a read that waits has a connection of its
//! own, since it would hold up everybody else; topics have a third one ([`hub`]).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ::redis::aio::{ConnectionManager, ConnectionManagerConfig, MultiplexedConnection};
use ::redis::streams::StreamReadReply;
use ::redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, RedisError, RedisResult, cmd};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use super::topics::listen;
use super::{Appended, Bus, BusError, Item, Messages, Settings, Timeouts, check_seq};

mod hub;

use hub::Hub;

// Consumers wait in one read each; more than this at once means that something leaks them.
const WAITING_READS: usize = 128;
const FIELD: &str = "b";

/// A [`Bus`] on Redis; it may vanish, come back empty, and vanish again.
pub struct RedisBus {
    client: Client,
    shared: ConnectionManager,
    // Connections of reads that waited and are free again.
    idle: Mutex<Vec<MultiplexedConnection>>,
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
        // What the library says about a wrong address may repeat its password.
        let client = Client::open(url.expose_secret()).map_err(|_| invalid("the address is no redis:// address"))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(timeouts.connect()))
            .set_response_timeout(Some(timeouts.command()))
            .set_number_of_retries(2)
            .set_max_delay(Duration::from_millis(200));
        let shared = client.get_connection_manager_lazy(config).map_err(|_| invalid("no connection can be made"))?;
        let prefix: Arc<str> = settings.prefix.as_str().into();
        Ok(Self {
            hub: Hub::start(client.clone(), format!("{prefix}:topic:"), timeouts),
            client,
            shared,
            idle: Mutex::default(),
            waiting: Semaphore::new(WAITING_READS),
            prefix,
            stream_length: settings.stream_length.max(1),
            timeouts,
        })
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}:{kind}:{{{name}}}", self.prefix)
    }

    fn xadd(&self, key: &str, seq: i64, body: &[u8]) -> Cmd {
        let mut command = cmd("XADD");
        command.arg(key).arg("MAXLEN").arg("~").arg(self.stream_length).arg(id(seq)).arg(FIELD).arg(body);
        command
    }

    async fn run<T: FromRedisValue>(&self, operation: &'static str, command: Cmd) -> Result<T, BusError> {
        let mut shared = self.shared.clone();
        bounded(operation, self.timeouts.command(), command.query_async(&mut shared)).await
    }

    async fn run_all<T: FromRedisValue>(&self, operation: &'static str, commands: Pipeline) -> Result<T, BusError> {
        let mut shared = self.shared.clone();
        bounded(operation, self.timeouts.command(), commands.query_async(&mut shared)).await
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
        let used = self.lock_idle().pop();
        if let Some(used) = used {
            match self.read_on(used, limit, &command).await {
                // It broke while nobody used it, and so did the others to the same server.
                Err(BusError::Unavailable { cause: Some(cause), .. }) if cause.is_io_error() => {
                    self.lock_idle().clear()
                }
                reply => return items(reply?),
            }
        }
        items(self.read_on(self.connect().await?, limit, &command).await?)
    }

    // A read that is dropped half-way takes its connection along: the answer may still come through it.
    async fn read_on(
        &self,
        mut own: MultiplexedConnection,
        limit: Duration,
        command: &Cmd,
    ) -> Result<Option<StreamReadReply>, BusError> {
        let reply = bounded("read", limit, command.query_async(&mut own)).await?;
        self.lock_idle().push(own);
        Ok(reply)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, BusError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeouts.connect()))
            // The read itself is bounded; the library's own limit would cut every wait.
            .set_response_timeout(None);
        let connect = self.client.get_multiplexed_async_connection_with_config(&config);
        bounded("read", self.timeouts.command(), connect).await
    }

    fn lock_idle(&self) -> MutexGuard<'_, Vec<MultiplexedConnection>> {
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
        let answers: Vec<RedisResult<String>> = self.run_all("append", commands).await?;
        match answers.into_iter().find_map(|answer| answer.err().filter(|fault| !is_already_there(fault))) {
            Some(fault) => Err(BusError::Unavailable { operation: "append", cause: Some(fault) }),
            None => Ok(()),
        }
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
        let key = self.key("count", counter);
        let millis = u64::try_from(window.as_millis()).unwrap_or(u64::MAX).clamp(1, 1 << 40);
        let mut commands = Pipeline::new();
        // One transaction on one key: a counter without an end can never be left behind.
        commands.atomic();
        commands.cmd("INCR").arg(&key);
        commands.cmd("PEXPIRE").arg(&key).arg(millis).arg("NX").ignore();
        let (hits,): (u64,) = self.run_all("count", commands).await?;
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

async fn bounded<T>(
    operation: &'static str,
    limit: Duration,
    work: impl Future<Output = RedisResult<T>>,
) -> Result<T, BusError> {
    let outcome = match tokio::time::timeout(limit, work).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(cause)) => Some(cause),
        Err(_) => None,
    };
    if !outcome.as_ref().is_some_and(is_already_there) {
        metrics::counter!("dossier_bus_failures_total", "operation" => operation).increment(1);
    }
    Err(BusError::Unavailable { operation, cause: outcome })
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
