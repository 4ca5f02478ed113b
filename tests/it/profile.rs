//! The profile service by its own calls.

mod classes;
mod content;
mod custody;
mod deadlines;
mod finding;
mod life;
mod numbers;
mod provenance;
mod stale;
mod versions;
mod visibility;
