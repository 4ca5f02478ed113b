//! One field at fault in every request of access.

use dossier_proto::access::v1::{
    AppointPersonRequest, Appointment, Approval, ApproveStepRequest, BatchCheckAccessRequest,
    CancelAccessRequestRequest, CheckAccessRequest, CompleteGrantRequest, CreateApprovalRequest,
    CreateDelegationRequest, CreatePersonRequest, Delegation, EndAppointmentRequest, GetAccessRequestRequest,
    GetApprovalRequest, GetDelegationRequest, GetLoanRequest, GetPersonRequest, ListAccessRequestsRequest,
    ListApprovalsRequest, ListDelegationsRequest, ListGrantsRequest, ListLoansRequest, ListOverdueLoansRequest,
    ListPendingApprovalsRequest, ListPersonsRequest, Loan, LoanedItem, Person, RecallLoanRequest,
    RejectApprovalRequest, RenewLoanRequest, ResubmitApprovalRequest, ReturnApprovalRequest, ReturnLoanRequest,
    RevokeDelegationRequest, RevokeGrantRequest, SimulateApprovalRequest, UpdatePersonRequest, WithdrawApprovalRequest,
};
use dossier_proto::types::{AccessKind, Scope};
use dossier_tests::scene::sound;
use prost_types::FieldMask;

use super::over::Over::{Absent, Bytes, Long, Many, Number, Say};
use super::over::Table;
use crate::prelude::*;

on_both_stores! {
    // proves
    async fn access_names_the_field_at_fault_and_writes_nothing(world) {
        let mut table = Table::new(Which::Access);
        let delegate = world.who("deputy").await;
        let held = world.ending("deputy", "deputy_general_manager", "general-office").await.name;
        directory(&mut table, &delegate, held);
        letters(&mut table, world, &delegate);
        approvals(&mut table);
        signatures(&mut table);
        requests(&mut table, world);
        loans(&mut table, world).await;
        lists(&mut table);
        crate::bad_input::profile::shared(&mut table, Which::Access);
        table.hold(world).await;
    }
}

// A loan of one thing with its pages counted, as far as its return asks.
fn lent() -> Loan {
    let item = LoanedItem { copies: 1, pages: Some(20), ..LoanedItem::default() };
    Loan { items: vec![item], ..Loan::default() }
}

fn name(collection: &str) -> String {
    format!("{collection}/{}", Uuid::from_u128(1))
}

fn directory(table: &mut Table, person: &str, held: String) {
    let given = Person { subject: "new-1".into(), display_name: "新员工".into(), ..Person::default() };
    let create = CreatePersonRequest { person: Some(given), ..CreatePersonRequest::default() };
    table
        .form("dossier.access.v1.DirectoryService/CreatePerson", "office-director", &create)
        .mutation()
        .named("person.subject", Long(256))
        .named("person.subject", Say(""))
        .named("person.subject", Say("a\nb"))
        .named("person.display_name", Long(101))
        .named("person.display_name", Say("  "));
    let given = Person { name: person.to_owned(), display_name: "新名".into(), ..Person::default() };
    let update_mask = Some(FieldMask { paths: vec!["display_name".into()] });
    let update = UpdatePersonRequest { person: Some(given), update_mask, ..UpdatePersonRequest::default() };
    table
        .form("dossier.access.v1.DirectoryService/UpdatePerson", "office-director", &update)
        .mutation()
        .named("person.name", Say("persons/me"))
        .named("person.display_name", Long(101))
        .named("person.display_name", Say(""))
        .fault("update_mask.paths", Many(0), "update_mask");
    let appointment = Some(Appointment { post: "sales_staff".into(), unit: "sales".into(), ..Appointment::default() });
    let appoint = AppointPersonRequest { name: person.to_owned(), appointment, ..AppointPersonRequest::default() };
    table
        .form("dossier.access.v1.DirectoryService/AppointPerson", "office-director", &appoint)
        .mutation()
        .named("name", Long(45))
        .fault("appointment.valid_from.seconds", Number(i64::MAX), "appointment.valid_from")
        .fault("appointment.valid_until.seconds", Number(1), "appointment.valid_until");
    let end = EndAppointmentRequest { name: held, reason: "x".into(), ..EndAppointmentRequest::default() };
    table
        .form("dossier.access.v1.DirectoryService/EndAppointment", "office-director", &end)
        .mutation()
        .named("reason", Say(""))
        .named("name", Say("persons/7"));
    let get = GetPersonRequest { name: person.to_owned() };
    table.form("dossier.access.v1.DirectoryService/GetPerson", "sales-1", &get).named("name", Long(20));
}

