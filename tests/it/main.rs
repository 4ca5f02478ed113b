//! The one integration test binary.
//!
//! | module | what it shows |
//! |---|---|
//! | [`stores`] | every store function of kernel, journal, vault and authority, on both stores |
//! | [`journal`] | entries from the effect to the consumer and to the proof |
//! | [`profile`], [`access`], [`credit`] | the services by their own calls |
//! | [`bad_input`] | bad input: a typed refusal that names the field, and nothing half-written |
//! | [`edges`] | what the services stand on fails or is in the way: typed to callers, named at start |
//! | [`unseen`] | a file that may not be known of is told by no call |
//! | [`before`] | what the version before wrote is read, verified and answered as before |
//! | [`invariants`] | a negative control for each checker |
//! | [`keys`] | keys that are missing or another installation's: nothing starts |
//! | [`replays`] | a repeated call: authorised anew, told what its caller may see now |
//! | [`portable`] | every statement and migration within what engines that scale out have in common |
//! | [`stations`] | a request takes one road: no station of a service knows one above it |
//! | [`machines`] | random lives of files, approvals, loans and reservations against small models |
//! | [`rules`] | the rules in force, as they are told |
//! | [`scenarios`] | the scripts of `deploy/scenarios` play as they are written |
//! | [`requirements`] | each requirement and each rpc has a test |
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that meets what it does not expect ends there"
)]

mod access;
mod backups;
mod bad_input;
mod before;
mod credit;
mod edges;
mod invariants;
mod journal;
mod keys;
mod machines;
mod portable;
mod profile;
mod replays;
mod requirements;
mod rules;
mod scenarios;
mod states;
mod stations;
mod stores;
mod unseen;

/// What nearly every module needs.
mod prelude {
    pub(crate) use dossier::serve::Which;
    pub(crate) use dossier_kernel::error::Reason;
    pub(crate) use dossier_kernel::{sql, transact};
    pub(crate) use dossier_tests::scene::{home, hours, instant, money, stamp, text};
    pub(crate) use dossier_tests::world::DEMO;
    pub(crate) use dossier_tests::{Answer, Refused, Store, World, check, on_both_stores, on_sqlite};
    pub(crate) use jiff::SignedDuration;
    pub(crate) use uuid::Uuid;
}
