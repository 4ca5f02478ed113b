//! The road of a letter and of an approval through the real rpcs and a real store.

mod loans;

use std::sync::Arc;

use dossier_authority::Base;
use dossier_journal::{Disclosures, Recorder, Wake};
use dossier_kernel::auth::Caller;
use dossier_kernel::call::Providers;
use dossier_kernel::clock::Manual;
use dossier_kernel::db::{Db, Settings, migrate};
use dossier_kernel::error::{Reason, reason_of};
use dossier_kernel::id::Seeded;
use dossier_kernel::mutation::Mutations;
use dossier_kernel::sql;
use dossier_proto::access::v1 as pb;
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use dossier_proto::access::v1::policy_service_client::PolicyServiceClient;
use dossier_regime::Regimes;
use dossier_vault::tombstone::Tombstones;
use dossier_vault::{Keyring, Replies, Vault};
use futures::StreamExt;
use prost_types::{FieldMask, Timestamp};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tonic::{Request, Status};

use crate::Access;
use crate::bootstrap::person_id;

struct World {
    base: Base,
    access: Access,
    clock: Arc<Manual>,
    routes: Routes,
    _dir: tempfile::TempDir,
}

// === impl World ===

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Manual::at("2026-03-02T01:30:00Z".parse().unwrap());
        let ids = Seeded::new(1, clock.clone());
        let providers = Providers { clock: clock.clone(), ids };
        let url = format!("sqlite:{}", dir.path().join("db").display());
        let db = Db::open(&Settings::new(url)).await.unwrap();
        let owners = [
            &dossier_kernel::MIGRATIONS,
            &dossier_journal::MIGRATIONS,
            &dossier_authority::MIGRATIONS,
            &dossier_vault::MIGRATIONS,
            &crate::MIGRATIONS,
        ];
        migrate(&db, &owners).await.unwrap();
        let provider: Arc<dyn dossier_vault::KeyProvider> =
            Arc::new(Keyring::create(&dir.path().join("keys"), &*providers.ids).unwrap());
        let tombstones = Tombstones::open(dir.path().join("tombstones")).unwrap();
        let sealer = Arc::new(Replies::new(provider.clone(), providers.ids.clone()).unwrap());
        let wake = Wake::default();
        let base = Base {
            service: "access",
            regimes: Arc::new(Regimes::shipped().unwrap()),
            turning: Arc::default(),
            vault: Vault::new(provider, providers.ids.clone(), tombstones),
            mutations: Mutations::new(db.clone(), sealer, providers.clone()),
            recorder: Recorder::new("access", providers.clone()),
            freshness: Default::default(),
            doubts: Default::default(),
            memo: dossier_authority::Memo::new("access", &db, 1 << 20),
            watches: dossier_kernel::slots::Slots::new(64),
            strangers: dossier_authority::Strangers::default(),
            disclosures: Disclosures::start(&db, &wake, Default::default(), &TaskTracker::new()),
            wake,
            bus: dossier_kernel::bus::open(&Default::default(), Vec::new()).unwrap(),
            providers,
            db,
        };
        let access = Access::new(base.clone(), CancellationToken::new());
        access.bootstrap().await.unwrap();
        access.bootstrap().await.unwrap();
        Self { base, routes: access.routes(), access, clock, _dir: dir }
    }

    fn approvals(&self) -> ApprovalServiceClient<Routes> {
        ApprovalServiceClient::new(self.routes.clone())
    }

    fn directory(&self) -> DirectoryServiceClient<Routes> {
        DirectoryServiceClient::new(self.routes.clone())
    }

    async fn count(&self, text: &'static str) -> i64 {
        let mut tx = self.base.db.read().await.unwrap();
        sql!(&mut tx, fetch_one as (i64,), text, "demo").unwrap().0
    }
}

fn by<T>(subject: &str, message: T) -> Request<T> {
    let service = subject == "credit";
    let mut request = Request::new(message);
    let caller = Caller {
        org: "demo".into(),
        subject: subject.into(),
        service,
        issuer: "test".into(),
        expires: jiff::Timestamp::MAX,
    };
    request.extensions_mut().insert(caller);
    request
}

fn name(subject: &str) -> String {
    format!("persons/{}", person_id("demo", subject))
}

