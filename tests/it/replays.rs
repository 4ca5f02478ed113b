//! A call that is repeated: authorised anew, and told no more than its caller may see now (I8, A-01, A-42).

use dossier_proto::profile::v1::{CreateCustomerFileRequest, CustomerFile};
use dossier_tests::scene::company;
use dossier_tests::world::Bearer;

use crate::prelude::*;

fn creating(world: &World, n: u32) -> CreateCustomerFileRequest {
    CreateCustomerFileRequest {
        customer_file: Some(company(n)),
        request_id: world.request_id(),
        ..CreateCustomerFileRequest::default()
    }
}

async fn dismiss(world: &World, subject: &str, post: &str, unit: &str) {
    world.dismiss(subject, post, unit).await.good();
    world.settle().await;
}

async fn disclosures(world: &World, file: &str) -> i64 {
    let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND topic = $2 AND action = 'file.disclosed'";
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    sql!(&mut tx, fetch_one as (i64,), text, DEMO, file).unwrap().0
}

async fn refusals(world: &World, which: Which) -> i64 {
    let text = "SELECT COUNT(*) FROM journal_entry WHERE org = $1 AND action = 'access.refused'";
    let mut tx = world.db(which).read().await.unwrap();
    sql!(&mut tx, fetch_one as (i64,), text, DEMO).unwrap().0
}

