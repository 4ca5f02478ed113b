//! Keys by a real server: read ahead, left out one by one, and dead in time when the issuer is.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::auth::keys::Pace;

/// A server of keys on a loopback port, which can be told to hang.
struct Issuer {
    address: std::net::SocketAddr,
    answer: Arc<Answer>,
}

#[derive(Default)]
struct Answer {
    keys: arc_swap::ArcSwap<String>,
    location: Option<String>,
    hangs: AtomicBool,
    asked: AtomicUsize,
}

async fn respond(answer: Arc<Answer>) -> http::Response<Full<Bytes>> {
    answer.asked.fetch_add(1, Ordering::SeqCst);
    if answer.hangs.load(Ordering::SeqCst) {
        std::future::pending::<()>().await;
    }
    let response = match &answer.location {
        Some(location) => http::Response::builder().status(302).header("location", location),
        None => http::Response::builder(),
    };
    response.body(Full::from(answer.keys.load().to_string())).unwrap()
}

async fn serve<S>(stream: S, answer: Arc<Answer>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let service =
        service_fn(async |_: http::Request<Incoming>| Ok::<_, std::convert::Infallible>(respond(answer.clone()).await));
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

impl Issuer {
    async fn start(keys: &Value, location: Option<String>, tls: Option<TlsAcceptor>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Answer { location, ..Answer::default() });
        answer.keys.store(Arc::new(keys.to_string()));
        let shared = answer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, tls) = (shared.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, answer }
    }

    fn url(&self) -> String {
        format!("http://{}/keys", self.address)
    }

    fn hang(&self) {
        self.answer.hangs.store(true, Ordering::SeqCst);
    }

    fn asked(&self) -> usize {
        self.answer.asked.load(Ordering::SeqCst)
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

fn source(scene: &Scene, place: Place) -> Arc<KeySource> {
    let pace = Pace { max_age: minutes(10), grace: minutes(60), min_interval: Duration::from_secs(10) };
    KeySource::new(ISSUER, place, scene.clock.clone(), pace)
}

fn by_http(scene: &mut Scene, url: String) -> Arc<KeySource> {
    let source = source(scene, Place::Url(url, None));
    scene.verifier.trust(ISSUER, Trusted::own(source.clone(), false, DAY));
    source
}

impl Scene {
    /// A token that was not verified before.
    fn fresh(&self, subject: &str) -> String {
        self.with("sub", json!(subject))
    }

    fn pass(&self, minutes: i64) {
        self.clock.advance(SignedDuration::from_mins(minutes));
    }
}

/// Waits until `holds`, at most ten seconds.
async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("what was waited for does not come");
}

