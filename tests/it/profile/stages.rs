//! Records on their way: what each stage asks for, who signs, what is frozen, and what the journal can prove of it.

use dossier_kernel::sql;
use dossier_proto::profile::v1::{
    GetRecordRevisionRequest, ListRecordRevisionsRequest, RecordState, SignRecordRequest,
};
use dossier_proto::types::unmet_condition::What;
use dossier_tests::scene::{RESULT, complaint, talk};

use crate::prelude::*;

async fn missing(world: &World, subject: &str, name: &str) -> Vec<What> {
    let stages = world.explain(subject, name).await.good().stages;
    stages.into_iter().flat_map(|one| one.unmet).filter_map(|one| one.what).collect()
}

on_both_stores! {
    // proves: P-57, P-38
    async fn a_complaint_stays_open_until_its_result_is_recorded_and_signed(world) {
        let one = world.taken_up(1).await;
        assert_eq!((one.stage.as_str(), one.state(), one.next_stages.as_slice()), ("open", RecordState::Open, &["handled".to_owned()][..]));
        let expected = [What::Field(RESULT.into()), What::Signature("handler".into())];
        assert_eq!(missing(world, "sales-1", &one.name).await, expected);
        let refused = world.advance("sales-1", &one.name).await.refused(Reason::StageUnmet);
        assert_eq!(refused.metadata["stage"], "handled");
        let one = world.rewrite("sales-manager", &one, RESULT, Some(text("换货"))).await.good();
        world.advance("sales-manager", &one.name).await.refused(Reason::StageUnmet);
        let signed = world.sign_record("sales-manager", &one).await.good();
        assert_eq!((signed.signatures.len(), signed.signatures[0].post.as_str()), (1, "department_manager"));
        let handled = world.advance("sales-1", &one.name).await.good();
        assert_eq!((handled.stage.as_str(), missing(world, "sales-1", &one.name).await), ("handled", vec![What::Signature("deputy".into())]));
    }

    // proves: P-38, A-40
    async fn a_paper_goes_its_way_to_the_end_and_then_nothing_of_it_changes(world) {
        let one = world.answered(1).await;
        world.sign_record("sales-manager", &one).await.good();
        let handled = world.advance("sales-manager", &one.name).await.good();
        let signed = world.sign_record("deputy", &handled).await.good();
        assert_eq!(signed.signatures.len(), 2);
        let end = world.advance("sales-manager", &one.name).await.good();
        assert_eq!((end.state(), end.stage.as_str(), end.next_stages.len()), (RecordState::Final, "closed", 0));
        let steps: Vec<_> = end.steps.iter().map(|step| step.stage.as_str()).collect();
        assert_eq!(steps, ["open", "handled", "closed"]);
        world.rewrite("sales-manager", &end, RESULT, Some(text("x"))).await.refused(Reason::FieldViolation);
        world.send_record_back("sales-manager", &one.name, "open").await.refused(Reason::WrongState);
        world.void_record("sales-manager", &one.name).await.refused(Reason::WrongState);
        assert!(world.explain("sales-1", &one.name).await.good().stages.is_empty());
        let read = world.read_record("sales-1", &one.name).await.good();
        assert_eq!((read.signatures.len(), read.state()), (2, RecordState::Final));
        check::proven(world).await;
    }

    // proves: P-48, P-49, A-40
    async fn a_correction_opens_a_final_record_again_and_the_version_that_was_signed_stays(world) {
        let one = world.answered(1).await;
        let signed = world.sign_record("sales-manager", &one).await.good();
        let handled = world.advance("sales-manager", &one.name).await.good();
        world.sign_record("deputy", &handled).await.good();
        let end = world.advance("sales-manager", &one.name).await.good();
        world.rewrite("sales-manager", &end, RESULT, Some(text("赔偿"))).await.refused(Reason::FieldViolation);
        // Who made it and neither edits nor signs corrects nothing; nor does anybody what no stage has frozen.
        let fault = world.amend("sales-1", &end, RESULT, text("赔偿")).await.refused(Reason::FieldViolation);
        assert_eq!(fault.fields, ["fields.result_and_measures"]);
        let amended = world.amend("sales-manager", &end, RESULT, text("赔偿")).await.good();
        assert_eq!((amended.stage.as_str(), amended.state(), amended.signatures.len()), ("open", RecordState::Open, 0));
        assert_eq!(amended.next_stages, ["handled"]);
        let read = world.read_record("sales-1", &one.name).await.good();
        assert_eq!(read.fields[RESULT].value, text("赔偿").value);
        let name = format!("{}/revisions/{}", one.name, signed.revision);
        let request = GetRecordRevisionRequest { name, purpose: "customer_service".into(), ..Default::default() };
        let kept = world.profile("sales-1").records.get_record_revision(request).await.good();
        assert_eq!(kept.fields[RESULT].value, text("换货,道歉").value, "what was signed is still there");
        // And goes its way once more, signed anew.
        world.advance("sales-manager", &one.name).await.refused(Reason::StageUnmet);
        world.sign_record("sales-manager", &amended).await.good();
        assert_eq!(world.advance("sales-manager", &one.name).await.good().stage, "handled");
        world.void_record("sales-manager", &one.name).await.good();
        world.amend("sales-manager", &end, RESULT, text("x")).await.refused(Reason::WrongState);
        check::proven(world).await;
    }

    // proves: P-23
    async fn a_section_is_written_in_its_stage_by_those_it_belongs_to(world) {
        let file = world.active(1).await.name;
        let mut early = complaint("到货破损");
        early.fields.insert(RESULT.into(), text("换货"));
        assert!(world.note("sales-1", &file, early).await.refused(Reason::FieldViolation).names("fields.result_and_measures"));
        let one = world.note("sales-1", &file, complaint("到货破损")).await.good();
        let one = world.rewrite("sales-1", &one, "content", Some(text("到货破损两件"))).await.good();
        world.rewrite("sales-2", &one, "content", Some(text("x"))).await.refused(Reason::PermissionDenied);
        let open = world.advance("sales-1", &one.name).await.good();
        assert!(world.rewrite("sales-1", &open, "content", Some(text("x"))).await.refused(Reason::FieldViolation).names("fields.content"));
        assert!(world.rewrite("sales-1", &open, RESULT, Some(text("x"))).await.refused(Reason::FieldViolation).names("fields.result_and_measures"));
        assert!(world.rewrite("sales-manager", &open, "content", Some(text("x"))).await.refused(Reason::FieldViolation).names("fields.content"));
        world.rewrite("sales-manager", &open, RESULT, Some(text("换货"))).await.good();
    }

    // proves: A-40
    async fn a_changed_paper_keeps_no_signature_and_nobody_signs_another_version(world) {
        let one = world.answered(1).await;
        let signed = world.sign_record("sales-manager", &one).await.good();
        world.sign_record("sales-manager", &one).await.refused(Reason::EtagStale);
        world.sign_record("sales-manager", &signed).await.refused(Reason::AlreadyExists);
        let changed = world.rewrite("sales-manager", &signed, RESULT, Some(text("退款"))).await.good();
        assert!(changed.signatures.is_empty(), "what was signed is no longer what is there");
        world.advance("sales-manager", &one.name).await.refused(Reason::StageUnmet);
        let again = world.sign_record("sales-manager", &changed).await.good();
        assert_eq!(again.signatures.len(), 1);
        let blind = SignRecordRequest { name: one.name.clone(), request_id: world.request_id(), ..Default::default() };
        assert!(world.profile("sales-manager").records.sign_record(blind).await.refused(Reason::FieldViolation).names("etag"));
        check::proven(world).await;
    }

    // proves: A-39
    async fn different_slots_are_different_people_and_only_those_who_fill_one(world) {
        let one = world.answered(1).await;
        world.sign_record("sales-1", &one).await.refused(Reason::PermissionDenied);
        world.sign_record("archivist", &one).await.refused(Reason::PermissionDenied);
        // Whoever holds both posts still gives one of the signatures.
        world.appoint("sales-manager", "deputy_general_manager", "general-office").await;
        world.sign_record("sales-manager", &one).await.good();
        let handled = world.advance("sales-manager", &one.name).await.good();
        let refused = world.sign_record("sales-manager", &handled).await.refused(Reason::SignerInvolved);
        assert_eq!(refused.metadata["slot"], "handler");
        world.sign_record("deputy", &handled).await.good();
    }

    // proves: P-38
    async fn what_goes_back_is_written_and_signed_anew(world) {
        let one = world.answered(1).await;
        world.sign_record("sales-manager", &one).await.good();
        world.advance("sales-manager", &one.name).await.good();
        world.send_record_back("sales-1", &one.name, "open").await.refused(Reason::PermissionDenied);
        assert!(world.send_record_back("deputy", &one.name, "handled").await.refused(Reason::FieldViolation).names("stage"));
        let back = world.send_record_back("deputy", &one.name, "open").await.good();
        assert_eq!((back.stage.as_str(), back.steps.len(), back.signatures.len()), ("open", 1, 0));
        let again = world.rewrite("sales-manager", &back, RESULT, Some(text("退款"))).await.good();
        world.sign_record("sales-manager", &again).await.good();
        world.advance("sales-manager", &one.name).await.good();
        let all = world.send_record_back("sales-manager", &one.name, "").await.good();
        assert_eq!((all.stage.as_str(), all.steps.len()), ("", 0));
        check::proven(world).await;
    }

    // proves: P-33
    async fn a_void_record_stays_and_counts_for_nothing(world) {
        let one = world.taken_up(1).await;
        world.void_record("sales-1", &one.name).await.refused(Reason::PermissionDenied);
        let void = world.void_record("sales-manager", &one.name).await.good();
        assert_eq!((void.state(), void.next_stages.len()), (RecordState::Void, 0));
        world.advance("sales-manager", &one.name).await.refused(Reason::WrongState);
        let read = world.read_record("sales-1", &one.name).await.good();
        assert_eq!((read.state(), read.fields["content"].value.clone()), (RecordState::Void, text("到货破损").value));
        check::proven(world).await;
    }

    // proves: I8
    async fn an_act_that_is_repeated_happens_once_and_one_that_is_tried_not_at_all(world) {
        let one = world.answered(1).await;
        let (name, etag, request_id) = (one.name.clone(), one.etag.clone(), world.request_id());
        let request = SignRecordRequest { name, etag, request_id, ..SignRecordRequest::default() };
        let tried = SignRecordRequest { validate_only: true, request_id: world.request_id(), ..request.clone() };
        let mut calls = world.profile("sales-manager").records;
        assert_eq!(calls.sign_record(tried).await.good().signatures.len(), 1, "as if done");
        let first = calls.sign_record(request.clone()).await.good();
        assert_eq!(calls.sign_record(request).await.good(), first);
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let count = sql!(&mut tx, fetch_all as (i64,), "SELECT COUNT(*) FROM record_signature WHERE org = 'demo'").unwrap();
        assert_eq!(count, [(1,)]);
    }

    // proves: P-48, A-40
    async fn the_version_that_was_signed_can_be_read_years_later(world) {
        let one = world.answered(1).await;
        let signed = world.sign_record("sales-manager", &one).await.good();
        world.rewrite("sales-manager", &signed, RESULT, Some(text("退款"))).await.good();
        let mut calls = world.profile("sales-1").records;
        let first = ListRecordRevisionsRequest { parent: one.name.clone(), page_size: 3, ..Default::default() };
        let page = calls.list_record_revisions(first.clone()).await.good();
        let next = ListRecordRevisionsRequest { page_token: page.next_page_token.clone(), ..first };
        let rest = calls.list_record_revisions(next).await.good();
        let all: Vec<_> = page.revisions.iter().chain(&rest.revisions).collect();
        assert_eq!(all.iter().map(|one| one.revision).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
        assert!(all[1].changed_paths.is_empty() && all[0].changed_paths == ["fields.result_and_measures"]);
        assert!(all.iter().all(|one| one.fields.is_empty() && one.reason.is_empty()), "a list tells no content");
        let asked = |n| GetRecordRevisionRequest {
            name: format!("{}/revisions/{n}", one.name),
            purpose: "customer_service".into(),
            ..Default::default()
        };
        let then = calls.get_record_revision(asked(signed.signatures[0].revision)).await.good();
        assert_eq!(then.fields[RESULT].value, text("换货,道歉").value);
        let made = calls.get_record_revision(asked(1)).await.good();
        assert_eq!((made.reason.as_str(), made.fields.contains_key(RESULT)), ("电话记录", false));
        calls.get_record_revision(asked(6)).await.refused(Reason::ResourceNotFound);
        calls.get_record_revision(GetRecordRevisionRequest { purpose: String::new(), ..asked(1) }).await.refused(Reason::FieldViolation);
    }

    // proves: I10
    async fn explaining_tells_nothing_to_who_does_not_see_the_file(world) {
        let one = world.taken_up(1).await;
        world.explain("service-manager", &one.name).await.refused(Reason::ResourceNotFound);
        world.sign_record("service-manager", &one).await.refused(Reason::ResourceNotFound);
        world.advance("service-manager", &one.name).await.refused(Reason::ResourceNotFound);
    }

    // proves: P-47
    async fn a_noted_talk_is_in_its_stage_at_once(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        let steps: Vec<_> = made.steps.iter().map(|step| (step.stage.as_str(), step.revision)).collect();
        assert_eq!((made.stage.as_str(), steps.as_slice()), ("noted", &[("noted", 1)][..]));
    }
}
