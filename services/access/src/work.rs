//! What is neither an rpc nor a statement: workflows, jobs, consumers. It knows nothing of `rpc`, which decodes and answers.
//!
//! Each module may know those above it in this table and none below; `tests/it/stations.rs` reads the sources for circles.
//!
//! | module | what it is for |
//! |---|---|
//! | [`wire`], [`plan`] | ids, lengths and plans as entries and answers carry them |
//! | [`record`], [`cause`], [`caller`] | entries, on whose behalf something happens, who calls |
//! | [`file`], [`act`] | what is demanded of a file; acts that are done on an approval |
//! | [`person`], [`delegation`] | the directory |
//! | [`approval`] | the engine: asked, seen, moved; it says what it was about and knows nobody who asks |
//! | [`grant`] | rights: given, changed, judged |
//! | [`loan`] | originals: handed out, recalled, taken back; a grant follows its loan |
//! | [`access_request`] | a request: asked of the approvers, granted, closed |
//! | [`settle`] | what an approval is about follows it |
//! | [`ending`] | what ends a right, and what ends with it |
//! | [`disposal`] | what is said to the announced destruction of a file |
//! | [`follow`], [`retell`], [`sweep`] | the consumer of profile's journal, its copy made anew, what time alone brings about |

pub(crate) mod access_request;
pub(crate) mod act;
pub(crate) mod approval;
pub(crate) mod caller;
pub(crate) mod cause;
pub(crate) mod delegation;
mod disposal;
pub(crate) mod ending;
pub(crate) mod file;
mod follow;
pub(crate) mod grant;
pub(crate) mod loan;
pub(crate) mod person;
pub(crate) mod plan;
pub(crate) mod record;
mod retell;
pub(crate) mod settle;
mod sweep;
pub(crate) mod wire;

pub(crate) use follow::ProfileFeed;
pub(crate) use retell::ProfileRebuild;
pub(crate) use sweep::{sweep, sweep_once};
