//! Deadlines that a file starts: 3 working days, 2 working days, one week, holidays counted (P-39, P-40, X-40).

use dossier_proto::duty::v1::{CompleteDutyRequest, Duty, DutyState, ListDutiesRequest, WaiveDutyRequest};
use dossier_proto::profile::v1::{CustomerFile, SubmitCustomerFileRequest, UpdateCustomerFileRequest};
use dossier_tests::rules::Rules;
use dossier_tests::scene::company;

use super::numbers::sourced;
use crate::prelude::*;

async fn duties(world: &World, kind: &str) -> Vec<Duty> {
    let filter = format!("kind = \"{kind}\"");
    let request = ListDutiesRequest { parent: home(Which::Profile), filter, ..ListDutiesRequest::default() };
    let mut calls = world.profile_as(world.person("meridian", "north-head")).duties;
    calls.list_duties(request).await.good().duties
}

// A complete company file of org meridian, first met at `met`.
async fn first_met(world: &World, n: u32, met: &str, contract: Option<&str>) -> CustomerFile {
    let mut file = company(n);
    file.template = "templates/lifecycle_customer_file".into();
    file.unit = "north".into();
    file.first_contact_time = Some(stamp(met.parse().unwrap()));
    file.contract_effect_time = contract.map(|at| stamp(at.parse().unwrap()));
    let more = [("industry", "manufacturing"), ("region", "shanghai"), ("responsible_department", "华北业务部")];
    file.fields.extend(more.map(|(key, value)| (key.to_owned(), text(value))));
    for (key, value) in [("industry", "manufacturing"), ("cooperation_stage", "signed")] {
        file.classification.insert(key.into(), value.into());
    }
    for value in file.fields.values_mut() {
        *value = sourced(value.clone());
    }
    world.create(&mut world.profile_as(world.person("meridian", "north-1")), file).await.good()
}

