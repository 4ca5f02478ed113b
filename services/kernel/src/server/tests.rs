//! Limits and deadlines, over real sockets with the health service as the sample.

mod stops;

use std::convert::Infallible;
use std::path::Path;
use std::time::Duration;

use http::{Request, Response, header};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tower::{Layer, Service, ServiceExt, service_fn};

use super::*;
use crate::auth::{Auth, Orgs};
use crate::call::Providers;
use crate::config::Config;
use crate::error::{Reason, reason_of};
use crate::link::Link;

/// A sample service that does what its method's name says.
#[derive(Clone)]
struct Sample;

impl NamedService for Sample {
    const NAME: &'static str = "sample.Sample";
}

impl Service<Request<Body>> for Sample {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let status = match request.uri().path().rsplit('/').next().unwrap() {
                "Panic" => panic!("canary"),
                "Hang" => std::future::pending().await,
                "Leak" => Status::internal("SELECT canary"),
                "Drain" => http_body_util::BodyExt::collect(request.into_body())
                    .await
                    .map_or_else(|status| status, |_| Status::ok("")),
                _ => Status::ok(""),
            };
            Ok(status.into_http())
        })
    }
}

struct Scene {
    _folder: tempfile::TempDir,
    config: Config,
    auth: Auth,
}

fn scene(change: impl FnOnce(&mut Config)) -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::embedded(folder.path()).unwrap();
    change(&mut config);
    let auth = Auth::open(&config, Orgs::new(["demo"]), &["profile"], &Providers::system()).unwrap();
    Scene { _folder: folder, config, auth }
}

impl Scene {
    async fn server(&self) -> Server {
        let tls = Inbound::open(&self.config.server, &crate::clock::System::shared()).unwrap();
        Server::builder(&self.config.server, self.auth.layer()).add(Sample).tls(tls).build().await.unwrap()
    }

    fn request(&self, method: &str) -> http::request::Builder {
        let token = self.auth.development().unwrap().token("demo", "li.wei", Duration::from_secs(60)).unwrap();
        Request::post(format!("http://x/sample.Sample/{method}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/grpc")
    }

    async fn call(&self, method: &str) -> Status {
        let request = self.request(method).body(Body::empty()).unwrap();
        status(self.server().await.door().oneshot(request).await.unwrap())
    }
}

fn status(response: Response<Body>) -> Status {
    Status::from_header_map(response.headers()).unwrap()
}

async fn connect(address: SocketAddr) -> Channel {
    Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap()
}

fn whole() -> HealthCheckRequest {
    HealthCheckRequest { service: String::new() }
}

#[tokio::test]
async fn health_and_reflection_answer_without_a_token_and_others_do_not() {
    let scene = scene(|_| {});
    let server = scene.server().await;
    let mut health = HealthClient::new(server.door());
    let named = HealthCheckRequest { service: Sample::NAME.to_owned() };
    assert_eq!(health.check(named).await.unwrap().into_inner().status(), ServingStatus::Serving);
    let request = Request::post("http://x/sample.Sample/Ok").body(Body::empty()).unwrap();
    let refused = status(server.door().oneshot(request).await.unwrap());
    assert_eq!((refused.code(), reason_of(&refused)), (Code::Unauthenticated, Some(Reason::TokenMissing)));
    assert_eq!(scene.call("Ok").await.code(), Code::Ok);
    let mut list = tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient::new(server.door());
    let ask = tonic_reflection::pb::v1::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(tonic_reflection::pb::v1::server_reflection_request::MessageRequest::ListServices(
            String::new(),
        )),
    };
    let mut answers = list.server_reflection_info(futures::stream::iter([ask])).await.unwrap().into_inner();
    assert!(format!("{:?}", answers.message().await.unwrap()).contains("grpc.health.v1.Health"));
}

#[tokio::test]
async fn a_panic_becomes_a_typed_error_without_its_text() {
    let status = scene(|_| {}).call("Panic").await;
    assert_eq!((status.code(), reason_of(&status)), (Code::Internal, Some(Reason::Internal)));
    assert!(!format!("{status:?}").contains("canary"));
}

