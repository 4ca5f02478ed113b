use opentelemetry::trace::Tracer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

fn quiet() -> Settings {
    Settings { log_filter: "off".into(), metrics_addr: "127.0.0.1:0".parse().ok(), ..Settings::default() }
}

async fn get(telemetry: &Telemetry, path: &str) -> String {
    let mut stream = TcpStream::connect(telemetry.metrics_addr().unwrap()).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn services_of_one_process_share_one_recorder() {
    let (first, second) = (Telemetry::start(&quiet()).await.unwrap(), Telemetry::start(&quiet()).await.unwrap());
    ::metrics::counter!("shared_total").increment(7);
    for telemetry in [&first, &second] {
        let answer = get(telemetry, "/metrics").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.contains("shared_total 7"), "{answer}");
        assert!(get(telemetry, "/").await.starts_with("HTTP/1.1 404"));
    }
    let addr = first.metrics_addr().unwrap();
    first.shutdown().await;
    // The port is free again as soon as the aborted server is gone.
    while TcpStream::connect(addr).await.is_ok() {
        tokio::task::yield_now().await;
    }
    second.shutdown().await;
}

#[tokio::test]
async fn a_process_lives_before_its_services_are_ready() {
    let telemetry = Telemetry::start(&quiet()).await.unwrap();
    assert!(get(&telemetry, "/livez").await.starts_with("HTTP/1.1 200 OK"));
    assert!(get(&telemetry, "/readyz").await.starts_with("HTTP/1.1 503"), "nothing runs yet");
    let ready = crate::ready::Ready::new("profile", &["store"]);
    telemetry.board().add(ready.clone());
    ready.tell("store", Err("does not answer".into()));
    let answer = get(&telemetry, "/readyz").await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("does not answer"), "{answer}");
    ready.tell("store", Ok(()));
    assert!(get(&telemetry, "/readyz").await.starts_with("HTTP/1.1 200 OK"));
    telemetry.shutdown().await;
}

#[tokio::test]
async fn faults_are_found_before_anything_starts() {
    let filter = Settings { log_filter: "info,=x=".into(), ..quiet() };
    assert!(matches!(filter.check(), Err(TelemetryError::Filter(_))));
    assert!(matches!(Telemetry::start(&filter).await, Err(TelemetryError::Filter(_))));
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = Settings { metrics_addr: taken.local_addr().ok(), ..quiet() };
    assert!(matches!(Telemetry::start(&addr).await, Err(TelemetryError::Bind { .. })));
    assert!(matches!(provider("not an address", &quiet()), Err(TelemetryError::Endpoint(_))));
}

#[tokio::test]
async fn spans_are_sent_to_the_collector_at_shutdown() {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", collector.local_addr().unwrap());
    let provider = provider(&endpoint, &quiet()).unwrap();
    provider.tracer("test").start("span");
    let received = async {
        let mut preface = [0; 14];
        collector.accept().await.unwrap().0.read_exact(&mut preface).await.unwrap();
        preface
    };
    let shutdown = Telemetry { provider: Some(provider), scrape: None, board: Board::default() }.shutdown();
    let (preface, ()) = tokio::join!(received, shutdown);
    assert_eq!(&preface, b"PRI * HTTP/2.0");
}
