//! The invariants I1 to I10, proved from the stores: own statements, own recomputation, none of the services' code.
//!
//! | invariant | checker |
//! |---|---|
//! | I1 one original, at most one open loan | [`originals`] |
//! | I2 drawn + held ≤ limit | [`limits`] |
//! | I3 every effect has exactly one entry; the log verifies; the rows are what it says | [`log`], [`effects`], [`replayed`] |
//! | I4 every entry is applied exactly once | [`copies`] |
//! | I6 approver ≠ requester, distinct humans | [`signatures`] |
//! | I7 nothing is left of what was destroyed | [`traces`] |
//! | I8 same `request_id`, same effect once | [`requests`] |
//! | I10 nothing tells an invisible file from none | [`answers`] |
//! | I11 numbers without gaps | [`numbers`] |
//!
//! Each gives what is violated, in words; nothing when all is well. For each there is a test that does the violation and
//! sees the checker turn red.

mod answers;
mod copies;
mod effects;
mod limits;
mod log;
mod numbers;
mod originals;
mod replayed;
mod requests;
mod signatures;
mod traces;

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;
use prost::Message;
use uuid::Uuid;

pub use answers::{Question, answers};
pub use copies::copies;
pub use effects::effects;
pub use limits::limits;
pub use log::log;
pub use numbers::numbers;
pub use originals::originals;
pub use replayed::{faults, proven, replayed, verified};
pub use requests::requests;
pub use signatures::signatures;
pub use traces::{Traces, traces};

use crate::world::World;

/// One entry as it is stored.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its place.
    pub seq: i64,
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// The stored leaf hash.
    pub leaf_hash: Vec<u8>,
    /// The bytes, read.
    pub body: EntryBody,
}

/// Every invariant that one world can show, by name.
pub async fn all(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for (name, found) in [
        ("I1", originals(world).await),
        ("I2", limits(world).await),
        ("I3 log", log(world).await),
        ("I3 effects", effects(world).await),
        ("I3 rows", replayed(world).await),
        ("I4", copies(world).await),
        ("I6", signatures(world).await),
        ("I8", requests(world).await),
        ("I11", numbers(world).await),
    ] {
        wrong.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    wrong
}

/// Waits for rest and demands that every invariant holds.
///
/// # Panics
/// With what is violated.
pub async fn holds(world: &World) {
    world.settle().await;
    let wrong = all(world).await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The organisations whose journals a service holds.
pub async fn orgs(world: &World, which: Which) -> Vec<String> {
    let mut tx = world.db(which).read().await.unwrap();
    let rows = sql!(&mut tx, fetch_all as (String,), "SELECT DISTINCT org FROM journal_entry ORDER BY org").unwrap();
    rows.into_iter().map(|(org,)| org).collect()
}

/// The numbered entries of a journal in order.
pub async fn journal(world: &World, which: Which, org: &str) -> Vec<Stored> {
    let mut tx = world.db(which).read().await.unwrap();
    let text = "SELECT seq, body, leaf_hash FROM journal_entry WHERE org = $1 AND seq IS NOT NULL ORDER BY seq";
    let rows = sql!(&mut tx, fetch_all as (i64, Vec<u8>, Vec<u8>), text, org).unwrap();
    let stored = |(seq, bytes, leaf_hash): (i64, Vec<u8>, Vec<u8>)| {
        let body = EntryBody::decode(&bytes[..]).unwrap_or_default();
        Stored { seq, bytes, leaf_hash, body }
    };
    rows.into_iter().map(stored).collect()
}

fn kind(body: &EntryBody) -> Option<&Kind> {
    body.event.as_ref().and_then(|event| event.kind.as_ref())
}

/// The id in a resource name.
fn id(name: &str) -> Option<Uuid> {
    name.rsplit('/').next().and_then(|text| Uuid::try_parse(text).ok())
}

/// The words of a state as the stores keep them: `LOAN_STATE_OUT` is `out`.
fn word(state: &str, prefix: &str) -> String {
    state.strip_prefix(prefix).unwrap_or(state).to_lowercase()
}
