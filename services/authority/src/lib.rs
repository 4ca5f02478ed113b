//! Who may do what: the copy of directory and grants that every service keeps, the roles, and the predicate of
//! visibility that stands inside every query.
//!
//! | module | what it is for |
//! |---|---|
//! | [`audit`] | what the journals say of the shared tables, for the verifier |
//! | [`base`] | what a service is started with, and the few things every handler does with it |
//! | [`act`] | acts that need an approval: what exactly is done, and using its approval once |
//! | [`approvals`] | approvals that a service asks of access, from the question to what became of it |
//! | [`principal`] | who the caller is in the directory, what the posts give (A-01, A-02) |
//! | [`mod@predicate`] | [`visible!`], [`inside!`], [`standing!`], [`reach!`], [`granted!`], [`cleared!`]: SQL text for `concat!` |
//! | [`memo`] | answers that are given again while nothing changed |
//! | [`store`] | the shared tables and their statements |
//! | [`feed`] | events of access's and profile's journals, applied to those tables |
//! | [`rebuild`] | those tables made anew, when the journals are not what they were |
//! | [`entries`] | journal entries with what they promise, written in the transaction of their effects |
//! | [`promise`] | what entries promise without showing it, sealed beside them |
//! | [`slot_assignment`], [`independence_group`] | signatures matched to places, and who counts as one voice |
//! | [`gate`] | who may read the journals |
//! | [`strangers`] | refusals of subjects that the directory does not know, told in bulk |
//! | [`disposal`] | what a service says to the announced destruction of a file, and does when it comes |
//! | [`duty`] | what is due, by when, by whom, and the `DutyService` of every service |
//!
//! # To guard a new query
//! 1. Alias the table that has `org`, `id`, `level`, `unit`, `custodian` as `f` (or join `file_copy f`).
//! 2. Bind `$1` = org, `$2` = person, `$3` = now, and put [`visible!`] into the WHERE with `concat!`.
//! 3. Answer what the query does not give as not found, with the metadata the caller sent and nothing else.
//!
//! # To add an action
//! 1. Add it to `dossier_regime::Action` and to the posts of the packs that give it.
//! 2. Demand it with [`Principal::require`](principal::Principal::require) before anything of the request is read.

pub mod act;
pub mod approvals;
pub mod audit;
pub mod base;
pub mod disposal;
pub mod duty;
pub mod entries;
pub mod feed;
pub mod gate;
pub mod independence_group;
pub mod memo;
pub mod predicate;
pub mod principal;
pub mod promise;
pub mod reading;
pub mod rebuild;
pub mod scope;
pub mod slot_assignment;
pub mod store;
pub mod strangers;
mod way;

pub use base::{Base, refused};
pub use entries::{Effect, Entries};
pub use memo::Memo;
pub use principal::{HeldPost, Principal, Tenure};
pub use scope::Scope;
pub use strangers::Strangers;

/// The shared tables: principals, appointments, delegations, grants, rules, file copies, duties (3000 to 3999).
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();
