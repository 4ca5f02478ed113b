//! Acts that nobody does alone: who decides who decides, and what is done to a closed file.

use dossier_proto::journal::v1::event::Kind;
use dossier_proto::profile::v1::CloseCustomerFileRequest;
use dossier_tests::scene::{to_appoint, to_classify, to_close, to_hand_over};
use tonic::{Response, Status};

use super::*;

/// Closes a file, by the office director.
async fn close(
    world: &World,
    name: &str,
    approval: &str,
) -> Result<Response<dossier_proto::profile::v1::CustomerFile>, Status> {
    let request = CloseCustomerFileRequest {
        name: name.to_owned(),
        approval: approval.to_owned(),
        request_id: world.request_id(),
        reason: "客户注销".into(),
        ..CloseCustomerFileRequest::default()
    };
    world.profile("office-director").files.close_customer_file(request).await
}

fn letter(world: &World, delegate: &str) -> pb::Delegation {
    pb::Delegation {
        delegate: delegate.to_owned(),
        matters: vec!["credit.limit".into()],
        max_level: "none".into(),
        valid_until: Some(stamp(world.now() + SignedDuration::from_hours(72))),
        letter_reference: "委托书 12".into(),
        ..pb::Delegation::default()
    }
}

on_both_stores! {
    // proves
    async fn nobody_makes_an_approver_alone(world) {
        let (post, unit) = ("general_manager", "general-office");
        let refused = world.appoint_on("sales-1", post, unit, "").await.refused(Reason::ApprovalMissing);
        assert_eq!(refused.metadata["matter"], "act.appoint");
        // A plain post of a unit is given by who manages the directory.
        world.appoint_on("service-1", "sales_staff", "sales", "").await.good();
        let person = world.who("sales-1").await;
        world.ask_act("sales-manager", to_appoint(&person, post, unit)).await.refused(Reason::PermissionDenied);
        let asked = world.ask_act("office-director", to_appoint(&person, post, unit)).await.good();
        assert_eq!((asked.matter.as_str(), asked.excluded_persons.as_slice()), ("act.appoint", &[person][..]));
        // Pending is no yes, and the asker gives none.
        world.appoint_on("sales-1", post, unit, &asked.name).await.refused(Reason::ApprovalMissing);
        world.approve("office-director", &asked.name).await.refused(Reason::ApprovalOwnRequest);
        world.approve("deputy", &asked.name).await.good();
        // It is about this person, this post and this unit.
        world.appoint_on("sales-2", post, unit, &asked.name).await.refused(Reason::ApprovalMissing);
        world.appoint_on("sales-1", post, "sales", &asked.name).await.refused(Reason::ApprovalMissing);
        world.appoint_on("sales-1", "deputy_general_manager", unit, &asked.name).await.refused(Reason::ApprovalMissing);
        let made = world.appoint_on("sales-1", post, unit, &asked.name).await.good();
        assert!(made.appointments.iter().any(|held| held.post == post));
        world.settle().await;
        let entries = check::journal(world, Which::Access, DEMO).await;
        let approvals = entries.into_iter().filter_map(|stored| match stored.body.event?.kind? {
            Kind::AppointmentChanged(event) if event.person == made.name => Some(event.approval),
            _ => None,
        });
        assert_eq!(approvals.collect::<Vec<_>>(), [String::new(), asked.name]);
        check::holds(world).await;
    }

    // proves: A-39
    async fn an_approval_of_an_act_is_used_once_and_by_who_asked(world) {
        let (post, unit) = ("department_manager", "sales");
        let approval =
            world.approved_act("office-director", to_appoint(&world.who("sales-2").await, post, unit), "gm").await;
        world.appoint_on("sales-2", post, unit, &approval).await.good();
        world.dismiss("sales-2", post, unit).await.good();
        world.appoint_on("sales-2", post, unit, &approval).await.refused(Reason::ApprovalMissing);
        // Where none is needed, none is taken.
        let refused = world.appoint_on("sales-2", "sales_staff", "finance", &approval).await.refused(Reason::FieldViolation);
        assert!(refused.names("approval"));
        // Another holder of the action does not use what they did not ask for.
        world.appoint("deputy", "office_director", "general-office").await;
        let approval =
            world.approved_act("office-director", to_appoint(&world.who("sales-2").await, post, unit), "gm").await;
        let request = pb::AppointPersonRequest {
            name: world.who("sales-2").await,
            appointment: Some(pb::Appointment { post: post.into(), unit: unit.into(), ..Default::default() }),
            request_id: world.request_id(),
            approval,
            ..pb::AppointPersonRequest::default()
        };
        world.access("deputy").directory.appoint_person(request).await.refused(Reason::ApprovalMissing);
    }

    // proves: A-39
    async fn who_gains_by_an_act_decides_nothing(world) {
        let act = to_appoint(&world.who("deputy").await, "general_manager", "general-office");
        let asked = world.ask_act("office-director", act).await.good();
        world.approve("deputy", &asked.name).await.refused(Reason::ApprovalNotApprover);
        world.approve("gm", &asked.name).await.good();
        let own = to_appoint(&world.who("office-director").await, "general_manager", "general-office");
        world.ask_act("office-director", own).await.refused(Reason::PermissionDenied);
        let free = to_appoint(&world.who("sales-2").await, "sales_staff", "finance");
        assert!(world.ask_act("office-director", free).await.refused(Reason::FieldViolation).names("approval.act"));
    }

    // proves: A-40
    async fn what_an_approval_of_an_act_is_about_is_said_by_the_act_alone(world) {
        // A question with a digest of the asker's own making could be about anything.
        let question = question(world, "act.appoint", "none");
        let refused = world.access("sales-manager").approvals.create_approval(question).await.refused(Reason::FieldViolation);
        assert!(refused.names("approval.act"), "{refused:?}");
        let act = to_appoint(&world.who("sales-1").await, "department_manager", "sales");
        for spoil in [
            pb::Approval { summary: "请审批".into(), ..pb::Approval::default() },
            pb::Approval { content_digest: vec![7; 32], ..pb::Approval::default() },
            pb::Approval { subject: "persons/x".into(), ..pb::Approval::default() },
            pb::Approval { matter: "act.closed".into(), ..pb::Approval::default() },
        ] {
            let request = pb::CreateApprovalRequest {
                approval: Some(pb::Approval { act: Some(act.clone()), ..spoil }),
                request_id: world.request_id(),
                reason: "工作需要".into(),
                ..pb::CreateApprovalRequest::default()
            };
            world.access("office-director").approvals.create_approval(request).await.refused(Reason::FieldViolation);
        }
        let asked = world.ask_act("office-director", act.clone()).await.good();
        assert_eq!(asked.act, Some(act));
        assert!(asked.summary.contains("department_manager"), "{}", asked.summary);
        // A second round tells the same.
        send_back(world, "gm", &asked).await.good();
        let request = pb::ResubmitApprovalRequest {
            name: asked.name.clone(),
            summary: "别的事".into(),
            request_id: world.request_id(),
            reason: "已补充说明".into(),
            ..pb::ResubmitApprovalRequest::default()
        };
        let refused = world.access("office-director").approvals.resubmit_approval(request).await.refused(Reason::FieldViolation);
        assert!(refused.names("summary"));
        resubmit(world, "office-director", &asked.name).await.good();
    }

    // proves
    async fn a_voice_where_two_decide_is_lent_on_an_approval(world) {
        let calls = |subject: &str| world.access_as(world.person("meridian", subject));
        let gm = calls("gm").directory.get_person(pb::GetPersonRequest { name: "persons/me".into() }).await.good().name;
        let delegate = world.who_in("meridian", "finance-director").await;
        let create = |approval: &str| pb::CreateDelegationRequest {
            delegation: Some(letter(world, &delegate)),
            request_id: world.request_id(),
            approval: approval.to_owned(),
            ..pb::CreateDelegationRequest::default()
        };
        let refused = calls("gm").directory.create_delegation(create("")).await.refused(Reason::ApprovalMissing);
        assert_eq!(refused.metadata["matter"], "act.delegate");
        let act = pb::Act {
            kind: Some(pb::act::Kind::Delegation(pb::DelegationAct { delegation: Some(letter(world, &delegate)) })),
        };
        let request = pb::CreateApprovalRequest {
            approval: Some(pb::Approval { act: Some(act), ..pb::Approval::default() }),
            request_id: world.request_id(),
            reason: "出差期间".into(),
            ..pb::CreateApprovalRequest::default()
        };
        let asked = calls("gm").approvals.create_approval(request).await.good();
        assert_eq!(asked.excluded_persons, [gm, delegate.clone()]);
        let yes = yes(world, &asked);
        calls("finance-director").approvals.approve_step(yes.clone()).await.bad();
        calls("north-head").approvals.approve_step(yes).await.good();
        calls("gm").directory.create_delegation(create(&asked.name)).await.good();
        calls("gm").directory.create_delegation(create(&asked.name)).await.refused(Reason::ApprovalMissing);
    }

    // proves
    async fn a_file_rises_to_a_closed_level_by_the_named_post_or_by_approval(world) {
        let file = world.active(1).await;
        for subject in ["archivist", "sales-manager", "office-director"] {
            let refused = world.classify(subject, &file.name, "top_secret").await.refused(Reason::ApprovalMissing);
            assert_eq!(refused.metadata["matter"], "act.raise", "{subject}");
        }
        let approval = world.approved_act("sales-manager", to_classify(&file.name, "top_secret"), "deputy").await;
        // Of another level, or by somebody else, it is none.
        world.classify_on("archivist", &file.name, "top_secret", &approval).await.refused(Reason::ApprovalMissing);
        world.classify_on("sales-manager", &file.name, "secret", &approval).await.refused(Reason::FieldViolation);
        world.classify_on("sales-manager", &file.name, "top_secret", &approval).await.good();
        let other = world.active(2).await;
        world.classify("gm", &other.name, "top_secret").await.good();
        // Nor does a draft begin there by one who may not raise.
        let draft = dossier_proto::profile::v1::CustomerFile { level: "top_secret".into(), ..dossier_tests::scene::company(3) };
        world.create(&mut world.profile("sales-manager"), draft).await.refused(Reason::ApprovalMissing);
        world.settle().await;
        check::holds(world).await;
    }

    // proves: A-23, I10
    async fn a_closed_file_is_brought_down_by_two_and_read_by_neither(world) {
        let file = world.at_level(1, "top_secret").await;
        let by_number = format!("fileNumbers/{}", file.number);
        for name in [&file.name, &by_number] {
            let refused = world.classify("gm", name, "secret").await.refused(Reason::ApprovalMissing);
            assert_eq!(refused.metadata["matter"], "act.closed");
            // Who does not hold the action is told of no file.
            for subject in ["archivist", "sales-manager", "deputy"] {
                world.classify(subject, name, "secret").await.refused(Reason::ResourceNotFound);
                world.ask_act(subject, to_classify(name, "secret")).await.refused(Reason::ResourceNotFound);
            }
        }
        let asked = world.ask_act("office-director", to_classify(&by_number, "secret")).await.good();
        let Some(pb::act::Kind::File(line)) = asked.act.clone().unwrap().kind else { panic!("an act on a file") };
        let register = (line.file.as_str(), line.number.as_str(), line.present_level.as_str(), line.unit.as_str());
        assert_eq!(register, (file.name.as_str(), file.number.as_str(), "top_secret", "sales"));
        // It names what nobody else may know of: who reads all other approvals does not read this one.
        world.approval("auditor", &asked.name).await.refused(Reason::ResourceNotFound);
        let all = pb::ListApprovalsRequest::default();
        assert_eq!(world.access("auditor").approvals.list_approvals(all.clone()).await.good().approvals, []);
        assert_eq!(world.access("gm").approvals.list_approvals(all).await.good().approvals.len(), 1);
        let list = pb::ListPendingApprovalsRequest::default();
        let pending = world.access("gm").approvals.list_pending_approvals(list).await.good().approvals;
        assert!(pending.iter().any(|one| one.name == asked.name));
        world.approve("gm", &asked.name).await.good();
        world.settle().await;
        let readers = ["gm", "office-director", "deputy"];
        for reader in readers {
            world.read(reader, &file.name).await.refused(Reason::ResourceNotFound);
        }
        world.classify_on("office-director", &by_number, "none", &asked.name).await.refused(Reason::ApprovalMissing);
        let told = world.classify_on("office-director", &by_number, "secret", &asked.name).await.good();
        assert_eq!((told.level.as_str(), told.number.as_str(), told.unit.as_str()), ("secret", file.number.as_str(), "sales"));
        assert!(told.fields.is_empty() && told.classification.is_empty() && told.custodian.is_empty(), "{told:?}");
        // After it ordinary rules hold: neither who asked nor who decided reads it by that.
        for reader in readers {
            world.read(reader, &file.name).await.refused(Reason::ResourceNotFound);
        }
        world.read_in("archivist", &file.name, "archive_room").await.good();
        world.settle().await;
        check::holds(world).await;
    }

    // proves: A-23
    async fn whatever_is_done_to_a_closed_file_needs_its_approval(world) {
        let file = world.at_level(1, "top_secret").await;
        let keeper = world.who("archivist").await;
        world.hand_over("office-director", &file.name, "archivist", "").await.refused(Reason::ApprovalMissing);
        close(world, &file.name, "").await.refused(Reason::ApprovalMissing);
        let labels = dossier_proto::profile::v1::ClassifyCustomerFileRequest {
            name: file.name.clone(),
            classification: [("industry".to_owned(), "x".to_owned())].into(),
            request_id: world.request_id(),
            ..Default::default()
        };
        world.profile("office-director").files.classify_customer_file(labels).await.bad();
        let act = to_hand_over(&file.name, &keeper);
        let approval = world.approved_act("office-director", act, "gm").await;
        // The yes to a hand-over closes nothing.
        close(world, &file.name, &approval).await.refused(Reason::ApprovalMissing);
        let told = world.hand_over("office-director", &file.name, "archivist", &approval).await.good();
        assert!(told.fields.is_empty() && told.custodian.is_empty(), "{told:?}");
        world.settle().await;
        world.read("archivist", &file.name).await.refused(Reason::ResourceNotFound);
        let approval = world.approved_act("office-director", to_close(&file.name), "deputy").await;
        let told = close(world, &file.name, &approval).await.good();
        assert_eq!(told.state(), dossier_proto::profile::v1::CustomerFileState::Closed);
        assert!(told.fields.is_empty(), "{told:?}");
        world.settle().await;
        check::holds(world).await;
    }
}
