//! The approval engine.
//!
//! Others ask through [`ask`], look ahead with [`prospect`] and take back with [`take_back`]. The engine knows nobody who
//! asks: each step gives what the approval is [about](crate::domain::approval::About), and `work::settle` lets that follow.

mod ask;
pub(crate) mod event;
mod step;
mod view;

pub(crate) use ask::{Prospect, Question, ask, prospect};
pub(crate) use step::{resubmit, sign, take_back, withdraw};
pub(crate) use view::{ApprovalView, Closeness, concerns};

use dossier_authority::Base;
use dossier_kernel::call::Call;

/// The topic on which watchers hear that an approval has changed.
pub(crate) fn topic(org: &str, approval: uuid::Uuid) -> String {
    format!("approval/{org}/{approval}")
}

/// Wakes the watchers; one that hears nothing looks by itself after a while.
pub(crate) async fn wake(base: &Base, call: &Call, resource: &str) {
    if let Ok(id) = dossier_kernel::name::id("name", "approvals", resource) {
        // Best effort: the truth is in the store.
        let _ = base.bus.publish(&topic(&call.org, id), b"").await;
    }
}
