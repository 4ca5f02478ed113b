//! Requests, grants and the one question: what opens a file, and what ends that.

use dossier_kernel::error::Reason;
use dossier_kernel::name;
use dossier_proto::access::v1 as pb;
use dossier_proto::journal::v1::FileDisclosed;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::types::{AccessKind, Scope};
use uuid::Uuid;

use super::super::{World, by, name as person, reason};
use super::{back, order, wish};

#[tokio::test]
async fn a_free_level_grants_at_once_and_a_revocation_ends_it_at_once() {
    let world = World::new().await;
    let mut access = world.access();
    let file = world.file(9, "none").await;
    assert_eq!(world.may("service-1", &file, AccessKind::View).await, pb::AccessReason::NeedToKnow);
    let mut request = wish(&file, AccessKind::View);
    request.scope = Some(Scope::field_set(["website", "fax"]));
    let given = access.request_access(by("service-1", request)).await.unwrap().into_inner().access_request.unwrap();
    assert_eq!((given.state(), given.approval.as_str()), (pb::AccessRequestState::Granted, ""));
    // Not the whole file: the grant is for some fields.
    assert_eq!(world.may("service-1", &file, AccessKind::View).await, pb::AccessReason::FieldsDenied);
    let mut question = pb::CheckAccessRequest {
        scope: Some(Scope::field_set(["website", "name", "postcode", "no_such_field"])),
        purpose: "contract_performance".into(),
        file: file.clone(),
        kind: AccessKind::View.into(),
        ..Default::default()
    };
    let batch = pb::BatchCheckAccessRequest { checks: vec![question.clone()] };
    let answers = access.batch_check_access(by("service-1", batch)).await.unwrap().into_inner().results;
    assert_eq!(answers[0].denied_fields, ["name", "postcode", "no_such_field"]);
    question.person = person("gm");
    assert_eq!(reason(access.check_access(by("service-1", question.clone())).await), Some(Reason::PermissionDenied));
    assert!(access.check_access(by("auditor", question)).await.unwrap().into_inner().allowed);

    let read = FileDisclosed { file: file.clone(), grant: given.grant.clone(), ..FileDisclosed::default() };
    world.heard(Kind::FileDisclosed(read)).await;
    assert_eq!(world.grant("service-1", &given.grant).await.uses, 1);
    let mut revoke =
        pb::RevokeGrantRequest { name: given.grant.clone(), reason: "no more".into(), ..Default::default() };
    assert_eq!(reason(access.revoke_grant(by("service-1", revoke.clone())).await), Some(Reason::PermissionDenied));
    assert_eq!(reason(access.revoke_grant(by("sales-1", revoke.clone())).await), Some(Reason::ResourceNotFound));
    revoke.etag = "v9".into();
    assert_eq!(reason(access.revoke_grant(by("gm", revoke.clone())).await), Some(Reason::EtagStale));
    revoke.etag.clear();
    let revoked = access.revoke_grant(by("gm", revoke.clone())).await.unwrap().into_inner();
    assert_eq!((revoked.state(), revoked.revoker), (pb::GrantState::Revoked, person("gm")));
    assert_eq!(reason(access.revoke_grant(by("gm", revoke)).await), Some(Reason::WrongState));
    assert_eq!(world.may("service-1", &file, AccessKind::View).await, pb::AccessReason::GrantEnded);
    for (state, count) in [(" AND state = REVOKED", 1), (" AND state = ACTIVE", 0), ("", 1)] {
        let filter = format!("file = \"{file}\"{state}");
        let wanted = pb::ListGrantsRequest { filter, ..Default::default() };
        assert_eq!(access.list_grants(by("gm", wanted)).await.unwrap().into_inner().grants.len(), count);
    }
    let filter = format!("requester = \"{}\"", person("service-1"));
    let wanted = pb::ListAccessRequestsRequest { filter, ..Default::default() };
    let listed = access.list_access_requests(by("gm", wanted)).await.unwrap().into_inner();
    assert_eq!(listed.access_requests.len(), 1);
}

