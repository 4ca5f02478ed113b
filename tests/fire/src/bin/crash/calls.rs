//! Calls as a caller makes them, each written into the history with its beginning, its end and its outcome.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dossier_fire::ground::{Fault, Fleet, Result, Service};
use dossier_fire::history::{Attempt, Call, Outcome, Reply};
use futures::future::BoxFuture;
use tokio::time::Instant;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};
use tonic::transport::Channel;
use tonic::{Code, Request, Response, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use crate::chance::Chance;
use crate::messages::{Mutation, Told};

/// How long a caller waits for an answer.
pub(crate) const DEADLINE: Duration = Duration::from_millis(1500);

/// How long a caller waits for the end of a stream.
const STREAM: Duration = Duration::from_secs(20);

/// What is told of content that is not whole any more.
pub(crate) const LOST: &str = "CONTENT_LOST";

/// The people who call.
pub(crate) const CAST: [&str; 8] =
    ["gm", "deputy", "sales-manager", "sales-1", "sales-2", "archivist", "analyst", "finance-director"];

/// Ways to every process, tokens, and the history of what was called.
pub(crate) struct Callers {
    channels: BTreeMap<Service, Vec<Channel>>,
    tokens: BTreeMap<&'static str, AsciiMetadataValue>,
    begun: Instant,
    history: Mutex<Vec<Attempt>>,
    /// Whether nothing disturbs the calls: then nobody gives up, asks again or asks for something else.
    calm: AtomicBool,
}

/// One call to be made.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) service: Service,
    pub(crate) who: &'static str,
    pub(crate) call: Call,
    /// Which replica; any when absent.
    pub(crate) at: Option<usize>,
}

/// What the caller learned.
#[derive(Clone, Debug)]
pub(crate) enum Answer<R> {
    Done(R),
    Refused(String),
    Unknown,
}

/// Sends `$message` by `$client::$method`, once.
#[macro_export]
macro_rules! look {
    ($callers:expr, $chance:expr, $ask:expr, $client:ident . $method:ident, $message:expr) => {
        $callers
            .once($chance, &$ask, None, false, $message, |channel, request| {
                Box::pin(async move { $client::new(channel).$method(request).await })
            })
            .await
    };
}

/// Sends `$message` by `$client::$method` under a request id of its own: again while the outcome is unknown, sometimes again
/// after the answer, sometimes with another body.
#[macro_export]
macro_rules! change {
    ($callers:expr, $chance:expr, $ask:expr, $client:ident . $method:ident, $message:expr) => {
        $callers
            .change($chance, &$ask, $message, |channel, request| {
                Box::pin(async move { $client::new(channel).$method(request).await })
            })
            .await
    };
}

// === impl Ask ===

impl Ask {
    pub(crate) fn new(service: Service, who: &'static str, call: Call) -> Self {
        Self { service, who, call, at: None }
    }

    /// To the replica `at` of the service.
    pub(crate) fn at(self, at: usize) -> Self {
        Self { at: Some(at), ..self }
    }
}

// === impl Answer ===

impl<R> Answer<R> {
    pub(crate) fn done(self) -> Option<R> {
        match self {
            Self::Done(reply) => Some(reply),
            Self::Refused(_) | Self::Unknown => None,
        }
    }

    /// The answer, or a fault of the run: for steps that nothing disturbs.
    pub(crate) fn must(self, what: &str) -> Result<R> {
        match self {
            Self::Done(reply) => Ok(reply),
            Self::Refused(why) => Err(Fault::new(format!("{what} was refused: {why}"))),
            Self::Unknown => Err(Fault::new(format!("{what} was not answered"))),
        }
    }
}

// === impl Callers ===

impl Callers {
    /// Everybody, with tokens, at every process of `fleet`.
    pub(crate) async fn new(fleet: &Fleet) -> Result<Self> {
        let (mut channels, mut tokens) = (BTreeMap::new(), BTreeMap::new());
        for service in Service::ALL {
            let ways = fleet.of(service).into_iter().map(|at| fleet.replicas[at].channel(service));
            channels.insert(service, ways.collect::<Result<Vec<_>>>()?);
        }
        for who in CAST {
            let token = format!("Bearer {}", fleet.token("demo", who).await?);
            tokens.insert(who, token.parse().map_err(|_| Fault::new("a token is no header"))?);
        }
        let (begun, history, calm) = (Instant::now(), Mutex::default(), AtomicBool::new(true));
        Ok(Self { channels, tokens, begun, history, calm })
    }

    /// From now on calls are disturbed.
    pub(crate) fn trouble(&self) {
        self.calm.store(false, Ordering::Relaxed);
    }

    /// Microseconds since the run began.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// What was called so far.
    pub(crate) fn history(&self) -> Vec<Attempt> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many replicas a service has.
    pub(crate) fn replicas(&self, service: Service) -> usize {
        self.channels.get(&service).map_or(0, Vec::len)
    }

