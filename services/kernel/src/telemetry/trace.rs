//! W3C trace context: who called us, and what we tell those we call.
//!
//! A trace passes through this process also when nothing is exported: what came in goes out unchanged.

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tonic::{Request, Status};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

tokio::task_local! {
    static INCOMING: SpanContext;
}

/// The trace context that `headers` carry (`traceparent`, `tracestate`); invalid when there is none or it is malformed.
pub fn extract(headers: &HeaderMap) -> SpanContext {
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers));
    context.span().span_context().clone()
}

/// The trace context here and now: of the current span, or else the one the call came with.
pub fn current() -> SpanContext {
    let own = Span::current().context().span().span_context().clone();
    if own.is_valid() { own } else { INCOMING.try_with(Clone::clone).unwrap_or(SpanContext::NONE) }
}

/// The id of the current trace: 32 hexadecimal digits.
pub fn current_id() -> Option<String> {
    id(&current())
}

/// The id of the trace of `context`, if that is valid.
pub(super) fn id(context: &SpanContext) -> Option<String> {
    context.is_valid().then(|| context.trace_id().to_string())
}

/// Adds the current trace context to an outgoing call; an interceptor for generated clients.
///
/// # Errors
/// None; the type is tonic's.
pub fn inject(mut request: Request<()>) -> Result<Request<()>, Status> {
    let mut headers = std::mem::take(request.metadata_mut()).into_headers();
    inject_headers(&mut headers);
    *request.metadata_mut() = tonic::metadata::MetadataMap::from_headers(headers);
    Ok(request)
}

/// Adds the current trace context to the headers of an outgoing call.
pub fn inject_headers(headers: &mut HeaderMap) {
    let current = current();
    if current.is_valid() {
        let context = Context::new().with_remote_span_context(current);
        TraceContextPropagator::new().inject_context(&context, &mut HeadersMut(headers));
    }
}

/// Runs `work` as part of the trace that `incoming` names.
pub(super) async fn scope<F: Future>(incoming: SpanContext, work: F) -> F::Output {
    INCOMING.scope(incoming, work).await
}

struct Headers<'a>(&'a HeaderMap);

struct HeadersMut<'a>(&'a mut HeaderMap);

// === impl Headers ===

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

// === impl HeadersMut ===

impl Injector for HeadersMut<'_> {
    fn set(&mut self, key: &str, value: String) {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(key), HeaderValue::try_from(value))
            && !value.is_empty()
        {
            self.0.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[tokio::test]
    async fn what_came_in_goes_out() {
        let came = headers(&[("traceparent", PARENT), ("tracestate", "vendor=1")]);
        let sent = scope(extract(&came), async {
            assert_eq!(current_id().as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
            inject(Request::new(())).unwrap().into_parts().0.into_headers()
        });
        assert_eq!(sent.await, came);
    }

    #[tokio::test]
    async fn a_malformed_parent_is_no_parent() {
        for wrong in ["", "00-0-0-0", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", "canary"] {
            let came = headers(&[("traceparent", wrong)]);
            let sent = scope(extract(&came), async {
                assert_eq!(current_id(), None);
                inject(Request::new(())).unwrap().into_parts().0.into_headers()
            });
            assert!(sent.await.is_empty());
        }
    }
}
