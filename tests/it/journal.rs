//! The journal by its own calls: from the effect to the trail, the consumer and the proof.

mod canonical;
mod contents;
mod forged;
mod forms;
mod promises;
pub(crate) mod proof;
mod replayed;
mod replicas;
pub(crate) mod restored;
mod trail;
mod watchers;
