//! A colleague's request, its approval by a delegate, four hours with the original, reading, recall and return.

use std::time::Duration;

use dossier_kernel::error::{Reason, reason_of};
use dossier_proto::access::v1::{
    AccessRequest, ApproveStepRequest, CheckOutItemsRequest, CreateDelegationRequest, Delegation, DelegationState,
    DutyAcceptance, GetAccessRequestRequest, GetApprovalRequest, ItemInspection, Loan, LoanState, LoanedItem,
    RecallLoanRequest, RequestAccessRequest, ReturnCondition, ReturnLoanRequest, RevokeDelegationRequest,
};
use dossier_proto::profile::v1::GetCustomerFileRequest;
use dossier_proto::types::{AccessKind, Scope};
use prost_types::Duration as ProtoDuration;
use tonic::Status;

use super::client::{People, fresh_id, until};
use super::stage::{given, refused};
use super::{Stage, must};
use crate::Failure;

const HOUR: i64 = 3600;

/// Walks the loan of `file`.
pub(super) async fn run(stage: &mut Stage, people: &People, file: &str) -> Result<(), Failure> {
    stage.chapter("A colleague asks, a delegate approves, the original goes out for 4 hours");
    stage.step("access knows the file from profile's journal", askable(people, file)).await?;
    stage.step("5 hours are refused: 秘密 is lent for 4 at most", too_long(people, file)).await?;
    let request = stage.step("a colleague asks for the original, for 4 hours", ask(people, file)).await?;
    let without = refuse_office(people, &request);
    stage.step("the office director may not approve: they have no letter", without).await?;
    let letter = stage.step("the general manager is away: a letter for the office director", letter(people)).await?;
    let approved = approve(people, "office-director", &request.approval, &letter);
    stage.step("the office director approves in the general manager's place", approved).await?;
    let grant = stage.step("the colleague holds a grant", granted(people, "sales-2", &request.name)).await?;
    let loan = stage.step("the archivist hands the original out", check_out(people, file, &grant)).await?;
    stage.step("another colleague's approved request must wait: the original is out", second(people, file)).await?;
    stage.step("the colleague reads the file through the grant", read(people, file)).await?;
    stage.step("a stranger gets the answer for a file that does not exist", stranger(people, file)).await?;
    let loan = stage.step("the archivist recalls the original", recall(people, &loan)).await?;
    stage.step("it is returned, inspected and back in its place", give_back(people, &loan)).await?;
    stage.step("the general manager is back and revokes the letter", revoke(people, &letter)).await
}

fn wish(file: &str, hours: i64) -> RequestAccessRequest {
    RequestAccessRequest {
        scope: Some(Scope::whole_file()),
        file: file.to_owned(),
        kind: AccessKind::Original.into(),
        purpose: "contract_performance".to_owned(),
        duration: Some(ProtoDuration { seconds: hours * HOUR, nanos: 0 }),
        justification: "compare the signed offer with the draft contract".to_owned(),
        request_id: fresh_id(),
        ..RequestAccessRequest::default()
    }
}

async fn askable(people: &People, file: &str) -> Result<(), Failure> {
    until("access knows the file", || async {
        let request = RequestAccessRequest { validate_only: true, ..wish(file, 4) };
        let answer = people.access("sales-2")?.request_access(request).await;
        Ok(answer.is_ok_and(|answer| answer.into_inner().access_request.is_some_and(|one| one.level == "confidential")))
    })
    .await
}

async fn too_long(people: &People, file: &str) -> Result<(), Failure> {
    refused(people.access("sales-2")?.request_access(wish(file, 5)).await, Reason::LoanTooLong).map(drop)
}

async fn ask(people: &People, file: &str) -> Result<AccessRequest, Failure> {
    asked(people, "sales-2", wish(file, 4)).await
}

