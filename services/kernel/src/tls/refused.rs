//! Handshakes that fail: each is counted, some are told.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use tokio_rustls::rustls::{CertificateError, Error};

use crate::clock::SharedClock;

/// Shortest time between two lines in the log: whoever makes handshakes fail must not fill it.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// Counts handshakes that failed, and tells of them at most once a minute; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Refused {
    clock: SharedClock,
    since: Arc<Mutex<Since>>,
}

#[derive(Debug, Default)]
struct Since {
    told: Option<Timestamp>,
    refused: u64,
}

// === impl Refused ===

impl Refused {
    pub(crate) fn new(clock: SharedClock) -> Self {
        Self { clock, since: Arc::default() }
    }

    /// Notes that a handshake ended with `fault`. Gives how many are told of in the log now, which may be none.
    pub(crate) fn note(&self, fault: &io::Error) -> u64 {
        let cause = cause(fault);
        metrics::counter!("dossier_server_tls_refused_total", "cause" => cause).increment(1);
        let refused = self.due();
        if refused > 0 {
            tracing::warn!(refused, cause, "tls handshakes failed; the cause is that of the last one");
        }
        refused
    }

    fn due(&self) -> u64 {
        let now = self.clock.now();
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.refused += 1;
        if since.told.is_some_and(|told| now.duration_since(told) < PAUSE) {
            return 0;
        }
        since.told = Some(now);
        std::mem::take(&mut since.refused)
    }
}

/// A word for the cause, for the label of a metric: there are few of them, whoever calls.
fn cause(fault: &io::Error) -> &'static str {
    let known = fault.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    match (known, fault.kind()) {
        (Some(Error::NoCertificatesPresented), _) => "no_certificate",
        (Some(Error::InvalidCertificate(why)), _) => certificate(why),
        (Some(Error::AlertReceived(_)), _) => "refused_by_caller",
        (Some(Error::PeerIncompatible(_) | Error::NoApplicationProtocol), _) => "incompatible",
        (Some(Error::InvalidMessage(_) | Error::InappropriateMessage { .. }), _) => "not_tls",
        (None, io::ErrorKind::TimedOut) => "too_slow",
        (None, _) => "broken_off",
        (Some(_), _) => "other",
    }
}

fn certificate(why: &CertificateError) -> &'static str {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "certificate_expired",
        CertificateError::UnknownIssuer => "certificate_of_unknown_authority",
        _ => "certificate_invalid",
    }
}