on_both_stores! {
    // proves: P-39, X-40
    async fn three_working_days_from_first_contact_know_holidays_and_days_made_up_for(world) {
        // Friday 27 February 2026: Saturday makes up for the Spring Festival, then come Monday and Tuesday.
        // Friday 13 February: Saturday is made up for, the festival lasts from the 15th to the 23rd.
        // Thursday 26 March: Friday, Monday, Tuesday.
        world.clock.set("2026-03-27T02:00:00Z".parse().unwrap());
        let cases = [("2026-02-27", "2026-03-03"), ("2026-02-13", "2026-02-25"), ("2026-03-26", "2026-03-31")];
        let mut last = None;
        for (n, (met, due)) in cases.into_iter().enumerate() {
            let file = first_met(world, n as u32 + 1, &format!("{met}T02:00:00Z"), None).await;
            let all = duties(world, "file.first_version").await;
            let duty = all.into_iter().find(|duty| duty.subject == file.name).unwrap();
            let end: jiff::Timestamp = format!("{due}T16:00:00Z").parse().unwrap();
            let at = instant(duty.due_time.as_ref());
            assert!((end - at).get_seconds().abs() <= 1 && at <= end, "met on {met}: due {at}, not the end of {due}");
            last = Some(duty);
        }
        let duty = last.unwrap();
        assert_eq!(
            (duty.post.as_str(), duty.unit.as_str(), duty.ground.as_str()),
            ("account_manager", "north", "P-39")
        );
        assert!(!duty.calendar_version.is_empty());
    }

    // proves: X-40
    async fn a_due_time_in_a_year_without_published_holidays_says_so(world) {
        world.clock.set("2027-01-04T02:00:00Z".parse().unwrap());
        // Thursday 31 December 2026: Friday 1 January is off by law, then come Monday, Tuesday and Wednesday.
        let cases = [("2026-12-31", "2027-01-06", true), ("2026-12-24", "2026-12-29", false)];
        for (n, (met, due, provisional)) in cases.into_iter().enumerate() {
            let file = first_met(world, n as u32 + 1, &format!("{met}T02:00:00Z"), None).await;
            let all = duties(world, "file.first_version").await;
            let duty = all.into_iter().find(|duty| duty.subject == file.name).unwrap();
            let end: jiff::Timestamp = format!("{due}T16:00:00Z").parse().unwrap();
            assert!((end - instant(duty.due_time.as_ref())).get_seconds().abs() <= 1, "met on {met}: {duty:?}");
            assert_eq!(duty.due_provisional, provisional, "met on {met}");
        }
    }

    // proves: P-39, X-40
    async fn a_week_from_the_contract_is_seven_calendar_days(world) {
        first_met(world, 1, "2026-02-27T02:00:00Z", Some("2026-03-01T02:00:00Z")).await;
        let duty = duties(world, "file.completion").await.remove(0);
        let due = instant(duty.due_time.as_ref());
        let end: jiff::Timestamp = "2026-03-08T16:00:00Z".parse().unwrap();
        assert!((end - due).get_seconds().abs() <= 1, "{due}");
    }

    // proves: P-40, X-40
    async fn a_submitted_file_is_to_be_reviewed_within_two_working_days(world) {
        let file = first_met(world, 1, "2026-02-27T02:00:00Z", None).await;
        // On a Friday: the review is due on Tuesday.
        world.clock.set("2026-03-06T02:00:00Z".parse().unwrap());
        let request =
            SubmitCustomerFileRequest { name: file.name.clone(), request_id: world.request_id(), ..Default::default() };
        world.profile_as(world.person("meridian", "north-1")).files.submit_customer_file(request).await.good();
        let all = world
            .profile_as(world.person("meridian", "north-head"))
            .duties
            .list_duties(ListDutiesRequest { parent: home(Which::Profile), ..ListDutiesRequest::default() })
            .await
            .good();
        let duty = all.duties.iter().find(|duty| duty.post == "department_head").unwrap_or_else(|| panic!("{all:?}"));
        let end: jiff::Timestamp = "2026-03-10T16:00:00Z".parse().unwrap();
        assert!((end - instant(duty.due_time.as_ref())).get_seconds().abs() <= 1, "{duty:?}");
        assert_eq!(duty.state(), DutyState::Open);
        // What was handed in is there: the first version is no longer owed.
        assert!(duties(world, "file.first_version").await.iter().all(|duty| duty.state() != DutyState::Open));
    }

    // proves: A-42, I9
    async fn why_a_duty_was_waived_is_kept_under_seal(world) {
        first_met(world, 1, "2026-02-27T02:00:00Z", None).await;
        let duty = duties(world, "file.first_version").await.remove(0);
        let reason = "已有档案";
        let waive = WaiveDutyRequest {
            name: duty.name.clone(),
            request_id: world.request_id(),
            reason: format!(" {reason}\n"),
            ..Default::default()
        };
        let mut head = world.profile_as(world.person("meridian", "north-head")).duties;
        assert_eq!(head.waive_duty(waive).await.good().state(), DutyState::Waived);
        world.settle().await;
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let text = "SELECT p.sealed FROM promise p JOIN journal_entry e ON e.org = p.org AND e.id = p.entry
                    WHERE p.org = 'meridian' AND p.field = 'reason' AND e.subject = $1";
        let (sealed,) = sql!(&mut tx, fetch_one as (Vec<u8>,), text, &duty.name).unwrap();
        assert!(!sealed.windows(reason.len()).any(|part| part == reason.as_bytes()), "it lies there in clear");
        // What is sealed is what the entry promises.
        check::holds(world).await;
    }

    // proves: P-39
    async fn a_duty_is_completed_by_who_owes_it_and_waived_by_who_may(world) {
        let file = first_met(world, 1, "2026-02-27T02:00:00Z", None).await;
        let duty = duties(world, "file.first_version").await.remove(0);
        let complete = |etag: &str| CompleteDutyRequest {
            name: duty.name.clone(),
            etag: etag.to_owned(),
            request_id: world.request_id(),
            ..CompleteDutyRequest::default()
        };
        let mut other = world.profile_as(world.person("meridian", "east-1")).duties;
        other.complete_duty(complete("")).await.refused(Reason::ResourceNotFound);
        let mut owner = world.profile_as(world.person("meridian", "north-1")).duties;
        owner.complete_duty(complete("99")).await.refused(Reason::EtagStale);
        let waive = WaiveDutyRequest {
            name: duty.name.clone(),
            request_id: world.request_id(),
            reason: "已有档案".into(),
            ..Default::default()
        };
        owner.waive_duty(waive.clone()).await.refused(Reason::PermissionDenied);
        let mut head = world.profile_as(world.person("meridian", "north-head")).duties;
        let unsaid = WaiveDutyRequest { reason: String::new(), request_id: world.request_id(), ..waive };
        assert!(head.waive_duty(unsaid).await.refused(Reason::FieldViolation).names("reason"));
        let done = owner.complete_duty(complete(&duty.etag)).await.good();
        assert_eq!((done.state(), done.update_time), (DutyState::Completed, done.end_time));
        let id = done.name.strip_prefix("services/profile/duties/").unwrap();
        let elsewhere = [format!("duties/{id}"), format!("services/access/duties/{id}")];
        for name in elsewhere {
            let request = CompleteDutyRequest { name, ..complete("") };
            assert!(owner.complete_duty(request).await.refused(Reason::FieldViolation).names("name"));
        }
        owner.complete_duty(complete("")).await.refused(Reason::WrongState);
        assert!(file.name.starts_with("files/"));
        check::holds(world).await;
    }

    // proves: P-46
    async fn a_change_that_somebody_else_enters_is_followed_by_who_keeps_the_file_up_to_date(world) {
        let file = world.active(1).await;
        let refreshes = async || {
            let filter = "kind = \"file.refresh\"".to_owned();
            let request = ListDutiesRequest { parent: home(Which::Profile), filter, ..ListDutiesRequest::default() };
            let duties = world.profile("sales-manager").duties.list_duties(request).await.good().duties;
            duties.iter().map(|duty| (duty.post.clone(), duty.state())).collect::<Vec<_>>()
        };
        let phone = |value: &str| UpdateCustomerFileRequest {
            customer_file: Some(CustomerFile {
                name: file.name.clone(),
                fields: [("phone".to_owned(), text(value))].into(),
                ..CustomerFile::default()
            }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["fields.phone".into()] }),
            request_id: world.request_id(),
            ..UpdateCustomerFileRequest::default()
        };
        // Who owes it has done it with the change itself.
        world.profile("sales-1").files.update_customer_file(phone("021-66660001")).await.good();
        assert_eq!(refreshes().await, []);
        world.profile("archivist").files.update_customer_file(phone("021-66660002")).await.good();
        world.profile("archivist").files.update_customer_file(phone("021-66660003")).await.good();
        assert_eq!(refreshes().await, [("sales_staff".to_owned(), DutyState::Open)]);
        world.profile("sales-2").files.update_customer_file(phone("021-66660004")).await.good();
        assert_eq!(refreshes().await, [("sales_staff".to_owned(), DutyState::Completed)]);
        world.settle().await;
        check::holds(world).await;
    }
}

