//! Duties that hang on records: what starts them, what does them, and how a cycle goes on.

use dossier_proto::duty::v1::{Duty, DutyState, ListDutiesRequest};
use dossier_proto::profile::v1::CloseCustomerFileRequest;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{complaint, talk};

use crate::prelude::*;

const OWED: &str = "duties:
  - {kind: complaint.answer, label: 投诉处理, on: record, at: complaint@open, from: complained_on, windows: [3 days, 10 days], role: department_manager, scope: unit, done_by: complaint@handled, requirements: [P-79]}
  - {kind: complaint.take_up, label: 受理投诉, on: record, at: complaint@created, due: 1 working day, role: sales_staff, who: creator, scope: unit, done_by: complaint@open, requirements: [P-39]}
  - {kind: customer.contact, label: 定期联系客户, on: file.activated, when: {customer_type: company}, every: 6 months, role: sales_staff, scope: unit, done_by: communication@noted, requirements: [P-47, P-54]}
  - {kind: customer.visit, label: 回访, on: file.activated, when: {customer_type: individual}, due: 1 month, role: sales_staff, scope: unit, requirements: [P-47]}
";

// Under a pack whose complaints and talks are owed.
fn rules() -> Rules {
    let rules = Rules::shipped();
    rules.spoil("regimes/R36.yaml", "version: 9", "version: 10");
    rules.spoil("regimes/R36.yaml", "duties:\n", OWED);
    rules
}

async fn owed(world: &World, kind: &str) -> Vec<Duty> {
    world.settle().await;
    let filter = format!("kind = \"{kind}\"");
    let request = ListDutiesRequest { parent: home(Which::Profile), filter, ..Default::default() };
    world.profile("sales-manager").duties.list_duties(request).await.good().duties
}

async fn states(world: &World, kind: &str) -> Vec<DutyState> {
    owed(world, kind).await.iter().map(Duty::state).collect()
}

on_both_stores_under! {
    rules();

    // proves: P-79, P-39
    async fn each_time_of_a_record_is_a_duty_and_one_arrival_does_the_earliest(world) {
        let file = world.active(1).await.name;
        let made = world.note("sales-1", &file, complaint("到货破损")).await.good();
        let take_up = owed(world, "complaint.take_up").await;
        assert_eq!(take_up[0].assignee, world.who("sales-1").await, "who made it owes it");
        let open = world.advance("sales-1", &made.name).await.good();
        assert_eq!(states(world, "complaint.take_up").await, [DutyState::Completed]);
        let answers = owed(world, "complaint.answer").await;
        let days: Vec<_> = answers.iter().map(|one| one.due_time.unwrap().seconds / 86_400).collect();
        assert_eq!((answers.len(), days[1] - days[0]), (2, 7), "three days and ten from the day of the complaint");
        assert!(answers.iter().all(|one| one.subject == made.name));
        let ready = world.rewrite("sales-manager", &open, "result_and_measures", Some(text("换货"))).await.good();
        world.sign_record("sales-manager", &ready).await.good();
        world.advance("sales-manager", &made.name).await.good();
        assert_eq!(states(world, "complaint.answer").await, [DutyState::Completed, DutyState::Open]);
        world.send_record_back("sales-manager", &made.name, "").await.good();
        assert_eq!(states(world, "complaint.answer").await, [DutyState::Completed, DutyState::Cancelled], "a duty lives with its start");
    }

    // proves: P-47, P-54
    async fn a_cycle_begins_with_the_file_and_again_with_each_time_it_is_done(world) {
        let file = world.active(1).await.name;
        let first = owed(world, "customer.contact").await;
        assert_eq!((first.len(), first[0].subject.as_str()), (1, file.as_str()));
        assert!(owed(world, "customer.visit").await.is_empty(), "that is owed to individuals");
        world.pass(SignedDuration::from_hours(24 * 30));
        world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        let both = owed(world, "customer.contact").await;
        assert_eq!(both.iter().map(Duty::state).collect::<Vec<_>>(), [DutyState::Completed, DutyState::Open]);
        assert!(both[1].due_time.unwrap().seconds > both[0].due_time.unwrap().seconds);
    }

    // proves: P-47
    async fn a_cycle_begins_with_its_start_alone_and_goes_on_only_where_it_holds(world) {
        let draft = world.draft(1).await.name;
        world.note("sales-1", &draft, talk(world.now(), "x")).await.good();
        assert!(owed(world, "customer.contact").await.is_empty(), "the file is not effective yet");
        let file = world.active(2).await.name;
        world.note("sales-1", &file, talk(world.now(), "x")).await.good();
        world.note("sales-1", &file, talk(world.now(), "y")).await.good();
        let expected = [DutyState::Completed, DutyState::Completed, DutyState::Open];
        assert_eq!(states(world, "customer.contact").await, expected, "each talk does one and one is owed again");
    }

    // proves: I10
    async fn who_no_longer_sees_the_file_is_told_of_no_duty_about_it(world) {
        let file = world.active(1).await.name;
        world.note("sales-2", &file, complaint("x")).await.good();
        let mine = async |subject: &str| {
            let request = ListDutiesRequest { parent: home(Which::Profile), ..Default::default() };
            let all = world.profile(subject).duties.list_duties(request).await.good().duties;
            all.iter().filter(|one| one.kind == "complaint.take_up").count()
        };
        world.settle().await;
        assert_eq!(mine("sales-2").await, 1);
        world.classify("archivist", &file, "confidential").await.good();
        world.settle().await;
        assert_eq!((mine("sales-2").await, mine("archivist").await), (0, 1));
    }

    // proves: P-33
    async fn what_is_void_or_closed_is_owed_no_more(world) {
        let file = world.active(1).await.name;
        let one = world.note("sales-1", &file, complaint("x")).await.good();
        world.void_record("sales-1", &one.name).await.good();
        assert_eq!(states(world, "complaint.take_up").await, [DutyState::Cancelled]);
        let other = world.note("sales-1", &file, complaint("y")).await.good();
        world.advance("sales-1", &other.name).await.good();
        let (name, request_id) = (file.clone(), world.request_id());
        let close = CloseCustomerFileRequest { name, request_id, reason: "终止合作".into(), ..Default::default() };
        world.profile("archivist").files.close_customer_file(close).await.good();
        assert_eq!(states(world, "complaint.answer").await, [DutyState::Cancelled, DutyState::Cancelled]);
        assert_eq!(states(world, "customer.contact").await, [DutyState::Cancelled]);
    }
}
