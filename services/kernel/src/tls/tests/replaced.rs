//! Files that are replaced while a port is open.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;
use crate::auth::{Auth, Orgs};
use crate::call::Providers;
use crate::link::Link;
use crate::server::Server;

/// A server with the files of a folder.
pub(super) struct Running {
    pub(super) auth: Auth,
    pub(super) address: SocketAddr,
    pub(super) inbound: Inbound,
    stop: Stop,
}

impl Running {
    pub(super) async fn start(config: &Config) -> Self {
        let (services, orgs) = (["profile", "access"], Orgs::new(["demo", "meridian"]));
        let auth = Auth::open(config, orgs, &services, &Providers::system()).unwrap();
        let inbound = Inbound::open(&config.server, &system()).unwrap().unwrap();
        let server = Server::builder(&config.server, auth.layer()).tls(Some(inbound.clone())).build().await.unwrap();
        let (bound, stop) =
            (server.bind("127.0.0.1:0".parse().unwrap()).unwrap(), Stop::on_signals(Duration::ZERO).unwrap());
        let (address, told) = (bound.address(), stop.clone());
        tokio::spawn(async move { bound.serve(&told).await });
        Self { auth, address, inbound, stop }
    }

    pub(super) fn uri(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    fn link(&self, config: &Config, outbound: &Outbound) -> Link {
        Link::remote("x", &self.uri(), &config.peers, outbound, self.auth.tokens("profile")).unwrap()
    }

    /// The certificate that the next connection is shown.
    async fn shown(&self, pki: &Pki) -> CertificateDer<'static> {
        let outbound = Outbound::open(&pki.config(false).peers, &system()).unwrap();
        let tcp = TcpStream::connect(self.address).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = outbound.connector().connect(name, tcp).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.force();
    }
}

pub(super) fn system() -> SharedClock {
    crate::clock::System::shared()
}

async fn health(link: &Link) -> bool {
    HealthClient::new(link.clone()).check(HealthCheckRequest::default()).await.is_ok()
}

#[tokio::test]
async fn a_replaced_certificate_is_shown_from_the_next_connection_on_and_open_ones_stay() {
    let pki = Pki::new();
    pki.issue_server("server");
    let config = pki.config(false);
    let running = Running::start(&config).await;
    let link = running.link(&config, &Outbound::open(&config.peers, &system()).unwrap());
    assert!(health(&link).await);
    let before = running.shown(&pki).await;
    pki.issue_server("server");
    assert_eq!(running.shown(&pki).await, before, "nobody has looked yet");
    running.inbound.look();
    let after = running.shown(&pki).await;
    assert_ne!(after, before);
    assert!(health(&link).await, "the connection of before");
    assert!(pem(&pki, "server.pem").contains(&after));
}