// A unit that nobody manages owes nothing by the calendar.
async fn calendar(store: Store) {
    if !store.available() {
        return dossier_tests::world::skipped("calendar");
    }
    let rules = Rules::shipped();
    rules.spoil("organisations/demo.yaml", "units:", "units:\n  - {id: warehouse, label: 仓库}");
    let options = rules.options();
    let options: Vec<_> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut world = World::with(store, 7, &options).await;
    // The calendar is looked at when the people are known.
    world.restart().await;
    let mut calls = world.profile("gm").duties;
    let mut opened = async || {
        let filter = "kind = \"archive.cooperate.quarterly\"".to_owned();
        let request = ListDutiesRequest { parent: home(Which::Profile), filter, ..ListDutiesRequest::default() };
        let duties = calls.list_duties(request).await.good().duties;
        duties.into_iter().map(|duty| duty.unit).collect::<std::collections::BTreeSet<_>>()
    };
    let looked = async {
        loop {
            let units = opened().await;
            if !units.is_empty() {
                return units;
            }
        }
    };
    let units = tokio::time::timeout(std::time::Duration::from_secs(30), looked).await.expect("duties open");
    assert_eq!(
        units.iter().map(String::as_str).collect::<Vec<_>>(),
        ["customer-service", "finance", "general-office", "sales"]
    );
    world.end().await;
}

// proves: P-106, X-33
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_duty_opens_where_somebody_owes_it_on_sqlite() {
    calendar(Store::Sqlite).await;
}

// proves: P-106, X-33
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_duty_opens_where_somebody_owes_it_on_postgres() {
    calendar(Store::Postgres).await;
}
