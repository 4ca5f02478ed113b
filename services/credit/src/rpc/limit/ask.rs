//! Asking access for the approval of a limit, in the name of the proposer.

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result, reason_of};
use dossier_kernel::link::Link;
use dossier_kernel::name;
use dossier_kernel::time::from_proto;
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::{
    Approval, ApprovalState, CreateApprovalRequest, GetApprovalRequest, ListApprovalsRequest, ResubmitApprovalRequest,
    WithdrawApprovalRequest,
};
use jiff::{SignedDuration, Timestamp};
use tonic::{Code, Status};
use tonic_types::StatusExt;
use uuid::Uuid;

use super::submit::Under;
use crate::domain::limit::{Limit, Submission};
use crate::rpc::LimitRpc;
use crate::rpc::enter::{file_name, money};

type Client = ApprovalServiceClient<Link>;

/// What access said for good; anything else is an error, and the question may be repeated.
pub(super) enum Asked {
    /// The approval that decides.
    Approval(Uuid),
    /// There is none, and the same question will not get another answer.
    Refused(Error),
}

/// Puts a submission before its approvers. The same submission always asks under the same request ids.
///
/// # Errors
/// `DEPENDENCY_UNAVAILABLE` and the like: whether it was asked is unknown, and the submission stays under way.
pub(super) async fn access(rpc: &LimitRpc, call: &Call, under: &Under) -> Result<Asked> {
    let mut client = Client::new(rpc.access.acting_for(call));
    let asked = match under.limit.approval {
        Some(before) => again(&mut client, rpc, call, under, before).await,
        None => create(&mut client, rpc, call, under, false).await,
    };
    match asked {
        Ok(approval) => Ok(Asked::Approval(id(&approval)?)),
        Err(fault) if fault.passing => Err(fault.error),
        Err(fault) => Ok(Asked::Refused(fault.error)),
    }
}

/// Whether access would take the submission; nothing is asked for.
///
/// # Errors
/// What access would say.
pub(super) async fn whether(rpc: &LimitRpc, call: &Call, under: &Under) -> Result<()> {
    if under.limit.approval.is_some() {
        return Ok(());
    }
    let mut client = Client::new(rpc.access.acting_for(call));
    create(&mut client, rpc, call, under, true).await.map(drop).map_err(|fault| fault.error)
}

/// How long a question may still be on its way after the submission began: longer than any call may take.
const ON_ITS_WAY: SignedDuration = SignedDuration::from_mins(5);

/// The approval that access has of the submission of `limit` under way, if it was ever asked.
///
/// # Errors
/// `DEPENDENCY_UNAVAILABLE` and the like: that is unknown, or access has decided already and its journal is about to say so.
pub(super) async fn known(rpc: &LimitRpc, call: &Call, limit: &Limit, submission: &Submission) -> Result<Option<Uuid>> {
    let mut client = Client::new(rpc.access.acting_for(call));
    let known = of_subject(&mut client, limit).await.map_err(|fault| fault.error)?;
    let ours = known.iter().filter(|one| one.content_digest == limit.digest);
    for one in ours {
        let before = limit.approval.is_some_and(|before| name::name("approvals", before) == one.name);
        match one.state() {
            ApprovalState::Pending => return id(one).map(Some),
            ApprovalState::Returned if !before => return id(one).map(Some),
            // Decided since the submission began: to adopt it here would miss what its journal says of it.
            ApprovalState::Approved if since(submission, one.update_time.as_ref()) => return Err(unavailable()),
            ApprovalState::Rejected | ApprovalState::Withdrawn
                if !before && since(submission, one.create_time.as_ref()) =>
            {
                return Err(unavailable());
            }
            _ => {}
        }
    }
    if call.now < submission.begun_at.checked_add(ON_ITS_WAY).unwrap_or(Timestamp::MAX) {
        return Err(unavailable().because("the question may still be on its way"));
    }
    Ok(None)
}

fn since(submission: &Submission, moment: Option<&prost_types::Timestamp>) -> bool {
    moment.and_then(|moment| from_proto("time", moment).ok()).is_some_and(|moment| moment >= submission.begun_at)
}

