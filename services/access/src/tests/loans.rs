//! The road of a file from a request to its return through the real rpcs and a real store.

mod rights;

use dossier_journal::Apply;
use dossier_kernel::error::Reason;
use dossier_kernel::{name, transact};
use dossier_proto::access::v1 as pb;
use dossier_proto::access::v1::access_service_client::AccessServiceClient;
use dossier_proto::access::v1::loan_service_client::LoanServiceClient;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, Event, FileChanged};
use dossier_proto::types;
use dossier_proto::types::{AccessKind, Scope};
use jiff::SignedDuration;
use prost_types::Duration;
use tonic::service::Routes;
use uuid::Uuid;

use super::{World, by, name as person, reason};
use crate::work::ProfileFeed;

const HOUR: i64 = 3600;

// === impl World ===

impl World {
    fn access(&self) -> AccessServiceClient<Routes> {
        AccessServiceClient::new(self.routes.clone())
    }

    fn loans(&self) -> LoanServiceClient<Routes> {
        LoanServiceClient::new(self.routes.clone())
    }

    fn wait(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// What profile's journal would say of a file of the sales department.
    async fn file(&self, number: u128, level: &str) -> String {
        let file = name::name("files", Uuid::from_u128(number));
        let event = FileChanged {
            file: file.clone(),
            number: format!("KH-2026-{number:05}"),
            level: level.into(),
            unit: "sales".into(),
            state: "CUSTOMER_FILE_STATE_ACTIVE".into(),
            revision: 1,
            complete: true,
            template: "templates/customer_core".into(),
            ..FileChanged::default()
        };
        self.heard(Kind::FileChanged(event)).await;
        file
    }

    async fn heard(&self, kind: Kind) {
        let entry = EntryBody {
            org: "demo".into(),
            service: "profile".into(),
            time: Some(dossier_kernel::time::to_proto(self.base.providers.clock.now())),
            event: Some(Event { kind: Some(kind) }),
            ..EntryBody::default()
        };
        let feed = ProfileFeed(self.base.clone());
        transact!(self.base.db, tx => feed.apply(tx, 1, &entry).await).unwrap();
    }

    async fn may(&self, subject: &str, file: &str, kind: AccessKind) -> pb::AccessReason {
        let question = pb::CheckAccessRequest {
            scope: Some(Scope::whole_file()),
            purpose: "contract_performance".into(),
            file: file.into(),
            kind: kind.into(),
            ..Default::default()
        };
        let answer = self.access().check_access(by(subject, question)).await.unwrap().into_inner();
        let grounds = [pb::AccessReason::Standing, pb::AccessReason::Grant, pb::AccessReason::Executive];
        assert_eq!(answer.allowed, grounds.contains(&answer.reason()));
        answer.reason()
    }

    async fn approved(&self, subject: &str, approval: &str) {
        let get = pb::GetApprovalRequest { name: approval.into() };
        let found = self.approvals().get_approval(by(subject, get)).await.unwrap().into_inner();
        let (name, content_digest) = (approval.to_owned(), found.content_digest);
        let approve = pb::ApproveStepRequest { name, content_digest, ..Default::default() };
        self.approvals().approve_step(by(subject, approve)).await.unwrap();
    }

    async fn request(&self, subject: &str, name: &str) -> pb::AccessRequest {
        let get = pb::GetAccessRequestRequest { name: name.into() };
        self.access().get_access_request(by(subject, get)).await.unwrap().into_inner()
    }

    async fn grant(&self, subject: &str, name: &str) -> pb::Grant {
        self.access().get_grant(by(subject, pb::GetGrantRequest { name: name.into() })).await.unwrap().into_inner()
    }
}

fn wish(file: &str, kind: AccessKind) -> pb::RequestAccessRequest {
    pb::RequestAccessRequest {
        scope: Some(Scope::whole_file()),
        file: file.into(),
        kind: kind.into(),
        purpose: "contract_performance".into(),
        justification: "renewal of the yearly contract".into(),
        ..Default::default()
    }
}

fn order(file: &str, borrower: &str, grant: &str) -> pb::CheckOutItemsRequest {
    let duties = ["keep_clean", "no_marking", "no_copying", "no_sublending", "no_loss"].map(str::to_owned);
    pb::CheckOutItemsRequest {
        file: file.into(),
        borrower: person(borrower),
        grant: grant.into(),
        items: vec![pb::LoanedItem {
            description: "volume 1 of 1".into(),
            copies: 1,
            pages: Some(40),
            ..pb::LoanedItem::default()
        }],
        acceptance: Some(pb::DutyAcceptance { duties: duties.into(), signature_reference: "slip 7".into() }),
        justification: if grant.is_empty() { "meeting with the customer".into() } else { String::new() },
        ..Default::default()
    }
}

fn back(loan: &str, pages: i32) -> pb::ReturnLoanRequest {
    let inspected = ["pages_complete", "undamaged", "unmarked", "same_material"].map(str::to_owned);
    pb::ReturnLoanRequest {
        name: loan.into(),
        inspections: vec![pb::ItemInspection {
            condition: pb::ReturnCondition::Sound.into(),
            copies: Some(1),
            pages: Some(pages),
            inspected: inspected.into(),
            differences: vec![],
            restored_location: "room 2, cabinet 7".into(),
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn hours(hours: i64) -> Option<Duration> {
    Some(Duration { seconds: hours * HOUR, nanos: 0 })
}

#[tokio::test]
async fn a_confidential_original_goes_out_for_four_hours_and_comes_back() {
    let world = World::new().await;
    let (mut access, mut loans) = (world.access(), world.loans());
    let file = world.file(7, "confidential").await;
    let requests = "SELECT COUNT(*) FROM access_request WHERE org = $1";

    let mut tried = wish(&file, AccessKind::Original);
    tried.validate_only = true;
    let told = access.request_access(by("sales-2", tried)).await.unwrap().into_inner();
    assert!(told.reachable && told.steps.len() == 1 && told.access_request.unwrap().name.is_empty());
    assert_eq!(told.longest_term.unwrap(), types::Term { count: 4, unit: types::TermUnit::Hours.into() });
    assert_eq!(world.count(requests).await, 0);

    let refused = |change: fn(&mut pb::RequestAccessRequest)| {
        let mut wish = wish(&file, AccessKind::Original);
        change(&mut wish);
        let mut access = world.access();
        async move { reason(access.request_access(by("sales-2", wish)).await) }
    };
    assert_eq!(refused(|it| it.duration = hours(5)).await, Some(Reason::LoanTooLong));
    assert_eq!(refused(|it| it.duration = hours(0)).await, Some(Reason::FieldViolation));
    assert_eq!(refused(|it| it.purpose = "curiosity".into()).await, Some(Reason::RequestNotWorkRelated));
    assert_eq!(refused(|it| it.justification = "why".into()).await, Some(Reason::RequestNotWorkRelated));
    assert_eq!(refused(|it| it.kind = AccessKind::Copy.into()).await, Some(Reason::AccessKindNotAllowed));
    assert_eq!(refused(|it| it.kind = 9).await, Some(Reason::FieldViolation));
    let refusals = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'access.refused'";
    assert_eq!(world.count(refusals).await, 4);

    let asked = access.request_access(by("sales-2", wish(&file, AccessKind::Original))).await.unwrap().into_inner();
    let asked = asked.access_request.unwrap();
    assert_eq!((asked.state(), asked.matter.as_str()), (pb::AccessRequestState::Pending, "loan.confidential"));
    assert_eq!(asked.duration, hours(4));
    let twice = access.request_access(by("sales-2", wish(&file, AccessKind::Original))).await;
    assert_eq!(reason(twice), Some(Reason::AlreadyExists));
    let get = pb::GetAccessRequestRequest { name: asked.name.clone() };
    assert_eq!(reason(access.get_access_request(by("sales-1", get)).await), Some(Reason::ResourceNotFound));
    assert_eq!(world.may("sales-2", &file, AccessKind::Original).await, pb::AccessReason::NeedToKnow);

    world.approved("deputy", &asked.approval).await;
    let granted = world.request("sales-2", &asked.name).await;
    assert_eq!(granted.state(), pb::AccessRequestState::Granted);
    let grant = world.grant("sales-2", &granted.grant).await;
    assert_eq!((grant.state(), grant.max_uses, grant.loan_duration), (pb::GrantState::Active, 1, hours(4)));
    assert_eq!(world.may("sales-2", &file, AccessKind::Original).await, pb::AccessReason::Grant);
    assert_eq!(world.may("sales-2", &file, AccessKind::View).await, pb::AccessReason::Grant);
    assert_eq!(world.may("sales-1", &file, AccessKind::View).await, pb::AccessReason::NeedToKnow);
    assert_eq!(world.may("service-1", &file, AccessKind::View).await, pb::AccessReason::FileNotFound);
    let other = pb::GetGrantRequest { name: grant.name.clone() };
    assert_eq!(reason(access.get_grant(by("sales-1", other)).await), Some(Reason::ResourceNotFound));

    let mut wrong = order(&file, "sales-2", &grant.name);
    assert_eq!(reason(loans.check_out_items(by("sales-1", wrong.clone())).await), Some(Reason::PermissionDenied));
    wrong.acceptance.as_mut().unwrap().duties.pop();
    assert_eq!(reason(loans.check_out_items(by("archivist", wrong)).await), Some(Reason::DutiesNotAccepted));
    let foreign = order(&file, "sales-1", &grant.name);
    assert_eq!(reason(loans.check_out_items(by("archivist", foreign)).await), Some(Reason::ResourceNotFound));
    let own = order(&file, "archivist", "");
    assert_eq!(reason(loans.check_out_items(by("archivist", own)).await), Some(Reason::BorrowerInvolved));
    let without = order(&file, "gm", "");
    assert_eq!(reason(loans.check_out_items(by("archivist", without)).await), Some(Reason::ApprovalMissing));

    world.wait(20 * HOUR);
    assert_eq!(world.may("sales-2", &file, AccessKind::View).await, pb::AccessReason::GrantEnded);
    let out = loans.check_out_items(by("archivist", order(&file, "sales-2", &grant.name))).await.unwrap().into_inner();
    let length = out.due_time.unwrap().seconds - out.check_out_time.unwrap().seconds;
    assert_eq!((out.state(), length, out.overdue), (pb::LoanState::Out, 4 * HOUR, false));
    assert_eq!(world.may("sales-2", &file, AccessKind::View).await, pb::AccessReason::Grant);
    let again = loans.check_out_items(by("archivist", order(&file, "sales-2", &grant.name))).await;
    assert_eq!(reason(again), Some(Reason::GrantNotCurrent));
    let hidden = pb::GetLoanRequest { name: out.name.clone() };
    assert_eq!(reason(loans.get_loan(by("sales-1", hidden)).await), Some(Reason::ResourceNotFound));
    let done = pb::CompleteGrantRequest { name: grant.name.clone(), ..Default::default() };
    assert_eq!(reason(access.complete_grant(by("sales-2", done)).await), Some(Reason::WrongState));
    let longer = pb::RenewLoanRequest {
        name: out.name.clone(),
        duration: hours(5),
        reason: "more".into(),
        ..Default::default()
    };
    assert_eq!(reason(loans.renew_loan(by("archivist", longer)).await), Some(Reason::RenewalRefused));

    world.wait(4 * HOUR);
    world.access.sweep("demo").await.unwrap();
    let late = pb::ListOverdueLoansRequest::default();
    let listed = loans.list_overdue_loans(by("archivist", late.clone())).await.unwrap().into_inner();
    assert!(listed.loans.is_empty(), "the last instant is still in time");
    world.wait(1);
    world.access.sweep("demo").await.unwrap();
    world.access.sweep("demo").await.unwrap();
    let listed = loans.list_overdue_loans(by("archivist", late)).await.unwrap().into_inner();
    assert!(listed.loans.len() == 1 && listed.loans[0].overdue);
    let demands = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'loan.return_demanded'";
    assert_eq!(world.count(demands).await, 1);
    let duties = "SELECT COUNT(*) FROM duty WHERE org = $1 AND state = 'DUTY_STATE_OPEN' AND kind LIKE 'loan.%'";
    assert_eq!(world.count(duties).await, 2);
    assert_eq!(world.may("sales-2", &file, AccessKind::View).await, pb::AccessReason::GrantEnded);

    let recall = pb::RecallLoanRequest { name: out.name.clone(), reason: "time is over".into(), ..Default::default() };
    let recalled = loans.recall_loan(by("archivist", recall.clone())).await.unwrap().into_inner();
    assert_eq!((recalled.state(), recalled.recalled_by), (pb::LoanState::Recalled, person("archivist")));
    assert_eq!(reason(loans.recall_loan(by("archivist", recall)).await), Some(Reason::WrongState));
    let mut unseen = back(&out.name, 39);
    unseen.inspections[0].inspected.pop();
    assert_eq!(reason(loans.return_loan(by("archivist", unseen)).await), Some(Reason::FieldViolation));
    let returned = loans.return_loan(by("archivist", back(&out.name, 39))).await.unwrap().into_inner();
    assert_eq!(returned.state(), pb::LoanState::ReturnedWithDifference);
    assert_eq!(returned.case_reference, "LD-2026-000001");
    assert_eq!(reason(loans.return_loan(by("archivist", back(&out.name, 40))).await), Some(Reason::WrongState));
    assert_eq!(world.count(duties).await, 0);
    assert_eq!(world.grant("sales-2", &grant.name).await.state(), pb::GrantState::Completed);
    let own = loans.list_loans(by("sales-2", pb::ListLoansRequest::default())).await.unwrap().into_inner();
    assert_eq!(own.loans, [returned]);
    let none = loans.list_loans(by("sales-1", pb::ListLoansRequest::default())).await.unwrap().into_inner();
    assert!(none.loans.is_empty());
}

#[tokio::test]
async fn executives_borrow_unclassified_originals_and_one_original_has_one_holder() {
    let world = World::new().await;
    let file = world.file(8, "none").await;
    let direct =
        world.access().request_access(by("finance-director", wish(&file, AccessKind::Original))).await.unwrap();
    let direct = direct.into_inner();
    assert!(direct.direct_borrowing && direct.access_request.is_none() && direct.steps.is_empty());
    let clerk = world.loans().check_out_items(by("archivist", order(&file, "sales-1", ""))).await;
    assert_eq!(reason(clerk), Some(Reason::ApprovalMissing));
    let mut silent = order(&file, "gm", "");
    silent.justification.clear();
    assert_eq!(reason(world.loans().check_out_items(by("archivist", silent)).await), Some(Reason::FieldViolation));

    let borrow = |borrower: &'static str| {
        let (mut loans, file) = (world.loans(), file.clone());
        async move { loans.check_out_items(by("archivist", order(&file, borrower, ""))).await }
    };
    let executives = ["gm", "deputy", "office-director", "finance-director"];
    let outcomes = futures::future::join_all(executives.map(borrow)).await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(lost.into_iter().all(|one| reason(one) == Some(Reason::OriginalOut)));
    assert_eq!(world.may("finance-director", &file, AccessKind::Original).await, pb::AccessReason::OnLoan);

    let out = won.into_iter().next().unwrap().unwrap().into_inner();
    world.wait(HOUR);
    let mut renew = pb::RenewLoanRequest { name: out.name.clone(), reason: "more".into(), ..Default::default() };
    renew.duration = hours(24 * 100);
    assert_eq!(reason(world.loans().renew_loan(by("archivist", renew)).await), Some(Reason::LoanTooLong));
    let mut request = back(&out.name, 40);
    request.request_id = "0198a000-0000-7000-8000-000000000009".into();
    let returned = world.loans().return_loan(by("archivist", request.clone())).await.unwrap().into_inner();
    assert_eq!(world.loans().return_loan(by("archivist", request)).await.unwrap().into_inner(), returned);
    assert_eq!((returned.state(), returned.case_reference.as_str()), (pb::LoanState::Returned, ""));
    borrow("gm").await.unwrap();
}
