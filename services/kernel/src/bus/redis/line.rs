//! The shared connection to Redis, which is made again after every fault.
//!
//! One task keeps it: it connects, writes a little to see whether writes are taken, looks again from time to time, and
//! lets a connection go that leads nowhere. Commands use what is there; where nothing is they fail at once, except while
//! the first attempt after a fault is under way.

use std::sync::Arc;
use std::time::Duration;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, ErrorKind, Pipeline, RedisError, RedisResult};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use super::address::Address;
use super::faults::{CONNECT, Faults, code, ends_connection};
use crate::bus::{BusError, Timeouts};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
// A recovery is noticed within this time.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The way to Redis of one process; its task ends when it is dropped.
pub(in crate::bus) struct Line {
    inner: Arc<Inner>,
    _keeper: AbortOnDropHandle<()>,
}

pub(in crate::bus) struct Inner {
    address: Address,
    faults: Faults,
    timeouts: Timeouts,
    state: watch::Sender<State>,
    doubted: Notify,
    proof: Pipeline,
}

enum State {
    /// It is being made, after this fault.
    Opening(Option<RedisError>),
    /// It stands; the number tells it from those before.
    Up(u64, MultiplexedConnection),
    /// It will be tried again after a pause.
    Down(RedisError),
}

// === impl Line ===

impl Line {
    /// Begins to connect. `proof` writes a little where nobody reads.
    pub(super) fn start(address: Address, timeouts: Timeouts, proof: Pipeline) -> Self {
        let (state, _) = watch::channel(State::Opening(None));
        let (faults, doubted) = (Faults::default(), Notify::new());
        let inner = Arc::new(Inner { address, faults, timeouts, state, doubted, proof });
        inner.faults.connected(false);
        let keeper = tokio::spawn(Arc::clone(&inner).keep());
        Self { inner, _keeper: AbortOnDropHandle::new(keeper) }
    }

    /// For the connections that others make for themselves.
    pub(in crate::bus) fn inner(&self) -> &Arc<Inner> {
        &self.inner
    }

    /// Runs one operation on the shared connection, within the time for one.
    pub(super) async fn run<T>(
        &self,
        operation: &'static str,
        work: impl AsyncFnOnce(&mut MultiplexedConnection) -> RedisResult<T>,
    ) -> Result<T, BusError> {
        let inner = &self.inner;
        let limited = timeout(inner.timeouts.command(), async {
            let (number, mut connection) = inner.shared().await?;
            let done = work(&mut connection).await;
            inner.judge(operation, number, done.as_ref().err());
            done
        });
        let cause = match limited.await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(cause)) => Some(cause),
            Err(_) => {
                inner.doubted.notify_one();
                None
            }
        };
        Err(unavailable(operation, cause))
    }

    /// The number of the connection that stands; it grows with each.
    pub(in crate::bus) fn number(&self) -> u64 {
        match &*self.inner.state.borrow() {
            State::Up(number, _) => *number,
            State::Opening(_) | State::Down(_) => 0,
        }
    }
}

// === impl Inner ===

impl Inner {
    /// The address.
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The faults.
    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Another connection met `fault` in `operation`. That Redis is not there is for the shared one to find.
    pub(super) fn other_failed(&self, operation: &'static str, fault: &RedisError) {
        if fault.code().is_some() || fault.kind() == ErrorKind::AuthenticationFailed {
            self.faults.failed(operation, fault);
        }
        self.doubted.notify_one();
    }

