//! Who listens to what inside this process; both buses hand messages out through it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::StreamExt;
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;

use super::{Message, Messages};

// A listener further behind than this is told that it missed something.
const BACKLOG: usize = 256;

/// The topics somebody in this process listens to.
#[derive(Debug, Default)]
pub(super) struct Topics(Mutex<HashMap<String, broadcast::Sender<Message>>>);

// === impl Topics ===

impl Topics {
    /// A receiver of `topic` from now on.
    pub(super) fn receiver(&self, topic: &str) -> broadcast::Receiver<Message> {
        let mut topics = self.lock();
        topics.entry(topic.to_owned()).or_insert_with(|| broadcast::Sender::new(BACKLOG)).subscribe()
    }

    /// Hands `message` to everybody who listens to `topic`.
    pub(super) fn send(&self, topic: &str, message: &Message) {
        if let Some(sender) = self.lock().get(topic) {
            // An error means that nobody listens any more, which is fine.
            let _ = sender.send(message.clone());
        }
    }

    /// Hands `message` to everybody who listens to anything.
    pub(super) fn send_all(&self, message: &Message) {
        for sender in self.lock().values() {
            let _ = sender.send(message.clone());
        }
    }

    /// The topics in use.
    pub(super) fn names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// Forgets the topics nobody listens to any more and returns them.
    pub(super) fn prune(&self) -> Vec<String> {
        let mut gone = Vec::new();
        self.lock().retain(|topic, sender| {
            let used = sender.receiver_count() > 0;
            if !used {
                gone.push(topic.clone());
            }
            used
        });
        gone
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, broadcast::Sender<Message>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The receiver as a stream; a listener that fell behind hears [`Message::Missed`].
pub(super) fn listen(receiver: broadcast::Receiver<Message>) -> Messages {
    Box::pin(BroadcastStream::new(receiver).map(|heard| heard.unwrap_or(Message::Missed)))
}
