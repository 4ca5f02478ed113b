//! ApproveStep, RejectApproval and ReturnApproval: one way to sign, three things to say.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use uuid::Uuid;

use super::message::message;
use crate::domain::approval::Ballot;
use crate::domain::decision::Verdict;
use crate::rpc::enter::given_id;
use crate::store;
use crate::work::approval::{self, ApprovalView, Closeness, wake};
use crate::work::caller::Caller;
use crate::work::cause::Cause;
use crate::work::record::Asked;
use crate::work::settle::settle;

struct Paper<'a> {
    name: &'a str,
    digest: &'a [u8],
    delegation: &'a str,
    etag: &'a str,
    request_id: &'a str,
    reason: &'a str,
    verdict: Verdict,
}

macro_rules! paper {
    ($request:ident, $verdict:ident) => {
        Paper {
            name: &$request.name,
            digest: &$request.content_digest,
            delegation: &$request.delegation,
            etag: &$request.etag,
            request_id: &$request.request_id,
            reason: &$request.reason,
            verdict: Verdict::$verdict,
        }
    };
}

/// Signs with yes.
///
/// # Errors
/// `PERSON_UNKNOWN`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `ETAG_STALE`, and as
/// [`Approval::sign`](crate::domain::approval::Approval::sign).
pub(crate) async fn approve(base: &Base, call: &Call, request: pb::ApproveStepRequest) -> Result<pb::Approval> {
    let reply = mutate!(
        base.mutations, call, request,
        tx => sign(base, tx, call, paper!(request, Approve)).await,
        kept => again(base, tx, call, kept).await
    )?;
    wake(base, call, &request.name).await;
    Ok(reply)
}

/// Signs with no.
///
/// # Errors
/// As [`approve`].
pub(crate) async fn reject(base: &Base, call: &Call, request: pb::RejectApprovalRequest) -> Result<pb::Approval> {
    let reply = mutate!(
        base.mutations, call, request,
        tx => sign(base, tx, call, paper!(request, Reject)).await,
        kept => again(base, tx, call, kept).await
    )?;
    wake(base, call, &request.name).await;
    Ok(reply)
}

/// Hands the matter back to the requester.
///
/// # Errors
/// As [`approve`].
pub(crate) async fn send_back(base: &Base, call: &Call, request: pb::ReturnApprovalRequest) -> Result<pb::Approval> {
    let reply = mutate!(
        base.mutations, call, request,
        tx => sign(base, tx, call, paper!(request, Return)).await,
        kept => again(base, tx, call, kept).await
    )?;
    wake(base, call, &request.name).await;
    Ok(reply)
}

// Who signed sees what they signed, for as long as they are a person of the directory.
async fn again(base: &Base, tx: &mut Tx, call: &Call, kept: pb::Approval) -> Result<pb::Approval> {
    let caller = Caller::Person(base.principal(tx, call).await?);
    ApprovalView::of(base, tx, call, &caller, &kept.name, Closeness::Sees).await.map(|_| kept)
}

async fn sign(base: &Base, tx: &mut Tx, call: &Call, paper: Paper<'_>) -> Result<pb::Approval> {
    let principal = base.principal(tx, call).await?;
    let delegation = paper.check()?;
    store::approval::lock(tx, &call.org, name::id("name", "approvals", paper.name)?).await?;
    let caller = Caller::Person(principal.clone());
    let mut view = ApprovalView::of(base, tx, call, &caller, paper.name, Closeness::Knows).await?;
    etag::require(paper.etag, &etag::of(view.approval.version), paper.name)?;
    let ballot = paper.ballot(base.providers.ids.uuid(), principal.person, delegation, call.micros());
    let actor = principal.name();
    let asked = Asked { base, call, actor: &actor, request_id: paper.request_id, reason: paper.reason };
    let about = approval::sign(asked, tx, &mut view, ballot).await?;
    settle(&Cause::of(base, call, &actor, ""), tx, about, &view.approval).await?;
    Ok(message(&view.approval))
}

// === impl Paper ===

impl Paper<'_> {
    fn check(&self) -> Result<Option<Uuid>> {
        let mut faults = Faults::default();
        if self.digest.len() != 32 {
            faults.add("content_digest", "must have 32 bytes");
        }
        words::reason(self.reason, self.verdict != Verdict::Approve, &mut faults);
        faults.finish()?;
        given_id("delegation", "delegations", self.delegation)
    }

    fn ballot(&self, id: Uuid, signer: Uuid, delegation: Option<Uuid>, now: i64) -> Ballot {
        let (verdict, digest, comment) = (self.verdict, self.digest.to_vec(), self.reason.to_owned());
        Ballot { id, signer, verdict, digest, delegation, comment, now }
    }
}