on_both_stores! {
    // proves: I8, A-01
    async fn a_dismissed_author_gets_the_refusal_of_today(world) {
        let request = creating(world, 1);
        let mut calls = world.profile("sales-1").files;
        let first = calls.create_customer_file(request.clone()).await.good();
        assert_eq!(calls.create_customer_file(request.clone()).await.good(), first, "nothing has changed");
        dismiss(world, "sales-1", "sales_staff", "sales").await;
        let before = refusals(world, Which::Profile).await;
        calls.create_customer_file(request).await.refused(Reason::PermissionDenied);
        assert_eq!(refusals(world, Which::Profile).await, before + 1, "and the journal knows of it");
    }

    // proves: I8, A-22, A-42
    async fn a_kept_reply_shows_nothing_of_a_file_that_its_author_no_longer_sees(world) {
        let request = creating(world, 1);
        let mut calls = world.profile("sales-1").files;
        let first = calls.create_customer_file(request.clone()).await.good();
        let told = disclosures(world, &first.name).await;
        assert_eq!(calls.create_customer_file(request.clone()).await.good(), first);
        assert_eq!(disclosures(world, &first.name).await, told + 1, "content that is shown again is journaled again");
        let submitted = world.submit(&first.name).await.good();
        world.review("sales-manager", &submitted, dossier_proto::profile::v1::ReviewDecision::Accept).await.good();
        world.activate(&first.name).await.good();
        world.classify("archivist", &first.name, "secret").await.good();
        world.settle().await;
        let told = disclosures(world, &first.name).await;
        let again = calls.create_customer_file(request).await.good();
        let bare = CustomerFile { name: first.name.clone(), revision: 1, etag: first.etag, ..CustomerFile::default() };
        assert_eq!(again, bare);
        assert_eq!(disclosures(world, &first.name).await, told, "nothing was shown");
        check::holds(world).await;
    }

    // proves: I8, A-02, A-23
    async fn a_kept_reply_shows_no_field_of_a_level_that_is_read_in_its_place(world) {
        let request = creating(world, 1);
        let mut calls = world.profile("archivist").files;
        let first = calls.create_customer_file(request.clone()).await.good();
        assert!(!first.fields.is_empty() && !first.unit_ref.is_empty());
        let submitted = world.submit(&first.name).await.good();
        world.review("sales-manager", &submitted, dossier_proto::profile::v1::ReviewDecision::Accept).await.good();
        world.activate(&first.name).await.good();
        assert_eq!(calls.create_customer_file(request.clone()).await.good(), first);
        world.classify("archivist", &first.name, "secret").await.good();
        world.settle().await;
        world.read_in("archivist", &first.name, "archive_room").await.good();
        let told = disclosures(world, &first.name).await;
        let again = calls.create_customer_file(request).await.good();
        let bare = CustomerFile { fields: Default::default(), unit_ref: String::new(), ..first.clone() };
        assert_eq!(again, bare);
        assert_eq!(disclosures(world, &first.name).await, told, "nothing was shown");
    }

    // proves: I8, A-22
    async fn who_hid_a_file_himself_is_told_the_same_again(world) {
        let file = world.active(1).await;
        let request = dossier_proto::profile::v1::ClassifyCustomerFileRequest {
            name: file.name,
            level: "top_secret".into(),
            request_id: world.request_id(),
            reason: "定密".into(),
            ..Default::default()
        };
        let mut calls = world.profile("gm").files;
        let first = calls.classify_customer_file(request.clone()).await.good();
        assert_eq!(calls.classify_customer_file(request).await.good(), first);
    }

    // proves: I8, C-14
    async fn a_dismissed_caller_gets_no_kept_reservation_alone_or_in_a_group(world) {
        let customer = world.customer(1, 1_000).await;
        let (held, committed) = (world.reserving(&customer, 100), world.request_id());
        let mut calls = world.credit("sales-1").exposure;
        let one = calls.reserve_credit(held.clone()).await.good();
        let commit = dossier_proto::credit::v1::CommitReservationRequest { name: one.name.clone(), request_id: committed, ..Default::default() };
        let drawn = calls.commit_reservation(commit.clone()).await.good();
        assert_eq!(calls.reserve_credit(held.clone()).await.good(), one);
        assert_eq!(calls.commit_reservation(commit.clone()).await.good(), drawn);
        dismiss(world, "sales-1", "sales_staff", "sales").await;
        calls.commit_reservation(commit).await.refused(Reason::PermissionDenied);
        let (mut other, others) = (world.credit("sales-2").exposure, world.reserving(&customer, 1));
        let (refused, good) = tokio::join!(calls.reserve_credit(held), other.reserve_credit(others));
        refused.refused(Reason::PermissionDenied);
        good.good();
        check::holds(world).await;
    }

    // proves: I8, A-01
    async fn the_road_of_each_service_authorises_before_it_repeats(world) {
        let dismissed = world.ending("sales-2", "sales_staff", "sales").await;
        let mut calls = world.access("office-director").directory;
        let first = calls.end_appointment(dismissed.clone()).await.good();
        assert_eq!(calls.end_appointment(dismissed.clone()).await.good(), first);
        // The same subject as a person of another organisation, and as nobody, has other request ids.
        let stranger: Bearer = world.person("meridian", "office-director");
        world.access_as(stranger).directory.end_appointment(dismissed).await.bad();
        let file = world.active(1).await;
        let asking = world.asking(&file.name, dossier_proto::types::AccessKind::View);
        let mut asker = world.access("service-1").requests;
        let asked = asker.request_access(asking.clone()).await;
        if let Ok(asked) = asked {
            assert_eq!(asker.request_access(asking).await.good(), asked.into_inner());
        }
    }
}

on_sqlite! {
    // proves: A-01
    async fn a_stranger_with_a_good_token_does_not_fill_the_journal(world) {
        let mut nobody = world.access_as(world.person(DEMO, "nobody")).directory;
        let person = || dossier_proto::access::v1::GetPersonRequest { name: "persons/me".into() };
        let before = refusals(world, Which::Access).await;
        for _ in 0..200 {
            nobody.get_person(person()).await.refused(Reason::PersonUnknown);
        }
        assert_eq!(refusals(world, Which::Access).await, before + 1, "the first at once, the others as one later");
        // Who is known is told of one by one.
        let mut known = world.access("sales-1").directory;
        for _ in 0..3 {
            let hiring = dossier_proto::access::v1::CreatePersonRequest::default();
            known.create_person(hiring).await.refused(Reason::PermissionDenied);
        }
        assert_eq!(refusals(world, Which::Access).await, before + 4);
    }
}
