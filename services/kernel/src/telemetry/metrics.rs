//! Prometheus metrics and health for probes: one recorder for one process, served on a port of its own.

use std::collections::BTreeMap;
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
use metrics_process::Collector;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{interval, sleep, timeout};

use crate::ready::Board;

mod known;

/// How long calls took to answer, in seconds (`rpc.server.call.duration` of the conventions).
pub const CALL_DURATION: &str = "rpc_server_call_duration_seconds";
/// Calls that are being answered now.
pub const ACTIVE_CALLS: &str = "rpc_server_active_calls";

// The boundaries that the conventions ask for, one below, since most calls here are faster than 5 ms, and two above, up to the
// longest deadline that a call may have.
const SECONDS: [f64; 17] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0];
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
    known::begin();
    Ok(installed.insert(handle).clone())
}

/// The port where Prometheus fetches `/metrics`; dropping it closes the port.
#[derive(Debug)]
pub struct Scrape {
    addr: SocketAddr,
    server: JoinHandle<()>,
}

// What the port tells.
#[derive(Clone, Debug)]
struct Told {
    handle: PrometheusHandle,
    board: Board,
}

pub(super) fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
}

// === impl Scrape ===

impl Scrape {
    /// Serves what `handle` has recorded at `http://addr/metrics`, that the process lives at `/livez`, and at `/readyz`
    /// whether every service on `board` is ready (503 and what is missing where one is not).
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn bind(addr: SocketAddr, handle: PrometheusHandle, board: Board) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        let addr = listener.local_addr()?;
        Ok(Self { addr, server: tokio::spawn(serve(listener, Told { handle, board })) })
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

async fn serve(listener: TcpListener, told: Told) {
    let mut fold = interval(FOLD_EVERY);
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            _ = fold.tick() => told.handle.run_upkeep(),
            Some(_) = open.join_next() => {}
            accepted = listener.accept(), if open.len() < MOST_CONNECTIONS => match accepted {
                Ok((stream, _)) => drop(open.spawn(answer(stream, told.clone()))),
                // Out of descriptors, most likely: trying again at once would only burn time.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
        }
    }
}

async fn answer(stream: TcpStream, told: Told) {
    let service = service_fn(async |request: Request<Incoming>| Ok::<_, Infallible>(told.respond(&request)));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Duration::from_secs(5));
    // A scraper that breaks off is its own concern.
    let _ = timeout(LONGEST_CONNECTION, http.serve_connection(TokioIo::new(stream), service)).await;
}

// === impl Told ===

impl Told {
    fn respond(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let path = if request.method() == Method::GET { request.uri().path() } else { "" };
        let (state, kind, body) = match path {
            "/metrics" => {
                // Processor, memory and descriptors, as of now.
                Collector::default().collect();
                (StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", self.handle.render())
            }
            "/livez" => (StatusCode::OK, "text/plain", "alive\n".to_owned()),
            "/readyz" => self.ready(),
            _ => (StatusCode::NOT_FOUND, "text/plain", String::new()),
        };
        let mut response = Response::new(Full::from(body));
        *response.status_mut() = state;
        response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
        response
    }

    fn ready(&self) -> (StatusCode, &'static str, String) {
        let missing = self.board.missing();
        let ready = !missing.is_empty() && missing.values().all(BTreeMap::is_empty);
        let state = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let body = serde_json::json!({ "ready": ready, "missing": missing });
        (state, "application/json", format!("{body}\n"))
    }
}
