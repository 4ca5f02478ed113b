//! The rpcs of approvals; the engine is [`work::approval`](crate::work::approval).

mod act;
mod create;
mod deed;
mod explain;
mod get;
mod list;
mod message;
mod sign;
mod watch;

pub(super) use act::{resubmit, withdraw};
pub(super) use create::create;
pub(super) use explain::explain;
pub(super) use get::get;
pub(super) use list::{list, pending};
pub(super) use sign::{approve, reject, send_back};
pub(super) use watch::{Changes, watch};