fn pem(pki: &Pki, name: &str) -> Vec<CertificateDer<'static>> {
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    CertificateDer::pem_file_iter(pki.path(name)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_replacement_that_does_not_fit_or_has_ended_changes_nothing_and_is_counted() {
    let pki = Pki::new();
    pki.issue_server("server");
    let (handle, recorder) = recorder();
    let _here = metrics::set_default_local_recorder(recorder);
    let running = Running::start(&pki.config(false)).await;
    let before = running.shown(&pki).await;
    let failed = |option: &str, times: u32| {
        let line = format!("dossier_certificate_reload_failures_total{{option=\"server.{option}\"}} {times}");
        handle.render().lines().any(|one| one == line)
    };
    // The certificate comes first, its key later.
    pki.issue_server("next");
    std::fs::copy(pki.path("next.pem"), pki.path("server.pem")).unwrap();
    running.inbound.look();
    running.inbound.look();
    assert_eq!(running.shown(&pki).await, before);
    assert!(failed("key_file", 1), "{}", handle.render());
    std::fs::copy(pki.path("next.key"), pki.path("server.key")).unwrap();
    running.inbound.look();
    let after = running.shown(&pki).await;
    assert_ne!(after, before);
    // One that has ended, and one that is gone.
    let (key, mut ended) = (KeyPair::generate().unwrap(), params("server"));
    ended.not_after = rcgen::date_time_ymd(2021, 1, 1);
    pki.write("server.key", &key.serialize_pem());
    pki.write("server.pem", &ended.signed_by(&key, &pki.authority).unwrap().pem());
    running.inbound.look();
    assert!(failed("certificate_file", 1), "{}", handle.render());
    std::fs::remove_file(pki.path("server.pem")).unwrap();
    running.inbound.look();
    assert!(failed("certificate_file", 2), "{}", handle.render());
    assert_eq!(running.shown(&pki).await, after);
}

/// Waits until the next connection is shown another certificate than `before`; gives how long that took.
async fn until_replaced(running: &Running, pki: &Pki, before: &CertificateDer<'_>) -> Duration {
    let started = std::time::Instant::now();
    while running.shown(pki).await == *before {
        assert!(started.elapsed() < Duration::from_secs(30), "it is not replaced");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    started.elapsed()
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_looked_at_by_themselves_behind_a_link_too_and_at_once_when_the_process_is_told() {
    let pki = Pki::new();
    // As Kubernetes does it: the names are links into a folder that is replaced as a whole.
    for folder in ["one", "two"] {
        std::fs::create_dir_all(pki.path(folder)).unwrap();
        pki.issue_server("server");
        for file in ["server.pem", "server.key"] {
            std::fs::rename(pki.path(file), pki.path(folder).join(file)).unwrap();
        }
    }
    std::os::unix::fs::symlink("one", pki.path("data.now")).unwrap();
    for file in ["server.pem", "server.key"] {
        std::os::unix::fs::symlink(PathBuf::from("data.now").join(file), pki.path(file)).unwrap();
    }
    let running = Running::start(&pki.config(false)).await;
    let (inbound, stop) = (running.inbound.clone(), running.stop.clone());
    tokio::spawn(async move { inbound.watch(&stop).await });
    let first = running.shown(&pki).await;
    let turn = |to: &str| {
        std::os::unix::fs::symlink(to, pki.path("data.next")).unwrap();
        std::fs::rename(pki.path("data.next"), pki.path("data.now")).unwrap();
    };
    turn("two");
    until_replaced(&running, &pki, &first).await;
    let second = running.shown(&pki).await;
    turn("one");
    let own = std::process::id().to_string();
    assert!(std::process::Command::new("kill").args(["-HUP", &own]).status().unwrap().success());
    let took = until_replaced(&running, &pki, &second).await;
    assert!(took < watched::LOOK_EVERY - Duration::from_secs(1), "{took:?}");
    assert!(!running.stop.soft().is_cancelled());
}

#[tokio::test]
async fn a_link_uses_what_its_files_hold_when_it_connects() {
    let pki = Pki::new();
    pki.issue_server("server");
    pki.issue("client", vec![dns("client")]);
    let mut config = pki.config(true);
    (config.peers.certificate_file, config.peers.key_file) = (Some(pki.path("shown.pem")), Some(pki.path("shown.key")));
    config.peers.ca_file = Some(pki.path("believed.pem"));
    // Of another authority, which the server does not know, and which does not know the server.
    let other = Pki::new();
    other.issue("client", vec![dns("client")]);
    for (from, to) in [("client.pem", "shown.pem"), ("client.key", "shown.key"), ("ca.pem", "believed.pem")] {
        std::fs::copy(other.path(from), pki.path(to)).unwrap();
    }
    let running = Running::start(&config).await;
    let outbound = Outbound::open(&config.peers, &system()).unwrap();
    let link = running.link(&config, &outbound);
    assert!(!health(&link).await);
    std::fs::copy(pki.path("ca.pem"), pki.path("believed.pem")).unwrap();
    outbound.look();
    assert!(!health(&link).await, "the server does not believe the client yet");
    for (from, to) in [("client.pem", "shown.pem"), ("client.key", "shown.key")] {
        std::fs::copy(pki.path(from), pki.path(to)).unwrap();
    }
    outbound.look();
    assert!(health(&link).await, "the same link");
}

#[tokio::test]
async fn a_caller_must_show_his_certificate_with_each_connection() {
    for (mutual, expected) in [(false, rustls::HandshakeKind::Resumed), (true, rustls::HandshakeKind::Full)] {
        let pki = Pki::new();
        pki.issue_server("server");
        let mut config = pki.config(mutual);
        (config.peers.certificate_file, config.peers.key_file) =
            (Some(pki.path("server.pem")), Some(pki.path("server.key")));
        let running = Running::start(&config).await;
        let outbound = Outbound::open(&config.peers, &system()).unwrap();
        let mut kinds = Vec::new();
        for _ in 0..2 {
            let tcp = TcpStream::connect(running.address).await.unwrap();
            let name = ServerName::try_from("localhost").unwrap();
            let mut stream = outbound.connector().connect(name, tcp).await.unwrap();
            // The preface and empty settings of HTTP/2: with their answer come the tickets of a session.
            stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
            stream.read_exact(&mut [0; 9]).await.unwrap();
            kinds.push(stream.get_ref().1.handshake_kind());
        }
        assert_eq!(kinds, [Some(rustls::HandshakeKind::Full), Some(expected)], "mutual: {mutual}");
    }
}

#[tokio::test]
async fn connections_that_are_refused_are_counted_by_cause() {
    let pki = Pki::new();
    pki.issue_server("server");
    let (handle, recorder) = recorder();
    let _here = metrics::set_default_local_recorder(recorder);
    let config = pki.config(true);
    let running = Running::start(&config).await;
    let link = running.link(&config, &Outbound::open(&config.peers, &system()).unwrap());
    assert!(!health(&link).await, "it has no certificate");
    TcpStream::connect(running.address).await.unwrap().write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    drop(TcpStream::connect(running.address).await.unwrap());
    for cause in ["no_certificate", "not_tls", "broken_off"] {
        let line = format!("dossier_server_tls_refused_total{{cause=\"{cause}\"}}");
        let started = std::time::Instant::now();
        while !handle.render().contains(&line) {
            assert!(started.elapsed() < Duration::from_secs(10), "{line} in\n{}", handle.render());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}
