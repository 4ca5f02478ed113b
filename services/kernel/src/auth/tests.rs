//! Each refusal by a token that differs from a good one in one thing.

mod issuers;
mod keys;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::jwks::Keys;
use super::keys::{KeySource, Pace, Place};
use super::verify::Trusted;
use super::*;
use crate::clock::{Clock, Manual};
use crate::config::Sources;
use crate::error::{Error, Reason};

const ISSUER: &str = "https://id.example.org";
const DAY: Duration = Duration::from_secs(24 * 3600);
const FIXTURES: &str = include_str!("fixtures/foreign.json");

struct Scene {
    clock: Arc<Manual>,
    signer: Signer,
    verifier: Verifier,
    orgs: Orgs,
}

fn scene() -> Scene {
    let clock = Manual::at("2026-11-22T08:00:00Z".parse().unwrap());
    let ids = crate::id::Seeded::new(1, clock.clone());
    let providers = Providers { clock: clock.clone(), ids };
    let signer = Signer::ephemeral(&providers).unwrap();
    let orgs = Orgs::new(["demo"]);
    let mut verifier = Verifier::new(orgs.clone(), clock.clone(), Duration::from_secs(30), 16);
    verifier.trust(ISSUER, Trusted::own(KeySource::fixed(&signer), false, DAY));
    Scene { clock, signer, verifier, orgs }
}

impl Scene {
    fn claims(&self) -> Value {
        let now = self.clock.now().as_second();
        json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "li.wei", "org": "demo", "exp": now + 600, "nbf": now })
    }

    fn with(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        self.signer.sign(&claims).unwrap()
    }

    async fn refusal(&self, token: &str) -> Refusal {
        self.verifier.verify(token).await.unwrap_err()
    }
}

fn keys_at(place: Place, clock: Arc<Manual>, max_age: Duration, min_interval: Duration) -> Arc<KeySource> {
    KeySource::new(ISSUER, place, clock, Pace { max_age, grace: Duration::from_secs(3600), min_interval })
}