fn letters(table: &mut Table, world: &World, delegate: &str) {
    let delegation = Delegation {
        delegate: delegate.to_owned(),
        matters: vec!["loan.confidential".into()],
        max_level: "confidential".into(),
        valid_until: Some(stamp(world.now() + SignedDuration::from_hours(72))),
        letter_reference: "委托书 2026-001".into(),
        ..Delegation::default()
    };
    let create = CreateDelegationRequest { delegation: Some(delegation), ..CreateDelegationRequest::default() };
    table
        .form("dossier.access.v1.DirectoryService/CreateDelegation", "gm", &create)
        .mutation()
        .named("delegation.delegate", Say(""))
        .named("delegation.delegator", Say("persons/7"))
        .named("delegation.post", Say("emperor"))
        .named("delegation.matters", Many(21))
        .named("delegation.matters", Many(0))
        .named("delegation.matters", Say("*"))
        .named("delegation.max_level", Say("cosmic"))
        .named("delegation.letter_reference", Long(201))
        .named("delegation.letter_reference", Say(""))
        .fault("delegation.valid_from.seconds", Number(i64::MAX), "delegation.valid_from")
        .fault("delegation.valid_until.seconds", Number(1), "delegation.valid_until");
    let revoke = RevokeDelegationRequest { name: name("delegations"), reason: "x".into(), ..Default::default() };
    table
        .form("dossier.access.v1.DirectoryService/RevokeDelegation", "gm", &revoke)
        .mutation()
        .named("reason", Say(""))
        .named("name", Say("delegations/7"));
    let get = GetDelegationRequest { name: name("delegations") };
    table.form("dossier.access.v1.DirectoryService/GetDelegation", "gm", &get).named("name", Say("x"));
}

fn approvals(table: &mut Table) {
    let approval = Approval {
        matter: "credit.limit".into(),
        subject: "limits/1".into(),
        unit: "sales".into(),
        content_digest: vec![1; 32],
        summary: "一项申请".into(),
        ..Approval::default()
    };
    let create = CreateApprovalRequest { approval: Some(approval), ..CreateApprovalRequest::default() };
    table
        .form("dossier.access.v1.ApprovalService/CreateApproval", "analyst", &create)
        .mutation()
        .named("approval.matter", Say("credit.everything"))
        .named("approval.subject", Long(201))
        .named("approval.subject", Say(""))
        .named("approval.file", Say("files/7"))
        .named("approval.unit", Long(64))
        .named("approval.unit", Say(""))
        .named("approval.level", Say("cosmic"))
        .named("approval.content_digest", Bytes(31))
        .named("approval.summary", Long(501))
        .named("approval.summary", Say(""))
        .named("approval.requester", Say("persons/7"))
        .named("approval.excluded_persons", Say("persons/7"))
        .named("approval.amount.minor_units", Number(i64::MAX))
        .named("approval.amount.currency_code", Say("yuan"));
    let simulate = SimulateApprovalRequest { matter: "credit.limit".into(), ..SimulateApprovalRequest::default() };
    table.form("dossier.access.v1.PolicyService/SimulateApproval", "gm", &simulate).fault(
        "time.seconds",
        Number(i64::MAX),
        "time",
    );
}