    /// Sends one request and writes down what became of it.
    pub(crate) async fn once<M, R>(
        &self,
        chance: &mut Chance,
        ask: &Ask,
        request: Option<Uuid>,
        other_body: bool,
        message: M,
        send: impl FnOnce(Channel, Request<M>) -> BoxFuture<'static, std::result::Result<Response<R>, Status>>,
    ) -> Answer<R>
    where
        R: Told,
    {
        let trace = chance.uuid();
        let (channel, headers) = self.way(chance, ask, trace);
        let mut carried = Request::new(message);
        *carried.metadata_mut() = headers;
        carried.set_timeout(DEADLINE);
        let begin = self.now();
        let told = tokio::time::timeout(DEADLINE + Duration::from_millis(300), send(channel, carried)).await;
        let end = self.now();
        let (outcome, answer) = match told {
            Err(_) => (Outcome::Unknown("transport no answer".to_owned()), Answer::Unknown),
            Ok(Ok(reply)) => {
                let reply = reply.into_inner();
                (Outcome::Done(reply.told()), Answer::Done(reply))
            }
            Ok(Err(status)) => {
                let outcome = outcome(&status);
                let answer = match &outcome {
                    Outcome::Refused(why) => Answer::Refused(told_more(why, &status)),
                    Outcome::Done(_) | Outcome::Unknown(_) => Answer::Unknown,
                };
                (outcome, answer)
            }
        };
        let (service, who, call) = (ask.service, ask.who, ask.call.clone());
        self.note(Attempt { trace, request, service, who, call, other_body, begin, end, outcome });
        answer
    }

    /// Makes a call that streams, and writes down what became of it.
    ///
    /// # Errors
    /// The refusal, before the stream or in it.
    pub(crate) async fn streamed<R>(
        &self,
        chance: &mut Chance,
        ask: &Ask,
        send: impl FnOnce(Channel, MetadataMap) -> BoxFuture<'static, std::result::Result<R, Status>>,
    ) -> std::result::Result<R, Status> {
        let trace = chance.uuid();
        let (channel, headers) = self.way(chance, ask, trace);
        let begin = self.now();
        let told = tokio::time::timeout(STREAM, send(channel, headers)).await;
        let told = told.unwrap_or_else(|_| Err(Status::deadline_exceeded("no end")));
        let outcome = told.as_ref().map_or_else(outcome, |_| Outcome::Done(Reply::default()));
        let (service, who, call, end) = (ask.service, ask.who, ask.call.clone(), self.now());
        self.note(Attempt { trace, request: None, service, who, call, other_body: false, begin, end, outcome });
        told
    }

    /// Which process is called, and what is said beside the message.
    fn way(&self, chance: &mut Chance, ask: &Ask, trace: Uuid) -> (Channel, MetadataMap) {
        let ways = &self.channels[&ask.service];
        let channel = ask.at.map_or_else(|| chance.one(ways), |at| &ways[at % ways.len()]).clone();
        let parent = format!("00-{}-{:016x}-01", trace.simple(), chance.next() | 1);
        let mut headers = MetadataMap::new();
        if let (Some(token), Ok(parent)) = (self.tokens.get(ask.who), parent.parse()) {
            headers.insert("authorization", token.clone());
            headers.insert("traceparent", parent);
        }
        (channel, headers)
    }

    fn note(&self, attempt: Attempt) {
        self.history.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
    }

    /// Sends a mutation until its outcome is known; one caller in eight gives up after the first unknown outcome.
    pub(crate) async fn change<M, R>(
        &self,
        chance: &mut Chance,
        ask: &Ask,
        mut message: M,
        send: impl Fn(Channel, Request<M>) -> BoxFuture<'static, std::result::Result<Response<R>, Status>>,
    ) -> Answer<R>
    where
        M: Mutation,
        R: Told + Clone,
    {
        let request = chance.uuid();
        message.identify(request.to_string());
        let calm = self.calm.load(Ordering::Relaxed);
        let patience = if !calm && chance.percent(12) { 1 } else { 40 };
        let mut answer = Answer::Unknown;
        for attempt in 0..patience {
            if attempt > 0 {
                tokio::time::sleep(Duration::from_millis(chance.within(20, 150))).await;
            }
            answer = self.once(chance, ask, Some(request), false, message.clone(), &send).await;
            if !matches!(answer, Answer::Unknown) {
                break;
            }
        }
        if !calm && matches!(answer, Answer::Done(_)) && chance.percent(10) {
            self.once(chance, ask, Some(request), false, message.clone(), &send).await;
        }
        if !calm && matches!(answer, Answer::Done(_)) && chance.percent(5) {
            message.twist();
            self.once(chance, ask, Some(request), true, message, &send).await;
        }
        answer
    }
}

/// The reason that a status gives; empty where it gives none.
pub(crate) fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// The reason, and the fields that are to blame.
fn told_more(reason: &str, status: &Status) -> String {
    let details = status.get_error_details();
    let blamed = details.bad_request().map(|one| &one.field_violations[..]).unwrap_or_default();
    blamed.iter().fold(reason.to_owned(), |words, one| format!("{words}; {} {}", one.field, one.description))
}

/// What a status means for the history: only a refusal that says so means that nothing happened.
fn outcome(status: &Status) -> Outcome {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.clone());
    let may_have_happened = matches!(
        status.code(),
        Code::Unavailable
            | Code::Cancelled
            | Code::DeadlineExceeded
            | Code::Unknown
            | Code::Internal
            | Code::Aborted
            | Code::DataLoss
    );
    match reason {
        // Somebody took a piece away, and will not find it there by asking again.
        Some(reason) if reason == LOST => Outcome::Refused(reason),
        Some(reason) if may_have_happened => Outcome::Unknown(format!("{:?} {reason}", status.code())),
        Some(reason) => Outcome::Refused(reason),
        None => Outcome::Unknown(format!("transport {:?} {}", status.code(), status.message())),
    }
}
