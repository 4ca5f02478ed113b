//! Requests, approvals, letters, grants and loans by their own calls, under R36.
//!
//! | module | what it shows |
//! |---|---|
//! | [`closed`], [`secret`], [`confidential`], [`unclassified`] | the four levels to the letter |
//! | [`letters`], [`voices`] | delegation, and that it gives nobody a second voice |
//! | [`acts`] | what nobody does alone: appointments, letters, and what is done to a closed file |
//! | [`approvals`], [`rounds`], [`sight`], [`replicas`] | the approval engine |
//! | [`requests`], [`grants`], [`checks`], [`remembered`] | asking for a right, having it, losing it |
//! | [`loans`], [`items`], [`returns`], [`overdue`] | the ledger of originals |
//! | [`versions`] | a rule that changes on a day |
//! | [`trail`] | who did what, by file, person and period |
//! | [`machine_approval`], [`machine_loan`], [`machine_items`] | random lives against small models |

mod acts;
mod agreed;
mod approvals;
mod checks;
mod closed;
mod confidential;
mod grants;
mod items;
mod letters;
mod loans;
mod machine_approval;
mod machine_items;
mod machine_loan;
mod overdue;
mod raised;
mod remembered;
mod replicas;
mod requests;
mod returns;
mod rounds;
mod secret;
mod sight;
mod trail;
mod unclassified;
mod versions;
mod voices;

use std::time::Duration;

use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AccessRefused, EntryBody, WatchEntriesRequest};
use dossier_proto::types::{self, AccessKind, Scope};
use dossier_tests::raw::Raw;
use dossier_tests::world::Replica;
use prost::Message;

use crate::prelude::*;

/// A well-formed name that no file has.
const NO_FILE: &str = "files/01890000-0000-7000-8000-000000000001";

/// A question put to the approvers of `matter` in unit sales; nothing else hangs on it.
fn question(world: &World, matter: &str, level: &str) -> pb::CreateApprovalRequest {
    let approval = pb::Approval {
        matter: matter.to_owned(),
        subject: format!("matters/{}", world.request_id()),
        unit: "sales".into(),
        level: level.to_owned(),
        content_digest: vec![7; 32],
        summary: "请审批".into(),
        ..pb::Approval::default()
    };
    pb::CreateApprovalRequest {
        approval: Some(approval),
        request_id: world.request_id(),
        ..pb::CreateApprovalRequest::default()
    }
}

/// Puts a question of `matter` by `subject`.
async fn put(world: &World, subject: &str, matter: &str, level: &str) -> pb::Approval {
    world.access(subject).approvals.create_approval(question(world, matter, level)).await.good()
}

/// A yes to what `approval` shows.
fn yes(world: &World, approval: &pb::Approval) -> pb::ApproveStepRequest {
    pb::ApproveStepRequest {
        name: approval.name.clone(),
        content_digest: approval.content_digest.clone(),
        request_id: world.request_id(),
        ..pb::ApproveStepRequest::default()
    }
}

/// Sends an approval back to its requester.
async fn send_back(
    world: &World,
    subject: &str,
    approval: &pb::Approval,
) -> Result<tonic::Response<pb::Approval>, tonic::Status> {
    let request = pb::ReturnApprovalRequest {
        name: approval.name.clone(),
        content_digest: approval.content_digest.clone(),
        request_id: world.request_id(),
        reason: "请补充说明".into(),
        ..pb::ReturnApprovalRequest::default()
    };
    world.access(subject).approvals.return_approval(request).await
}

/// Puts a returned approval before its approvers again.
async fn resubmit(world: &World, subject: &str, name: &str) -> Result<tonic::Response<pb::Approval>, tonic::Status> {
    let request = pb::ResubmitApprovalRequest {
        name: name.to_owned(),
        request_id: world.request_id(),
        reason: "已补充说明".into(),
        ..pb::ResubmitApprovalRequest::default()
    };
    world.access(subject).approvals.resubmit_approval(request).await
}

