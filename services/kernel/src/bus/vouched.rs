//! A bus whose items nobody can make up: each carries a tag of somebody who holds the key.
//!
//! Redis is reached by whoever has its password, and what a stream brings becomes a right in the copy of the service that
//! reads it. So an item counts only with a tag over its stream, its number and its content; anything else is like an item
//! that was lost, and the reader asks the owner. Topics and counters are hints and carry none.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{Appended, Bus, BusError, Item, Messages};

/// Bytes of a tag, which stands before the content: half of HMAC-SHA256, as RFC 2104 allows.
const TAG: usize = 16;

/// A key under which items are vouched for.
#[derive(Clone)]
pub struct VouchKey(Hmac<Sha256>);

/// A [`Bus`] over another one. New items are tagged under the first key, and those of every key are taken: so keys can
/// change while services run.
#[derive(Debug)]
pub struct VouchedBus {
    inner: Arc<dyn Bus>,
    newest: VouchKey,
    older: Vec<VouchKey>,
}

// === impl VouchKey ===

impl VouchKey {
    /// The key with these bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        // HMAC fills a short key up to a block with zeros; given a whole block, it cannot refuse it.
        let mut block = Zeroizing::new([0; 64]);
        block[..secret.len()].copy_from_slice(secret);
        Self(Hmac::new((&*block).into()))
    }

    fn over(&self, stream: &str, seq: i64, body: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(&(stream.len() as u64).to_be_bytes());
        mac.update(stream.as_bytes());
        mac.update(&seq.to_be_bytes());
        mac.update(body);
        mac
    }

    fn tagged(&self, stream: &str, seq: i64, body: &[u8]) -> Vec<u8> {
        let tag = self.over(stream, seq, body).finalize().into_bytes();
        [&tag[..TAG], body].concat()
    }

    fn vouches(&self, stream: &str, seq: i64, tag: &[u8], body: &[u8]) -> bool {
        self.over(stream, seq, body).verify_truncated_left(tag).is_ok()
    }
}

impl std::fmt::Debug for VouchKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VouchKey(..)")
    }
}

// === impl VouchedBus ===

impl VouchedBus {
    /// `inner`, with items tagged under the first of `keys`, the newest.
    ///
    /// # Errors
    /// [`BusError::Invalid`] when there is no key.
    pub fn new(inner: Arc<dyn Bus>, keys: Vec<VouchKey>) -> Result<Self, BusError> {
        let none = || BusError::Invalid { operation: "open", why: "there is no key to vouch for items with" };
        let mut keys = keys.into_iter();
        let newest = keys.next().ok_or_else(none)?;
        Ok(Self { inner, newest, older: keys.collect() })
    }

    /// The content of an item that somebody vouches for.
    fn opened(&self, stream: &str, item: &Item) -> Option<Item> {
        let (tag, body) = item.body.split_at_checked(TAG)?;
        let mut keys = std::iter::once(&self.newest).chain(&self.older);
        let vouched = keys.any(|key| key.vouches(stream, item.seq, tag, body));
        vouched.then(|| Item { seq: item.seq, body: body.to_vec() })
    }
}

#[async_trait]
impl Bus for VouchedBus {
    async fn append(&self, stream: &str, seq: i64, body: &[u8]) -> Result<Appended, BusError> {
        self.inner.append(stream, seq, &self.newest.tagged(stream, seq, body)).await
    }

    async fn append_all(&self, stream: &str, items: &[(i64, Vec<u8>)]) -> Result<(), BusError> {
        let tagged = items.iter().map(|(seq, body)| (*seq, self.newest.tagged(stream, *seq, body)));
        self.inner.append_all(stream, &tagged.collect::<Vec<_>>()).await
    }

    /// As [`Bus::read`], up to the first item that nobody vouches for.
    ///
    /// # Errors
    /// [`BusError::Invalid`] when that is the first of all: the reader must not wait for what follows.
    async fn read(&self, stream: &str, after: i64, limit: usize, wait: Duration) -> Result<Vec<Item>, BusError> {
        let found = self.inner.read(stream, after, limit, wait).await?;
        let items: Vec<Item> = found.iter().map_while(|item| self.opened(stream, item)).collect();
        if items.len() < found.len() {
            metrics::counter!("dossier_bus_unvouched_total").increment(1);
            tracing::warn!(stream, after, "the bus holds what no service wrote; the owner is asked");
        }
        if items.is_empty() && !found.is_empty() {
            return Err(BusError::Invalid { operation: "read", why: "nobody vouches for the next item" });
        }
        Ok(items)
    }

