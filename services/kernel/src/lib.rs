//! What every service needs and none owns.
//!
//! | module | what it is for |
//! |---|---|
//! | [`config`] | the documented default file < a file < environment < flags, all faults at once |
//! | [`db`] | one statement on SQLite and PostgreSQL: [`db::Db`], [`db::Tx`], [`sql!`], [`transact!`] |
//! | [`slots`] | how much one caller may hold open, such as watches |
//! | [`mutation`] | `request_id`: the same call has its effect once ([`mutate!`]) |
//! | [`states`] | one declaration for a list of states ([`states!`]) |
//! | [`stamp`] | whether anything has changed since an answer was computed |
//! | [`shared`] | one look at the store for all who ask at the same time |
//! | [`error`] | the only error type that reaches a caller, and the one place where it becomes a status |
//! | [`auth`] | who is calling: JWT, JWKS, service tokens |
//! | [`call`] | what a handler knows about the call it answers |
//! | [`session`] | the one way in: how every rpc is entered and left ([`enter!`]) |
//! | [`clock`], [`id`], [`time`] | time, ids and randomness are given in, so that tests can move and repeat them |
//! | [`fetch`] | one small request by http or https: keys of issuers, checkpoints for a witness |
//! | [`fault`] | points where crash tests kill a process; nothing in an ordinary build |
//! | [`bus`], [`lease`] | the fast path that may vanish, and the fenced leases that may not |
//! | [`link`], [`server`] | how services reach each other and are reached |
//! | [`tls`] | certificates: checked before a port is bound, replaced while it is open |
//! | [`sheet`] | tables from elsewhere: their encoding, their rows, their lines |
//! | [`printed`] | pages for people: as text for a screen, as HTML for paper |
//! | [`text`] | the one rule for the strings of every request |
//! | [`telemetry`] | traces and metrics without personal data |
//! | [`streamed`] | answers that are streamed, and how they end |
//! | [`objects`] | pieces of documents by path, written once |
//! | [`money`] | amounts as people write them |
//! | [`list`], [`filter`], [`order`], [`page`] | the one shape of every list |
//! | [`path`], [`mask`], [`name`] | AIP habits: names of fields and resources, field masks |
//!
//! # To add a mutation
//! 1. Give its request `request_id`, `validate_only` and `reason` in the contract.
//! 2. Write the handler's body inside [`mutate!`]; every statement inside it through [`sql!`].
//! 3. Return the reply. Retry, replay, roll-back and commit are done.
//!
//! # To add a table
//! 1. Add a numbered file to the owning crate's `migrations/`: `org` first in every key, portable types only.
//! 2. Say once how its resource lies in it with [`table!`], in the owning crate's `store`; write its other statements with [`sql!`].
//! 3. Call each store function on both stores in the suite.

pub mod auth;
pub mod bus;
pub mod call;
pub mod clock;
pub mod config;
pub mod db;
pub mod error;
pub mod etag;
pub mod fault;
pub mod faults;
pub mod fetch;
pub mod filter;
pub mod id;
pub mod lease;
pub mod link;
pub mod list;
pub mod mask;
pub mod money;
pub mod mutation;
pub mod name;
pub mod objects;
pub mod order;
pub mod page;
pub mod path;
pub mod printed;
pub mod ready;
pub mod server;
pub mod session;
pub mod shared;
pub mod sheet;
pub mod slots;
pub mod stamp;
pub mod states;
pub mod streamed;
pub mod telemetry;
pub mod text;
pub mod time;
pub mod tls;
#[cfg(test)]
mod wire;
pub mod words;

/// The kernel's own tables: leases, idempotency rows and stamps (versions 1000 to 1999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