/// Asks as `who`; the level must need an approval.
pub(super) async fn asked(
    people: &People,
    who: &'static str,
    request: RequestAccessRequest,
) -> Result<AccessRequest, Failure> {
    let answer = given(people.access(who)?.request_access(request).await)?;
    let request = answer.access_request.ok_or_else(|| Failure::differs("the answer holds no request"))?;
    must(!request.approval.is_empty(), "秘密 must need an approval")?;
    Ok(request)
}

async fn letter(people: &People) -> Result<String, Failure> {
    let now = dossier_kernel::call::Providers::system().clock.now();
    let delegation = Delegation {
        delegator: people.person("gm").await?,
        delegate: people.person("office-director").await?,
        post: "general_manager".to_owned(),
        matters: vec!["loan.confidential".to_owned()],
        max_level: "confidential".to_owned(),
        valid_from: Some(dossier_kernel::time::to_proto(now)),
        valid_until: Some(dossier_kernel::time::to_proto(now + Duration::from_secs(7 * 24 * 3600))),
        letter_reference: "委托书 2026-01".to_owned(),
        ..Delegation::default()
    };
    let request = CreateDelegationRequest {
        delegation: Some(delegation),
        reason: "away on business".to_owned(),
        request_id: fresh_id(),
        ..CreateDelegationRequest::default()
    };
    Ok(given(people.directory("gm")?.create_delegation(request).await)?.name)
}

async fn revoke(people: &People, letter: &str) -> Result<(), Failure> {
    let request = RevokeDelegationRequest {
        name: letter.to_owned(),
        reason: "back from business".to_owned(),
        request_id: fresh_id(),
        ..RevokeDelegationRequest::default()
    };
    let ended = given(people.directory("gm")?.revoke_delegation(request).await)?;
    must(ended.state() == DelegationState::Revoked, "the letter must be revoked")
}

async fn decision(
    people: &People,
    who: &'static str,
    approval: &str,
    letter: &str,
) -> Result<ApproveStepRequest, Failure> {
    let request = GetApprovalRequest { name: approval.to_owned() };
    let known = given(people.approvals(who)?.get_approval(request).await)?;
    Ok(ApproveStepRequest {
        name: known.name,
        content_digest: known.content_digest,
        delegation: letter.to_owned(),
        etag: known.etag,
        request_id: fresh_id(),
        ..ApproveStepRequest::default()
    })
}

/// Approves as `who`, by `letter` if there is one.
pub(super) async fn approve(people: &People, who: &'static str, approval: &str, letter: &str) -> Result<(), Failure> {
    let request = decision(people, who, approval, letter).await?;
    given(people.approvals(who)?.approve_step(request).await).map(drop)
}

async fn refuse_office(people: &People, request: &AccessRequest) -> Result<(), Failure> {
    let decision = decision(people, "office-director", &request.approval, "").await?;
    // A letter that an earlier walk left behind was revoked: then the refusal names its period.
    match people.approvals("office-director")?.approve_step(decision).await {
        Err(status) if reason_of(&status) == Some(Reason::ApprovalOutsideDelegation) => Ok(()),
        answer => refused(answer, Reason::ApprovalNotApprover).map(drop),
    }
}

/// The grant that an access request of `who` has become.
pub(super) async fn granted(people: &People, who: &'static str, request: &str) -> Result<String, Failure> {
    let request = GetAccessRequestRequest { name: request.to_owned() };
    let request = given(people.access(who)?.get_access_request(request).await)?;
    must(!request.grant.is_empty(), "an approved request must have become a grant")?;
    Ok(request.grant)
}

async fn handing(people: &People, who: &str, file: &str, grant: &str) -> Result<CheckOutItemsRequest, Failure> {
    let duties = ["keep_clean", "no_marking", "no_copying", "no_sublending", "no_loss"];
    let duties = duties.map(str::to_owned).to_vec();
    Ok(CheckOutItemsRequest {
        file: file.to_owned(),
        borrower: people.person(who).await?,
        grant: grant.to_owned(),
        items: vec![LoanedItem {
            description: "signed offer, one volume".to_owned(),
            copies: 1,
            pages: Some(42),
            ..LoanedItem::default()
        }],
        acceptance: Some(DutyAcceptance { duties, signature_reference: "slip 1".to_owned() }),
        justification: "by approved request".to_owned(),
        request_id: fresh_id(),
        ..CheckOutItemsRequest::default()
    })
}

