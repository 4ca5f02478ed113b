//! What may be said over a connection, by the name in its caller's certificate.

use http::{Request, header};
use tonic::Status;
use tonic::body::Body;
use tower::ServiceExt;

use super::replaced::{Running, system};
use super::*;
use crate::config::ClientName;
use crate::error::{Reason, reason_of};
use crate::link::Link;
use crate::server::Door;

fn uri(name: &str) -> SanType {
    SanType::URI(name.try_into().unwrap())
}

fn entry(name: &str, services: &[&str], orgs: &[&str]) -> ClientName {
    let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
    ClientName { name: name.to_owned(), services: own(services), orgs: own(orgs) }
}

/// A server that knows four names, and the certificates of five callers.
async fn scene(pki: &Pki) -> (Config, Running) {
    pki.issue_server("server");
    pki.issue("profile", vec![dns("Profile.internal"), dns("other.internal")]);
    pki.issue("access", vec![uri("spiffe://company/access")]);
    pki.issue("gateway", Vec::new());
    pki.issue("stranger", vec![dns("stranger.internal")]);
    // The list knows its common name, which does not count beside a DNS name.
    pki.issue("named", vec![dns("named.internal")]);
    let mut config = pki.config(true);
    config.server.client_names = vec![
        entry("profile.internal", &["profile"], &[]),
        entry("spiffe://company/access", &["access"], &["demo"]),
        entry("gateway", &[], &["demo"]),
        entry("named", &["profile"], &[]),
    ];
    let running = Running::start(&config).await;
    (config, running)
}

/// Why a call is refused that shows the certificate `shown` and `token`; `MethodUnknown` where it is let in.
async fn said(pki: &Pki, config: &Config, running: &Running, shown: &str, token: &str) -> Option<Reason> {
    let mut peers = config.peers.clone();
    peers.certificate_file = Some(pki.path(&format!("{shown}.pem")));
    peers.key_file = Some(pki.path(&format!("{shown}.key")));
    let outbound = Outbound::open(&peers, &system()).unwrap();
    let link = Link::remote("x", &running.uri(), &peers, &outbound, running.auth.tokens("profile")).unwrap();
    reason_of(&send(link, token).await)
}

async fn send<S>(service: S, token: &str) -> Status
where
    S: tower::Service<Request<Body>, Response = http::Response<Body>, Error = std::convert::Infallible>,
{
    let request = Request::post("http://x/a.B/C").header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.header(header::CONTENT_TYPE, "application/grpc").body(Body::empty()).unwrap();
    Status::from_header_map(service.oneshot(request).await.unwrap().headers()).unwrap()
}

#[tokio::test]
async fn a_token_is_taken_only_over_a_connection_whose_certificate_allows_it() {
    let pki = Pki::new();
    let (config, running) = scene(&pki).await;
    let service = |name: &str, org: &str| running.auth.tokens(name).token(org).unwrap();
    let person = |org: &str| running.auth.development().unwrap().token(org, "li.wei", Duration::from_secs(60)).unwrap();
    let cases = [
        ("profile", service("profile", "demo"), true),
        ("profile", service("profile", "meridian"), true),
        ("profile", service("access", "demo"), false),
        ("profile", person("meridian"), true),
        ("access", service("access", "demo"), true),
        ("access", service("access", "meridian"), false),
        ("access", service("profile", "demo"), false),
        ("gateway", person("demo"), true),
        ("gateway", person("meridian"), false),
        ("gateway", service("profile", "demo"), false),
        ("stranger", person("demo"), false),
        ("named", service("profile", "demo"), false),
    ];
    for (at, (shown, token, allowed)) in cases.iter().enumerate() {
        let expected = if *allowed { Reason::MethodUnknown } else { Reason::TokenForeign };
        assert_eq!(said(&pki, &config, &running, shown, token).await, Some(expected), "case {at}: {shown}");
    }
}

#[tokio::test]
async fn without_a_list_every_certificate_allows_every_token_and_inside_a_process_nobody_is_asked() {
    let pki = Pki::new();
    let (mut config, running) = scene(&pki).await;
    let token = running.auth.tokens("profile").token("demo").unwrap();
    assert_eq!(said(&pki, &config, &running, "stranger", &token).await, Some(Reason::TokenForeign));
    let door: Door = crate::server::Server::builder(&config.server, running.auth.layer())
        .tls(Some(running.inbound.clone()))
        .build()
        .await
        .unwrap()
        .door();
    assert_eq!(reason_of(&send(door, &token).await), Some(Reason::MethodUnknown));
    config.server.client_names.clear();
    let running = Running::start(&config).await;
    assert_eq!(said(&pki, &config, &running, "stranger", &token).await, Some(Reason::MethodUnknown));
}

#[test]
fn a_list_of_names_needs_an_authority_and_services_that_there_are() {
    let cases = [
        ("[{ name = 'a' }]", "server.client_names: needs server.client_ca_file"),
        ("[{ name = '' }]", "must not hold an empty name"),
        ("[{ name = 'a', services = ['vault'] }]", "services must be some of profile, access, credit"),
        ("[{ name = 'a' }, { name = 'a' }]", "must not hold a name twice"),
        ("[{ name = 'a', colour = 'red' }]", "unknown field"),
    ];
    for (names, expected) in cases {
        let flags = vec![("server.client_names".to_owned(), names.to_owned())];
        let faults = Config::load(&Sources { flags, ..Sources::default() }).unwrap_err().to_string();
        assert!(faults.contains(expected), "{expected} in\n{faults}");
    }
}
