//! Regime packs: one company's rule book as data, read, checked and asked by pure functions.
//!
//! A [`Pack`] sets the parameters of every mechanism of Dossier; an [`Organisation`] names the company that lives under
//! it and its first people; a [`Calendar`] knows the working days; [`Template`]s are the forms. [`Regimes`] loads them
//! all and hands out a [`Tenant`] per organisation. Nothing here does I/O except [`Regimes::load`], and nothing reads
//! a clock.
//!
//! # To add a regime, do these three things
//! 1. Copy the nearest pack in `deploy/regimes/` to `<ID>.yaml` and set every value, or write one that `extends` it and says
//!    what differs; the keys are the fields of [`Pack`].
//! 2. Put forms it needs and that do not exist into `deploy/regimes/templates/`.
//! 3. Write `deploy/organisations/<org>.yaml`, and load: [`Regimes::load`] names every fault of every file with its line.
//!
//! # To change a rule from a day on
//! Write a pack of the same `id` that `extends` itself, with the next `version`, its own `effective_from` and what differs. Both lie
//! side by side; [`Regimes::due`] says when the next one takes over.
//!
//! # To add a year to the calendar
//! Add its days to `deploy/calendars/cn-statutory.csv` and raise `covers` and `version` in its head. Due dates say which
//! version they were counted with, so old ones stay explainable.
//!
//! # To add a rule to the pack format
//! 1. Add a field to a record in `model/` (`= value` makes the key optional).
//! 2. Add its check to the file of `lint/` that has its kind, with a broken fixture in `lint/tests.rs`.
//! 3. Set it in the shipped packs and in `docs/example-pack.yaml`; `UPDATE_GOLDEN=1 cargo test -p dossier-regime schema` renews
//!    the schema and the page of the keys.

#[macro_use]
pub mod read;

pub mod bound;
pub mod calendar;
pub mod completeness;
pub mod duty;
pub mod identifier;
pub mod model;
pub mod number;

mod carried;
mod effective;
mod fault;
mod inherit;
mod lint;
mod regimes;
mod schema;
mod series;
mod source;
mod tenant;
mod versions;
mod who;

pub use calendar::{Calendar, End, OutOfRange};
pub use carried::statistics;
pub use duty::Due;
pub use effective::{Effective, effective};
pub use fault::{Fault, Faults, Severity};
pub use model::*;
pub use number::{NumberFault, NumberInput};
pub use regimes::Regimes;
pub use schema::{schema, values_schema};
pub use series::series;
pub use source::{Source, Sources};
pub use tenant::{Digests, Tenant};
pub use who::{Asking, Standing, Visibility, who_sees};
