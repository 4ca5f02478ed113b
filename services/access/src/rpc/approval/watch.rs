//! WatchApproval: the approval now, then after every change, until it is final.

use std::pin::Pin;
use std::time::Duration;

use dossier_authority::Base;
use dossier_kernel::bus::Messages;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::slots::Slot;
use dossier_proto::access::v1 as pb;
use futures::{Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::message::message;
use crate::work::approval::{ApprovalView, Closeness, topic};
use crate::work::caller::Caller;

/// How long a watcher that hears nothing waits before it looks by itself.
const LOOK: Duration = Duration::from_secs(5);

/// The stream of an approval's states.
pub(crate) type Changes = Pin<Box<dyn Stream<Item = Result<pb::WatchApprovalResponse, Status>> + Send>>;

struct Watcher {
    base: Base,
    call: Call,
    request: pb::WatchApprovalRequest,
    messages: Messages,
    stop: CancellationToken,
    _slot: Slot,
    // The etag of the state that was sent last.
    sent: String,
    ended: bool,
}

/// Streams an approval. Whether the caller may see it is asked anew for every message, and the stream ends with the
/// credential.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`; in the stream also `TOKEN_EXPIRED`, `PERSON_UNKNOWN`.
pub(crate) async fn watch(
    base: &Base,
    call: &Call,
    request: pb::WatchApprovalRequest,
    stop: CancellationToken,
) -> Result<Changes> {
    let id = name::id("name", "approvals", &request.name)?;
    let slot = base.watches.take(call)?;
    // Listening begins before the first look, so that no change falls between.
    let messages = base.bus.subscribe(&topic(&call.org, id)).await;
    let (base, call) = (base.clone(), call.clone());
    let mut watcher = Watcher { base, call, request, messages, stop, _slot: slot, sent: String::new(), ended: false };
    let first = watcher.look().await?;
    let rest = futures::stream::unfold(watcher, |mut watcher| async move {
        let answer = watcher.next().await?;
        Some((answer, watcher))
    });
    let changes = futures::stream::iter([Ok(first)]).chain(rest);
    Ok(Box::pin(changes.map(|change| change.map(|approval| pb::WatchApprovalResponse { approval: Some(approval) }))))
}

// === impl Watcher ===

impl Watcher {
    async fn next(&mut self) -> Option<Result<pb::Approval, Status>> {
        while !self.ended {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                heard = tokio::time::timeout(LOOK, self.messages.next()) => {
                    // Silence and a lost message both mean: look. A bus that is gone leaves only looking.
                    if matches!(heard, Ok(None)) {
                        tokio::time::sleep(LOOK).await;
                    }
                }
            }
            let before = self.sent.clone();
            match self.look().await {
                Ok(approval) if approval.etag == before => {}
                Ok(approval) => return Some(Ok(approval)),
                Err(fault) => {
                    self.ended = true;
                    return Some(Err(fault.into()));
                }
            }
        }
        None
    }

    async fn look(&mut self) -> Result<pb::Approval> {
        self.call.look(self.base.providers.clock.now())?;
        self.base.require_believed(&self.call.org, &["profile"])?;
        let mut tx = self.base.db.read().await?;
        let caller = Caller::of(&self.base, &mut tx, &self.call).await?;
        let name = &self.request.name;
        let view = ApprovalView::of(&self.base, &mut tx, &self.call, &caller, name, Closeness::Sees).await?;
        self.ended = view.approval.state.is_final();
        let approval = message(&view.approval);
        self.sent.clone_from(&approval.etag);
        Ok(approval)
    }
}
