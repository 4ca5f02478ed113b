//! What is told about each call: a server span and a duration, by method and status code.
//!
//! Names follow the RPC conventions of OpenTelemetry (release candidate): `rpc.system.name`, `rpc.method`,
//! `rpc.response.status_code` as text, `error.type`. A path that is none of our methods is `_OTHER`: what a
//! caller made up becomes neither a label nor a line.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use metrics::Gauge;
use opentelemetry::trace::TraceContextExt;
use tonic::{Code, Status};
use tower::{Layer, Service};
use tracing::field::Empty;
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use uuid::Uuid;

use super::trace;

mod methods;

use methods::{Method, Methods};

/// A tower layer that observes every call; put it outermost.
#[derive(Debug, Clone)]
pub struct RpcTelemetry {
    methods: Arc<Methods>,
}

/// The service that [`RpcTelemetry`] makes.
#[derive(Debug, Clone)]
pub struct RpcService<S> {
    inner: S,
    methods: Arc<Methods>,
}

/// A response's body that is observed to its end.
#[derive(Debug)]
pub struct Observed<B> {
    body: B,
    call: Call,
}

/// One call being answered; its end is told when this is dropped.
#[derive(Debug)]
struct Call {
    method: Arc<Method>,
    span: Span,
    started: Instant,
    active: Gauge,
    code: Option<Code>,
}

/// Adds the org to the span of the current call.
pub fn annotate_org(org: &str) {
    Span::current().record("dossier.org", org);
}

/// Adds the id of the mutation to the span of the current call: callers are told it, logs and traces find it.
pub fn annotate_request(id: Uuid) {
    Span::current().record("dossier.request_id", id.to_string());
}

// === impl RpcTelemetry ===

impl RpcTelemetry {
    /// Observes the methods of the encoded `FileDescriptorSet`s; every other path is `_OTHER`.
    pub fn new<'a>(descriptors: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self { methods: Arc::new(Methods::of(descriptors)) }
    }
}

/// The methods of all our contracts, of health and of reflection.
impl Default for RpcTelemetry {
    fn default() -> Self {
        Self::new([
            dossier_proto::DESCRIPTORS,
            tonic_health::pb::FILE_DESCRIPTOR_SET,
            tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        ])
    }
}

impl<S> Layer<S> for RpcTelemetry {
    type Service = RpcService<S>;

    fn layer(&self, inner: S) -> RpcService<S> {
        RpcService { inner, methods: self.methods.clone() }
    }
}

// === impl RpcService ===

impl<S, B, R> Service<Request<B>> for RpcService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    S::Future: Send + 'static,
    S::Error: 'static,
    R: 'static,
{
    type Response = Response<Observed<R>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let incoming = trace::extract(request.headers());
        let mut call = Call::begin(self.methods.find(request.uri().path()), self.methods.active());
        let span = call.span.clone();
        if incoming.is_valid() {
            // Fails only when nothing is exported; then the trace passes through by itself.
            let _ = span.set_parent(opentelemetry::Context::new().with_remote_span_context(incoming.clone()));
        }
        // Under what name logs and collector know this call.
        if let Some(trace) = span.in_scope(trace::current_id).or_else(|| trace::id(&incoming)) {
            span.record("trace_id", trace);
        }
        let answer = span.in_scope(|| self.inner.call(request));
        let work = async move {
            let answer = answer.await;
            call.code = match &answer {
                Ok(response) => code_of(response),
                Err(_) => Some(Code::Unknown),
            };
            answer.map(|response| response.map(|body| Observed { body, call }))
        };
        Box::pin(trace::scope(incoming, work).instrument(span))
    }
}

// === impl Observed ===

impl<B: Body + Unpin> Body for Observed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let span = self.call.span.clone();
        let polled = span.in_scope(|| Pin::new(&mut self.body).poll_frame(cx));
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                let trailers = frame.trailers_ref().and_then(status_in);
                self.call.code = trailers.or(self.call.code);
            }
            Poll::Ready(Some(Err(_))) => self.call.code = Some(Code::Internal),
            // A body that ends without a status breaks the protocol.
            Poll::Ready(None) => self.call.code = self.call.code.or(Some(Code::Unknown)),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

// === impl Call ===

impl Call {
    fn begin(method: Arc<Method>, active: Gauge) -> Self {
        active.increment(1.0);
        let span = tracing::info_span!(
            "rpc",
            otel.name = method.name(),
            otel.kind = "server",
            otel.status_code = Empty,
            rpc.system.name = "grpc",
            rpc.method = method.name(),
            rpc.response.status_code = Empty,
            error.r#type = Empty,
            dossier.org = Empty,
            dossier.request_id = Empty,
            trace_id = Empty,
        );
        Self { method, span, started: Instant::now(), active, code: None }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // Nobody waits for the answer any more.
        let code = self.code.unwrap_or(Code::Cancelled);
        let name = code_name(code);
        self.active.decrement(1.0);
        self.method.duration(code).record(self.started.elapsed());
        self.span.record("rpc.response.status_code", name);
        if is_fault(code) {
            self.span.record("error.type", name);
            self.span.record("otel.status_code", "ERROR");
            self.span.in_scope(|| tracing::warn!(code = name, "call failed"));
        } else {
            self.span.in_scope(|| tracing::debug!(code = name, "call answered"));
        }
    }
}

fn code_of<R>(response: &Response<R>) -> Option<Code> {
    let plain = (!response.status().is_success()).then_some(Code::Unknown);
    status_in(response.headers()).or(plain)
}

fn status_in(headers: &HeaderMap) -> Option<Code> {
    headers.get(Status::GRPC_STATUS).map(|code| Code::from_bytes(code.as_bytes()))
}

// The codes that are the server's own fault; the others tell the caller about their request.
fn is_fault(code: Code) -> bool {
    use Code::{DataLoss, DeadlineExceeded, Internal, Unavailable, Unimplemented, Unknown};
    matches!(code, Unknown | DeadlineExceeded | Unimplemented | Internal | Unavailable | DataLoss)
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests;