/// Takes an approval back.
async fn withdraw(world: &World, subject: &str, name: &str) -> Result<tonic::Response<pb::Approval>, tonic::Status> {
    let (name, request_id) = (name.to_owned(), world.request_id());
    let request = pb::WithdrawApprovalRequest {
        name,
        request_id,
        reason: "不再需要".into(),
        ..pb::WithdrawApprovalRequest::default()
    };
    world.access(subject).approvals.withdraw_approval(request).await
}

/// One access request as `subject` sees it.
async fn request_of(world: &World, subject: &str, name: &str) -> pb::AccessRequest {
    let request = pb::GetAccessRequestRequest { name: name.to_owned() };
    world.access(subject).requests.get_access_request(request).await.good()
}

/// One grant as `subject` sees it.
async fn grant_of(world: &World, subject: &str, name: &str) -> pb::Grant {
    world.access(subject).requests.get_grant(pb::GetGrantRequest { name: name.to_owned() }).await.good()
}

/// One loan as `subject` sees it.
async fn loan_of(world: &World, subject: &str, name: &str) -> pb::Loan {
    world.access(subject).loans.get_loan(pb::GetLoanRequest { name: name.to_owned() }).await.good()
}

/// Whether `subject` may use a file themselves.
async fn may(world: &World, subject: &str, file: &str, kind: AccessKind) -> pb::CheckAccessResponse {
    let request = pb::CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: file.to_owned(),
        kind: kind.into(),
        ..pb::CheckAccessRequest::default()
    };
    world.access(subject).requests.check_access(request).await.good()
}

/// Gives `subject` one more post.
async fn appoint(world: &World, subject: &str, post: &str, unit: &str) {
    world.appoint(subject, post, unit).await;
}

/// Enters a new person with one post.
async fn hire(world: &World, subject: &str, post: &str, unit: &str) {
    let person = pb::Person { subject: subject.to_owned(), display_name: "新同事".into(), ..pb::Person::default() };
    let request = pb::CreatePersonRequest {
        person: Some(person),
        request_id: world.request_id(),
        ..pb::CreatePersonRequest::default()
    };
    world.access("office-director").directory.create_person(request).await.good();
    appoint(world, subject, post, unit).await;
}

/// The refused attempts of `subject` that access has journaled, oldest first.
async fn refusals(world: &World, subject: &str) -> Vec<AccessRefused> {
    world.settle().await;
    let person = world.who(subject).await;
    let refused = |stored: check::Stored| match stored.body.event?.kind? {
        Kind::AccessRefused(event) if event.person == person => Some(event),
        _ => None,
    };
    check::journal(world, Which::Access, DEMO).await.into_iter().filter_map(refused).collect()
}

/// How many entries access has journaled.
async fn entries(world: &World) -> usize {
    world.settle().await;
    check::journal(world, Which::Access, DEMO).await.len()
}

/// Waits until the archivist hears from access's journal that `action` was done to `subject`.
async fn heard(world: &World, action: &str, subject: &str) -> EntryBody {
    let watch = WatchEntriesRequest { parent: home(Which::Access), ..WatchEntriesRequest::default() };
    let mut stream = world.access("archivist").journal.watch_entries(watch).await.good();
    let listen = async {
        while let Some(page) = stream.message().await.unwrap() {
            let bodies = page.entries.iter().map(|entry| EntryBody::decode(&entry.body[..]).unwrap());
            if let Some(body) = bodies.into_iter().find(|body| body.action == action && body.subject == subject) {
                return body;
            }
        }
        panic!("the journal ended without {action}");
    };
    // Grants are swept every half minute.
    tokio::time::timeout(Duration::from_secs(90), listen).await.expect("the journal tells it in time")
}

/// What `subject` is answered, with the name they asked for made the same for all.
async fn answer(world: &Replica, which: Which, subject: &str, method: &str, message: Vec<u8>, file: &str) -> Raw {
    let blind = |bytes: Vec<u8>| {
        let hidden = "*".repeat(file.len());
        String::from_utf8_lossy(&bytes).replace(file, &hidden).into_bytes()
    };
    match world.raw(which, world.person(DEMO, subject), method, message).await {
        Raw::Message(bytes) => Raw::Message(blind(bytes)),
        Raw::Refusal(code, sentence, details) => Raw::Refusal(code, sentence, blind(details)),
    }
}
