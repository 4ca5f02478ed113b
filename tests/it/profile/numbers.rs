//! File numbers: in sequence, without gaps, never again (P-05, P-06, P-07, I11).

use dossier_proto::profile::v1::{FileNumberState, ListFileNumbersRequest, VoidFileNumberRequest};
use dossier_proto::types::{CustomerType, FieldValue, Provenance};
use dossier_tests::scene::company;

use crate::prelude::*;

async fn void(
    world: &World,
    series: &str,
    number: &str,
    reason: &str,
) -> Result<tonic::Response<dossier_proto::profile::v1::FileNumber>, tonic::Status> {
    let request = VoidFileNumberRequest {
        number: number.to_owned(),
        series: series.to_owned(),
        request_id: world.request_id(),
        reason: reason.to_owned(),
        ..VoidFileNumberRequest::default()
    };
    world.profile("archivist").numbers.void_file_number(request).await
}

on_both_stores! {
    // proves: P-05, P-06, I11
    async fn numbers_follow_the_pattern_in_sequence(world) {
        let mut numbers = Vec::new();
        for n in 1..=3 {
            numbers.push(world.active(n).await.number);
        }
        assert_eq!(numbers, ["KH-2026-00001", "KH-2026-00002", "KH-2026-00003"]);
        let listed =
            world.profile("archivist").numbers.list_file_numbers(ListFileNumbersRequest::default()).await.good();
        assert_eq!(listed.file_numbers.iter().map(|one| one.number.as_str()).collect::<Vec<_>>(), numbers);
        assert_eq!(listed.file_numbers.iter().map(|one| one.sequence).collect::<Vec<_>>(), [1, 2, 3]);
        world
            .profile("sales-1")
            .numbers
            .list_file_numbers(ListFileNumbersRequest::default())
            .await
            .refused(Reason::PermissionDenied);
        check::holds(world).await;
    }

    // proves: P-05, I11
    async fn many_activations_at_once_leave_no_gap(world) {
        let mut files = Vec::new();
        for n in 1..=8 {
            files.push(world.reviewed(n).await.name);
        }
        let done = futures::future::join_all(files.iter().map(|name| world.activate(name))).await;
        let mut numbers: Vec<_> = done.into_iter().map(|one| one.good().number).collect();
        numbers.sort();
        assert_eq!(numbers, (1..=8).map(|n| format!("KH-2026-{n:05}")).collect::<Vec<_>>());
        check::holds(world).await;
    }

    // proves: P-05, I11
    async fn a_void_number_says_who_and_why_and_is_passed_over_for_ever(world) {
        let first = world.active(1).await;
        let series = world
            .profile("archivist")
            .numbers
            .list_file_numbers(ListFileNumbersRequest::default())
            .await
            .good()
            .file_numbers[0]
            .series
            .clone();
        assert!(void(world, &series, "KH-2026-00002", "").await.refused(Reason::FieldViolation).names("reason"));
        void(world, &series, &first.number, "误印").await.refused(Reason::NumberIssued);
        void(world, &series, "KH-2026-00007", "误印").await.refused(Reason::FieldViolation);
        let spoilt = void(world, &series, "KH-2026-00002", "误印").await.good();
        assert_eq!((spoilt.state(), spoilt.void_reason.as_str()), (FileNumberState::Void, "误印"));
        assert_eq!(spoilt.creator, world.who("archivist").await);
        void(world, &series, "KH-2026-00002", "误印").await.refused(Reason::NumberVoid);
        assert_eq!(world.active(2).await.number, "KH-2026-00003");
        check::holds(world).await;
    }

    // proves: P-05
    async fn the_customer_keeps_its_number_when_it_gets_another_file(world) {
        let first = world.active(1).await;
        let request = dossier_proto::profile::v1::CloseCustomerFileRequest {
            name: first.name.clone(),
            request_id: world.request_id(),
            reason: "改版".into(),
            ..Default::default()
        };
        world.profile("archivist").files.close_customer_file(request).await.good();
        let second = world.active(1).await;
        assert_eq!(second.customer_number, first.customer_number);
        assert_ne!(second.number, first.number);
        assert_ne!(world.active(2).await.customer_number, first.customer_number);
    }

    // proves: P-06, P-07
    async fn under_r39_a_number_has_at_most_ten_characters_and_names_industry_and_region(world) {
        let number = meridian(world, 1, "manufacturing", "shanghai").await;
        assert_eq!(number, "GY-SH-001");
        assert_eq!(meridian(world, 2, "manufacturing", "shanghai").await, "GY-SH-002");
        assert_eq!(meridian(world, 3, "manufacturing", "beijing").await, "GY-BJ-001");
        assert!(number.replace('-', "").chars().count() <= 10);
        check::holds(world).await;
    }
}

// An active company of org meridian.
async fn meridian(world: &World, n: u32, industry: &str, region: &str) -> String {
    let mut file = company(n);
    file.template = "templates/lifecycle_customer_file".into();
    file.unit = "north".into();
    file.customer_type = CustomerType::Company.into();
    file.first_contact_time = Some(stamp(world.now()));
    let more = [("industry", industry), ("region", region), ("responsible_department", "华北业务部")];
    file.fields.extend(more.map(|(key, value)| (key.to_owned(), text(value))));
    for (key, value) in [("customer_type", "company"), ("industry", industry), ("cooperation_stage", "signed")] {
        file.classification.insert(key.to_owned(), value.to_owned());
    }
    for value in file.fields.values_mut() {
        *value = sourced(value.clone());
    }
    let mut author = world.profile_as(world.person("meridian", "north-1"));
    let file = world.create(&mut author, file).await.good();
    let name = file.name.clone();
    let request = dossier_proto::profile::v1::SubmitCustomerFileRequest {
        name: name.clone(),
        request_id: world.request_id(),
        ..Default::default()
    };
    let file = author.files.submit_customer_file(request).await.good();
    let request = dossier_proto::profile::v1::ReviewCustomerFileRequest {
        name: name.clone(),
        decision: dossier_proto::profile::v1::ReviewDecision::Accept.into(),
        etag: file.etag,
        request_id: world.request_id(),
        ..Default::default()
    };
    world.profile_as(world.person("meridian", "north-head")).files.review_customer_file(request).await.good();
    let request = dossier_proto::profile::v1::ActivateCustomerFileRequest {
        name,
        request_id: world.request_id(),
        ..Default::default()
    };
    let mut keeper = world.profile_as(world.person("meridian", "administrator"));
    keeper.files.activate_customer_file(request).await.good().number
}

pub(super) fn sourced(value: FieldValue) -> FieldValue {
    let provenance = Provenance {
        source_note: "2026-03-01 拜访记录".into(),
        channel: "customer_visit".into(),
        collect_date: "2026-03-01".into(),
        ..Provenance::default()
    };
    FieldValue { provenance: Some(provenance), ..value }
}