fn set_of(keys: Value) -> Keys {
    Keys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[tokio::test]
async fn a_good_token_names_its_caller() {
    let scene = scene();
    let token = scene.signer.sign(&scene.claims()).unwrap();
    let caller = scene.verifier.verify(&token).await.unwrap();
    assert_eq!((caller.org.as_str(), caller.subject.as_str(), caller.service), ("demo", "li.wei", false));
}

#[tokio::test]
async fn each_wrong_claim_is_refused_for_its_own_reason() {
    let scene = scene();
    let now = scene.clock.now().as_second();
    let cases = [
        ("iss", json!("https://elsewhere"), Refusal::ForeignIssuer, Reason::TokenForeign),
        ("aud", json!("other"), Refusal::WrongAudience, Reason::TokenForeign),
        ("aud", json!(["other"]), Refusal::WrongAudience, Reason::TokenForeign),
        ("aud", json!(7), Refusal::Claim("aud"), Reason::TokenMalformed),
        ("exp", json!(now - 30), Refusal::Expired, Reason::TokenExpired),
        ("exp", json!(null), Refusal::Claim("exp"), Reason::TokenMalformed),
        ("exp", json!("soon"), Refusal::Claim("exp"), Reason::TokenMalformed),
        ("nbf", json!(now + 31), Refusal::NotYetValid, Reason::TokenExpired),
        ("iat", json!(now + 31), Refusal::NotYetValid, Reason::TokenExpired),
        ("iat", json!("now"), Refusal::Claim("iat"), Reason::TokenMalformed),
        ("exp", json!(now + 24 * 3600 + 31), Refusal::TooLong, Reason::TokenMalformed),
        ("exp", json!(7_258_118_400_i64), Refusal::TooLong, Reason::TokenMalformed),
        ("sub", json!(""), Refusal::Claim("sub"), Reason::TokenMalformed),
        ("sub", json!("service:access"), Refusal::ForeignSubject, Reason::TokenForeign),
        ("org", json!(null), Refusal::Claim("org"), Reason::TokenMalformed),
        ("org", json!("elsewhere"), Refusal::UnknownOrg, Reason::OrgUnknown),
    ];
    for (claim, value, refusal, reason) in cases {
        let token = scene.with(claim, value.clone());
        assert_eq!(scene.refusal(&token).await, refusal, "{claim} = {value}");
        assert_eq!(Error::from(refusal).reason(), reason);
    }
    assert!(scene.verifier.verify(&scene.with("exp", json!(now - 29))).await.is_ok(), "leeway");
    assert!(scene.verifier.verify(&scene.with("exp", json!(now as f64 + 0.5))).await.is_ok(), "fractions");
}

#[tokio::test]
async fn a_token_that_is_none_is_malformed() {
    let scene = scene();
    let good = scene.signer.sign(&scene.claims()).unwrap();
    for token in ["", "a", "a.b.c", "..", &"x".repeat(9000), &format!("{good}.x"), &good[..good.len() / 3]] {
        assert_eq!(scene.refusal(token).await, Refusal::Malformed, "{token:.20}");
    }
}

#[tokio::test]
async fn a_token_cannot_choose_how_it_is_verified() {
    let scene = scene();
    let good = scene.signer.sign(&scene.claims()).unwrap();
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (_, claims) = message.split_once('.').unwrap();
    let with_header = |header: Value| format!("{}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let kid = scene.signer.kid();
    for alg in ["none", "HS256", "ES256", "RS256", "eddsa"] {
        assert_eq!(scene.refusal(&with_header(json!({ "alg": alg, "kid": kid }))).await, Refusal::Algorithm, "{alg}");
    }
    assert_eq!(scene.refusal(&with_header(json!({ "alg": "EdDSA", "kid": "other" }))).await, Refusal::UnknownKey);
    assert_eq!(scene.refusal(&with_header(json!({ "alg": "EdDSA", "kid": kid }))).await, Refusal::BadSignature);
    let critical = json!({ "alg": "EdDSA", "kid": kid, "crit": ["x"] });
    assert_eq!(scene.refusal(&with_header(critical)).await, Refusal::Malformed);
    let logout = json!({ "alg": "EdDSA", "kid": kid, "typ": "logout+jwt" });
    assert_eq!(scene.refusal(&with_header(logout)).await, Refusal::Malformed);
    // The public key as an HMAC secret: the oldest confusion of all.
    let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256", "kid": kid }).to_string()));
    let secret = jsonwebtoken::EncodingKey::from_secret(scene.signer.jwk()["x"].as_str().unwrap().as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, jsonwebtoken::Algorithm::HS256).unwrap();
    assert_eq!(scene.refusal(&format!("{message}.{signature}")).await, Refusal::Algorithm);
}

#[tokio::test]
async fn a_key_verifies_only_its_own_algorithm_even_where_others_are_allowed() {
    let mut scene = scene();
    let trusted = Trusted { algorithms: Algorithm::all(), ..Trusted::own(KeySource::fixed(&scene.signer), false, DAY) };
    scene.verifier.trust(ISSUER, trusted);
    let claims = URL_SAFE_NO_PAD.encode(scene.claims().to_string());
    for alg in ["ES256", "RS256"] {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg, "kid": scene.signer.kid() }).to_string());
        assert_eq!(scene.refusal(&format!("{header}.{claims}.AAAA")).await, Refusal::Algorithm);
    }
}

