//! The one way in: every rpc of every service, the journal's and the duties' included, is answered through a session.
//!
//! ```text
//! open   who calls, by which rpc, about what         the contract says it: proto::Asked
//! ready  what the call decides on is to be believed  the house says it: Way
//! close  a refusal is journaled (A-01), a change wakes the sequencer
//! ```
//!
//! # To add an rpc
//! Give it one line in its service: `enter!(self.base, request, "grant.get", |call, it| grant::get(&self.base, call, it))`. The
//! text is the action that a refusal is journaled under.

use async_trait::async_trait;
use dossier_proto::Asked;
use tonic::{Request, Response, Status};

use crate::call::{Call, Providers};
use crate::error::{Error, Result};
use crate::words;

/// What a service does with every call before and after its own work. Authority's `Base` is the one of the services.
#[async_trait]
pub trait Way: Send + Sync {
    /// Time and ids.
    fn providers(&self) -> &Providers;

    /// Waits until what the call decides on is as fresh as it can be, and demands that it is to be believed: before any
    /// transaction, so that nobody is served on it, neither by a rule nor from memory.
    ///
    /// # Errors
    /// `STORE_RESTORED`, `AUTHORITY_STALE`; `PACK_FAULT`, `STORE_UNAVAILABLE` when the rules of the day cannot be taken.
    async fn ready(&self, call: &Call) -> Result<()>;

    /// Journals a refused attempt on `about` and hands the refusal back, or that it could not be journaled.
    async fn refused(&self, call: &Call, about: &str, action: &str, fault: Error) -> Error;

    /// Something has changed: its entry is to be numbered at once.
    fn changed(&self);
}

/// One call on its way.
#[derive(Debug)]
pub struct Session<'w, W: ?Sized> {
    way: &'w W,
    call: Call,
    action: &'static str,
    about: String,
    changes: bool,
}

// === impl Session ===

impl<'w, W: Way + ?Sized> Session<'w, W> {
    /// Opens one for `request`, whose refusal is journaled under `action`; gives what was asked too.
    ///
    /// # Errors
    /// `TOKEN_MISSING`.
    pub fn open<Q: Asked>(way: &'w W, request: Request<Q>, action: &'static str) -> Result<(Self, Q)> {
        let call = Call::enter(way.providers(), &request, Q::METHOD)?;
        let mut asked = request.into_inner();
        // One form from here on: what is compared, promised and kept is the same text.
        asked.reason_mut().into_iter().for_each(|reason| *reason = words::tidy(reason));
        let about = asked.about();
        Ok((Self { way, call, action, about, changes: Q::CHANGES }, asked))
    }

    /// The same about another resource, where the request says it otherwise than by its name.
    #[must_use]
    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// Who asks, for which org, when.
    ///
    /// # Errors
    /// As [`Way::ready`].
    pub async fn ready(&self) -> Result<&Call> {
        self.way.ready(&self.call).await.map(|()| &self.call)
    }

    /// The answer, as the wire has it.
    ///
    /// # Errors
    /// The refusal, once it is in the journal.
    pub async fn close<R>(&self, answer: Result<R>) -> Result<Response<R>, Status> {
        match answer {
            Ok(reply) => {
                if self.changes {
                    self.way.changed();
                }
                Ok(Response::new(reply))
            }
            Err(fault) => Err(self.way.refused(&self.call, &self.about, self.action, fault).await.into()),
        }
    }
}

/// Answers one call through a [`Session`]: `enter!(way, request, action, |call, it| run(call, it))`, where `run` is the future of a
/// [`Result`]. With `about |it| name` before the action, `name` is what a refusal is journaled about.
#[macro_export]
macro_rules! enter {
    ($way:expr, $request:expr, about |$asked:ident| $about:expr, $action:expr, |$call:ident, $it:ident| $run:expr) => {{
        let (session, $it) = $crate::session::Session::open(&$way, $request, $action)?;
        let session = {
            let $asked = &$it;
            session.about($about)
        };
        $crate::enter!(@ session, $call, $run)
    }};
    ($way:expr, $request:expr, $action:expr, |$call:ident, $it:ident| $run:expr) => {{
        let (session, $it) = $crate::session::Session::open(&$way, $request, $action)?;
        $crate::enter!(@ session, $call, $run)
    }};
    (@ $session:ident, $call:ident, $run:expr) => {{
        let answer = match $session.ready().await {
            // On the heap: the future of a whole mutation is large.
            Ok($call) => ::std::boxed::Box::pin($run).await,
            Err(fault) => Err(fault),
        };
        $session.close(answer).await
    }};
}
