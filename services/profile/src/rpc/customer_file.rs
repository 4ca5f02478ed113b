//! One file per rpc of `CustomerFileService`, and what they share.

pub mod activate;
pub mod batch_get;
pub mod check_completeness;
pub mod classify;
pub mod close;
pub mod create;
pub mod duplicate;
pub mod filter;
pub mod find_duplicates;
pub mod get;
pub mod get_revision;
pub mod hand_over;
pub mod list;
pub mod list_events;
pub mod list_revisions;
pub mod merge;
pub mod overview;
pub mod preview_merge;
pub mod reading;
pub mod review;
pub mod search;
pub mod submit;
pub mod unmerge;
pub mod update;
pub mod view;
pub mod walk;