    /// A new connection; the caller sets the limits, for making it and for each answer. The library's own would cut every
    /// wait, and take one late answer for a broken connection.
    pub(super) async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.timeouts.connect()))
            .set_response_timeout(None);
        self.address.client().get_multiplexed_async_connection_with_config(&config).await
    }

    #[cfg(test)]
    pub(in crate::bus) fn codes(&self) -> Vec<String> {
        self.faults.codes()
    }

    #[cfg(test)]
    pub(in crate::bus) async fn prove_now(&self) {
        let (_, connection) = self.shared().await.unwrap();
        self.prove(connection).await.unwrap();
    }

    async fn shared(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let mut state = self.state.subscribe();
        let lost = match state.wait_for(|state| !matches!(state, State::Opening(_))).await.as_deref() {
            Ok(State::Up(number, connection)) => return Ok((*number, connection.clone())),
            Ok(State::Down(fault)) => fault.clone(),
            Ok(State::Opening(_)) | Err(_) => late(),
        };
        // Whoever asks again and again must not keep the one from working who connects.
        tokio::task::yield_now().await;
        Err(lost)
    }

    fn judge(&self, operation: &'static str, number: u64, fault: Option<&RedisError>) {
        let Some(fault) = fault.filter(|fault| !super::is_already_there(fault)) else {
            return self.faults.went_through(operation);
        };
        self.faults.failed(operation, fault);
        if ends_connection(&code(fault)) {
            self.let_go(number, fault);
        }
    }

    // Unless it is another one already.
    fn let_go(&self, number: u64, fault: &RedisError) {
        self.state.send_if_modified(|state| {
            let same = matches!(state, State::Up(current, _) if *current == number);
            if same {
                *state = State::Opening(Some(fault.clone()));
            }
            same
        });
    }

    async fn keep(self: Arc<Self>) {
        let mut pause = FIRST_PAUSE;
        for number in 1.. {
            let mut held = Duration::ZERO;
            let fault = match self.open().await {
                Ok(connection) => {
                    let begun = Instant::now();
                    let fault = self.serve(number, connection).await;
                    held = begun.elapsed();
                    fault
                }
                Err(fault) => {
                    self.faults.failed(CONNECT, &fault);
                    fault
                }
            };
            self.faults.connected(false);
            // A connection that is lost at once was worth no more than none.
            if held > LONGEST_PAUSE * 2 {
                pause = FIRST_PAUSE;
                continue;
            }
            self.state.send_replace(State::Down(fault));
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    // A connection that takes writes, or refuses them for a reason that another would meet as well.
    async fn open(&self) -> RedisResult<MultiplexedConnection> {
        let limit = self.timeouts.connect() + self.timeouts.command();
        let work = async {
            let connection = self.connect().await?;
            self.prove(connection.clone()).await?;
            Ok(connection)
        };
        timeout(limit, work).await.unwrap_or_else(|_| Err(late()))
    }

    // Uses the connection until it must go, and says why.
    async fn serve(&self, number: u64, connection: MultiplexedConnection) -> RedisError {
        self.faults.connected(true);
        self.state.send_replace(State::Up(number, connection.clone()));
        let mut state = self.state.subscribe();
        loop {
            tokio::select! {
                changed = state.wait_for(|state| !matches!(state, State::Up(..))) => return match changed.as_deref() {
                    Ok(State::Opening(Some(fault))) => fault.clone(),
                    _ => late(),
                },
                () = sleep(LOOK_EVERY) => {}
                () = self.doubted.notified() => {}
            }
            if let Err(fault) = self.prove(connection.clone()).await {
                self.faults.failed(CONNECT, &fault);
                self.let_go(number, &fault);
            }
        }
    }

    // Writes a little; a refusal that another connection would meet as well is told and passes.
    async fn prove(&self, mut connection: MultiplexedConnection) -> RedisResult<()> {
        let work = self.proof.query_async::<()>(&mut connection);
        match timeout(self.timeouts.command(), work).await.unwrap_or_else(|_| Err(late())) {
            Ok(()) => self.faults.proved(),
            Err(fault) if ends_connection(&code(&fault)) => return Err(fault),
            Err(fault) => self.faults.failed(CONNECT, &fault),
        }
        Ok(())
    }
}

/// An operation failed, and is counted.
pub(super) fn unavailable(operation: &'static str, cause: Option<RedisError>) -> BusError {
    if !cause.as_ref().is_some_and(super::is_already_there) {
        metrics::counter!("dossier_bus_failures_total", "operation" => operation).increment(1);
    }
    BusError::Unavailable { operation, cause }
}

fn late() -> RedisError {
    RedisError::from((ErrorKind::Io, "no answer in time"))
}
