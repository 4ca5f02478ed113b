//! Group commit: callers who reserve on one customer at the same time share a transaction.
//!
//! One row guards a customer's limit, so its callers can only come one after the other; what they need not do is wait for
//! a commit each. Each customer has a lane. Whoever opens it runs it: it takes everything that has gathered while the
//! transaction before was under way, in the order of arrival, decides it in one transaction ([`batch`]) and answers all
//! after the commit. Under load the groups grow by themselves; alone, a caller waits for one commit and nothing else.
//!
//! Bounded: [`Settings::waiting`] callers per lane, beyond that `OVERLOADED`; [`Settings::group`] per transaction;
//! [`Settings::lanes`] transactions at once, and lanes take turns in the order of asking. When a group fails as a whole,
//! each of its callers is served alone, so that one caller's fault is not another's.

mod batch;

/// Letting go what has run out, as the job names it.
pub(crate) use super::reservation::clear;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::mutation::Key;
use dossier_proto::credit::v1::Reservation as Message;
use jiff::Timestamp;
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use crate::domain::money::Money;
use crate::domain::reservation::Reservation;

/// How much the group commit takes.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Callers that may wait for one customer.
    pub waiting: usize,
    /// Most callers of one transaction.
    pub group: usize,
    /// Most transactions at once.
    pub lanes: usize,
}

/// Where reservations are made; cheap to clone.
#[derive(Clone)]
pub struct GroupCommit(Arc<Inner>);

struct Inner {
    base: Base,
    settings: Settings,
    lanes: Mutex<HashMap<Place, VecDeque<Ticket>>>,
    turns: Semaphore,
}

/// An org and a customer.
type Place = (String, Uuid);

/// A reservation that somebody asks for; its fields were checked.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub call: Call,
    pub key: Key,
    pub customer: Uuid,
    pub amount: Money,
    /// In microseconds.
    pub ttl: i64,
    pub reference: String,
    pub request_id: String,
    pub reason: String,
    pub validate_only: bool,
    /// How the caller is shown what was made; the reply is kept, and the same call is answered by it again.
    pub shown: fn(&Reservation, Timestamp) -> Message,
}

struct Ticket {
    order: Order,
    answer: oneshot::Sender<Result<Message>>,
}

/// Closes a lane whose runner dies of a fault of the program: those who wait learn it, and the next caller opens it anew.
struct Watch<'d> {
    group_commit: &'d GroupCommit,
    place: &'d Place,
}

// === impl Settings ===

impl Default for Settings {
    fn default() -> Self {
        Self { waiting: 4096, group: 256, lanes: 8 }
    }
}

// === impl GroupCommit ===

impl std::fmt::Debug for GroupCommit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GroupCommit").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl GroupCommit {
    /// A group commit over `base`'s store.
    pub fn new(base: Base, settings: Settings) -> Self {
        let turns = Semaphore::new(settings.lanes.max(1));
        Self(Arc::new(Inner { base, settings, lanes: Mutex::default(), turns }))
    }

    /// Makes one reservation, together with those who ask for the same customer at the same time.
    ///
    /// # Errors
    /// `PERSON_UNKNOWN`, `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND`, `LIMIT_NOT_APPROVED`, `LIMIT_NOT_IN_FORCE`,
    /// `CURRENCY_MISMATCH`, `LIMIT_EXCEEDED`, `REQUEST_ID_REUSED`; `OVERLOADED` when too many wait.
    pub(crate) async fn reserve(&self, order: Order) -> Result<Message> {
        if order.validate_only {
            // On the heap: the rare way must not make the future of every call as large as a whole transaction.
            return Box::pin(batch::alone(&self.0.base, &order)).await;
        }
        let (answer, answered) = oneshot::channel();
        let place = (order.call.org.clone(), order.customer);
        if self.queue(&place, Ticket { order, answer })? {
            tokio::spawn(self.clone().run(place));
        }
        answered.await.map_err(|_| Error::new(Reason::Stopping))?
    }

    /// Puts a ticket into the lane; true when nobody runs the lane yet.
    fn queue(&self, place: &Place, ticket: Ticket) -> Result<bool> {
        match self.lanes().entry(place.clone()) {
            Entry::Vacant(lane) => {
                lane.insert(VecDeque::from([ticket]));
                Ok(true)
            }
            Entry::Occupied(mut lane) if lane.get().len() < self.0.settings.waiting => {
                lane.get_mut().push_back(ticket);
                Ok(false)
            }
            Entry::Occupied(_) => Err(Error::new(Reason::Overloaded)),
        }
    }

    async fn run(self, place: Place) {
        let _watch = Watch { group_commit: &self, place: &place };
        loop {
            // The turn first: while the lane waits for it, its group grows.
            let turn = self.0.turns.acquire().await;
            let Some(group) = self.take(&place) else { return };
            metrics::histogram!("dossier_credit_reserve_group_size")
                .record(f64::from(u32::try_from(group.len()).unwrap_or(u32::MAX)));
            self.serve(group).await;
            drop(turn);
        }
    }

    /// The next group of the lane, in the order of arrival; nothing, and the lane is closed, when nobody waits.
    fn take(&self, place: &Place) -> Option<Vec<Ticket>> {
        let mut lanes = self.lanes();
        let lane = lanes.get_mut(place)?;
        let mut group: Vec<Ticket> = Vec::new();
        while group.len() < self.0.settings.group.max(1) {
            let Some(next) = lane.pop_front() else { break };
            // Whoever has gone away wants nothing any more.
            if next.answer.is_closed() {
                continue;
            }
            // The same call twice at once: the second is answered by what the first has left.
            if group.iter().any(|one| one.order.key.identity() == next.order.key.identity()) {
                lane.push_front(next);
                break;
            }
            group.push(next);
        }
        if group.is_empty() {
            lanes.remove(place);
            return None;
        }
        Some(group)
    }

    async fn serve(&self, group: Vec<Ticket>) {
        let orders: Vec<_> = group.iter().map(|ticket| &ticket.order).collect();
        match batch::together(&self.0.base, &orders).await {
            Ok(answers) => {
                for (ticket, answer) in group.into_iter().zip(answers) {
                    // Nobody waits for an answer any more; the effect stands, and its request id finds it.
                    let _ = ticket.answer.send(answer);
                }
            }
            Err(_) => {
                metrics::counter!("dossier_credit_reserve_group_failures_total").increment(1);
                for ticket in group {
                    let answer = batch::alone(&self.0.base, &ticket.order).await;
                    let _ = ticket.answer.send(answer);
                }
            }
        }
    }

    fn lanes(&self) -> MutexGuard<'_, HashMap<Place, VecDeque<Ticket>>> {
        self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Watch ===

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        // Whoever ends well has closed the lane already, and another may have opened it since.
        if std::thread::panicking() {
            self.group_commit.lanes().remove(self.place);
        }
    }
}
