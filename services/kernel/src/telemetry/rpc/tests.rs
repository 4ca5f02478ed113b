use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Mutex;

use futures::future::pending;
use http::HeaderValue;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Bytes;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tower::{ServiceExt, service_fn};
use tracing_subscriber::layer::SubscriberExt;

use super::*;
use crate::telemetry::metrics::builder;

const CHECK: &str = "/grpc.health.v1.Health/Check";

type Frames = StreamBody<futures::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

/// A response whose status stands in its trailers, or in its headers when there is no content.
fn response(code: i32, content: bool) -> Response<Frames> {
    let status = HeaderMap::from_iter([(http::HeaderName::from_static("grpc-status"), HeaderValue::from(code))]);
    let mut frames = Vec::new();
    let mut response = Response::new(());
    if content {
        frames.push(Ok(Frame::data(Bytes::from_static(b"x"))));
        frames.push(Ok(Frame::trailers(status)));
    } else {
        *response.headers_mut() = status;
    }
    response.map(|()| StreamBody::new(futures::stream::iter(frames)))
}

fn request(path: &str) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = path.parse().unwrap();
    let parent = HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    request.headers_mut().insert("traceparent", parent);
    request
}

/// Answers `path` with `code`, reads the answer to its end, and gives what Prometheus would see.
fn scrape(work: impl AsyncFnOnce(RpcTelemetry)) -> String {
    let recorder = builder().unwrap().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(work(RpcTelemetry::default()));
    });
    recorder.handle().render()
}

async fn answer(layer: &RpcTelemetry, path: &str, code: i32, content: bool) {
    let service =
        layer.layer(service_fn(move |_: Request<()>| async move { Ok::<_, Infallible>(response(code, content)) }));
    service.oneshot(request(path)).await.unwrap().into_body().collect().await.unwrap();
}

fn count(metrics: &str, method: &str, rest: &str) -> Option<String> {
    let line = format!(
        "{}_count{{rpc_system_name=\"grpc\",rpc_method=\"{method}\",rpc_response_status_code={rest}}} ",
        crate::telemetry::metrics::CALL_DURATION,
    );
    metrics.lines().find_map(|found| found.strip_prefix(&line)).map(str::to_owned)
}

#[test]
fn each_call_is_counted_under_its_method_and_code() {
    let metrics = scrape(async |layer| {
        answer(&layer, CHECK, 0, true).await;
        answer(&layer, CHECK, 0, true).await;
        answer(&layer, CHECK, 5, false).await;
        answer(&layer, CHECK, 13, true).await;
    });
    let method = "grpc.health.v1.Health/Check";
    assert_eq!(count(&metrics, method, "\"OK\"").as_deref(), Some("2"), "{metrics}");
    assert_eq!(count(&metrics, method, "\"NOT_FOUND\"").as_deref(), Some("1"), "{metrics}");
    assert_eq!(count(&metrics, method, "\"INTERNAL\",error_type=\"INTERNAL\"").as_deref(), Some("1"), "{metrics}");
    assert!(metrics.contains("rpc_server_active_calls{rpc_system_name=\"grpc\"} 0"), "{metrics}");
}

#[test]
fn what_a_caller_made_up_becomes_no_label() {
    let metrics = scrape(async |layer| answer(&layer, "/canary/张三", 12, false).await);
    assert_eq!(count(&metrics, "_OTHER", "\"UNIMPLEMENTED\",error_type=\"UNIMPLEMENTED\"").as_deref(), Some("1"));
    assert!(!metrics.contains("canary"), "{metrics}");
}

#[test]
fn a_caller_that_goes_away_is_cancelled() {
    let metrics = scrape(async |layer| {
        let never =
            layer.layer(service_fn(async |_: Request<()>| pending::<Result<Response<Frames>, Infallible>>().await));
        let mut call = never.oneshot(request(CHECK));
        assert!(futures::poll!(&mut call).is_pending());
        drop(call);
        let service = layer.layer(service_fn(async |_: Request<()>| Ok::<_, Infallible>(response(0, true))));
        drop(service.oneshot(request(CHECK)).await.unwrap());
    });
    assert_eq!(count(&metrics, "grpc.health.v1.Health/Check", "\"CANCELLED\"").as_deref(), Some("2"), "{metrics}");
    assert!(metrics.contains("rpc_server_active_calls{rpc_system_name=\"grpc\"} 0"), "{metrics}");
}

#[test]
fn every_method_of_the_contracts_is_known() {
    let methods = Methods::of([dossier_proto::DESCRIPTORS]);
    let path = "/dossier.profile.v1.CustomerFileService/GetCustomerFile";
    assert_eq!(methods.find(path).name(), &path[1..]);
}

#[derive(Debug, Clone, Default)]
struct Kept(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Kept {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

// The spans of one call. Whether anybody wants a span is remembered once for all threads of the test program, and worked out
// by the thread that comes to its place in the code first: when that is another test's, which does not listen, it may be
// counted as wanted by nobody until the next listener comes. So whoever heard nothing listens again.
fn heard() -> Vec<SpanData> {
    let listen = || {
        let kept = Kept::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(kept.clone()).build();
        let layer = super::super::exported(provider.tracer("test"));
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            scrape(async |layer| {
                let service = layer.layer(service_fn(async |_: Request<()>| {
                    annotate_org("demo");
                    annotate_request(Uuid::from_u128(0x190));
                    assert_eq!(trace::current_id().as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
                    Ok::<_, Infallible>(response(14, false))
                }));
                drop(service.oneshot(request(CHECK)).await.unwrap());
            });
        });
        std::mem::take(&mut *kept.0.lock().unwrap())
    };
    std::iter::repeat_with(listen).take(10).find(|spans| !spans.is_empty()).unwrap_or_default()
}

#[test]
fn a_span_follows_the_conventions_and_its_parent() {
    let spans = heard();
    let [span] = spans.as_slice() else { panic!("{} spans", spans.len()) };
    assert_eq!(span.name, "grpc.health.v1.Health/Check");
    assert_eq!(span.span_kind, opentelemetry::trace::SpanKind::Server);
    assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert!(matches!(span.status, opentelemetry::trace::Status::Error { .. }));
    let found: HashMap<_, _> = span.attributes.iter().map(|pair| (pair.key.as_str(), pair.value.to_string())).collect();
    for (key, value) in [
        ("rpc.system.name", "grpc"),
        ("rpc.method", "grpc.health.v1.Health/Check"),
        ("rpc.response.status_code", "UNAVAILABLE"),
        ("error.type", "UNAVAILABLE"),
        ("dossier.org", "demo"),
        ("dossier.request_id", "00000000-0000-0000-0000-000000000190"),
    ] {
        assert_eq!(found.get(key).map(String::as_str), Some(value), "{key} in {found:?}");
    }
}