fn reason<T: std::fmt::Debug>(answer: Result<T, Status>) -> Option<Reason> {
    reason_of(&answer.unwrap_err())
}

fn asked(requester: &str, matter: &str, level: &str, subject: &str) -> pb::CreateApprovalRequest {
    let approval = pb::Approval {
        matter: matter.into(),
        subject: subject.into(),
        unit: "sales".into(),
        level: level.into(),
        content_digest: vec![7; 32],
        summary: "one question".into(),
        requester: if requester.is_empty() { String::new() } else { name(requester) },
        ..pb::Approval::default()
    };
    pb::CreateApprovalRequest { approval: Some(approval), reason: "because".into(), ..Default::default() }
}

fn approve(name: &str) -> pb::ApproveStepRequest {
    pb::ApproveStepRequest { name: name.into(), content_digest: vec![7; 32], ..Default::default() }
}

fn letter(delegate: &str, max_level: &str, hours: i64) -> pb::CreateDelegationRequest {
    let until = Timestamp { seconds: 1_772_415_000 + hours * 3600, nanos: 0 };
    let one = pb::Delegation {
        delegate: name(delegate),
        matters: vec!["loan.confidential".into()],
        max_level: max_level.into(),
        valid_until: Some(until),
        letter_reference: "2026-7".into(),
        ..pb::Delegation::default()
    };
    pb::CreateDelegationRequest { delegation: Some(one), ..Default::default() }
}

// proves: A-01
#[tokio::test]
async fn an_appointment_that_is_to_come_is_taken_back_and_never_held() {
    let world = World::new().await;
    let mut directory = world.directory();
    let later = dossier_kernel::time::to_proto("2026-03-03T01:30:00Z".parse().unwrap());
    let post = pb::Appointment {
        post: "sales_staff".into(),
        unit: "finance".into(),
        valid_from: Some(later),
        ..Default::default()
    };
    let appoint =
        pb::AppointPersonRequest { name: name("analyst"), appointment: Some(post.clone()), ..Default::default() };
    let held = directory.appoint_person(by("office-director", appoint.clone())).await.unwrap().into_inner();
    let coming = held.appointments.iter().find(|one| one.unit == "finance" && one.post == "sales_staff").unwrap();
    assert!(coming.name.starts_with(&format!("{}/appointments/", held.name)) && coming.valid_until.is_none());
    let end =
        pb::EndAppointmentRequest { name: coming.name.clone(), reason: "not needed".into(), ..Default::default() };
    let told = directory.end_appointment(by("office-director", end)).await.unwrap().into_inner();
    let gone = told.appointments.iter().find(|one| one.name == coming.name).unwrap();
    assert_eq!(gone.valid_until, gone.valid_from, "it holds at no moment");
    let entries = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'person.appointment_withdrawn'";
    assert_eq!(world.count(entries).await, 1);
    // Negative control: it stands in nobody's way, where one that holds does.
    directory.appoint_person(by("office-director", appoint.clone())).await.unwrap();
    assert_eq!(reason(directory.appoint_person(by("office-director", appoint)).await), Some(Reason::AppointmentExists));
}