#[tokio::test]
async fn a_panic_inside_a_stream_ends_it_with_trailers() {
    let body = Body::new(http_body_util::StreamBody::new(futures::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<http_body::Frame<hyper::body::Bytes>, Status>>> { panic!("canary") },
    )));
    let response = guarded::catching(Response::new(body));
    let collected = http_body_util::BodyExt::collect(response.into_body()).await.unwrap();
    let status = Status::from_header_map(collected.trailers().unwrap()).unwrap();
    assert_eq!(reason_of(&status), Some(Reason::Internal));
}

#[tokio::test]
async fn an_unknown_method_and_an_error_without_reason_get_one() {
    let scene = scene(|_| {});
    let leak = scene.call("Leak").await;
    assert_eq!(reason_of(&leak), Some(Reason::Internal));
    assert!(!format!("{leak:?}").contains("canary"));
    let request = scene.request("x").uri("http://x/no.Such/Method").body(Body::empty()).unwrap();
    let unknown = status(scene.server().await.door().oneshot(request).await.unwrap());
    assert_eq!((unknown.code(), reason_of(&unknown)), (Code::Unimplemented, Some(Reason::MethodUnknown)));
}

#[tokio::test]
async fn a_call_ends_at_its_deadline_the_default_or_the_longest() {
    // In each case only one of the three is short.
    let (short, long) = (Duration::from_millis(20), Duration::from_secs(3600));
    for (asked, default, longest) in [(None, short, long), (Some("20m"), long, long), (Some("1H"), short, short)] {
        let scene = scene(|config| {
            config.server.default_deadline = default;
            config.server.max_deadline = longest;
        });
        let mut request = scene.request("Hang");
        if let Some(asked) = asked {
            request = request.header("grpc-timeout", asked);
        }
        let started = std::time::Instant::now();
        let door = scene.server().await.door();
        let ended = status(door.oneshot(request.body(Body::empty()).unwrap()).await.unwrap());
        assert_eq!((ended.code(), reason_of(&ended)), (Code::DeadlineExceeded, Some(Reason::DeadlineExceeded)));
        assert!(started.elapsed() >= short);
    }
}

#[tokio::test]
async fn a_deadline_that_cannot_be_read_is_a_violation() {
    let scene = scene(|_| {});
    let request = scene.request("Ok").header("grpc-timeout", "soon").body(Body::empty()).unwrap();
    let refused = status(scene.server().await.door().oneshot(request).await.unwrap());
    assert_eq!(reason_of(&refused), Some(Reason::FieldViolation));
}

#[tokio::test]
async fn an_open_stream_ends_at_the_deadline_its_caller_gave() {
    let scene = scene(|_| {});
    let mut health = HealthClient::new(scene.server().await.door());
    let mut request = tonic::Request::new(whole());
    request.set_timeout(Duration::from_millis(100));
    let mut watch = health.watch(request).await.unwrap().into_inner();
    assert!(watch.message().await.unwrap().is_some());
    let ended = watch.message().await.unwrap_err();
    assert_eq!(reason_of(&ended), Some(Reason::DeadlineExceeded));
}

