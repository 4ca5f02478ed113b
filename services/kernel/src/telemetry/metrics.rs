//! Prometheus metrics: one recorder for one process, served on a port of its own.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{interval, sleep, timeout};

/// How long calls took to answer, in seconds (`rpc.server.call.duration` of the conventions).
pub const CALL_DURATION: &str = "rpc_server_call_duration_seconds";
/// Calls that are being answered now.
pub const ACTIVE_CALLS: &str = "rpc_server_active_calls";

// The boundaries that the conventions ask for, and one below: most calls here are faster than 5 ms.
const SECONDS: [f64; 15] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
// Samples wait in memory until they are folded into buckets.
const FOLD_EVERY: Duration = Duration::from_secs(5);
const MOST_CONNECTIONS: usize = 16;
const LONGEST_CONNECTION: Duration = Duration::from_secs(30);

static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);

/// The recorder of this process; the first call installs it, all share it.
///
/// # Errors
/// When a foreign recorder was installed before.
pub fn recorder() -> Result<PrometheusHandle, BuildError> {
    let mut installed = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*installed {
        return Ok(handle.clone());
    }
    let handle = builder()?.install_recorder()?;
    describe();
    Ok(installed.insert(handle).clone())
}

/// The port where Prometheus fetches `/metrics`; dropping it closes the port.
#[derive(Debug)]
pub struct Scrape {
    addr: SocketAddr,
    server: JoinHandle<()>,
}

pub(super) fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
}

fn describe() {
    metrics::describe_histogram!(CALL_DURATION, metrics::Unit::Seconds, "how long calls took to answer");
    metrics::describe_gauge!(ACTIVE_CALLS, "calls that are being answered now");
    metrics::describe_counter!("dossier_bus_failures_total", "operations of the bus that failed");
    metrics::describe_counter!(
        "dossier_bus_faults_total",
        "faults of Redis, each counted once however often it is met"
    );
    metrics::describe_counter!("dossier_bus_recoveries_total", "times that Redis was used again after a fault");
    metrics::describe_gauge!("dossier_bus_up", "1 while Redis is connected and takes all that is asked of it, else 0");
    metrics::describe_gauge!("dossier_store_up", "1 while the store answers and takes writes, else 0");
    metrics::describe_gauge!(
        "dossier_store_connections",
        "connections of the pool by state, and calls that wait for one"
    );
    metrics::describe_counter!("dossier_store_acquire_timeouts_total", "calls that waited for a connection in vain");
    metrics::describe_counter!(
        "dossier_store_faults_total",
        "faults of the store, each counted once however often met"
    );
    metrics::describe_counter!("dossier_store_retries_total", "transactions that were repeated");
    metrics::describe_counter!("dossier_lease_lost_total", "leases that were lost while their job ran");
}

// === impl Scrape ===

impl Scrape {
    /// Serves what `handle` has recorded at `http://addr/metrics`.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn bind(addr: SocketAddr, handle: PrometheusHandle) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        Ok(Self { addr, server: tokio::spawn(serve(listener, handle)) })
    }

    /// The address with the real port.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }
}

impl Drop for Scrape {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, handle: PrometheusHandle) {
    let mut fold = interval(FOLD_EVERY);
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            _ = fold.tick() => handle.run_upkeep(),
            Some(_) = open.join_next() => {}
            accepted = listener.accept(), if open.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(open.spawn(answer(stream, handle.clone()))),
                // Out of descriptors, most likely: trying again at once would only burn time.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
        }
    }
}

async fn answer(stream: TcpStream, handle: PrometheusHandle) {
    let service = service_fn(async |request: Request<Incoming>| Ok::<_, Infallible>(respond(&request, &handle)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5));
    // A scraper that breaks off is its own concern.
    let _ = timeout(LONGEST_CONNECTION, http.serve_connection(TokioIo::new(stream), service)).await;
}

fn respond(request: &Request<Incoming>, handle: &PrometheusHandle) -> Response<Full<Bytes>> {
    let found = request.method() == Method::GET && request.uri().path() == "/metrics";
    let body = if found { handle.render() } else { String::new() };
    let mut response = Response::new(Full::from(body));
    if found {
        let text = header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, text);
    } else {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
