//! Files at work: who works on them by which rules, what is saved, what is owed for it, and what a repeated call is told.

pub mod again;
pub mod contest;
pub mod custodian;
mod duties;
pub mod header;
pub mod merge;
pub mod retention;
pub mod save;
pub mod session;
pub mod ties;
pub mod unmerge;