/// Every approval of `limit`, newest first.
async fn of_subject(client: &mut Client, limit: &Limit) -> Result<Vec<Approval>, Fault> {
    let filter = format!("subject = \"{}\"", limit.name());
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

/// The next round: the same approval when the content is the same, otherwise a new one in its place, because what was
/// put before people who signed or returned it is not changed under their hands. Which content that was, access says.
async fn again(
    client: &mut Client,
    rpc: &LimitRpc,
    call: &Call,
    under: &Under,
    before: Uuid,
) -> Result<Approval, Fault> {
    let name = name::name("approvals", before);
    let found = client.get_approval(GetApprovalRequest { name: name.clone() }).await?.into_inner();
    let same = found.content_digest == under.submission.content.digest(under.limit.customer);
    match (same, found.state()) {
        // An attempt that broke off, or the proposer in access itself, handed it in before.
        (true, ApprovalState::Pending) => Ok(found),
        // One that was taken back leaves room for another.
        (true, ApprovalState::Withdrawn) => create(client, rpc, call, under, false).await,
        // Where an attempt that broke off came through, its answer is given again, whatever was decided since.
        (true, _) => match resubmit(client, under, name).await {
            // It was decided while the limit said something else: that counts for nothing.
            Err(fault) if fault.error.reason() == Reason::WrongState => create(client, rpc, call, under, false).await,
            answer => answer,
        },
        (false, ApprovalState::Pending | ApprovalState::Returned) => {
            withdraw(client, under, name).await?;
            create(client, rpc, call, under, false).await
        }
        _ => create(client, rpc, call, under, false).await,
    }
}

/// One that nobody follows any more lies in the way: of the same content it is the one that is wanted, another is taken back.
async fn instead(client: &mut Client, rpc: &LimitRpc, call: &Call, under: &Under) -> Result<Approval, Fault> {
    let known = of_subject(client, &under.limit).await?;
    let open = |one: &&Approval| [ApprovalState::Pending, ApprovalState::Returned].contains(&one.state());
    let Some(other) = known.iter().find(open) else { return Err(unavailable().because("it is gone again").into()) };
    let name = other.name.clone();
    match (other.content_digest == under.limit.digest, other.state()) {
        (true, ApprovalState::Pending) => Ok(other.clone()),
        (true, _) => resubmit(client, under, name).await,
        (false, _) => {
            withdraw(client, under, name).await?;
            new(client, rpc, call, under, false).await
        }
    }
}

async fn resubmit(client: &mut Client, under: &Under, name: String) -> Result<Approval, Fault> {
    let (request_id, reason) = words(under, "resubmit", "handed in again");
    let request = ResubmitApprovalRequest { name, request_id, reason, ..Default::default() };
    Ok(client.resubmit_approval(request).await?.into_inner())
}

async fn withdraw(client: &mut Client, under: &Under, name: String) -> Result<(), Fault> {
    let (request_id, reason) = words(under, "withdraw", "replaced by a corrected proposal");
    let request = WithdrawApprovalRequest { name, request_id, reason, ..Default::default() };
    client.withdraw_approval(request).await?;
    Ok(())
}

// The id of a step, and why: in the words of the call, or ours.
fn words(under: &Under, step: &str, ours: &str) -> (String, String) {
    let said = under.submission.words.as_str();
    let reason = if said.is_empty() { ours } else { said };
    (under.submission.request_id(&under.limit, step).to_string(), reason.to_owned())
}

async fn create(
    client: &mut Client,
    rpc: &LimitRpc,
    call: &Call,
    under: &Under,
    validate_only: bool,
) -> Result<Approval, Fault> {
    match new(client, rpc, call, under, validate_only).await {
        Err(fault) if !validate_only && fault.error.reason() == Reason::AlreadyExists => {
            instead(client, rpc, call, under).await
        }
        answer => answer,
    }
}

async fn new(
    client: &mut Client,
    rpc: &LimitRpc,
    call: &Call,
    under: &Under,
    validate_only: bool,
) -> Result<Approval, Fault> {
    let (limit, content) = (&under.limit, &under.submission.content);
    let approval = Approval {
        matter: rpc.base.pack(&call.org)?.credit.limit_matter.clone(),
        subject: limit.name(),
        file: file_name(limit.customer),
        unit: under.file.unit.clone(),
        level: under.file.level.clone(),
        amount: Some(money(content.amount.minor, &content.amount.currency)),
        content_digest: content.digest(limit.customer).to_vec(),
        summary: summary(under),
        ..Approval::default()
    };
    let request_id = match validate_only {
        // It is not used up.
        true => rpc.base.providers.ids.uuid().to_string(),
        false => under.submission.request_id(limit, "create").to_string(),
    };
    let reason = under.submission.words.clone();
    let request = CreateApprovalRequest { approval: Some(approval), request_id, validate_only, reason };
    Ok(client.create_approval(request).await?.into_inner())
}

fn summary(under: &Under) -> String {
    let content = &under.submission.content;
    let (customer, until) = (file_name(under.limit.customer), content.valid_until);
    format!("credit limit of {} for {customer} until {until}", content.amount.text())
}

fn id(approval: &Approval) -> Result<Uuid> {
    name::id("approval", "approvals", &approval.name).map_err(|_| unavailable().because("an approval without name"))
}

fn unavailable() -> Error {
    Error::new(Reason::DependencyUnavailable).with("service", "access")
}

/// A refusal of access, and whether the same question may get another answer.
struct Fault {
    error: Error,
    passing: bool,
}

// === impl Fault ===

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self { error, passing: true }
    }
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let definite = matches!(
            status.code(),
            Code::InvalidArgument | Code::NotFound | Code::PermissionDenied | Code::FailedPrecondition
        );
        match reason_of(&status) {
            // The first of two equal questions came through, and access's journal will tell.
            Some(Reason::RequestIdReused) => Self { error: unavailable().because("asked before"), passing: true },
            Some(reason) => Self { error: told(reason, &status), passing: !definite },
            None => Self { error: unavailable().because(format!("{:?}", status.code())), passing: true },
        }
    }
}

/// What access said, with the metadata and fields that help the caller.
fn told(reason: Reason, status: &Status) -> Error {
    let details = status.get_error_details();
    let metadata = details.error_info().map(|info| info.metadata.clone()).unwrap_or_default();
    let mut error = Error::new(reason).because("access refused");
    for key in ["action", "matter", "step", "resource", "state", "allowed", "service", "unit", "level"] {
        if let Some(value) = metadata.get(key) {
            error = error.with(key, value);
        }
    }
    let violations = details.bad_request().map(|bad| bad.field_violations.clone()).unwrap_or_default();
    violations
        .into_iter()
        .fold(error, |all, one| all.and_violation("name", format!("its approval: {} {}", one.field, one.description)))
}