#[tokio::test]
async fn es256_and_rs256_of_another_program_are_accepted_where_they_are_allowed() {
    let fixtures: Value = serde_json::from_str(FIXTURES).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, fixtures["jwks"].to_string()).unwrap();
    let mut scene = scene();
    let source = |clock: Arc<Manual>| keys_at(Place::File(path.clone()), clock, Duration::MAX, Duration::ZERO);
    for (algorithm, allowed) in [("ES256", Algorithm::Es256), ("RS256", Algorithm::Rs256)] {
        let token = fixtures[algorithm].as_str().unwrap();
        for algorithms in [vec![allowed], vec![Algorithm::EdDsa]] {
            let expected = if algorithms == [allowed] { Ok("li.wei") } else { Err(Refusal::Algorithm) };
            let trusted = Trusted { algorithms, ..Trusted::own(source(scene.clock.clone()), false, Duration::MAX) };
            scene.verifier = Verifier::new(scene.orgs.clone(), scene.clock.clone(), Duration::ZERO, 16);
            scene.verifier.trust(ISSUER, trusted);
            let verified = scene.verifier.verify(token).await;
            assert_eq!(verified.as_ref().map(|caller| caller.subject.as_str()), expected.as_ref().copied());
        }
        let mut broken = token.to_owned();
        broken.replace_range(token.len() - 8..token.len() - 4, "AAAA");
        let trusted =
            Trusted { algorithms: vec![allowed], ..Trusted::own(source(scene.clock.clone()), false, Duration::MAX) };
        scene.verifier.trust(ISSUER, trusted);
        assert_eq!(scene.refusal(&broken).await, Refusal::BadSignature);
    }
}

#[tokio::test]
async fn a_remembered_token_still_expires_and_its_org_may_go() {
    let scene = scene();
    let token = scene.signer.sign(&scene.claims()).unwrap();
    assert!(scene.verifier.verify(&token).await.is_ok());
    scene.orgs.replace(["other"]);
    assert_eq!(scene.refusal(&token).await, Refusal::UnknownOrg);
    scene.orgs.replace(["demo"]);
    scene.clock.advance(SignedDuration::from_secs(629));
    assert!(scene.verifier.verify(&token).await.is_ok());
    scene.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(scene.refusal(&token).await, Refusal::Expired);
}

#[tokio::test]
async fn a_machine_whose_clock_is_off_blames_no_token_for_its_time() {
    let scene = scene();
    let token = scene.signer.sign(&scene.claims()).unwrap();
    scene.clock.advance(SignedDuration::from_hours(1));
    assert_eq!(scene.refusal(&token).await, Refusal::Expired);
    scene.verifier.doubt_clock(true);
    assert_eq!(scene.refusal(&token).await, Refusal::ClockOff);
    let told = Error::from(Refusal::ClockOff);
    assert_eq!(told.reason(), Reason::DependencyUnavailable);
    scene.verifier.doubt_clock(false);
    assert_eq!(scene.refusal(&token).await, Refusal::Expired);
}

#[tokio::test]
async fn keys_are_read_again_for_an_unknown_key_but_not_too_often() {
    let (folder, mut scene) = (tempfile::tempdir().unwrap(), scene());
    let path = folder.path().join("jwks.json");
    std::fs::write(&path, json!({ "keys": [] }).to_string()).unwrap();
    let (age, interval) = (Duration::from_secs(600), Duration::from_secs(10));
    let source = keys_at(Place::File(path.clone()), scene.clock.clone(), age, interval);
    scene.verifier.trust(ISSUER, Trusted::own(source, false, DAY));
    let token = scene.signer.sign(&scene.claims()).unwrap();
    assert_eq!(scene.refusal(&token).await, Refusal::UnknownKey);
    jwks::publish(&path, &scene.signer, &[]).unwrap();
    assert_eq!(scene.refusal(&token).await, Refusal::UnknownKey, "too soon");
    scene.clock.advance(SignedDuration::from_secs(10));
    assert!(scene.verifier.verify(&token).await.is_ok());
    // Taken back: refused once the keys have grown old and the token is looked at again.
    std::fs::write(&path, json!({ "keys": [] }).to_string()).unwrap();
    scene.clock.advance(SignedDuration::from_secs(601));
    let token = scene.signer.sign(&scene.claims()).unwrap();
    assert_eq!(scene.refusal(&token).await, Refusal::UnknownKey);
}

#[tokio::test]
async fn keys_come_by_http_and_stay_when_the_issuer_is_down() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut scene = scene();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/keys?a=1", listener.local_addr().unwrap());
    let body = scene.signer.jwks().to_string();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1024];
        let read = stream.read(&mut request).await.unwrap();
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    let age = Duration::from_secs(60);
    let source = keys_at(Place::Url(url, None), scene.clock.clone(), age, Duration::ZERO);
    scene.verifier.trust(ISSUER, Trusted::own(source, false, DAY));
    assert!(scene.verifier.verify(&scene.with("sub", json!("one"))).await.is_ok());
    assert!(server.await.unwrap().starts_with("GET /keys?a=1 HTTP/1.1"));
    scene.clock.advance(SignedDuration::from_secs(61));
    assert!(scene.verifier.verify(&scene.with("sub", json!("two"))).await.is_ok(), "the issuer is down now");
}

