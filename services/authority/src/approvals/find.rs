//! Looking for what became of a question that broke off and is not to be repeated.

use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::link::Link;
use dossier_kernel::name;
use dossier_kernel::time::from_proto;
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::{Approval, ApprovalState, ListApprovalsRequest, ListPendingApprovalsRequest};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::client::{Approvals, given};
use super::fault::{Fault, unavailable};
use super::{Given, Subject, Submission};

/// How long a question may still be on its way after it was begun: longer than any call may take.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(5);

// === impl Approvals ===

impl Approvals {
    /// The approval that access has of the round under way, if it was ever asked.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` and the like: that is unknown, or access has decided already and its journal is about to say so.
    pub async fn find(&self, call: &Call, subject: &Subject, submission: &Submission) -> Result<Option<Given>> {
        let known = of_subject(&mut self.client(call, subject), subject).await.map_err(|fault| fault.error)?;
        for one in known.iter().filter(|one| one.content_digest == submission.digest) {
            if submission.is_answered_by(one)? {
                return given(one).map(Some);
            }
        }
        if call.now < submission.begun_at.checked_add(ON_ITS_WAY).unwrap_or(Timestamp::MAX) {
            return Err(unavailable().because("the question may still be on its way"));
        }
        Ok(None)
    }

    /// The approval about the resource `subject` that waits for the caller, who may fill a slot of its open step now: its id, and the
    /// level at which it was asked.
    ///
    /// # Errors
    /// What access says; whether one waits is unknown then.
    pub async fn waiting_for(&self, call: &Call, subject: &str) -> Result<Option<(Uuid, String)>> {
        let filter = format!("subject = \"{subject}\"");
        let request = ListPendingApprovalsRequest { page_size: 1, filter, ..ListPendingApprovalsRequest::default() };
        let mut access = ApprovalServiceClient::new(self.access.acting_for(call));
        let found = access.list_pending_approvals(request).await.map_err(|status| Fault::from(status).error)?;
        let first = found.into_inner().approvals.into_iter().next();
        first.map(|one| Ok((name::id("approval", "approvals", &one.name)?, one.level))).transpose()
    }
}

// === impl Submission ===

impl Submission {
    fn is_answered_by(&self, one: &Approval) -> Result<bool> {
        let before = self.approval.is_some_and(|before| name::name("approvals", before) == one.name);
        let since = |moment: Option<&prost_types::Timestamp>| {
            let moment = moment.and_then(|moment| from_proto("time", moment).ok());
            moment.is_some_and(|moment| moment >= self.begun_at)
        };
        match one.state() {
            ApprovalState::Pending => Ok(true),
            ApprovalState::Returned => Ok(!before),
            // Decided since the question began: to adopt it here would miss what its journal says of it.
            ApprovalState::Approved if since(one.update_time.as_ref()) => Err(unavailable()),
            ApprovalState::Rejected | ApprovalState::Withdrawn if !before && since(one.create_time.as_ref()) => {
                Err(unavailable())
            }
            _ => Ok(false),
        }
    }
}

/// Every approval of `subject`, newest first.
pub(super) async fn of_subject(
    client: &mut ApprovalServiceClient<Link>,
    subject: &Subject,
) -> Result<Vec<Approval>, Fault> {
    let filter = format!("subject = \"{}\"", subject.name);
    let mut request = ListApprovalsRequest { filter, ..ListApprovalsRequest::default() };
    let mut found = Vec::new();
    loop {
        let page = client.list_approvals(request.clone()).await?.into_inner();
        found.extend(page.approvals);
        if page.next_page_token.is_empty() {
            return Ok(found);
        }
        request.page_token = page.next_page_token;
    }
}
