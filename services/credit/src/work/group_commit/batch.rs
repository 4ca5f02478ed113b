//! One transaction for many reservations on one customer; each keeps its own answer, entry and request id (I3, I8).

use std::collections::HashMap;

use dossier_authority::store::{file, principal};
use dossier_authority::{Base, Entries, Principal};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{from_micros, micros};
use dossier_kernel::{fault, mutation};
use dossier_proto::credit::v1::Reservation as Message;
use dossier_regime::Action;
use jiff::Timestamp;

use super::Order;
use crate::domain::exposure::{Exposure, admit};
use crate::domain::reservation::{Reservation, ReservationState};
use crate::store::{exposure, reservation};
use crate::work::reservation::{clear, saying};
use crate::work::wire::no_file;

/// The answers of a group, and whether anything is to be committed.
struct Decided {
    answers: Vec<Result<Message>>,
    effect: bool,
}

/// The people who ask, by their subjects, each with whether they see the customer.
struct Callers<'o>(HashMap<&'o str, (Principal, bool)>);

/// What is taken for granted of the request ids of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ids {
    /// That they are new, as nearly all are. Keeping the replies proves it; who is refused might have been answered
    /// before.
    New,
    /// Nothing: they are looked up.
    Any,
}

// === impl Callers ===

impl<'o> Callers<'o> {
    /// Asks for all of them with two statements; who asks several times is looked up once.
    async fn of(tx: &mut Tx, orders: &[&'o Order]) -> Result<Self> {
        let each: HashMap<&str, &Order> = orders.iter().map(|order| (order.call.subject.as_str(), *order)).collect();
        let each: Vec<&Order> = each.into_values().collect();
        let subjects: Vec<_> = each.iter().map(|one| (one.call.org.as_str(), one.call.subject.as_str())).collect();
        let tenures = principal::by_subject(tx, &subjects).await?;
        let known = each.into_iter().zip(tenures);
        let people = known.filter_map(|(order, tenure)| Some((order, tenure?.at(order.call.micros()))));
        let people: Vec<(&Order, Principal)> = people.collect();
        let asked = people.iter().map(|(order, person)| {
            let call = &order.call;
            file::Asked { org: &call.org, person: person.person, now: call.micros(), file: order.customer }
        });
        let sees = file::visible_each(tx, &asked.collect::<Vec<_>>()).await?;
        let of = |((order, person), sees): ((&'o Order, _), _)| (order.call.subject.as_str(), (person, sees));
        Ok(Self(people.into_iter().zip(sees).map(of).collect()))
    }

    /// The caller of `order`, if they may reserve and see the customer.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`, `PERSON_UNKNOWN`, `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND` (I10).
    fn require(&self, base: &Base, order: &Order) -> Result<&Principal> {
        let call = &order.call;
        let pack = base.pack(&call.org)?;
        // A service is no person, whatever it is called.
        let known = self.0.get(call.subject.as_str()).filter(|_| !call.service);
        let (person, sees) = known.ok_or_else(|| base.unknown(&call.org))?;
        person.require(pack, Action::ExposureReserve)?;
        if *sees { Ok(person) } else { Err(no_file(order.customer)) }
    }
}

/// Serves a group of one customer; repeats the transaction on conflicts and lost commits.
///
/// # Errors
/// Whatever concerns the group as a whole; nothing of it was done then.
pub(super) async fn together(base: &Base, orders: &[&Order]) -> Result<Vec<Result<Message>>> {
    let mut retry = base.mutations.retry();
    let mut ids = Ids::New;
    loop {
        match attempt(base, orders, ids).await {
            Err(fault) if retry.again(&fault).await => ids = Ids::Any,
            done => return done,
        }
    }
}

/// Serves one caller.
///
/// # Errors
/// The caller's refusal, or the store's fault.
pub(super) async fn alone(base: &Base, order: &Order) -> Result<Message> {
    let mut answers = together(base, &[order]).await?;
    answers.pop().unwrap_or_else(|| Err(Error::new(Reason::Internal)))
}

async fn attempt(base: &Base, orders: &[&Order], ids: Ids) -> Result<Vec<Result<Message>>> {
    let mut tx = base.db.write().await?;
    let decided = match ids {
        Ids::New => decide(base, &mut tx, orders, orders.iter().map(|_| None).collect(), ids).await?,
        Ids::Any => None,
    };
    let decided = match decided {
        Some(decided) => decided,
        None => {
            let known = known(base, &mut tx, orders).await?;
            let decided = decide(base, &mut tx, orders, known, Ids::Any).await?;
            decided.ok_or_else(|| Error::new(Reason::Internal))?
        }
    };
    if decided.effect && orders.iter().all(|order| !order.validate_only) {
        fault!("group.commit");
        tx.commit().await?;
        fault!("group.committed");
        base.mutations.committed();
    } else {
        tx.rollback().await?;
    }
    Ok(decided.answers)
}

/// For each order what it was answered before, if it was.
async fn known(base: &Base, tx: &mut Tx, orders: &[&Order]) -> Result<Vec<Option<Result<Message>>>> {
    let keys: Vec<_> = orders.iter().map(|order| &order.key).collect();
    let known = base.mutations.known(tx, &keys).await?;
    Ok(known.into_iter().map(|known| known.map(|reply| mutation::decode(&reply?))).collect())
}

/// Decides the orders that have no answer yet, and writes what follows. `None`, and nothing was held, when somebody is
/// refused whose request id might not be new.
async fn decide(
    base: &Base,
    tx: &mut Tx,
    orders: &[&Order],
    mut answers: Vec<Option<Result<Message>>>,
    ids: Ids,
) -> Result<Option<Decided>> {
    let waiting: Vec<usize> = (0..orders.len()).filter(|at| answers[*at].is_none()).collect();
    let callers = Callers::of(tx, orders).await?;
    // Whoever was answered before is authorised anew, like everybody else; the kept reply is no right to it.
    for (order, answer) in orders.iter().zip(&mut answers).filter(|(_, answer)| answer.is_some()) {
        if let Err(fault) = callers.require(base, order) {
            *answer = Some(Err(fault));
        }
    }
    let (mut open, mut admitted) = (Vec::with_capacity(waiting.len()), Vec::with_capacity(waiting.len()));
    for at in waiting {
        match callers.require(base, orders[at]) {
            Ok(caller) => {
                open.push(at);
                admitted.push((orders[at], caller));
            }
            Err(_) if ids == Ids::New => return Ok(None),
            Err(fault) => answers[at] = Some(Err(fault)),
        }
    }
    let Some(made) = make(base, tx, &admitted, ids).await? else { return Ok(None) };
    let effect = made.iter().any(Result::is_ok);
    for (at, answer) in open.into_iter().zip(made) {
        answers[at] = Some(answer);
    }
    let answers = answers.into_iter().map(|one| one.unwrap_or_else(|| Err(Error::new(Reason::Internal)))).collect();
    Ok(Some(Decided { answers, effect }))
}

/// Takes what fits of the limit and writes it down.
async fn make(
    base: &Base,
    tx: &mut Tx,
    orders: &[(&Order, &Principal)],
    ids: Ids,
) -> Result<Option<Vec<Result<Message>>>> {
    let Some((first, _)) = orders.first() else { return Ok(Some(Vec::new())) };
    let (org, customer) = (&first.call.org, first.customer);
    let now = orders.iter().map(|(order, _)| order.call.now).max().unwrap_or(first.call.now);
    let exposure = current(base, tx, org, first, now).await?;
    let amounts: Vec<_> = orders.iter().map(|(order, _)| &order.amount).collect();
    let found = admit(exposure.as_ref(), &amounts, now);
    if ids == Ids::New && found.iter().any(Option::is_some) {
        return Ok(None);
    }
    let mut made = Vec::new();
    let mut answers = Vec::with_capacity(orders.len());
    for (&(order, caller), obstacle) in orders.iter().zip(found) {
        answers.push(match (obstacle, &exposure) {
            (None, Some(exposure)) => {
                let one = new(base, order, exposure, caller);
                let reply = (order.shown)(&one, order.call.now);
                made.push((order, one));
                Ok(reply)
            }
            (None, None) => Err(Error::new(Reason::Internal)),
            (Some(obstacle), exposure) => Err(obstacle.refusal(customer, exposure.as_ref(), &order.amount)),
        });
    }
    if let (Some(exposure), false) = (&exposure, made.is_empty()) {
        let sum = made.iter().map(|(_, one)| one.held).sum();
        // The statement that takes the sum decides; what was read before only says how to ask.
        exposure::reserve(tx, org, customer, exposure.limit, sum, micros(now)).await?;
        write(base, tx, &made, &answers).await?;
    }
    Ok(Some(answers))
}

/// The exposure at `now`. What has run out is let go for good when there is such a thing.
async fn current(base: &Base, tx: &mut Tx, org: &str, first: &Order, now: Timestamp) -> Result<Option<Exposure>> {
    let Some(found) = exposure::lookup(tx, org, first.customer, micros(now)).await? else { return Ok(None) };
    if found.due > 0 && !first.validate_only {
        clear::customer(base, tx, org, first.customer, now).await?;
        let again = exposure::lookup(tx, org, first.customer, micros(now)).await?;
        return Ok(again.map(|found| found.exposure));
    }
    Ok(Some(found.exposure))
}

fn new(base: &Base, order: &Order, exposure: &Exposure, creator: &Principal) -> Reservation {
    let call = &order.call;
    let end = call.micros().saturating_add(order.ttl).min(micros(exposure.valid_until));
    Reservation {
        id: base.providers.ids.uuid(),
        customer: order.customer,
        limit: exposure.limit,
        amount: order.amount.clone(),
        committed: 0,
        released: 0,
        held: order.amount.minor,
        reference: order.reference.clone(),
        state: ReservationState::Held,
        creator: creator.name(),
        expire_at: from_micros(end),
        created_at: call.now,
        updated_at: call.now,
        version: 1,
    }
}

/// Reservations, entries and replies: one statement each.
async fn write(base: &Base, tx: &mut Tx, made: &[(&Order, Reservation)], answers: &[Result<Message>]) -> Result<()> {
    let Some((first, _)) = made.first() else { return Ok(()) };
    let org = &first.call.org;
    reservation::insert(tx, org, &made.iter().map(|(_, one)| one).collect::<Vec<_>>()).await?;
    let mut entries = Entries::default();
    for (order, one) in made {
        let saying = saying(one, "reservation.held", &order.request_id, &order.reason);
        saying.add_to(&mut entries, base, &order.call, &one.creator)?;
    }
    entries.write(base, tx, org).await?;
    let replies = answers.iter().filter_map(|answer| answer.as_ref().ok());
    let replies: Vec<_> = made.iter().map(|(order, _)| &order.key).zip(replies).collect();
    base.mutations.keep(tx, &replies).await
}