#[tokio::test]
async fn keys_are_read_ahead_of_their_age_without_a_call() {
    let mut scene = scene();
    let issuer = Issuer::start(&scene.signer.jwks(), None, None).await;
    let source = by_http(&mut scene, issuer.url());
    let keeping = tokio::spawn(source.keep(Duration::from_millis(5)));
    until(|| issuer.asked() == 1).await;
    // Withdrawn: gone before the keys have their full age, without any token that makes them be read.
    issuer.answer.keys.store(Arc::new(json!({ "keys": [] }).to_string()));
    assert!(scene.verifier.verify(&scene.fresh("one")).await.is_ok());
    scene.pass(8);
    until(|| issuer.asked() == 2).await;
    let mut refused = Ok(());
    for round in 0..1000 {
        refused = scene.verifier.verify(&scene.fresh(&format!("two{round}"))).await.map(drop);
        if refused.is_err() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(refused, Err(Refusal::UnknownKey));
    keeping.abort();
}

#[tokio::test]
async fn nobody_waits_for_an_issuer_that_does_not_answer_and_its_keys_die_in_time() {
    let mut scene = scene();
    let issuer = Issuer::start(&scene.signer.jwks(), None, None).await;
    by_http(&mut scene, issuer.url());
    assert!(scene.verifier.verify(&scene.fresh("one")).await.is_ok());
    issuer.hang();
    scene.pass(11);
    // The first one finds out; all others go on with the keys that are known, however often it is asked again.
    assert!(scene.verifier.verify(&scene.fresh("two")).await.is_ok());
    let started = std::time::Instant::now();
    for round in 0..20 {
        scene.pass(1);
        assert!(scene.verifier.verify(&scene.fresh(&format!("three{round}"))).await.is_ok());
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    // 10 and 60 minutes are over: what the issuer withdrew meanwhile does not count for ever.
    scene.pass(40);
    let started = std::time::Instant::now();
    let refusal = scene.refusal(&scene.fresh("four")).await;
    assert_eq!(refusal, Refusal::KeysUnavailable);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let status = tonic::Status::from(Error::from(refusal));
    assert_eq!(status.code(), tonic::Code::Unavailable);
    assert_eq!(crate::error::reason_of(&status), Some(Reason::DependencyUnavailable));
}

#[tokio::test]
async fn an_issuer_that_comes_back_is_heard_again() {
    let mut scene = scene();
    let issuer = Issuer::start(&json!("no set"), None, None).await;
    by_http(&mut scene, issuer.url());
    assert_eq!(scene.refusal(&scene.fresh("one")).await, Refusal::KeysUnavailable, "never read");
    issuer.answer.keys.store(Arc::new(scene.signer.jwks().to_string()));
    scene.pass(1);
    // Read aside: this caller is answered at once, a later one is let in.
    assert_eq!(scene.refusal(&scene.fresh("two")).await, Refusal::KeysUnavailable);
    until(|| issuer.asked() == 2).await;
    let mut verified = false;
    for _ in 0..1000 {
        verified = scene.verifier.verify(&scene.fresh("three")).await.is_ok();
        if verified {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(verified);
}

#[tokio::test]
async fn a_bad_key_in_a_set_is_left_out_alone() {
    let mut scene = scene();
    let mut set = scene.signer.jwks();
    let bad = [
        json!({ "kty": "RSA", "kid": "weak", "n": "AQAB", "e": "AQAB" }),
        json!({ "kid": "no kind" }),
        json!("no key"),
        json!({ "kty": "EC", "crv": "P-384", "kid": "short", "x": "AAAA", "y": "AAAA" }),
    ];
    set["keys"].as_array_mut().unwrap().splice(0..0, bad);
    let keys = Keys::parse(set.to_string().as_bytes()).unwrap();
    assert_eq!(keys.skipped().len(), 4, "{:?}", keys.skipped());
    assert!(keys.skipped()[0].contains("key 1: `n`"), "{:?}", keys.skipped());
    let issuer = Issuer::start(&set, None, None).await;
    by_http(&mut scene, issuer.url());
    assert!(scene.verifier.verify(&scene.fresh("one")).await.is_ok());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut scene = scene();
    let target = Issuer::start(&scene.signer.jwks(), None, None).await;
    let issuer = Issuer::start(&scene.signer.jwks(), Some(target.url()), None).await;
    by_http(&mut scene, issuer.url());
    assert_eq!(scene.refusal(&scene.fresh("one")).await, Refusal::KeysUnavailable);
    assert_eq!((issuer.asked(), target.asked()), (1, 0));
    let why = crate::fetch::get(&issuer.url(), None).await.unwrap_err();
    assert!(why.contains("redirect (http 302)"), "{why}");
}

#[tokio::test]
async fn keys_come_by_https_from_a_server_of_ones_own_authority() {
    let mut scene = scene();
    let authority = CertifiedIssuer::self_signed(crate::tls::tests::authority("company"), KeyPair::generate().unwrap());
    let (authority, key) = (authority.unwrap(), KeyPair::generate().unwrap());
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &authority).unwrap();
    let key = tokio_rustls::rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(crate::tls::material::provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let issuer = Issuer::start(&scene.signer.jwks(), None, Some(TlsAcceptor::from(Arc::new(config)))).await;
    let ca = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(ca.path(), authority.pem()).unwrap();
    let url = format!("https://localhost:{}/keys", issuer.address.port());
    for (ca_file, expected) in [(None, false), (Some(ca.path().to_owned()), true)] {
        let source = source(&scene, Place::Url(url.clone(), ca_file));
        scene.verifier.trust(ISSUER, Trusted::own(source, false, DAY));
        assert_eq!(scene.verifier.verify(&scene.fresh(&format!("{expected}"))).await.is_ok(), expected);
    }
}
