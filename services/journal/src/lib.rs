//! The one append-only record of every effect and every disclosure: audit trail, event stream and proof at once.
//!
//! | module | what it is for |
//! |---|---|
//! | [`entry`] | making an entry: [`Recorder`] |
//! | [`edition`] | reading an entry, whatever version wrote it |
//! | [`append`], [`Disclosures`] | writing it: in the transaction of the effect, or durably before content leaves |
//! | [`keeper`], [`sequencer`], [`publish`] | numbering, tree, checkpoint, bus: one holder of the lease at a time |
//! | [`consumer`], [`source`] | applying another service's journal exactly once |
//! | [`place`], [`doubt`] | that such a copy is in its owner's journal, and what happens when it is not |
//! | [`recover`] | mending that, offline |
//! | [`freshness`] | as of when such a copy is complete, and whether that is recent enough |
//! | [`rpc`] | `JournalService` |
//! | [`trail`] | what happened to one file, newest first, for its owner |
//! | [`merkle`], [`checkpoint`] | RFC 6962 tree and proofs, C2SP signed checkpoints |
//! | [`witness`] | handing checkpoints to where nobody who can change the store can change them |
//! | [`mod@export`], [`verify`] | taking a journal away and verifying it offline |
//!
//! # To record an effect
//! 1. In the effect's transaction: `append(tx, &recorder.entry(&call, &person, "file.activated", &name).event(kind).body())`.
//! 2. Commit. If the entry cannot be written, the call fails with it (I3).
//!
//! # To record a disclosure
//! 1. Make the entry the same way and await [`Disclosures::record`].
//! 2. Only then let the content leave.
//!
//! # To add a kind of event
//! 1. Add its message and its place in the `oneof` to `proto/dossier/journal/v1/event.proto`: the whole state of the
//!    resource after the effect, no personal value.
//! 2. Say in [`entry::topic`] which file it is about; the compiler asks for it.
//! 3. Record it where the effect happens. Consumers that do not know it skip it.
//!
//! # To add a consumer
//! 1. Implement [`Apply`]: write the event's state to the local copy, through the transaction given and nothing else.
//! 2. Run a [`Consumer`] with a name of its own, the service it follows, and a [`LinkSource`] to that service.
//! 3. Never keep anything of it outside the transaction: the entry may be rolled back and come again.

mod begun;
pub mod checkpoint;
pub mod consumer;
pub mod disclosure;
pub mod doubt;
pub mod edition;
pub mod entry;
pub mod export;
pub mod freshness;
pub mod keeper;
pub mod merkle;
pub mod place;
pub mod publish;
pub mod recover;
pub mod rpc;
pub mod sequencer;
pub mod source;
mod store;
#[cfg(test)]
mod tests;
pub mod trail;
pub mod verify;
pub mod witness;

pub use begun::{begun, last_note};
pub use consumer::{Apply, Consumer, Step};
pub use disclosure::Disclosures;
pub use doubt::{Doubt, Doubts};
pub use entry::{Draft, Recorder};
pub use freshness::Freshness;
pub use keeper::{Keeper, Wake};
pub use place::{Mark, Place};
pub use rpc::{Gate, JournalRpc, Reader, receipt};
pub use sequencer::Log;
pub use source::{LinkSource, Source, StoreSource};
pub use store::cursor::get as cursor;
pub use store::entry::{append, append_all, restored};
pub use witness::Witness;

/// The journal's tables, in every service's store (versions 2000 to 2999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
