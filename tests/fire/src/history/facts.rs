//! What the stores say, read by plain SQL; and the logs that let a checker see what is written more than once.
//!
//! The effects of consumers are upserts: applied twice they leave no trace. So [`watch`] adds triggers to the stores under
//! test that write down each move of a cursor and of a journal's head, and each write of a copy.

mod connected;
mod read;
mod watch;

use std::collections::BTreeMap;

use dossier_proto::journal::v1::EntryBody;
use uuid::Uuid;

use crate::ground::Service;

pub use connected::Connected;
pub use read::{backlog, cursors, pieces};
pub use watch::watch;

/// Everything the rules need to know of the three stores.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// By service.
    pub journals: BTreeMap<Service, Journal>,
    /// Files, by id.
    pub files: BTreeMap<Uuid, File>,
    /// How many revisions each file has.
    pub revisions: BTreeMap<Uuid, i64>,
    /// File numbers: series, place in it, the file that carries it.
    pub numbers: Vec<(String, i64, Option<Uuid>)>,
    /// What access and credit know of files.
    pub file_copies: BTreeMap<Service, BTreeMap<Uuid, File>>,
    /// Grants as each service knows them; access owns them.
    pub grants: BTreeMap<Service, BTreeMap<Uuid, Grant>>,
    /// People and posts as each service knows them, one line each; access owns them.
    pub people: BTreeMap<Service, Vec<String>>,
    /// The ledger of loans.
    pub loans: Vec<Loan>,
    /// What is used of limits.
    pub exposures: Vec<Exposure>,
    /// Parts of limits.
    pub reservations: BTreeMap<Uuid, Reservation>,
    /// How far each consumer is: the service that consumes, the consumer's name, the source, the number.
    pub cursors: Vec<(Service, String, String, i64)>,
    /// What the triggers wrote down.
    pub moves: BTreeMap<Service, Moves>,
}

/// A journal as its store holds it.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    /// The entries with a number, in order.
    pub entries: Vec<Entry>,
    /// How many wait for a number.
    pub waiting: i64,
    /// Size, root and published of the head; absent before the first entry.
    pub head: Option<(i64, Vec<u8>, i64)>,
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// What it says.
    pub body: EntryBody,
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// The stored hash.
    pub leaf: Vec<u8>,
}

/// Where a file stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct File {
    /// Which.
    pub id: Uuid,
    /// Its state, in lower case: `draft` to `closed`.
    pub state: String,
    /// Its revision.
    pub revision: i64,
    /// Its level.
    pub level: String,
    /// Its unit.
    pub unit: String,
    /// Its number; empty before activation.
    pub number: String,
}

/// Where a grant stands.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Grant {
    /// Which.
    pub id: Uuid,
    /// Its file.
    pub file: Uuid,
    /// Who holds it.
    pub holder: Uuid,
    /// Until when, microseconds.
    pub valid_until: i64,
    /// Whether it was revoked.
    pub revoked: bool,
    /// Whether it was completed.
    pub completed: bool,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Loan {
    /// Which.
    pub id: Uuid,
    /// Of which original.
    pub file: Uuid,
    /// `out`, `recalled`, `returned`, `returned_with_difference`.
    pub state: String,
}

/// What is used of one customer's limit, minor units.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Exposure {
    /// Whose.
    pub customer: Uuid,
    /// The limit.
    pub limit_minor: i64,
    /// What is drawn.
    pub drawn_minor: i64,
    /// What is held.
    pub held_minor: i64,
}

/// One reservation, minor units.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Reservation {
    /// Which.
    pub id: Uuid,
    /// Whose.
    pub customer: Uuid,
    /// What was asked for.
    pub amount_minor: i64,
    /// What was drawn.
    pub committed_minor: i64,
    /// What is held.
    pub held_minor: i64,
    /// `held`, `committed`, `released`, `expired`.
    pub state: String,
}

/// What the triggers of one store wrote down, in order.
#[derive(Clone, Debug, Default)]
pub struct Moves {
    /// Consumer, source, from, to.
    pub cursor: Vec<(String, String, i64, i64)>,
    /// Of the head: epoch before and after, size before and after.
    pub head: Vec<(i64, i64, i64, i64)>,
    /// How often the copy of a file was written.
    pub files: BTreeMap<Uuid, i64>,
    /// How often the copy of a grant was written.
    pub grants: BTreeMap<Uuid, i64>,
}

/// The organisation that everything happens in.
pub const ORG: &str = "demo";
