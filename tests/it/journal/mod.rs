//! The journal by its own calls: from the effect to the trail, the consumer and the proof.

mod forged;
mod proof;
mod replicas;
mod restored;
mod trail;
mod watchers;
