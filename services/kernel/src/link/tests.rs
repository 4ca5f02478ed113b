//! What arrives on the other side of a link.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tower::ServiceExt;
use tower::util::BoxCloneSyncService;

use super::*;
use crate::auth::{Auth, Caller, Orgs};
use crate::call::Providers;
use crate::config::Config;
use crate::error::reason_of;
use crate::server::{Server, Stop};

struct Scene {
    _folder: tempfile::TempDir,
    config: Config,
    auth: Auth,
}

fn scene() -> Scene {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::embedded(folder.path()).unwrap();
    let auth = Auth::open(&config, Orgs::new(["demo"]), &["profile"], &Providers::system()).unwrap();
    Scene { _folder: folder, config, auth }
}

impl Scene {
    fn tls(&self) -> Outbound {
        Outbound::open(&self.config.peers, &crate::clock::System::shared()).unwrap()
    }

    fn link(&self, door: Door) -> Link {
        Link::local("access", door, &self.config.peers, self.auth.tokens("profile"))
    }

    /// A link to a service that keeps what it was sent.
    fn recorder(&self) -> (Link, Arc<Mutex<HeaderMap>>) {
        let seen = Arc::new(Mutex::new(HeaderMap::new()));
        let keep = seen.clone();
        let door = BoxCloneSyncService::new(tower::service_fn(move |request: Request<Body>| {
            assert!(request.extensions().get::<Caller>().is_none(), "who called us stays with us");
            *keep.lock().unwrap() = request.headers().clone();
            std::future::ready(Ok::<Response<Body>, Infallible>(Status::ok("").into_http()))
        }));
        (self.link(door), seen)
    }

    fn call(&self, token: &str, deadline: Option<Deadline>) -> Call {
        let mut request = tonic::Request::new(());
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let caller = Caller {
            org: "demo".into(),
            subject: "li.wei".into(),
            service: false,
            issuer: "test".into(),
            expires: jiff::Timestamp::MAX,
        };
        request.extensions_mut().insert(caller);
        if let Some(deadline) = deadline {
            request.extensions_mut().insert(deadline);
        }
        Call::enter(&Providers::system(), &request, "x").unwrap()
    }
}

async fn send(link: Link) -> Status {
    let mut request = Request::post("http://x/a.B/C").body(Body::empty()).unwrap();
    request.extensions_mut().insert(Caller {
        org: String::new(),
        subject: String::new(),
        service: true,
        issuer: "test".into(),
        expires: jiff::Timestamp::MAX,
    });
    Status::from_header_map(link.oneshot(request).await.unwrap().headers()).unwrap()
}

#[tokio::test]
async fn a_generated_client_works_without_a_socket_and_through_all_layers() {
    let scene = scene();
    let server = Server::builder(&scene.config.server, scene.auth.layer()).build().await.unwrap();
    let link = scene.link(server.door());
    let mut client = HealthClient::new(link.clone());
    assert!(client.check(HealthCheckRequest::default()).await.is_ok());
    let naked = send(link.clone()).await;
    assert_eq!(reason_of(&naked), Some(Reason::TokenMissing));
    let service = send(link.as_service("demo")).await;
    assert_eq!(reason_of(&service), Some(Reason::MethodUnknown), "the service token was accepted");
    let foreign = send(link.as_service("elsewhere")).await;
    assert_eq!(reason_of(&foreign), Some(Reason::OrgUnknown));
}

#[tokio::test]
async fn the_token_of_the_caller_and_what_is_left_of_the_deadline_go_along() {
    let scene = scene();
    let (link, seen) = scene.recorder();
    let call = scene.call("abc", Some(Deadline::after(Duration::from_secs(5))));
    assert_eq!(send(link.acting_for(&call)).await.code(), Code::Ok);
    let headers = seen.lock().unwrap().clone();
    assert_eq!(headers[header::AUTHORIZATION], "Bearer abc");
    assert!(headers[header::AUTHORIZATION].is_sensitive());
    let told: u64 = headers["grpc-timeout"].to_str().unwrap().trim_end_matches('u').parse().unwrap();
    assert!((4_000_000..=5_000_000).contains(&told), "{told}");
}

#[tokio::test]
async fn a_deadline_that_has_passed_is_not_begun_and_a_stream_has_none_of_its_own() {
    let scene = scene();
    let (link, seen) = scene.recorder();
    let call = scene.call("abc", Some(Deadline::after(Duration::ZERO)));
    assert_eq!(reason_of(&send(link.acting_for(&call)).await), Some(Reason::DeadlineExceeded));
    assert!(seen.lock().unwrap().is_empty());
    send(link.as_service("demo").streaming()).await;
    assert!(!seen.lock().unwrap().contains_key("grpc-timeout"));
    send(link.as_service("demo")).await;
    assert!(seen.lock().unwrap().contains_key("grpc-timeout"));
}

#[tokio::test]
async fn services_that_need_each_other_are_linked_before_they_exist() {
    let scene = scene();
    let slot = Slot::default();
    let link = Link::later("access", slot.clone(), &scene.config.peers, scene.auth.tokens("profile"));
    let early = send(link.as_service("demo")).await;
    assert_eq!((early.code(), reason_of(&early)), (Code::Unavailable, Some(Reason::DependencyUnavailable)));
    let server = Server::builder(&scene.config.server, scene.auth.layer()).build().await.unwrap();
    slot.fill(server.door());
    assert!(HealthClient::new(link).check(HealthCheckRequest::default()).await.is_ok());
}

#[tokio::test]
async fn a_remote_link_connects_when_needed_and_says_which_service_is_missing() {
    let scene = scene();
    let server = Server::builder(&scene.config.server, scene.auth.layer()).build().await.unwrap();
    let bound = server.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let uri = format!("http://{}", bound.address());
    let link = Link::remote("access", &uri, &scene.config.peers, &scene.tls(), scene.auth.tokens("profile")).unwrap();
    let stop = Stop::new();
    let serving = tokio::spawn({
        let stop = stop.clone();
        async move { bound.serve(&stop).await }
    });
    assert!(HealthClient::new(link.clone()).check(HealthCheckRequest::default()).await.is_ok());
    stop.request();
    serving.await.unwrap().unwrap();
    let gone = HealthClient::new(link).check(HealthCheckRequest::default()).await.unwrap_err();
    assert_eq!((gone.code(), reason_of(&gone)), (Code::Unavailable, Some(Reason::DependencyUnavailable)));
    assert!(format!("{gone:?}").contains("access") || gone.details().windows(6).any(|part| part == b"access"));
}

#[tokio::test]
async fn a_uri_that_is_none_is_refused_when_the_link_is_made() {
    let scene = scene();
    assert!(
        Link::remote("access", "not a uri", &scene.config.peers, &scene.tls(), scene.auth.tokens("profile")).is_err()
    );
}
