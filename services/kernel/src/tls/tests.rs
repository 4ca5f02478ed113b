//! Certificates on real files and real connections: what is refused at start, and what takes effect while a port is open.

mod names;
mod replaced;

use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};

use super::*;
use crate::clock::{Clock, Manual};
use crate::config::{Config, Sources};

/// When every certificate here ends.
const ENDS: &str = "2030-01-01T00:00:00Z";

/// What an authority called `name` has in its certificate.
pub(crate) fn authority(name: &str) -> CertificateParams {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2030, 1, 1);
    params
}

/// An authority and a folder for what it issues.
struct Pki {
    folder: tempfile::TempDir,
    authority: CertifiedIssuer<'static, KeyPair>,
}

impl Pki {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = CertifiedIssuer::self_signed(authority("authority"), KeyPair::generate().unwrap()).unwrap();
        let pki = Self { folder, authority };
        pki.write("ca.pem", &pki.authority.pem());
        pki
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// A certificate with these alternative names, and its key, as `name.pem` and `name.key`.
    fn issue(&self, name: &str, alternative: Vec<SanType>) {
        let key = KeyPair::generate().unwrap();
        let mut params = params(name);
        params.subject_alt_names = alternative;
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        self.write(&format!("{name}.pem"), &certificate.pem());
        self.write(&format!("{name}.key"), &key.serialize_pem());
    }

    /// A certificate for a server on this machine.
    fn issue_server(&self, name: &str) {
        self.issue(name, vec![dns("localhost")]);
    }

    /// The settings of a process that shows `server` and `client` of this folder.
    fn config(&self, mutual: bool) -> Config {
        let mut config = Config::embedded(&self.path("data")).unwrap();
        config.server.certificate_file = Some(self.path("server.pem"));
        config.server.key_file = Some(self.path("server.key"));
        config.server.client_ca_file = mutual.then(|| self.path("ca.pem"));
        config.peers.ca_file = Some(self.path("ca.pem"));
        config
    }
}

fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn clock() -> Arc<Manual> {
    Manual::at("2026-11-22T08:00:00Z".parse().unwrap())
}

/// What this thread records; the runtime of a test has no other.
fn recorder() -> (PrometheusHandle, &'static PrometheusRecorder) {
    let recorder = Box::leak(Box::new(PrometheusBuilder::new().build_recorder()));
    (recorder.handle(), recorder)
}

fn load(flags: &[(&str, PathBuf)]) -> Result<Config, ConfigFaults> {
    let flags = flags.iter().map(|(key, path)| ((*key).to_owned(), path.display().to_string())).collect();
    Config::load(&Sources { flags, ..Sources::default() })
}

