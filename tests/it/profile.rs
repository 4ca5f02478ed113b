//! The profile service by its own calls.

mod approvers;
mod classes;
mod content;
mod custody;
mod deadlines;
mod decided;
mod effects;
mod finding;
mod forms;
mod kinds;
mod life;
mod measured;
mod named;
mod numbers;
mod overview;
mod provenance;
mod records;
mod recurring;
mod registers;
mod said;
mod stages;
mod stale;
mod timeline;
mod versions;
mod visibility;
mod walked;
