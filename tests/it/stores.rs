//! Every store function of kernel, journal, vault and authority, on both stores. They work in an organisation of their
//! own, which no service keeps, on the tables of a running world.

mod approvals;
mod authority;
mod carried;
mod commit;
mod journal;
mod kernel;
mod predicate;
mod stamps;
mod table;
mod vault;

/// An organisation that no service keeps.
const BENCH: &str = "bench";