fn signatures(table: &mut Table) {
    let (one, digest, reason) = (name("approvals"), vec![1; 32], "x".to_owned());
    let approve =
        ApproveStepRequest { name: one.clone(), content_digest: digest.clone(), ..ApproveStepRequest::default() };
    table
        .form("dossier.access.v1.ApprovalService/ApproveStep", "gm", &approve)
        .mutation()
        .named("name", Say("approvals/7"))
        .named("content_digest", Bytes(33))
        .named("content_digest", Bytes(0))
        .named("delegation", Say("delegations/7"));
    let (name, content_digest) = (one.clone(), digest.clone());
    let reject =
        RejectApprovalRequest { name, content_digest, reason: reason.clone(), ..RejectApprovalRequest::default() };
    table
        .form("dossier.access.v1.ApprovalService/RejectApproval", "gm", &reject)
        .mutation()
        .named("reason", Say(""))
        .named("content_digest", Bytes(31))
        .named("delegation", Long(10));
    let (name, content_digest) = (one.clone(), digest);
    let back = ReturnApprovalRequest { name, content_digest, reason: reason.clone(), ..Default::default() };
    table
        .form("dossier.access.v1.ApprovalService/ReturnApproval", "gm", &back)
        .mutation()
        .named("reason", Say(""))
        .named("content_digest", Bytes(64));
    let resubmit =
        ResubmitApprovalRequest { name: one.clone(), reason: reason.clone(), ..ResubmitApprovalRequest::default() };
    table
        .form("dossier.access.v1.ApprovalService/ResubmitApproval", "sales-1", &resubmit)
        .mutation()
        .named("reason", Say(""))
        .named("summary", Long(501))
        .named("content_digest", Bytes(5));
    let withdraw = WithdrawApprovalRequest { name: one.clone(), reason, ..WithdrawApprovalRequest::default() };
    table
        .form("dossier.access.v1.ApprovalService/WithdrawApproval", "sales-1", &withdraw)
        .mutation()
        .named("reason", Say(""))
        .named("name", Say("approvals"));
    let get = GetApprovalRequest { name: one };
    table.form("dossier.access.v1.ApprovalService/GetApproval", "gm", &get).named("name", Long(60));
}

fn requests(table: &mut Table, world: &World) {
    let ask = world.asking(&name("files"), AccessKind::View);
    table
        .form("dossier.access.v1.AccessService/RequestAccess", "sales-2", &ask)
        .mutation()
        .named("file", Say("files/7"))
        .named("kind", Number(99))
        .named("kind", Number(0))
        .named("purpose", Long(64))
        .named("justification", Long(501))
        .named("scope", Absent)
        .fault("scope.whole_file", Absent, "scope")
        .named("scope.field_set.fields", Many(0))
        .named("scope.field_set.fields", Many(101))
        .named("scope.field_set.fields", Long(64))
        .named("reading_place", Long(64))
        .fault("duration.seconds", Number(-1), "duration")
        .fault("duration.nanos", Number(5), "duration");
    let cancel = CancelAccessRequestRequest { name: name("accessRequests"), ..Default::default() };
    table
        .form("dossier.access.v1.AccessService/CancelAccessRequest", "sales-2", &cancel)
        .mutation()
        .named("name", Long(50));
    let revoke = RevokeGrantRequest { name: name("grants"), reason: "x".into(), ..RevokeGrantRequest::default() };
    table
        .form("dossier.access.v1.AccessService/RevokeGrant", "gm", &revoke)
        .mutation()
        .named("reason", Say(""))
        .named("name", Say("grants/7"));
    let complete = CompleteGrantRequest { name: name("grants"), ..CompleteGrantRequest::default() };
    table
        .form("dossier.access.v1.AccessService/CompleteGrant", "sales-2", &complete)
        .mutation()
        .named("name", Say("grants/7"));
    let check = CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: name("files"),
        kind: AccessKind::View.into(),
        ..Default::default()
    };
    let batch = BatchCheckAccessRequest { checks: vec![check.clone()] };
    table
        .form("dossier.access.v1.AccessService/CheckAccess", "gm", &check)
        .named("file", Say("files/7"))
        .named("person", Say("persons/7"))
        .named("kind", Number(99))
        .named("kind", Number(0))
        .named("purpose", Say(""))
        .named("purpose", Say("private"))
        .named("scope", Absent)
        .fault("scope.whole_file", Absent, "scope")
        .named("scope.field_set.fields", Many(0))
        .named("scope.field_set.fields", Many(101));
    table
        .form("dossier.access.v1.AccessService/BatchCheckAccess", "gm", &batch)
        .fault("checks[0].file", Say("files/7"), "checks.0.file")
        .fault("checks[0].kind", Number(99), "checks.0.kind")
        .named("checks", Many(101))
        .named("checks", Many(0));
    for (method, collection) in [("GetAccessRequest", "accessRequests"), ("GetGrant", "grants")] {
        let method: &'static str = format!("dossier.access.v1.AccessService/{method}").leak();
        // Both requests are one name.
        let get = GetAccessRequestRequest { name: name(collection) };
        table.form(method, "gm", &get).named("name", Say("x"));
    }
}