    async fn publish(&self, topic: &str, body: &[u8]) -> Result<(), BusError> {
        self.inner.publish(topic, body).await
    }

    async fn subscribe(&self, topic: &str) -> Messages {
        self.inner.subscribe(topic).await
    }

    async fn count(&self, counter: &str, window: Duration) -> Result<u64, BusError> {
        self.inner.count(counter, window).await
    }

    async fn healthy(&self) -> bool {
        self.inner.healthy().await
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MemoryBus, Settings};
    use super::*;

    const STREAM: &str = "demo:journal:access";

    fn key(byte: u8) -> VouchKey {
        VouchKey::new(&[byte; 32])
    }

    fn over(inner: &Arc<dyn Bus>, keys: &[u8]) -> VouchedBus {
        VouchedBus::new(Arc::clone(inner), keys.iter().map(|byte| key(*byte)).collect()).unwrap()
    }

    fn plain() -> Arc<dyn Bus> {
        Arc::new(MemoryBus::new(&Settings::default()))
    }

    async fn read(bus: &VouchedBus) -> Result<Vec<i64>, BusError> {
        let items = bus.read(STREAM, 0, 10, Duration::ZERO).await?;
        Ok(items.into_iter().map(|item| item.seq).collect())
    }

    #[tokio::test]
    async fn what_was_made_up_is_not_given_and_hides_what_follows() {
        let inner = plain();
        let bus = over(&inner, &[1]);
        bus.append(STREAM, 1, b"one").await.unwrap();
        inner.append(STREAM, 2, b"a right that nobody gave").await.unwrap();
        bus.append(STREAM, 3, b"three").await.unwrap();
        assert_eq!(read(&bus).await.unwrap(), [1]);
        assert!(matches!(bus.read(STREAM, 1, 10, Duration::ZERO).await, Err(BusError::Invalid { .. })));
        assert_eq!(bus.read(STREAM, 2, 10, Duration::ZERO).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_changed_moved_or_cut_item_is_not_given() {
        let inner = plain();
        over(&inner, &[1]).append(STREAM, 1, b"one").await.unwrap();
        let good = inner.read(STREAM, 0, 1, Duration::ZERO).await.unwrap().remove(0).body;
        let flipped = |at: usize| [&good[..at], &[good[at] ^ 1], &good[at + 1..]].concat();
        let cases: Vec<(&str, i64, Vec<u8>)> = (0..good.len())
            .map(|at| (STREAM, 1, flipped(at)))
            .chain([
                (STREAM, 2, good.clone()),
                ("demo:journal:credit", 1, good.clone()),
                (STREAM, 1, good[..9].to_vec()),
            ])
            .collect();
        for (stream, seq, body) in cases {
            let inner = plain();
            inner.append(stream, seq, &body).await.unwrap();
            let found = over(&inner, &[1]).read(stream, 0, 10, Duration::ZERO).await;
            assert!(matches!(found, Err(BusError::Invalid { .. })), "{stream} {seq} {body:?}");
        }
        // The negative control: the same bytes in their own place are given.
        let inner = plain();
        inner.append(STREAM, 1, &good).await.unwrap();
        assert_eq!(read(&over(&inner, &[1])).await.unwrap(), [1]);
    }

    #[tokio::test]
    async fn an_older_key_still_vouches_and_a_foreign_one_does_not() {
        let inner = plain();
        over(&inner, &[1]).append(STREAM, 1, b"one").await.unwrap();
        over(&inner, &[2, 1]).append(STREAM, 2, b"two").await.unwrap();
        assert_eq!(read(&over(&inner, &[2, 1])).await.unwrap(), [1, 2]);
        assert_eq!(read(&over(&inner, &[1])).await.unwrap(), [1]);
        assert!(matches!(read(&over(&inner, &[3])).await, Err(BusError::Invalid { .. })));
        assert!(VouchedBus::new(inner, Vec::new()).is_err());
    }
}