#[test]
fn files_that_cannot_be_used_are_faults_that_name_option_and_file() {
    let pki = Pki::new();
    pki.issue_server("server");
    pki.issue_server("other");
    pki.write("garbage.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    pki.write("empty.pem", "");
    pki.write("encrypted.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n");
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    pki.write("old.key", old);
    let cases = [
        ("server.pem", "other.key", "ca.pem", "key_file", "other.key` does not fit the certificate in"),
        ("server.pem", "encrypted.key", "ca.pem", "key_file", "encrypted.key` is encrypted"),
        ("server.pem", "old.key", "ca.pem", "key_file", "old.key` is encrypted"),
        ("server.pem", "empty.pem", "ca.pem", "key_file", "empty.pem` holds no private key"),
        ("server.pem", "none.key", "ca.pem", "key_file", "none.key` cannot be read"),
        ("garbage.pem", "server.key", "ca.pem", "certificate_file", "garbage.pem` holds a certificate that cannot be"),
        ("empty.pem", "server.key", "ca.pem", "certificate_file", "empty.pem` holds no certificate"),
        ("server.key", "server.key", "ca.pem", "certificate_file", "server.key` holds no certificate"),
        ("server.pem", "server.key", "garbage.pem", "ca_file", "garbage.pem` holds a certificate that cannot be"),
        ("server.pem", "server.key", "empty.pem", "ca_file", "empty.pem` holds no certificate"),
    ];
    for (certificate, key, ca, option, why) in cases {
        for (section, authority) in [("server", "server.client_ca_file"), ("peers", "peers.ca_file")] {
            let option = if option == "ca_file" { authority.to_owned() } else { format!("{section}.{option}") };
            let (shown, own) = (format!("{section}.certificate_file"), format!("{section}.key_file"));
            let flags = [(shown.as_str(), pki.path(certificate)), (&own, pki.path(key)), (authority, pki.path(ca))];
            let faults = load(&flags).unwrap_err();
            let found = faults.iter().any(|fault| fault.key == option && fault.why.contains(why));
            assert!(found && faults.iter().count() == 1, "{option} {why} in\n{faults}");
        }
    }
}

#[test]
fn a_certificate_that_has_ended_is_a_fault_at_start() {
    let pki = Pki::new();
    pki.issue_server("server");
    let (config, clock) = (pki.config(false), clock());
    let shared: SharedClock = clock.clone();
    assert!(Inbound::open(&config.server, &shared).unwrap().is_some());
    clock.set(ENDS.parse().unwrap());
    let faults = Inbound::open(&config.server, &shared).unwrap_err().to_string();
    let expected = format!("server.certificate_file: `{}` ended at 2030", pki.path("server.pem").display());
    assert!(faults.contains(&expected), "{faults}");
    let faults = Outbound::open(&config.peers, &shared).unwrap_err().to_string();
    assert!(faults.contains("peers.ca_file: `") && faults.contains("ended at 2030"), "{faults}");
}

#[test]
fn how_long_each_certificate_has_left_is_a_metric() {
    let pki = Pki::new();
    pki.issue_server("server");
    let (handle, recorder) = recorder();
    let (config, clock) = (pki.config(true), clock());
    let shared: SharedClock = clock.clone();
    clock.set(ENDS.parse::<Timestamp>().unwrap() - SignedDuration::from_secs(1000));
    metrics::with_local_recorder(recorder, || {
        let inbound = Inbound::open(&config.server, &shared).unwrap().unwrap();
        let said = |option: &str, left: &str| {
            let line = format!("dossier_certificate_expiry_seconds{{option=\"server.{option}\"}} {left}");
            assert!(handle.render().lines().any(|one| one == line), "{line} in\n{}", handle.render());
        };
        said("certificate_file", "1000");
        said("client_ca_file", "1000");
        clock.advance(SignedDuration::from_secs(1500));
        inbound.look();
        said("certificate_file", "-500");
    });
}

#[test]
fn a_warning_is_due_a_month_before_the_end_or_in_the_last_fifth_of_a_short_life() {
    let life = |hours: i64| {
        let begins = clock().now();
        material::Life { begins, ends: begins + SignedDuration::from_hours(hours) }
    };
    let after = |hours: i64| clock().now() + SignedDuration::from_hours(hours);
    let year = life(365 * 24);
    assert!(!year.ends_soon(after(334 * 24)) && year.ends_soon(after(336 * 24)));
    let day = life(24);
    assert!(!day.ends_soon(after(19)) && day.ends_soon(after(20)) && day.ends_soon(after(30)));
}

#[test]
fn handshakes_that_fail_are_told_once_a_minute_and_counted_each() {
    let (clock, (handle, recorder)) = (clock(), recorder());
    let refused = Refused::new(clock.clone());
    let fault = |fault| std::io::Error::new(std::io::ErrorKind::InvalidData, fault);
    let naked = fault(rustls::Error::NoCertificatesPresented);
    metrics::with_local_recorder(recorder, || {
        assert_eq!([refused.note(&naked), refused.note(&naked), refused.note(&naked)], [1, 0, 0]);
        clock.advance(SignedDuration::from_secs(60));
        assert_eq!(refused.note(&naked), 3, "those that were not told are told now");
        refused.note(&fault(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired)));
    });
    for line in ["{cause=\"no_certificate\"} 4", "{cause=\"certificate_expired\"} 1"] {
        assert!(handle.render().contains(&format!("dossier_server_tls_refused_total{line}")), "{}", handle.render());
    }
}
