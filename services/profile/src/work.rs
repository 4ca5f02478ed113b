//! What is neither an rpc nor a statement: workflows, jobs, consumers. It knows nothing of `rpc`, which decodes and answers.
//!
//! Each module may know those above it in this table and none below; `tests/it/stations.rs` reads the sources for circles.
//!
//! | module | what it is for |
//! |---|---|
//! | [`drawn`] | what a unit gets by lot: its customer number, and whether its file is examined |
//! | [`customer_file`] | who works on a file by which rules; saving it, what is owed for it, contested drafts |
//! | [`place`] | places in the journal, and the way to each |
//! | [`number`] | numbers issued and journaled |
//! | [`activation`] | a file becomes effective |
//! | [`disposition`] | what is known of a file for the arbiter |
//! | [`disposal`] | files destroyed: announced, answered, done |
//! | [`mod@hold`] | what holds a file, placed and released |
//! | [`volume`] | papers bound into volumes, and closed |
//! | [`record`] | who writes which records, and saving them |
//! | [`document`] | who files which documents, saving them, and their content |
//! | [`item`] | what the archive accepts, lays elsewhere and gives out; where the paper of files is |
//! | [`overview`] | what hangs on a file, gathered for somebody who looks at all of it |
//! | [`register`] | lines of registers, a batch at a time |
//! | [`statistic`] | everything of a kind, counted |
//! | [`mod@recover`] | numbers after the store went back to an earlier state |
//! | [`reindex`] | making old tokens anew |
//! | [`jobs`] | what runs beside the rpcs: following access's journal, duties of contested drafts, old tokens |

pub(crate) mod activation;
pub(crate) mod customer_file;
pub mod disposal;
pub(crate) mod disposition;
pub(crate) mod document;
pub mod drawn;
pub(crate) mod hold;
pub(crate) mod item;
pub mod jobs;
pub(crate) mod number;
pub(crate) mod overview;
pub(crate) mod place;
pub(crate) mod record;
pub mod recover;
pub(crate) mod register;
mod reindex;
pub(crate) mod statistic;
pub(crate) mod transfer;
pub(crate) mod volume;
