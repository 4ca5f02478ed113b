//! The one connection of a process that listens to topics, and its reconnecting.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::{PubSubSink, PubSubStream};
use ::redis::{ErrorKind, Msg, RedisError, RedisResult, Value};
use futures::StreamExt;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::faults::LISTEN;
use super::line;
use crate::bus::topics::Topics;
use crate::bus::{Message, Timeouts};

// A dead peer that closed nothing is noticed by its silence.
const PING_EVERY: Duration = Duration::from_secs(5);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Listens for the whole process; its task ends when the hub is dropped.
pub(super) struct Hub {
    topics: Arc<Topics>,
    wanted: mpsc::UnboundedSender<Wanted>,
    prefix: Arc<str>,
    timeouts: Timeouts,
}

struct Wanted {
    topic: String,
    confirmed: oneshot::Sender<()>,
}

struct Listener {
    line: Arc<line::Inner>,
    topics: Arc<Topics>,
    wanted: mpsc::UnboundedReceiver<Wanted>,
    prefix: Arc<str>,
    timeouts: Timeouts,
}

/// A connection that listens, and the topics it listens to.
struct Connected {
    sink: PubSubSink,
    stream: PubSubStream,
    listening: HashSet<String>,
}

/// Why a connected listener stopped.
enum Ended {
    /// The hub was dropped.
    Closed,
    /// The connection broke.
    Broken,
}

// === impl Hub ===

impl Hub {
    pub(super) fn start(line: Arc<line::Inner>, prefix: String, timeouts: Timeouts) -> Self {
        let (sender, wanted) = mpsc::unbounded_channel();
        let topics = Arc::new(Topics::default());
        let prefix: Arc<str> = prefix.into();
        let listener = Listener { line, topics: topics.clone(), wanted, prefix: prefix.clone(), timeouts };
        tokio::spawn(listener.run());
        Self { topics, wanted: sender, prefix, timeouts }
    }

    pub(super) fn channel(&self, topic: &str) -> String {
        format!("{}{topic}", self.prefix)
    }

    /// A receiver of `topic`; waits a bounded time until Redis has confirmed it.
    pub(super) async fn receiver(&self, topic: &str) -> broadcast::Receiver<Message> {
        let receiver = self.topics.receiver(topic);
        let (confirmed, done) = oneshot::channel();
        if self.wanted.send(Wanted { topic: topic.to_owned(), confirmed }).is_ok() {
            let _ = tokio::time::timeout(self.timeouts.command(), done).await;
        }
        receiver
    }
}

// === impl Listener ===

impl Listener {
    async fn run(mut self) {
        // Without a listener there is no reason to connect.
        let Some(first) = self.wanted.recv().await else { return };
        let mut waiting = Some(first.confirmed);
        let mut pause = FIRST_PAUSE;
        let mut missed = false;
        loop {
            if let Some(connected) = self.connected().await {
                pause = FIRST_PAUSE;
                if missed {
                    self.topics.send_all(&Message::Missed);
                }
                if let Some(confirmed) = waiting.take() {
                    let _ = confirmed.send(());
                }
                if matches!(self.listen(connected).await, Ended::Closed) {
                    return;
                }
            }
            waiting = None;
            missed = true;
            if self.closed_within(pause).await {
                return;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn connected(&self) -> Option<Connected> {
        match self.connect().await {
            Ok(connected) => {
                self.line.faults().went_through(LISTEN);
                Some(connected)
            }
            Err(fault) => {
                self.line.other_failed(LISTEN, &fault);
                None
            }
        }
    }

    // Connects and listens to every topic in use.
    async fn connect(&self) -> RedisResult<Connected> {
        let work = async {
            let (mut sink, stream) = self.line.address().client().get_async_pubsub().await?.split();
            let names = self.topics.names();
            let channels: Vec<_> = names.iter().map(|topic| self.channel(topic)).collect();
            if !channels.is_empty() {
                sink.subscribe(channels).await?;
            }
            Ok(Connected { sink, stream, listening: names.into_iter().collect() })
        };
        limited(self.timeouts.connect() + self.timeouts.command(), work).await
    }

    async fn listen(&mut self, mut on: Connected) -> Ended {
        let mut ping = interval(PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let step = tokio::select! {
                message = on.stream.next() => match message {
                    Some(message) => {
                        self.hand_out(&message);
                        Ok(())
                    }
                    None => return Ended::Broken,
                },
                wanted = self.wanted.recv() => match wanted {
                    Some(wanted) => self.add(&mut on, wanted).await,
                    None => return Ended::Closed,
                },
                _ = ping.tick() => self.tidy(&mut on).await,
            };
            if step.is_err() {
                return Ended::Broken;
            }
        }
    }

    fn hand_out(&self, message: &Msg) {
        let Ok(channel) = message.get_channel::<String>() else { return };
        if let Some(topic) = channel.strip_prefix(&*self.prefix) {
            self.topics.send(topic, &Message::Body(message.get_payload_bytes().into()));
        }
    }

    async fn add(&self, on: &mut Connected, wanted: Wanted) -> RedisResult<()> {
        if !on.listening.contains(&wanted.topic) {
            limited(self.timeouts.command(), on.sink.subscribe(self.channel(&wanted.topic))).await?;
            on.listening.insert(wanted.topic);
        }
        let _ = wanted.confirmed.send(());
        Ok(())
    }

    // Leaves the topics nobody wants any more, and asks whether the peer is still there.
    async fn tidy(&self, on: &mut Connected) -> RedisResult<()> {
        for topic in self.topics.prune() {
            on.listening.remove(&topic);
            limited(self.timeouts.command(), on.sink.unsubscribe(self.channel(&topic))).await?;
        }
        limited(self.timeouts.command(), on.sink.ping::<Value>()).await?;
        Ok(())
    }

    // Waits before the next attempt; answers at once when the hub was dropped.
    async fn closed_within(&mut self, pause: Duration) -> bool {
        let closed = async {
            // The topics are in the table already; who asks only stops waiting for the confirmation.
            while self.wanted.recv().await.is_some() {}
        };
        tokio::select! {
            () = closed => true,
            () = sleep(pause) => false,
        }
    }

    fn channel(&self, topic: &str) -> String {
        format!("{}{topic}", self.prefix)
    }
}

async fn limited<T>(limit: Duration, work: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let late = |_| RedisError::from((ErrorKind::Io, "no answer in time"));
    tokio::time::timeout(limit, work).await.map_err(late)?
}