#[tokio::test]
async fn the_directory_begins_with_the_file_and_changes_by_calls() {
    let world = World::new().await;
    let mut directory = world.directory();
    let people = world.base.tenant("demo").unwrap().organisation().people.len();
    let listed = directory.list_persons(by("gm", pb::ListPersonsRequest::default())).await.unwrap().into_inner();
    assert_eq!((listed.persons.len(), listed.next_page_token.as_str()), (people, ""));
    let entries = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'organisation.loaded'";
    assert_eq!(world.count(entries).await, 1);

    let person = pb::Person { subject: "new-1".into(), display_name: "新人甲".into(), ..Default::default() };
    let create = pb::CreatePersonRequest { person: Some(person), reason: "hired".into(), ..Default::default() };
    assert_eq!(reason(directory.create_person(by("sales-1", create.clone())).await), Some(Reason::PermissionDenied));
    let refusals = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'access.refused'";
    assert_eq!(world.count(refusals).await, 1);
    let made = directory.create_person(by("office-director", create.clone())).await.unwrap().into_inner();
    assert_eq!(reason(directory.create_person(by("office-director", create)).await), Some(Reason::PersonExists));
    assert_eq!(world.count("SELECT COUNT(*) FROM promise WHERE org = $1 AND field = 'reason'").await, 1);

    let post = pb::Appointment { post: "sales_staff".into(), unit: "sales".into(), ..Default::default() };
    let appoint = |etag: &str, name: &str| pb::AppointPersonRequest {
        name: name.into(),
        appointment: Some(post.clone()),
        etag: etag.into(),
        ..Default::default()
    };
    let own = appoint("", &name("office-director"));
    assert_eq!(reason(directory.appoint_person(by("office-director", own)).await), Some(Reason::PermissionDenied));
    let held = directory.appoint_person(by("office-director", appoint(&made.etag, &made.name))).await.unwrap();
    let held = held.into_inner().appointments;
    assert_eq!(held.len(), 1);
    let stale = directory.appoint_person(by("office-director", appoint(&made.etag, &made.name))).await;
    assert_eq!(reason(stale), Some(Reason::EtagStale));
    let twice = directory.appoint_person(by("office-director", appoint("", &made.name))).await;
    assert_eq!(reason(twice), Some(Reason::AppointmentExists));

    let me = pb::GetPersonRequest { name: "persons/me".into() };
    assert_eq!(directory.get_person(by("new-1", me.clone())).await.unwrap().into_inner().name, made.name);
    let end = |name: &str| pb::EndAppointmentRequest { name: name.into(), reason: "left".into(), ..Default::default() };
    directory.end_appointment(by("office-director", end(&held[0].name))).await.unwrap();
    let again = directory.end_appointment(by("office-director", end(&held[0].name))).await;
    assert_eq!(reason(again), Some(Reason::WrongState));
    // Of another person it does not exist.
    let foreign = held[0].name.replace(&made.name, &name("gm"));
    let foreign = directory.end_appointment(by("office-director", end(&foreign))).await;
    assert_eq!(reason(foreign), Some(Reason::ResourceNotFound));
    let off = pb::UpdatePersonRequest {
        person: Some(pb::Person { name: made.name.clone(), active: false, ..Default::default() }),
        update_mask: Some(FieldMask { paths: vec!["active".into()] }),
        ..Default::default()
    };
    directory.update_person(by("office-director", off)).await.unwrap();
    for (filter, found) in [("active = false", true), ("active = true", false), ("", true)] {
        let list = pb::ListPersonsRequest { filter: filter.into(), page_size: 500, ..Default::default() };
        let listed = directory.list_persons(by("gm", list)).await.unwrap().into_inner().persons;
        assert_eq!(listed.iter().any(|one| one.name == made.name), found, "{filter}");
    }
    assert_eq!(reason(directory.get_person(by("new-1", me)).await), Some(Reason::PersonUnknown));
}

