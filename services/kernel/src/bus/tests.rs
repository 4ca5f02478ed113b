use std::sync::atomic::{AtomicI64, Ordering};

use futures::StreamExt;
use tokio::net::TcpListener;

use super::conformance::{STREAM_LENGTH, suite};
use super::*;
use crate::id::Ids;
use crate::wire::Wire;

mod faults;
mod server;
mod watched;

fn settings() -> Settings {
    let prefix = format!("test-{}", crate::id::System.uuid());
    Settings { prefix, stream_length: STREAM_LENGTH, ..Settings::default() }
}

fn memory() -> Arc<dyn Bus> {
    Arc::new(MemoryBus::new(&settings()))
}

/// The Redis of the test environment, or nothing, with the reason printed.
fn redis_url() -> Option<String> {
    let url = std::env::var("DOSSIER_TEST_REDIS").ok();
    if url.is_none() {
        println!("skipped: DOSSIER_TEST_REDIS names no Redis");
    }
    url
}

fn redis(url: &str) -> RedisBus {
    RedisBus::open(&SecretString::from(url), &settings()).unwrap()
}

#[tokio::test]
async fn the_bus_of_one_process_conforms() {
    assert_eq!(suite(async || memory()).await, []);
}

#[tokio::test]
async fn the_bus_on_redis_conforms() {
    let Some(url) = redis_url() else { return };
    assert_eq!(suite(async || Arc::new(redis(&url)) as Arc<dyn Bus>).await, []);
}

fn vouched(inner: Arc<dyn Bus>) -> Arc<dyn Bus> {
    Arc::new(VouchedBus::new(inner, vec![VouchKey::new(&[7; 32])]).unwrap())
}

#[tokio::test]
async fn a_bus_whose_items_are_vouched_for_conforms() {
    assert_eq!(suite(async || vouched(memory())).await, []);
    let Some(url) = redis_url() else { return };
    assert_eq!(suite(async || vouched(Arc::new(redis(&url)))).await, []);
}

/// A bus whose append forgets what was there: gives every item a number of its own.
#[derive(Debug)]
struct Forgetful(Arc<dyn Bus>, AtomicI64);

#[async_trait]
impl Bus for Forgetful {
    async fn append(&self, stream: &str, seq: i64, body: &[u8]) -> Result<Appended, BusError> {
        check_seq(seq)?;
        let next = self.1.fetch_max(seq, Ordering::SeqCst).max(seq - 1) + 1;
        self.1.fetch_max(next, Ordering::SeqCst);
        self.0.append(stream, next, body).await
    }
    async fn read(&self, stream: &str, after: i64, limit: usize, wait: Duration) -> Result<Vec<Item>, BusError> {
        self.0.read(stream, after, limit, wait).await
    }
    async fn publish(&self, topic: &str, body: &[u8]) -> Result<(), BusError> {
        self.0.publish(topic, body).await
    }
    async fn subscribe(&self, topic: &str) -> Messages {
        self.0.subscribe(topic).await
    }
    async fn count(&self, counter: &str, window: Duration) -> Result<u64, BusError> {
        self.0.count(counter, window).await
    }
    async fn healthy(&self) -> bool {
        self.0.healthy().await
    }
}

#[tokio::test]
async fn a_bus_that_appends_twice_does_not_conform() {
    let failures = suite(async || Arc::new(Forgetful(memory(), AtomicI64::new(0))) as Arc<dyn Bus>).await;
    assert!(failures.iter().any(|failure| failure.check == "a number appended twice changes nothing"), "{failures:?}");
}

/// A bus whose messages and hits get lost.
#[derive(Debug)]
struct Deaf(Arc<dyn Bus>);