#[tokio::test]
async fn an_oversized_message_is_refused_by_its_announced_size() {
    let scene = scene(|config| config.server.max_message_bytes = 1024);
    let message = |length: u32| [&[0][..], &length.to_be_bytes(), &vec![0; 1024]].concat();
    let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (address, stop) = (bound.address(), Stop::new());
    let serving = tokio::spawn({
        let stop = stop.clone();
        async move { bound.serve(&stop).await }
    });
    for (length, expected) in [(1024, Code::Ok), (1025, Code::ResourceExhausted)] {
        let body = Body::new(http_body_util::Full::from(message(length)));
        let mut request = scene.request("Drain").body(body).unwrap();
        *request.uri_mut() = format!("http://{address}/sample.Sample/Drain").parse().unwrap();
        let answered = status(connect(address).await.oneshot(request).await.unwrap());
        assert_eq!(answered.code(), expected);
        assert_eq!(reason_of(&answered).is_some(), length > 1024);
    }
    // The same through generated code.
    let named = HealthCheckRequest { service: "x".repeat(2000) };
    let refused = HealthClient::new(connect(address).await).check(named).await.unwrap_err();
    assert_eq!((refused.code(), reason_of(&refused)), (Code::ResourceExhausted, Some(Reason::MessageTooLarge)));
    stop.request();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn calls_beyond_the_limit_are_refused_and_health_still_answers() {
    let scene = scene(|config| config.server.max_concurrent_calls = 1);
    let door = scene.server().await.door();
    let mut hanging = Box::pin(door.clone().oneshot(scene.request("Hang").body(Body::empty()).unwrap()));
    assert!(futures::poll!(&mut hanging).is_pending());
    let refused = status(door.clone().oneshot(scene.request("Ok").body(Body::empty()).unwrap()).await.unwrap());
    assert_eq!((refused.code(), reason_of(&refused)), (Code::Unavailable, Some(Reason::Overloaded)));
    assert!(HealthClient::new(door.clone()).check(whole()).await.is_ok());
    drop(hanging);
    assert_eq!(status(door.oneshot(scene.request("Ok").body(Body::empty()).unwrap()).await.unwrap()).code(), Code::Ok);
}

#[tokio::test]
async fn with_a_client_ca_only_callers_with_a_certificate_get_in() {
    let pem = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("src/server/fixtures").join(name);
    let scene = scene(|config| {
        config.server.certificate_file = Some(pem("server.pem"));
        config.server.key_file = Some(pem("server.key"));
        config.server.client_ca_file = Some(pem("ca.pem"));
        config.peers.ca_file = Some(pem("ca.pem"));
    });
    let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (uri, stop) = (format!("https://localhost:{}", bound.address().port()), Stop::new());
    let serving = tokio::spawn({
        let stop = stop.clone();
        async move { bound.serve(&stop).await }
    });
    let mut peers = scene.config.peers.clone();
    let link = |peers: &config::Peers| {
        let tls = crate::tls::Outbound::open(peers, &crate::clock::System::shared()).unwrap();
        Link::remote("x", &uri, peers, &tls, scene.auth.tokens("x")).unwrap()
    };
    let naked = HealthClient::new(link(&peers)).check(whole()).await.unwrap_err();
    assert_eq!(reason_of(&naked), Some(Reason::DependencyUnavailable));
    (peers.certificate_file, peers.key_file) = (Some(pem("client.pem")), Some(pem("client.key")));
    assert!(HealthClient::new(link(&peers)).check(whole()).await.is_ok());
    stop.request();
    serving.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let scene = scene(|_| {});
    let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let fault = scene.server().await.bind(bound.address()).unwrap_err().to_string();
    assert!(fault.contains(&bound.address().to_string()) && fault.contains("cannot be bound"), "{fault}");
}

#[tokio::test]
async fn a_layer_sees_the_call_before_and_after() {
    #[derive(Clone)]
    struct Stamp;
    impl Wrap for Stamp {
        async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
            let mut response = next.run(request).await;
            response.headers_mut().insert("x-stamp", header::HeaderValue::from_static("1"));
            response
        }
    }
    let inner = service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(Body::empty())));
    let stamped = Layer::layer(&wrap::Around(Stamp), inner);
    assert!(stamped.oneshot(Request::new(Body::empty())).await.unwrap().headers().contains_key("x-stamp"));
}

async fn listed(server: &Server) -> Vec<String> {
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    use tonic_reflection::pb::v1::{ServerReflectionRequest, server_reflection_client::ServerReflectionClient};
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut client = ServerReflectionClient::new(server.door());
    let mut answers = client.server_reflection_info(futures::stream::iter([ask])).await.unwrap().into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) = answers.message().await.unwrap().unwrap().message_response
    else {
        panic!("no list")
    };
    list.service.into_iter().map(|one| one.name).collect()
}

#[tokio::test]
async fn a_port_lists_what_it_serves_and_nothing_else() {
    let scene = scene(|_| {});
    let names = ["dossier.profile.v1.CustomerFileService", "dossier.journal.v1.JournalService"];
    let server = Server::over(&scene.config.server, scene.auth.layer(), Routes::default(), &names);
    let mut listed = listed(&server.build().await.unwrap()).await;
    listed.sort_unstable();
    let expected = [
        "dossier.journal.v1.JournalService",
        "dossier.profile.v1.CustomerFileService",
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ];
    assert_eq!(listed, expected);
}