#[tokio::test]
async fn a_delegate_signs_for_the_general_manager_and_both_are_one_voice() {
    let world = World::new().await;
    let (mut approvals, mut directory) = (world.approvals(), world.directory());
    let create = asked("sales-1", "loan.confidential", "confidential", "limits/1");
    let one = approvals.create_approval(by("credit", create.clone())).await.unwrap().into_inner();
    assert_eq!(one.state(), pb::ApprovalState::Pending);
    assert_eq!(reason(approvals.create_approval(by("credit", create)).await), Some(Reason::AlreadyExists));

    let get = pb::GetApprovalRequest { name: one.name.clone() };
    approvals.get_approval(by("sales-1", get.clone())).await.unwrap();
    assert_eq!(reason(approvals.get_approval(by("sales-2", get)).await), Some(Reason::ResourceNotFound));
    assert_eq!(
        reason(approvals.approve_step(by("sales-1", approve(&one.name))).await),
        Some(Reason::ApprovalOwnRequest)
    );
    assert_eq!(reason(approvals.approve_step(by("sales-2", approve(&one.name))).await), Some(Reason::ResourceNotFound));
    let early = approvals.approve_step(by("office-director", approve(&one.name))).await;
    assert_eq!(reason(early), Some(Reason::ApprovalNotApprover));

    let wrong = directory.create_delegation(by("gm", letter("sales-2", "confidential", 8))).await;
    assert_eq!(reason(wrong), Some(Reason::DelegationExceedsPower));
    let top = directory.create_delegation(by("gm", letter("office-director", "top_secret", 8))).await;
    assert_eq!(reason(top), Some(Reason::DelegationExceedsPower));
    let low = directory.create_delegation(by("gm", letter("office-director", "none", 8))).await.unwrap().into_inner();
    let outside = approvals.approve_step(by("office-director", approve(&one.name))).await;
    assert_eq!(reason(outside), Some(Reason::ApprovalOutsideDelegation));
    let given = directory.create_delegation(by("gm", letter("office-director", "confidential", 8))).await.unwrap();
    let given = given.into_inner();

    let waiting = pb::ListPendingApprovalsRequest::default();
    for (subject, count) in [("office-director", 1), ("gm", 1), ("sales-1", 0), ("finance-director", 0)] {
        let listed = approvals.list_pending_approvals(by(subject, waiting.clone())).await.unwrap().into_inner();
        assert_eq!(listed.approvals.len(), count, "{subject}");
    }
    let explained =
        approvals.explain_approval(by("gm", pb::ExplainApprovalRequest { name: one.name.clone() })).await.unwrap();
    let explained = explained.into_inner();
    assert!(explained.reachable && explained.steps[0].slots[0].candidates.iter().any(|one| one.eligible));

    let mut changes = approvals
        .watch_approval(by("sales-1", pb::WatchApprovalRequest { name: one.name.clone() }))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(changes.next().await.unwrap().unwrap().approval.unwrap().state(), pb::ApprovalState::Pending);
    let mut dry = approve(&one.name);
    dry.validate_only = true;
    approvals.approve_step(by("office-director", dry)).await.unwrap();
    let mut real = approve(&one.name);
    real.request_id = "0198a000-0000-7000-8000-000000000001".into();
    let done = approvals.approve_step(by("office-director", real.clone())).await.unwrap().into_inner();
    assert_eq!(approvals.approve_step(by("office-director", real)).await.unwrap().into_inner(), done);
    assert_eq!((done.state(), done.decisions.len()), (pb::ApprovalState::Approved, 1));
    let signed = &done.decisions[0];
    assert_eq!(
        (&signed.acting_for, &signed.delegation, &signed.post),
        (&name("gm"), &given.name, &"general_manager".to_owned())
    );
    assert_eq!(changes.next().await.unwrap().unwrap().approval.unwrap().state(), pb::ApprovalState::Approved);
    assert!(changes.next().await.is_none());

    let revoke = pb::RevokeDelegationRequest { name: low.name, reason: "back".into(), ..Default::default() };
    assert_eq!(
        directory.revoke_delegation(by("gm", revoke)).await.unwrap().into_inner().state(),
        pb::DelegationState::Revoked
    );
    for (filter, count) in [("state = ACTIVE", 1), ("state = REVOKED", 1), ("", 2)] {
        let list = pb::ListDelegationsRequest { filter: filter.into(), ..Default::default() };
        let own = directory.list_delegations(by("gm", list)).await.unwrap().into_inner();
        assert_eq!(own.delegations.len(), count, "{filter}");
    }
    let all = pb::ListApprovalsRequest::default();
    for (subject, count) in [("sales-1", 1), ("gm", 1), ("office-director", 1), ("sales-2", 0)] {
        let listed = approvals.list_approvals(by(subject, all.clone())).await.unwrap().into_inner();
        assert_eq!(listed.approvals.len(), count, "{subject}");
    }
}

#[tokio::test]
async fn of_many_who_sign_at_once_one_fills_the_slot() {
    let world = World::new().await;
    let mut approvals = world.approvals();
    let create = asked("sales-1", "loan.confidential", "confidential", "limits/4");
    let one = approvals.create_approval(by("credit", create)).await.unwrap().into_inner();
    let signing = (0..12).map(|at| {
        let (mut approvals, name) = (world.approvals(), one.name.clone());
        tokio::spawn(async move { approvals.approve_step(by(["gm", "deputy"][at % 2], approve(&name))).await })
    });
    let done = futures::future::join_all(signing).await;
    let (signed, refused): (Vec<_>, Vec<_>) = done.into_iter().map(Result::unwrap).partition(Result::is_ok);
    assert_eq!(signed.len(), 1);
    assert!(refused.into_iter().all(|answer| reason(answer) == Some(Reason::WrongState)));
    assert_eq!(world.count("SELECT COUNT(*) FROM approval_seat WHERE org = $1").await, 1);
    assert_eq!(
        world.count("SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'approval.signed'").await,
        1
    );
}

