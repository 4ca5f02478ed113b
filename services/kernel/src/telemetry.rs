//! Logs, traces and metrics of a process; personal data is never in them: only method, code, org, request id.
//!
//! # To use it
//! 1. [`Telemetry::start`] once, before a port is bound; keep the guard and [`Telemetry::shutdown`] it last.
//! 2. Put [`RpcTelemetry`] outermost around the server, and [`trace::inject`] into every outgoing client.
//! 3. Inside a handler, [`rpc::annotate`] the span with org and request id; [`trace::current_id`] names the trace.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{WithExportConfig, WithTonicConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use serde::Deserialize;
use tonic::transport::ClientTlsConfig;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

pub mod metrics;
pub mod rpc;
pub mod trace;

pub use rpc::RpcTelemetry;

use crate::ready::Board;

/// The section `telemetry` of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Which logs and spans are kept, in the form of `RUST_LOG`, for example `info,sqlx=warn`.
    pub log_filter: String,
    /// How logs are written to standard error.
    pub log_format: LogFormat,
    /// Address of an OTLP collector (gRPC), for example `http://127.0.0.1:4317`; absent or empty: no export.
    pub otlp_endpoint: Option<String>,
    /// Where Prometheus fetches `/metrics`; port 0 takes a free one; absent or empty: nowhere.
    #[serde(default, deserialize_with = "crate::config::optional_address")]
    pub metrics_addr: Option<SocketAddr>,
    /// The name of this process in traces, for example `dossier-profile`.
    pub service_name: String,
}

/// How logs are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Keeps telemetry alive; [`shutdown`](Self::shutdown) sends what is still waiting.
#[derive(Debug)]
#[must_use = "dropping it loses the last spans"]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
    scrape: Option<metrics::Scrape>,
    board: Board,
}

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// `log_filter` is not in the form of `RUST_LOG`.
    #[error("telemetry.log_filter cannot be read: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// `otlp_endpoint` is no usable address.
    #[error("telemetry.otlp_endpoint cannot be used: {0}")]
    Endpoint(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The port of `metrics_addr` cannot be bound.
    #[error("telemetry.metrics_addr {addr} cannot be bound: {cause}")]
    Bind {
        /// The address asked for.
        addr: SocketAddr,
        /// What the machine said.
        #[source]
        cause: std::io::Error,
    },
    /// Another recorder of metrics was installed in this process.
    #[error("metrics cannot be recorded: {0}")]
    Recorder(#[from] metrics_exporter_prometheus::BuildError),
}

// One subscriber for one process: whoever starts first decides, later starts share it.
static STARTED: Mutex<bool> = Mutex::new(false);

// === impl Settings ===

impl Settings {
    /// Whether the settings can be used, without starting anything.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self) -> Result<(), TelemetryError> {
        EnvFilter::try_new(&self.log_filter)?;
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            log_filter: "info".into(),
            log_format: LogFormat::Text,
            otlp_endpoint: None,
            metrics_addr: None,
            service_name: "dossier".into(),
        }
    }
}

// === impl Telemetry ===

impl Telemetry {
    /// Starts logging, tracing and metrics. Needs a running tokio runtime.
    ///
    /// A second start in one process shares the first one's logs, traces and recorder; its own
    /// `metrics_addr` is served all the same.
    ///
    /// # Errors
    /// A setting that cannot be used; nothing is started then.
    pub async fn start(settings: &Settings) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::try_new(&settings.log_filter)?;
        let board = Board::default();
        let scrape = match settings.metrics_addr {
            Some(addr) => {
                let bound = metrics::Scrape::bind(addr, metrics::recorder()?, board.clone()).await;
                Some(bound.map_err(|cause| TelemetryError::Bind { addr, cause })?)
            }
            None => None,
        };
        let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
        let endpoint = settings.otlp_endpoint.as_deref().filter(|endpoint| !endpoint.is_empty() && !*started);
        let provider = endpoint.map(|endpoint| provider(endpoint, settings)).transpose()?;
        if !*started {
            *started = true;
            let tracer = provider.as_ref().map(|provider| provider.tracer("dossier"));
            // A test harness may have its own subscriber; then that one stays.
            let _ = subscriber(filter, settings.log_format, tracer).try_init();
        }
        Ok(Self { provider, scrape, board })
    }

    /// What `/readyz` tells of: the services of this process put themselves there.
    pub fn board(&self) -> Board {
        self.board.clone()
    }

    /// Where `/metrics` is served, with the real port.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.scrape.as_ref().map(metrics::Scrape::addr)
    }

    /// Sends the spans that still wait and closes the metrics port; takes at most five seconds.
    pub async fn shutdown(self) {
        drop(self.scrape);
        let Some(provider) = self.provider else { return };
        // The exporter waits for the runtime, so it must not wait on the runtime's own thread.
        let limit = std::time::Duration::from_secs(5);
        let flush = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(limit));
        match tokio::time::timeout(limit, flush).await {
            Ok(Ok(Ok(()))) => {}
            _ => tracing::warn!("the last spans could not be sent"),
        }
    }
}

fn provider(endpoint: &str, settings: &Settings) -> Result<SdkTracerProvider, TelemetryError> {
    let mut exporter = opentelemetry_otlp::SpanExporter::builder().with_tonic().with_endpoint(endpoint);
    if endpoint.starts_with("https://") {
        exporter = exporter.with_tls_config(ClientTlsConfig::new().with_native_roots());
    }
    let resource = Resource::builder().with_service_name(settings.service_name.clone()).build();
    Ok(SdkTracerProvider::builder().with_resource(resource).with_batch_exporter(exporter.build()?).build())
}

fn subscriber(filter: EnvFilter, format: LogFormat, tracer: Option<SdkTracer>) -> impl SubscriberInitExt {
    // A log that nobody reads on is no reason to end: the layer would tell its trouble to the same closed pipe, and panic.
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).log_internal_errors(false);
    let lines: Box<dyn Layer<_> + Send + Sync> = match format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    Registry::default().with(filter).with(tracer.map(exported)).with(lines)
}

// Only our own spans leave the process: libraries put addresses and statements into theirs, and the
// exporter's own calls would be exported without end.
fn exported<S>(tracer: SdkTracer) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
{
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_filter(FilterFn::new(|metadata| metadata.target().starts_with("dossier")))
}

#[cfg(test)]
mod tests;
