//! The profile service by its own calls.

mod classes;
mod content;
mod custody;
mod deadlines;
mod finding;
mod kinds;
mod life;
mod measured;
mod named;
mod numbers;
mod provenance;
mod records;
mod stale;
mod versions;
mod visibility;
mod walked;
