//! What a handler knows about the call it answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use crate::auth::Caller;
use crate::clock::SharedClock;
use crate::error::{Error, Reason, Result};
use crate::id::SharedIds;

/// Time and ids, handed to everything that needs them.
#[derive(Clone, Debug)]
pub struct Providers {
    /// Tells the time.
    pub clock: SharedClock,
    /// Makes ids and randomness.
    pub ids: SharedIds,
}

/// One call: who asks, for which org, by which method, when.
///
/// The subject is what the credential says; the directory says what person that is.
#[derive(Clone, Debug)]
pub struct Call {
    /// The tenant of the credential.
    pub org: String,
    /// The credential's `sub`.
    pub subject: String,
    /// Whether the caller is one of Dossier's own services and not a person.
    pub service: bool,
    /// The full method, for example `dossier.profile.v1.CustomerFileService/GetCustomerFile`.
    pub method: &'static str,
    /// When the call began; every decision of the call uses this instant.
    pub now: Timestamp,
    /// The bearer token, to act for the caller towards another service.
    pub bearer: Bearer,
    /// When the caller's credential ends; a stream does not outlive it.
    pub expires: Timestamp,
    /// When the call ends, so that calls to other services end with it.
    pub deadline: Option<crate::server::Deadline>,
    /// The W3C trace id, if the call is traced.
    pub trace_id: Option<String>,
    /// Whether the answer is that of an earlier call with the same `request_id`.
    pub replayed: Replayed,
}

/// Set when a call is answered by what an earlier one with the same `request_id` did; the answer's metadata tells it as
/// [`REPLAYED`].
#[derive(Clone, Debug, Default)]
pub struct Replayed(Arc<AtomicBool>);

/// Metadata of an answer that an earlier call with the same `request_id` got; `true`, or absent.
pub const REPLAYED: &str = "dossier-replayed";

/// A bearer token that does not print itself.
#[derive(Clone, Default)]
pub struct Bearer(Option<String>);

// === impl Providers ===

impl Providers {
    /// The machine's clock and randomness.
    pub fn system() -> Self {
        Self { clock: crate::clock::System::shared(), ids: crate::id::System::shared() }
    }
}

// === impl Call ===

impl Call {
    /// Reads who is calling from what the authentication layer left on the request.
    ///
    /// # Errors
    /// `TOKEN_MISSING` when the layer left nothing.
    pub fn enter<T>(providers: &Providers, request: &tonic::Request<T>, method: &'static str) -> Result<Self> {
        let caller = request.extensions().get::<Caller>().ok_or_else(|| Error::new(Reason::TokenMissing))?;
        crate::telemetry::rpc::annotate_org(&caller.org);
        let header = |name| request.metadata().get(name).and_then(|value| value.to_str().ok());
        Ok(Self {
            org: caller.org.clone(),
            subject: caller.subject.clone(),
            service: caller.service,
            method,
            now: providers.clock.now(),
            expires: caller.expires,
            bearer: Bearer(header("authorization").map(str::to_owned)),
            deadline: request.extensions().get().copied(),
            // Never the header as it came: what a caller wrote there would reach the journal.
            trace_id: crate::telemetry::trace::current_id(),
            replayed: request.extensions().get::<Replayed>().cloned().unwrap_or_default(),
        })
    }

    /// Work of `service` itself in `org` at `now`, which no call started; `method` is what the journal shows in place of one.
    pub fn of_service(org: &str, service: &str, method: &'static str, now: Timestamp) -> Self {
        Self {
            org: org.to_owned(),
            subject: service.to_owned(),
            service: true,
            method,
            now,
            expires: Timestamp::MAX,
            bearer: Bearer::default(),
            deadline: None,
            trace_id: None,
            replayed: Replayed::default(),
        }
    }

    /// Begins the next look of a stream at `now`: every look is decided as of its own instant.
    ///
    /// # Errors
    /// `TOKEN_EXPIRED` once the caller's credential has ended.
    pub fn look(&mut self, now: Timestamp) -> Result<()> {
        self.now = now;
        if now >= self.expires { Err(Error::new(Reason::TokenExpired)) } else { Ok(()) }
    }

    /// The call's instant as the store keeps it.
    pub fn micros(&self) -> i64 {
        crate::time::micros(self.now)
    }
}

// === impl Replayed ===

impl Replayed {
    /// Says so.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was said.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

// === impl Bearer ===

impl Bearer {
    /// The `authorization` header's value, for the link to another service.
    pub fn header(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Bearer(..)" } else { "Bearer(none)" })
    }
}
