//! The loan ledger at work: originals handed out, demanded, recalled and taken back.

mod change;
mod demand;
mod duty;
pub(crate) mod event;
mod give_back;
mod hand_out;

pub(crate) use change::{recall, recall_by_rule, recall_of_grant, renew};
pub(crate) use demand::demand_returns;
pub(crate) use give_back::give_back;
pub(crate) use hand_out::{Order, Wanted, hand_out};