#[tokio::test]
async fn what_is_above_or_closed_does_not_exist_and_a_rise_ends_everything() {
    let world = World::new().await;
    let mut access = world.access();
    let (secret, closed) = (world.file(10, "secret").await, world.file(11, "top_secret").await);
    let missing = name::name("files", Uuid::from_u128(99));
    for (subject, file) in [("sales-1", &secret), ("gm", &closed), ("archivist", &closed), ("gm", &missing)] {
        let asked = access.request_access(by(subject, wish(file, AccessKind::View))).await;
        assert_eq!(reason(asked), Some(Reason::ResourceNotFound), "{subject}");
        assert_eq!(world.may(subject, file, AccessKind::View).await, pb::AccessReason::FileNotFound);
        let out = world.loans().check_out_items(by("archivist", order(file, "gm", ""))).await;
        let expected = if *file == secret { Reason::AccessKindNotAllowed } else { Reason::ResourceNotFound };
        assert_eq!(reason(out), Some(expected));
    }
    let original = access.request_access(by("sales-manager", wish(&secret, AccessKind::Original))).await;
    assert_eq!(reason(original), Some(Reason::AccessKindNotAllowed));
    let unplaced = access.request_access(by("sales-manager", wish(&secret, AccessKind::View))).await;
    assert_eq!(reason(unplaced), Some(Reason::FieldViolation));
    let mut placed = wish(&secret, AccessKind::View);
    placed.reading_place = "archive_room".into();
    let asked = access.request_access(by("sales-manager", placed)).await.unwrap().into_inner().access_request.unwrap();
    world.approved("gm", &asked.approval).await;
    assert_eq!(world.may("sales-manager", &secret, AccessKind::View).await, pb::AccessReason::ReadingPlace);

    let file = world.file(12, "confidential").await;
    let ask = |subject: &'static str, kind: AccessKind| {
        let (mut access, wish) = (world.access(), wish(&file, kind));
        async move { access.request_access(by(subject, wish)).await.unwrap().into_inner().access_request.unwrap() }
    };
    let lent = ask("sales-1", AccessKind::Original).await;
    world.approved("deputy", &lent.approval).await;
    let grant = world.request("sales-1", &lent.name).await.grant;
    let out =
        world.loans().check_out_items(by("archivist", order(&file, "sales-1", &grant))).await.unwrap().into_inner();
    let pending = ask("sales-2", AccessKind::View).await;
    let cancelled = ask("sales-2", AccessKind::Original).await;
    let cancel = pb::CancelAccessRequestRequest { name: cancelled.name.clone(), ..Default::default() };
    assert_eq!(reason(access.cancel_access_request(by("gm", cancel.clone())).await), Some(Reason::PermissionDenied));
    let done = access.cancel_access_request(by("sales-2", cancel.clone())).await.unwrap().into_inner();
    assert_eq!(done.state(), pb::AccessRequestState::Cancelled);
    assert_eq!(reason(access.cancel_access_request(by("sales-2", cancel)).await), Some(Reason::WrongState));

    world.file(12, "top_secret").await;
    assert_eq!(world.request("sales-2", &pending.name).await.state(), pb::AccessRequestState::Refused);
    let approval = pb::GetApprovalRequest { name: pending.approval.clone() };
    let approval = world.approvals().get_approval(by("sales-2", approval)).await.unwrap().into_inner();
    assert_eq!(approval.state(), pb::ApprovalState::Withdrawn);
    assert_eq!(world.grant("sales-1", &grant).await.state(), pb::GrantState::Revoked);
    assert_eq!(world.may("sales-1", &file, AccessKind::View).await, pb::AccessReason::FileNotFound);
    let loan = world.loans().get_loan(by("archivist", pb::GetLoanRequest { name: out.name.clone() })).await.unwrap();
    assert_eq!((loan.get_ref().state(), loan.get_ref().recalled_by.as_str()), (pb::LoanState::Recalled, ""));
    world.loans().return_loan(by("archivist", back(&out.name, 40))).await.unwrap();
    assert_eq!(world.grant("sales-1", &grant).await.state(), pb::GrantState::Revoked);
}

#[tokio::test]
async fn a_no_a_return_and_a_lost_clearance_leave_no_right() {
    let world = World::new().await;
    let mut access = world.access();
    let file = world.file(13, "confidential").await;
    let asked = access.request_access(by("sales-1", wish(&file, AccessKind::View))).await.unwrap().into_inner();
    let asked = asked.access_request.unwrap();
    let get = pb::GetApprovalRequest { name: asked.approval.clone() };
    let digest = world.approvals().get_approval(by("gm", get)).await.unwrap().into_inner().content_digest;
    let back = pb::ReturnApprovalRequest {
        name: asked.approval.clone(),
        content_digest: digest.clone(),
        reason: "say more".into(),
        ..Default::default()
    };
    world.approvals().return_approval(by("gm", back)).await.unwrap();
    assert_eq!(world.request("gm", &asked.name).await.state(), pb::AccessRequestState::Returned);
    let (name, why) = (asked.approval.clone(), "corrected".to_owned());
    let resubmit = pb::ResubmitApprovalRequest { name, reason: why, ..Default::default() };
    world.approvals().resubmit_approval(by("sales-1", resubmit)).await.unwrap();
    assert_eq!(world.request("sales-1", &asked.name).await.state(), pb::AccessRequestState::Pending);
    let (name, content_digest, why) = (asked.approval.clone(), digest, "not needed".to_owned());
    let reject = pb::RejectApprovalRequest { name, content_digest, reason: why, ..Default::default() };
    world.approvals().reject_approval(by("gm", reject)).await.unwrap();
    let refused = world.request("sales-1", &asked.name).await;
    assert_eq!((refused.state(), refused.grant.as_str()), (pb::AccessRequestState::Refused, ""));

    let asked = access.request_access(by("sales-2", wish(&file, AccessKind::View))).await.unwrap().into_inner();
    let asked = asked.access_request.unwrap();
    world.approved("gm", &asked.approval).await;
    let grant = world.request("sales-2", &asked.name).await.grant;
    let held = world.directory().get_person(by("gm", pb::GetPersonRequest { name: person("sales-2") })).await.unwrap();
    let name = held.into_inner().appointments.remove(0).name;
    let end = pb::EndAppointmentRequest { name, reason: "left".into(), ..Default::default() };
    world.directory().end_appointment(by("office-director", end)).await.unwrap();
    assert_eq!(world.may("sales-2", &file, AccessKind::View).await, pb::AccessReason::PersonInactive);
    world.access.sweep("demo").await.unwrap();
    assert_eq!(world.grant("gm", &grant).await.state(), pb::GrantState::Revoked);
}