#[tokio::test]
async fn two_steps_a_return_and_a_second_round() {
    let world = World::new().await;
    let mut approvals = world.approvals();
    let create = asked("", "credit.limit", "", "limits/2");
    assert_eq!(reason(approvals.create_approval(by("sales-1", create.clone())).await), Some(Reason::PermissionDenied));
    let one = approvals.create_approval(by("analyst", create)).await.unwrap().into_inner();
    assert_eq!(reason(approvals.approve_step(by("gm", approve(&one.name))).await), Some(Reason::ApprovalNotApprover));
    let first = approvals.approve_step(by("finance-director", approve(&one.name))).await.unwrap().into_inner();
    assert_eq!(first.passed_steps, 1);
    assert_eq!(
        reason(approvals.approve_step(by("finance-director", approve(&one.name))).await),
        Some(Reason::ApprovalVoiceUsed)
    );
    let back = pb::ReturnApprovalRequest {
        name: one.name.clone(),
        content_digest: vec![7; 32],
        reason: "correct it".into(),
        ..Default::default()
    };
    let returned = approvals.return_approval(by("gm", back)).await.unwrap().into_inner();
    assert_eq!(returned.state(), pb::ApprovalState::Returned);
    let resubmit =
        pb::ResubmitApprovalRequest { name: one.name.clone(), reason: "corrected".into(), ..Default::default() };
    assert_eq!(reason(approvals.resubmit_approval(by("gm", resubmit.clone())).await), Some(Reason::PermissionDenied));
    let again = approvals.resubmit_approval(by("analyst", resubmit)).await.unwrap().into_inner();
    assert_eq!((again.state(), again.round, again.passed_steps), (pb::ApprovalState::Pending, 2, 0));
    approvals.approve_step(by("finance-director", approve(&one.name))).await.unwrap();
    let mut changed = approve(&one.name);
    changed.content_digest = vec![8; 32];
    assert_eq!(reason(approvals.approve_step(by("deputy", changed)).await), Some(Reason::ApprovalSubjectChanged));
    let done = approvals.approve_step(by("deputy", approve(&one.name))).await.unwrap().into_inner();
    assert_eq!((done.state(), done.decisions.len()), (pb::ApprovalState::Approved, 4));
    let withdraw = pb::WithdrawApprovalRequest { name: one.name, reason: "不再需要".into(), ..Default::default() };
    assert_eq!(reason(approvals.withdraw_approval(by("analyst", withdraw)).await), Some(Reason::WrongState));
}

#[tokio::test]
async fn the_rules_are_told_and_tried() {
    let world = World::new().await;
    let mut policy = PolicyServiceClient::new(world.routes.clone());
    let regime = policy.get_regime(by("sales-1", pb::GetRegimeRequest::default())).await.unwrap().into_inner();
    assert_eq!((regime.pack.as_str(), regime.levels.len()), ("R36", 4));
    let other = pb::GetRegimeRequest { name: "regimes/R39".into() };
    assert_eq!(reason(policy.get_regime(by("sales-1", other)).await), Some(Reason::ResourceNotFound));
    let simulate = |level: &str| pb::SimulateApprovalRequest {
        matter: "loan.confidential".into(),
        level: level.into(),
        ..Default::default()
    };
    let told = policy.simulate_approval(by("sales-1", simulate("confidential"))).await.unwrap().into_inner();
    assert!(told.reachable && told.steps.len() == 1);
    assert!(!policy.simulate_approval(by("sales-1", simulate("top_secret"))).await.unwrap().into_inner().reachable);
    let closed = asked("sales-1", "loan.confidential", "top_secret", "limits/3");
    assert_eq!(reason(world.approvals().create_approval(by("credit", closed)).await), Some(Reason::LevelClosed));
}