async fn check_out(people: &People, file: &str, grant: &str) -> Result<Loan, Failure> {
    let request = handing(people, "sales-2", file, grant).await?;
    let loan = given(people.loans("archivist")?.check_out_items(request).await)?;
    let (Some(out), Some(due)) = (&loan.check_out_time, &loan.due_time) else {
        return Err(Failure::differs("the loan shows no hand-out or no due time"));
    };
    must(due.seconds - out.seconds == 4 * HOUR, "the loan must be due 4 hours after the hand-out")?;
    Ok(loan)
}

async fn second(people: &People, file: &str) -> Result<(), Failure> {
    let request = asked(people, "sales-manager", wish(file, 4)).await?;
    approve(people, "deputy", &request.approval, "").await?;
    let grant = granted(people, "sales-manager", &request.name).await?;
    let request = handing(people, "sales-manager", file, &grant).await?;
    refused(people.loans("archivist")?.check_out_items(request).await, Reason::OriginalOut).map(drop)
}

fn reading(file: &str) -> GetCustomerFileRequest {
    GetCustomerFileRequest { name: file.to_owned(), purpose: "contract_performance".to_owned(), ..Default::default() }
}

async fn read(people: &People, file: &str) -> Result<(), Failure> {
    until("profile knows the grant", || async {
        Ok(people.files("sales-2")?.get_customer_file(reading(file)).await.is_ok())
    })
    .await
}

async fn stranger(people: &People, file: &str) -> Result<(), Failure> {
    let missing = format!("files/{}", dossier_kernel::call::Providers::system().ids.uuid());
    let mut client = people.files("service-1")?;
    let hidden = refused(client.get_customer_file(reading(file)).await, Reason::ResourceNotFound)?;
    let absent = refused(client.get_customer_file(reading(&missing)).await, Reason::ResourceNotFound)?;
    must(shape(&hidden, file) == shape(&absent, &missing), "an invisible file must look like a missing one")
}

// Everything the answer says, but for the name that was asked for.
fn shape(status: &Status, name: &str) -> String {
    let details = String::from_utf8_lossy(status.details()).replace(name, "NAME");
    format!("{:?} {} {details}", status.code(), status.message())
}

async fn recall(people: &People, loan: &Loan) -> Result<Loan, Failure> {
    let request = RecallLoanRequest {
        name: loan.name.clone(),
        etag: loan.etag.clone(),
        reason: "needed for an inspection".to_owned(),
        request_id: fresh_id(),
        ..RecallLoanRequest::default()
    };
    let loan = given(people.loans("archivist")?.recall_loan(request).await)?;
    must(loan.state() == LoanState::Recalled, "the loan must be recalled")?;
    Ok(loan)
}

async fn give_back(people: &People, loan: &Loan) -> Result<(), Failure> {
    let inspected = ["pages_complete", "undamaged", "unmarked", "same_material"];
    let inspection = ItemInspection {
        condition: ReturnCondition::Sound.into(),
        copies: Some(1),
        pages: Some(42),
        inspected: inspected.map(str::to_owned).to_vec(),
        restored_location: "archive room, cabinet 3".to_owned(),
        ..ItemInspection::default()
    };
    let request = ReturnLoanRequest {
        name: loan.name.clone(),
        inspections: vec![inspection],
        etag: loan.etag.clone(),
        request_id: fresh_id(),
        ..ReturnLoanRequest::default()
    };
    let loan = given(people.loans("archivist")?.return_loan(request).await)?;
    must(loan.state() == LoanState::Returned, "the loan must be returned without a difference")
}
