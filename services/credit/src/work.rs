//! What is neither an rpc nor a statement: workflows and their entries. It knows nothing of `rpc`, which decodes and answers.
//!
//! Each module may know those above it in this table and none below; `tests/it/stations.rs` reads the sources for circles.
//!
//! | module | what it is for |
//! |---|---|
//! | [`wire`], [`record`] | names and amounts as entries and answers carry them; entries |
//! | [`score_model`], [`rating`] | models put in force; ratings kept under seal |
//! | [`reservation`] | written, journaled, let go |
//! | [`group_commit`] | many reservations on one customer in one transaction |
//! | [`limit`], [`submission`] | limits written without a call; what is kept of a submission under way |
//! | [`disposal`] | what is said to the announced destruction of a file |
//! | [`follow`], [`retell`] | what the journals of access and profile say; the copy of access's made anew |
//! | [`jobs`] | what runs beside the rpcs |

mod disposal;
pub(crate) mod follow;
pub mod group_commit;
pub mod jobs;
pub(crate) mod limit;
pub(crate) mod rating;
pub(crate) mod record;
pub(crate) mod reservation;
pub(crate) mod retell;
pub(crate) mod score_model;
pub(crate) mod submission;
pub(crate) mod wire;
