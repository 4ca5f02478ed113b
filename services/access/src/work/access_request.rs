//! Requests for a file: what they become, and what ends them.

mod ask;
mod cancel;
mod close;
pub(crate) mod event;
mod settle;
mod submit;

pub(crate) use ask::{Answer, ask};
pub(crate) use cancel::cancel;
pub(crate) use close::close_above;
pub(crate) use settle::settle;
