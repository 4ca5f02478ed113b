//! 绝密: closed to everybody, and not to be told from a file that does not exist.

use dossier_proto::access::v1 as pb;
use dossier_proto::profile::v1::GetCustomerFileRequest;
use dossier_proto::types::{AccessKind, Scope};
use dossier_tests::raw::Raw;
use dossier_tests::scene::{sound, to_classify};
use prost::Message;

use super::*;

/// Everybody of the organisation, executives, custodians and delegates included.
const EVERYBODY: [&str; 12] = [
    "gm",
    "deputy",
    "office-director",
    "sales-manager",
    "sales-1",
    "sales-2",
    "archivist",
    "analyst",
    "finance-director",
    "service-manager",
    "service-1",
    "auditor",
];
const MEDIA: [AccessKind; 3] = [AccessKind::View, AccessKind::Copy, AccessKind::Original];

/// What `subject` is answered to every way of asking for `file`.
async fn answers(world: &World, subject: &str, file: &str) -> Vec<Raw> {
    let mut answers = Vec::new();
    for kind in MEDIA {
        let request = world.asking(file, kind).encode_to_vec();
        let method = "dossier.access.v1.AccessService/RequestAccess";
        answers.push(answer(world, Which::Access, subject, method, request, file).await);
        let kind = kind.into();
        let request = pb::CheckAccessRequest {
            scope: Some(Scope::whole_file()),
            purpose: "customer_service".into(),
            file: file.into(),
            kind,
            ..pb::CheckAccessRequest::default()
        };
        let method = "dossier.access.v1.AccessService/CheckAccess";
        answers.push(answer(world, Which::Access, subject, method, request.encode_to_vec(), file).await);
    }
    let request = world.handing_out(file, "gm", "").await.encode_to_vec();
    answers.push(
        answer(world, Which::Access, subject, "dossier.access.v1.LoanService/CheckOutItems", request, file).await,
    );
    let request =
        GetCustomerFileRequest { name: file.into(), purpose: "customer_service".into(), ..Default::default() }
            .encode_to_vec();
    let method = "dossier.profile.v1.CustomerFileService/GetCustomerFile";
    answers.push(answer(world, Which::Profile, subject, method, request, file).await);
    answers
}

on_both_stores! {
    // proves, I10
    async fn nobody_tells_a_top_secret_file_from_one_that_does_not_exist(world) {
        let file = world.at_level(1, "top_secret").await;
        world.letter("office-director").await.good();
        world.settle().await;
        for subject in EVERYBODY {
            assert_eq!(answers(world, subject, &file.name).await, answers(world, subject, NO_FILE).await, "{subject}");
        }
    }

    // proves: A-23
    async fn neither_executives_nor_delegates_open_a_top_secret_file(world) {
        let file = world.at_level(1, "top_secret").await;
        world.letter("office-director").await.good();
        for subject in ["gm", "deputy", "office-director", "finance-director", "sales-manager", "archivist", "sales-1"]
        {
            for kind in MEDIA {
                world.ask(subject, &file.name, kind).await.refused(Reason::ResourceNotFound);
                let answer = may(world, subject, &file.name, kind).await;
                assert_eq!((answer.allowed, answer.reason()), (false, pb::AccessReason::FileNotFound), "{subject}");
            }
            world.read(subject, &file.name).await.refused(Reason::ResourceNotFound);
        }
        for borrower in ["gm", "deputy", "office-director"] {
            world.check_out(&file.name, borrower, "").await.refused(Reason::ResourceNotFound);
        }
    }

    // proves
    async fn no_letter_and_no_approval_reaches_the_closed_level(world) {
        let letter = pb::Delegation {
            delegate: world.who("office-director").await,
            matters: vec!["loan.confidential".into()],
            max_level: "top_secret".into(),
            valid_until: Some(stamp(world.now() + SignedDuration::from_hours(1))),
            letter_reference: "委托书 9".into(),
            ..pb::Delegation::default()
        };
        let refused = world.delegate("gm", letter).await.refused(Reason::DelegationExceedsPower);
        assert_eq!(refused.metadata["bound"], "level");
        let asked = question(world, "loan.confidential", "top_secret");
        world.access("sales-manager").approvals.create_approval(asked).await.refused(Reason::LevelClosed);
        let simulated = pb::SimulateApprovalRequest {
            matter: "loan.confidential".into(),
            level: "top_secret".into(),
            ..pb::SimulateApprovalRequest::default()
        };
        assert!(!world.access("sales-1").policy.simulate_approval(simulated).await.good().reachable);
    }

    // proves
    async fn a_rise_to_top_secret_ends_what_was_granted_asked_and_lent(world) {
        let file = world.at_level(1, "confidential").await;
        let lent = world.granted("sales-2", &file.name, AccessKind::Original, &["gm"]).await;
        let loan = world.check_out(&file.name, "sales-2", &lent.name).await.good();
        let seen = world.granted("sales-manager", &file.name, AccessKind::View, &["deputy"]).await;
        let asked = world.ask("analyst", &file.name, AccessKind::View).await.good().access_request.unwrap();
        let raise = to_classify(&file.name, "top_secret");
        let approval = world.approved_act("archivist", raise, "gm").await;
        world.classify_on("archivist", &file.name, "top_secret", &approval).await.good();
        world.settle().await;
        for (holder, grant) in [("sales-2", &lent), ("sales-manager", &seen)] {
            assert_eq!(grant_of(world, holder, &grant.name).await.state(), pb::GrantState::Revoked, "{holder}");
            world.read(holder, &file.name).await.refused(Reason::ResourceNotFound);
        }
        assert_eq!(request_of(world, "analyst", &asked.name).await.state(), pb::AccessRequestState::Refused);
        let approval = world.approval("analyst", &asked.approval).await.good();
        assert_eq!(approval.state(), pb::ApprovalState::Withdrawn);
        // Who might have signed and did not is told no more of it than of the file.
        world.approval("gm", &asked.approval).await.refused(Reason::ResourceNotFound);
        let recalled = loan_of(world, "sales-2", &loan.name).await;
        assert_eq!((recalled.state(), recalled.recalled_by.as_str()), (pb::LoanState::Recalled, ""));
        // What is out comes back all the same.
        world.take_back(&loan, sound(&loan)).await.good();
        check::holds(world).await;
    }
}