#[test]
fn a_key_set_is_read_strictly() {
    let scene = scene();
    let with = |name: &str, value: Value| {
        let mut jwk = scene.signer.jwk();
        jwk[name] = value;
        jwk
    };
    let short = json!({ "keys": [with("x", json!("AAAA"))] }).to_string();
    assert!(Keys::parse(short.as_bytes()).unwrap().skipped()[0].contains("key 1: `x`"));
    let weak = json!({ "keys": [{ "kty": "RSA", "kid": "w", "n": "AQAB", "e": "AQAB" }] }).to_string();
    assert!(Keys::parse(weak.as_bytes()).unwrap().skipped()[0].contains("`n`"));
    assert!(Keys::parse(b"{}").is_err());
    let kid = Some(scene.signer.kid());
    assert!(set_of(json!([with("use", json!("enc"))])).find(kid).is_none(), "a key for encryption");
    assert!(set_of(json!([with("alg", json!("RS256"))])).find(kid).is_none(), "a key for another algorithm");
    let set = set_of(json!([scene.signer.jwk(), { "kty": "oct", "k": "AAAA", "kid": "hmac" }]));
    assert!(set.find(Some("hmac")).is_none() && set.find(None).is_some(), "one key of ours");
}

#[tokio::test]
async fn a_data_directory_gives_development_and_service_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Manual::at(Timestamp::from_second(1_800_000_000).unwrap());
    let providers = Providers { clock: clock.clone(), ids: crate::id::System::shared() };
    let config = Config::embedded(folder.path()).unwrap();
    let auth = Auth::open(&config, Orgs::new(["demo"]), &["profile"], &providers).unwrap();
    let again = Auth::open(&config, Orgs::new(["demo"]), &["profile"], &providers).unwrap();
    let token = auth.development().unwrap().token("demo", "zhang.san", Duration::from_secs(60)).unwrap();
    assert_eq!(again.verifier().verify(&token).await.unwrap().subject, "zhang.san");
    let tokens = auth.tokens("profile");
    let token = tokens.token("demo").unwrap();
    assert_eq!(token, tokens.token("demo").unwrap());
    let caller = again.verifier().verify(&token).await.unwrap();
    assert_eq!((caller.subject.as_str(), caller.service), ("profile", true));
    clock.advance(SignedDuration::from_secs(31));
    assert_ne!(token, tokens.token("demo").unwrap(), "renewed after half of its life");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(folder.path().join("internal.pem")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
    assert!(!format!("{auth:?}").contains("SigningKey"));
}

#[test]
fn a_key_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("internal.pem");
    std::fs::write(&path, "no key").unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let flags = vec![("data_dir".to_owned(), folder.path().display().to_string())];
    let config = Config::load(&Sources { flags, ..Sources::default() }).unwrap();
    let faults = Auth::open(&config, Orgs::default(), &["profile"], &Providers::system()).unwrap_err();
    assert!(faults.to_string().contains("at start: auth.internal_key_file: is not an Ed25519 key"), "{faults}");
}

#[tokio::test]
async fn a_token_lives_no_longer_than_its_issuer_may_say() {
    let scene = scene();
    let now = scene.clock.now().as_second();
    let life = |issued: i64, ends: i64| {
        let mut claims = scene.claims();
        (claims["iat"], claims["exp"]) = (json!(issued), json!(ends));
        scene.signer.sign(&claims).unwrap()
    };
    assert!(scene.verifier.verify(&life(now, now + 24 * 3600)).await.is_ok());
    // As long from its issue, however little of it is left.
    assert_eq!(scene.refusal(&life(now - 24 * 3600, now + 60)).await, Refusal::TooLong);
}