#[async_trait]
impl Bus for Deaf {
    async fn append(&self, stream: &str, seq: i64, body: &[u8]) -> Result<Appended, BusError> {
        self.0.append(stream, seq, body).await
    }
    async fn read(&self, stream: &str, after: i64, limit: usize, _: Duration) -> Result<Vec<Item>, BusError> {
        self.0.read(stream, after, limit, Duration::ZERO).await
    }
    async fn publish(&self, _: &str, _: &[u8]) -> Result<(), BusError> {
        Ok(())
    }
    async fn subscribe(&self, _: &str) -> Messages {
        Box::pin(futures::stream::empty())
    }
    async fn count(&self, _: &str, _: Duration) -> Result<u64, BusError> {
        Ok(1)
    }
    async fn healthy(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn a_bus_that_loses_everything_fails_each_check_it_breaks() {
    let failures = suite(async || Arc::new(Deaf(memory())) as Arc<dyn Bus>).await;
    assert_eq!(failures.len(), 8, "{failures:?}");
}

#[tokio::test]
async fn a_listener_that_falls_behind_is_told() {
    let bus = memory();
    let mut heard = bus.subscribe("t").await;
    for _ in 0..1000 {
        bus.publish("t", b"x").await.unwrap();
    }
    assert_eq!(heard.next().await, Some(Message::Missed));
    assert_eq!(heard.next().await, Some(Message::Body(b"x".as_slice().into())));
}

#[tokio::test]
async fn a_redis_that_is_not_there_is_an_error_in_time() {
    // Bound and dropped: nobody listens on this port.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    unavailable(redis(&format!("redis://127.0.0.1:{port}"))).await;
}

#[tokio::test]
async fn a_redis_that_never_answers_is_an_error_in_time() {
    // Connections wait in the backlog and nobody reads them.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    unavailable(redis(&format!("redis://{}", silent.local_addr().unwrap()))).await;
}

async fn unavailable(bus: RedisBus) {
    let started = std::time::Instant::now();
    let second = Duration::from_secs(1);
    assert!(matches!(bus.append("s", 1, b"x").await, Err(BusError::Unavailable { .. })));
    assert!(matches!(bus.read("s", 0, 1, second).await, Err(BusError::Unavailable { .. })));
    assert!(matches!(bus.publish("t", b"x").await, Err(BusError::Unavailable { .. })));
    assert!(matches!(bus.count("c", second).await, Err(BusError::Unavailable { .. })));
    assert!(!bus.healthy().await);
    drop(bus.subscribe("t").await);
    assert!(started.elapsed() < Duration::from_secs(5), "six calls took {:?}", started.elapsed());
}

#[tokio::test]
async fn wrong_settings_are_refused_without_their_password() {
    for (url, prefix) in [("http://u:canary@x", "p"), ("redis://u:canary@x", "p{"), ("redis://u:canary@x", "")] {
        let settings = Settings { prefix: prefix.into(), redis_url: Some(url.into()), ..Settings::default() };
        let fault = open(&settings, vec![VouchKey::new(&[7; 32])]).unwrap_err();
        assert!(matches!(fault, BusError::Invalid { .. }));
        assert!(!format!("{fault} {fault:?} {settings:?}").contains("canary"));
    }
    let good = Settings { redis_url: Some("redis://u:canary@127.0.0.1".into()), ..Settings::default() };
    assert!(!format!("{:?}", open(&good, vec![VouchKey::new(&[7; 32])]).unwrap()).contains("canary"));
    assert!(matches!(open(&good, Vec::new()), Err(BusError::Invalid { .. })), "Redis without a key");
}

#[tokio::test]
async fn a_redis_that_comes_back_is_used_again() {
    let Some(url) = redis_url() else { return };
    let mut wire = Wire::to(url.trim_start_matches("redis://").trim_end_matches('/')).await;
    let bus = redis(&format!("redis://127.0.0.1:{}", wire.port));
    let mut heard = bus.subscribe("t").await;
    bus.append("s", 1, b"x").await.unwrap();
    bus.read("s", 1, 1, Duration::from_millis(5)).await.unwrap();

    wire.cut().await;
    assert!(matches!(bus.append("s", 2, b"x").await, Err(BusError::Unavailable { .. })));
    wire.join().await;

    assert_eq!(heard.next().await, Some(Message::Missed));
    while bus.append("s", 2, b"x").await.is_err() {}
    bus.publish("t", b"again").await.unwrap();
    assert_eq!(heard.next().await, Some(Message::Body(b"again".as_slice().into())));
    assert_eq!(bus.read("s", 0, 9, Duration::ZERO).await.unwrap().len(), 2);
    assert!(bus.read("s", 2, 9, Duration::from_millis(5)).await.unwrap().is_empty());
}
