//! One call, seen as one trace by a collector, and under its ids in the logs.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use dossier_fire::ground::{Fault, Result, Service, free_port};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{TraceService, TraceServiceServer};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use tonic::{Request, Response, Status};

use crate::stand::{Stand, connect, require, soon};

/// A span as the collector got it.
#[derive(Clone, Debug)]
struct Span {
    service: String,
    name: String,
    trace: Vec<u8>,
    id: Vec<u8>,
    parent: Vec<u8>,
}

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Collector {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> std::result::Result<Response<ExportTraceServiceResponse>, Status> {
        for from in request.into_inner().resource_spans {
            let attributes = from.resource.iter().flat_map(|resource| &resource.attributes);
            let named = attributes.filter(|one| one.key == "service.name").map(|one| format!("{:?}", one.value));
            let service = named.collect::<String>();
            let spans = from.scope_spans.into_iter().flat_map(|scope| scope.spans);
            let told = spans.map(|span| Span {
                service: service.clone(),
                name: span.name,
                trace: span.trace_id,
                id: span.span_id,
                parent: span.parent_span_id,
            });
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(told);
        }
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

// === impl Collector ===

impl Collector {
    fn spans(&self) -> Vec<Span> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A span of `from`, within which a span of `into` began.
    fn joined(&self, from: &str, into: &str) -> Option<Span> {
        let spans = self.spans();
        let outer = |inner: &Span| {
            spans.iter().any(|one| one.service.contains(from) && one.trace == inner.trace && one.id == inner.parent)
        };
        spans.iter().find(|one| one.service.contains(into) && outer(one)).cloned()
    }
}

/// The demonstration's calls arrive as traces: what one service asks of another hangs below what it was asked itself.
pub(crate) async fn and_logged(stand: &mut Stand) -> Result<String> {
    let collector = Collector::default();
    let address: SocketAddr = format!("127.0.0.1:{}", free_port()?).parse().map_err(Fault::new)?;
    let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(collector.clone()));
    let served = tokio::spawn(server.serve(address));
    let endpoint = format!("http://{address}");
    let more = [("DOSSIER__TELEMETRY__OTLP_ENDPOINT", endpoint.as_str()), ("DOSSIER__TELEMETRY__LOG_FORMAT", "json")];
    let more = [more[0], more[1], ("DOSSIER__TELEMETRY__LOG_FILTER", "info,dossier_kernel=debug")];
    let mut fleet = stand.fleet(1, &more).await?;
    fleet.go().await?;
    fleet.command(&["demo", "--connect", &connect(&fleet)]).await?;
    let (span, _) = soon("credit's question to access hangs below credit's own call", async || {
        collector.joined("dossier-credit", "dossier-access")
    })
    .await?;
    let all = ["dossier-profile", "dossier-access", "dossier-credit"];
    let (_, _) = soon("spans of all three services", async || {
        let spans = collector.spans();
        all.iter().all(|name| spans.iter().any(|span| span.service.contains(name))).then_some(())
    })
    .await?;
    served.abort();
    let trace: String = span.trace.iter().map(|byte| format!("{byte:02x}")).collect();
    for service in [Service::Credit, Service::Access] {
        let log = std::fs::read_to_string(fleet.replicas[fleet.of(service)[0]].log())?;
        require(log.contains(&trace), format!("the log of {} does not name the trace", service.name()))?;
        require(log.contains("dossier.request_id"), format!("the log of {} names no request", service.name()))?;
        let told = log.lines().find(|line| is_personal(line));
        require(told.is_none(), format!("the log of {} says {told:?}", service.name()))?;
    }
    Ok(format!(
        "{} spans; {} of access below a call of credit; the same trace in both logs",
        collector.spans().len(),
        span.name
    ))
}

// The people and customers of the demonstration have Chinese names and mobile numbers; the services' own words are English.
fn is_personal(line: &str) -> bool {
    let mobile = |digits: &str| digits.len() == 11 && digits.starts_with('1') && !digits.starts_with("10");
    line.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
        || line
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word.bytes().all(|b| b.is_ascii_digit()) && mobile(word))
}