#[tokio::test]
async fn an_issuer_names_people_of_its_own_orgs_alone() {
    let mut scene = scene();
    scene.orgs.replace(["demo", "meridian"]);
    let other = Signer::ephemeral(&Providers::system()).unwrap();
    let bound = |orgs: &[&str], keys| {
        let orgs = Some(orgs.iter().map(|org| (*org).to_owned()).collect());
        Trusted { orgs, ..Trusted::own(keys, false, DAY) }
    };
    scene.verifier.trust(ISSUER, bound(&["demo"], KeySource::fixed(&scene.signer)));
    scene.verifier.trust("https://second", bound(&["meridian"], KeySource::fixed(&other)));
    let mut claims = scene.claims();
    claims["sub"] = json!("gm");
    assert!(scene.verifier.verify(&scene.signer.sign(&claims).unwrap()).await.is_ok());
    claims["iss"] = json!("https://second");
    let refusal = scene.refusal(&other.sign(&claims).unwrap()).await;
    assert_eq!((refusal, Error::from(refusal).reason()), (Refusal::ForeignOrg, Reason::TokenForeign));
    claims["org"] = json!("meridian");
    assert!(scene.verifier.verify(&other.sign(&claims).unwrap()).await.is_ok());
}

#[tokio::test]
async fn the_key_of_one_service_speaks_for_no_other_and_for_no_long_time() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Manual::at("2026-11-22T08:00:00Z".parse().unwrap());
    let providers = Providers { clock: clock.clone(), ids: crate::id::System::shared() };
    let mut flags = vec![("data_dir".to_owned(), folder.path().display().to_string())];
    let open = |flags: &[(String, String)], services: &[&str]| {
        let config = Config::load(&Sources { flags: flags.to_vec(), ..Sources::default() }).unwrap();
        Auth::open(&config, Orgs::new(["demo"]), services, &providers).unwrap()
    };
    let access = open(&flags, &["access"]);
    flags.push(("auth.internal_key_file".to_owned(), folder.path().join("profile.pem").display().to_string()));
    let profile = open(&flags, &["profile"]);
    let said = |auth: &Auth, name: &str| auth.tokens(name).token("demo").unwrap();
    let verified = access.verifier().verify(&said(&profile, "profile")).await.unwrap();
    assert_eq!((verified.subject.as_str(), verified.service), ("profile", true));
    for (auth, name) in [(&profile, "credit"), (&profile, "access"), (&access, "profile")] {
        let refused = access.verifier().verify(&said(auth, name)).await;
        assert_eq!(refused.unwrap_err(), Refusal::ForeignSubject, "{name}");
    }
    let now = providers.clock.now().as_second();
    let claims = json!({ "iss": INTERNAL_ISSUER, "aud": AUDIENCE, "sub": "service:profile", "org": "demo",
                         "iat": now, "exp": now + 10 * 365 * 24 * 3600 });
    let forever = Signer::existing(&folder.path().join("profile.pem")).unwrap().sign(&claims).unwrap();
    assert_eq!(access.verifier().verify(&forever).await.unwrap_err(), Refusal::TooLong);
    // The second process of a service that shares the file shares the key.
    let both = open(&flags, &["credit"]);
    assert_eq!(
        access.verifier().verify(&said(&both, "credit")).await.unwrap_err(),
        Refusal::ForeignSubject,
        "too soon"
    );
    clock.advance(SignedDuration::from_secs(1));
    assert!(access.verifier().verify(&said(&both, "credit")).await.is_ok(), "the keys were read again");
    assert!(access.verifier().verify(&said(&profile, "profile")).await.is_ok(), "what was bound before stays bound");
}

#[cfg(unix)]
#[test]
fn a_private_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("internal.pem");
    Signer::open(&path, &Providers::system()).unwrap();
    for (mode, good) in [(0o644, false), (0o640, false), (0o604, false), (0o400, true), (0o600, true)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let opened = Signer::open(&path, &Providers::system());
        assert_eq!(opened.is_ok(), good, "{mode:o}");
        assert!(good || opened.unwrap_err().contains("only its owner"));
    }
}
