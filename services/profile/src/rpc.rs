//! The road of every request: enter, authorise, convert, load, decide, answer. It is saved, with its journal entry, in
//! [`work`](crate::work).
//!
//! # To add an rpc
//! 1. Write `rpc/<resource>/<method>.rs` with one `run`: what it needs of the caller first, then what is wrong with the
//!    request, then the file, then its state.
//! 2. Name it in `rpc/<resource>_service.rs`, with the resource and the action that a refusal is journaled under.

pub mod custody_service;
pub mod customer_file;
pub mod customer_file_service;
pub mod disposal;
pub mod disposition;
pub mod disposition_service;
pub mod document;
pub mod document_service;
pub mod hold;
pub mod item;
pub mod number;
pub mod number_service;
pub mod place;
pub mod record;
pub mod record_service;
pub mod register;
pub mod register_service;
pub mod template;
pub mod template_service;
pub mod transfer;
pub mod transfer_service;
pub mod volume;
pub mod volume_service;
