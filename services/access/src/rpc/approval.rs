//! The approval engine's rpcs.
//!
//! Other parts of this service ask through [`ask`], look ahead with [`prospect`] and take back with [`take_back`].

mod act;
mod ask;
mod create;
pub(crate) mod deed;
mod explain;
mod list;
mod message;
mod sign;
mod view;
mod watch;

pub(crate) use act::take_back;
pub(super) use act::{resubmit, withdraw};
pub(crate) use ask::{Asked, Question, ask, prospect};
pub(super) use create::create;
pub(super) use explain::explain;
pub(super) use list::{list, pending};
pub(crate) use message::plan_digest;
pub(super) use sign::{approve, reject, send_back};
pub(crate) use view::concerns;
pub(super) use view::get;
pub(super) use watch::{Changes, watch};

use dossier_authority::{Base, feed};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;

use super::record::{Saying, record};
use crate::domain::approval::Approval;
use crate::store;

// Writes where an approval stands now, journals it, and tells the part of this service that asked.
async fn save(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    approval: &mut Approval,
    saying: Saying<'_>,
) -> Result<()> {
    store::approval::update(tx, &call.org, approval).await?;
    let entry = record(base, tx, call, actor, saying, message::changed(approval)).await?;
    // What was given can be used here as in the other services.
    feed::apply(tx, base.pack(&call.org)?, &entry).await
}

// The part of this service that put the question learns the outcome in the same transaction; other services read it in
// the journal.
async fn settle(base: &Base, tx: &mut Tx, call: &Call, approval: &Approval) -> Result<()> {
    if approval.subject.starts_with("accessRequests/") {
        super::access_request::settle(base, tx, call, approval).await?;
    }
    Ok(())
}

/// The topic on which watchers hear that an approval has changed.
fn topic(org: &str, approval: uuid::Uuid) -> String {
    format!("approval/{org}/{approval}")
}

// Wakes the watchers; one that hears nothing looks by itself after a while.
async fn wake(base: &Base, call: &Call, resource: &str) {
    if let Ok(id) = dossier_kernel::name::id("name", "approvals", resource) {
        // Best effort: the truth is in the store.
        let _ = base.bus.publish(&topic(&call.org, id), b"").await;
    }
}