#[tokio::test]
async fn silent_connections_are_cut_and_neither_callers_nor_health_are_kept_out() {
    let scene = scene(|config| {
        config.server.max_connections = 16;
        config.server.first_call_timeout = Duration::from_millis(300);
    });
    let bound = scene.server().await.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (address, stop) = (bound.address(), Stop::new());
    let serving = tokio::spawn({
        let stop = stop.clone();
        async move { bound.serve(&stop).await }
    });
    // A caller who was there before the crowd.
    let mut caller = connect(address).await;
    let call = |request: http::request::Builder| request.uri("/sample.Sample/Ok").body(Body::empty()).unwrap();
    let known = caller.ready().await.unwrap().call(call(scene.request("Ok"))).await.unwrap();
    assert_eq!(status_of(&known).code(), Code::Ok);
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(address).await.unwrap());
    }
    let mut asker = HealthClient::new(connect(address).await);
    let health = tokio::time::timeout(Duration::from_secs(5), asker.check(whole()));
    assert_eq!(health.await.unwrap().unwrap().into_inner().status(), ServingStatus::Serving);
    let mut newcomer = connect(address).await;
    let answer = newcomer.ready().await.unwrap().call(call(scene.request("Ok"))).await.unwrap();
    assert_eq!(status_of(&answer).code(), Code::Ok);
    // Everybody who says nothing is cut, those for whom there was room too; whoever has called is not.
    for stream in &mut silent {
        let mut rest = [0; 64];
        let end = async { while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {} };
        tokio::time::timeout(Duration::from_secs(5), end).await.expect("it is cut");
    }
    let again = caller.ready().await.unwrap().call(call(scene.request("Ok"))).await.unwrap();
    assert_eq!(status_of(&again).code(), Code::Ok);
    drop((caller, newcomer));
    stop.request();
    serving.await.unwrap().unwrap();
}

fn status_of<B>(response: &Response<B>) -> Status {
    Status::from_header_map(response.headers()).unwrap_or_else(|| Status::ok(""))
}

#[tokio::test]
async fn too_many_elements_are_refused_before_they_are_made_however_the_bytes_come() {
    let path = "/dossier.access.v1.AccessService/BatchCheckAccess";
    let payload = [0x0a, 0].repeat(elements::MOST + 1);
    let mut bytes = vec![0];
    bytes.extend(u32::try_from(payload.len()).unwrap().to_be_bytes());
    bytes.extend(&payload);
    for cut in [bytes.len(), 1000, 7] {
        let chunks: Vec<_> = bytes.chunks(cut).map(hyper::body::Bytes::copy_from_slice).collect();
        let frames = chunks.into_iter().map(|chunk| Ok::<_, Status>(http_body::Frame::data(chunk)));
        let body = Body::new(http_body_util::StreamBody::new(futures::stream::iter(frames)));
        // Read whatever the path: what counts is that the body ends with the refusal.
        let size = frames::MessageSize::new(1 << 22);
        let inner = service_fn(|request: Request<Body>| async move {
            let read = http_body_util::BodyExt::collect(request.into_body()).await;
            Ok::<_, Infallible>(read.map_or_else(|status| status, |_| Status::ok("")).into_http())
        });
        let request = Request::post(format!("http://x{path}")).body(body).unwrap();
        let refused = status(wrap::Around(size).layer(inner).oneshot(request).await.unwrap());
        assert_eq!(reason_of(&refused), Some(Reason::MessageTooLarge), "{cut}");
    }
}

#[tokio::test]
async fn a_caller_beyond_his_rate_is_told_when_to_come_again() {
    use tonic_types::StatusExt;
    let scene = scene(|config| config.server.rates.caller_per_second = 3);
    let door = scene.server().await.door();
    let mut refused = None;
    for _ in 0..20 {
        let answer = status(door.clone().oneshot(scene.request("Ok").body(Body::empty()).unwrap()).await.unwrap());
        if answer.code() != Code::Ok {
            refused = Some(answer);
        }
    }
    let refused = refused.expect("twenty calls at once are more than three in a second");
    assert_eq!((refused.code(), reason_of(&refused)), (Code::ResourceExhausted, Some(Reason::RateLimited)));
    let wait = refused.get_error_details().retry_info().and_then(|info| info.retry_delay).unwrap();
    assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
    // Health needs no credential and has no rate.
    let mut health = HealthClient::new(door);
    for _ in 0..20 {
        health.check(whole()).await.unwrap();
    }
}