async fn loans(table: &mut Table, world: &World) {
    let out = world.handing_out(&name("files"), "gm", "").await;
    table
        .form("dossier.access.v1.LoanService/CheckOutItems", "archivist", &out)
        .mutation()
        .named("justification", Say(""))
        .named("file", Say("files/7"))
        .named("borrower", Say("gm"))
        .named("grant", Say("grants/7"))
        .fault("items[0].description", Long(501), "items.0.description")
        .fault("items[0].description", Say(""), "items.0.description")
        .fault("items[0].item", Say("items/7"), "items.0.item")
        .fault("items[0].copies", Number(1000), "items.0.copies")
        .fault("items[0].copies", Number(0), "items.0.copies")
        .fault("items[0].pages", Number(100_000), "items.0.pages")
        .fault("items[0].pages", Number(0), "items.0.pages")
        .fault("items", Many(2), "items.1.item")
        .named("items", Many(21))
        .named("items", Many(0))
        .fault("duration.seconds", Number(0), "duration")
        .named("acceptance.signature_reference", Long(201))
        .named("acceptance.signature_reference", Say(""))
        .named("acceptance.duties", Long(30));
    let inspections = vec![sound(&lent())];
    let back = ReturnLoanRequest { name: name("loans"), inspections, ..ReturnLoanRequest::default() };
    table
        .form("dossier.access.v1.LoanService/ReturnLoan", "archivist", &back)
        .mutation()
        .fault("inspections[0].condition", Number(99), "inspections.0.condition")
        .fault("inspections[0].condition", Number(0), "inspections.0.condition")
        .fault("inspections[0].copies", Number(1000), "inspections.0.copies")
        .fault("inspections[0].pages", Number(100_000), "inspections.0.pages")
        .fault("inspections[0].inspected", Many(4), "inspections.0.inspected")
        .fault("inspections[0].differences", Many(21), "inspections.0.differences")
        .fault("inspections[0].differences", Long(201), "inspections.0.differences")
        .fault("inspections[0].restored_location", Long(201), "inspections.0.restored_location")
        .fault("inspections[0].restored_location", Say(""), "inspections.0.restored_location");
    let renew =
        RenewLoanRequest { name: name("loans"), duration: Some(hours(1)), reason: "x".into(), ..Default::default() };
    table
        .form("dossier.access.v1.LoanService/RenewLoan", "archivist", &renew)
        .mutation()
        .named("reason", Say(""))
        .named("name", Say("loans/7"))
        .fault("duration.seconds", Number(-5), "duration");
    let recall = RecallLoanRequest { name: name("loans"), reason: "x".into(), ..RecallLoanRequest::default() };
    table
        .form("dossier.access.v1.LoanService/RecallLoan", "archivist", &recall)
        .mutation()
        .named("reason", Say(""))
        .named("name", Say("loans/7"));
    let get = GetLoanRequest { name: name("loans") };
    table.form("dossier.access.v1.LoanService/GetLoan", "archivist", &get).named("name", Say("x"));
}

fn lists(table: &mut Table) {
    let size = Number(-1);
    table
        .form("dossier.access.v1.DirectoryService/ListPersons", "gm", &ListPersonsRequest::default())
        .named("page_size", size);
    table
        .form("dossier.access.v1.DirectoryService/ListDelegations", "gm", &ListDelegationsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.access.v1.ApprovalService/ListApprovals", "gm", &ListApprovalsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.access.v1.ApprovalService/ListPendingApprovals", "gm", &ListPendingApprovalsRequest::default())
        .named("page_size", size);
    table
        .form("dossier.access.v1.AccessService/ListAccessRequests", "gm", &ListAccessRequestsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.access.v1.AccessService/ListGrants", "gm", &ListGrantsRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.access.v1.LoanService/ListLoans", "gm", &ListLoansRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
    table
        .form("dossier.access.v1.LoanService/ListOverdueLoans", "gm", &ListOverdueLoansRequest::default())
        .named("page_size", size)
        .named("order_by", Say("colour"));
}
