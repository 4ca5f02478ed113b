//! CheckAccess answers what the other calls then do.

use super::*;

const PEOPLE: [&str; 10] = [
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
];

fn asks(file: &str, kind: AccessKind, person: &str) -> pb::CheckAccessRequest {
    pb::CheckAccessRequest {
        scope: Some(Scope::whole_file()),
        purpose: "customer_service".into(),
        file: file.into(),
        person: person.into(),
        kind: kind.into(),
        reading_place: "archive_room".into(),
    }
}

/// The answer, or why there is none.
fn told<T>(answer: Result<tonic::Response<T>, tonic::Status>) -> Result<T, Reason> {
    answer.map(tonic::Response::into_inner).map_err(|status| Refused::of(&status).reason)
}

on_both_stores! {
    // proves
    async fn what_it_says_of_reading_profile_then_does(world) {
        let mut files = Vec::new();
        for (n, level) in [(1, "none"), (2, "confidential"), (3, "secret"), (4, "top_secret")] {
            files.push(world.at_level(n, level).await);
        }
        world.granted("sales-2", &files[1].name, AccessKind::View, &["deputy"]).await;
        world.granted("service-manager", &files[0].name, AccessKind::View, &[]).await;
        let mut allowed = 0;
        for subject in PEOPLE {
            let checks = files.iter().map(|file| asks(&file.name, AccessKind::View, "")).collect::<Vec<_>>();
            let mut calls = world.access(subject).requests;
            let batch = pb::BatchCheckAccessRequest { checks: checks.clone() };
            let batch = calls.batch_check_access(batch).await.good().results;
            for ((file, check), together) in files.iter().zip(checks).zip(batch) {
                let alone = calls.check_access(check).await.good();
                assert_eq!(alone, together, "{subject}");
                let read = world.read_in(subject, &file.name, "archive_room").await;
                assert_eq!(alone.allowed, read.is_ok(), "{subject} at {}: {alone:?}", file.level);
                allowed += usize::from(alone.allowed);
            }
        }
        assert!(allowed > 10, "the table says something: {allowed}");
    }

    // proves, I10
    async fn who_asks_together_is_answered_as_alone(world) {
        let mut files = vec![NO_FILE.to_owned(), "files/none".to_owned()];
        for (n, level) in [(1, "none"), (2, "confidential"), (3, "secret"), (4, "top_secret")] {
            files.push(world.at_level(n, level).await.name);
        }
        world.granted("sales-2", &files[3], AccessKind::View, &["deputy"]).await;
        let other = world.who("sales-2").await;
        let people = PEOPLE.iter().chain(&["auditor", "nobody"]);
        let asked: Vec<_> = people.flat_map(|who| files.iter().map(move |file| (*who, file.as_str()))).collect();
        let check = async |(who, file): (&'static str, &str)| {
            let mut calls = world.access(who).requests;
            let himself = told(calls.check_access(asks(file, AccessKind::View, "")).await);
            (himself, told(calls.check_access(asks(file, AccessKind::View, &other)).await))
        };
        let read = async |(who, file): (&'static str, &str)| {
            told(world.read_in(who, file, "archive_room").await).map(|file| file.fields)
        };
        // First all at once, so that nothing is remembered yet.
        let together = futures::future::join_all(asked.iter().map(|one| check(*one))).await;
        let seen = futures::future::join_all(asked.iter().map(|one| read(*one))).await;
        for ((one, together), seen) in asked.into_iter().zip(together).zip(seen) {
            assert_eq!(check(one).await, together, "{one:?}");
            assert_eq!(read(one).await, seen, "{one:?}");
        }
    }

    // proves
    async fn what_it_says_of_borrowing_the_administrator_then_does(world) {
        let file = world.active(1).await;
        world.granted("sales-2", &file.name, AccessKind::Original, &["sales-manager", "office-director"]).await;
        for subject in PEOPLE {
            let check = may(world, subject, &file.name, AccessKind::Original).await;
            let order = pb::CheckOutItemsRequest {
                validate_only: true,
                ..world.handing_out(&file.name, subject, &check.grant).await
            };
            let tried = world.access("archivist").loans.check_out_items(order).await;
            assert_eq!(check.allowed, tried.is_ok(), "{subject}: {check:?}");
        }
        let loan = world.check_out(&file.name, "gm", "").await.good();
        for subject in ["deputy", "sales-2"] {
            let check = may(world, subject, &file.name, AccessKind::Original).await;
            assert_eq!((check.allowed, check.reason()), (false, pb::AccessReason::OnLoan), "{subject}");
        }
        world.take_back(&loan, dossier_tests::scene::sound(&loan)).await.good();
        assert!(may(world, "deputy", &file.name, AccessKind::Original).await.allowed);
    }

    // proves: A-01
    async fn only_who_checks_access_asks_about_somebody_else(world) {
        let file = world.at_level(1, "confidential").await;
        let other = world.who("sales-1").await;
        for subject in ["sales-2", "analyst", "service-1"] {
            let mut calls = world.access(subject).requests;
            calls.check_access(asks(&file.name, AccessKind::View, &other)).await.refused(Reason::PermissionDenied);
            let batch = vec![asks(&file.name, AccessKind::View, ""), asks(&file.name, AccessKind::View, &other)];
            let batch = pb::BatchCheckAccessRequest { checks: batch };
            calls.batch_check_access(batch).await.refused(Reason::PermissionDenied);
        }
        let told = world.access("gm").requests.check_access(asks(&file.name, AccessKind::View, &other)).await.good();
        assert_eq!((told.allowed, told.reason()), (true, pb::AccessReason::Standing));
        // The auditor may ask, and learns nothing of a file that they are not cleared for.
        let blind = world.access("auditor").requests.check_access(asks(&file.name, AccessKind::View, &other)).await.good();
        assert_eq!((blind.allowed, blind.reason()), (false, pb::AccessReason::FileNotFound));
    }

    // proves: A-01
    async fn it_names_the_fields_that_stay_closed(world) {
        let file = world.at_level(1, "confidential").await;
        let asked = pb::RequestAccessRequest {
            scope: Some(Scope::field_set(["name", "phone"])),
            ..world.asking(&file.name, AccessKind::View)
        };
        let request = world.access("sales-2").requests.request_access(asked).await.good().access_request.unwrap();
        world.approve("gm", &request.approval).await.good();
        world.settle().await;
        let scope = Some(Scope::field_set(["name", "phone", "address", "no_such_field"]));
        let check = pb::CheckAccessRequest { scope, ..asks(&file.name, AccessKind::View, "") };
        let told = world.access("sales-2").requests.check_access(check).await.good();
        assert!(told.allowed);
        assert_eq!(told.denied_fields, ["address", "no_such_field"]);
        let read = world.read("sales-2", &file.name).await.good();
        assert!(read.fields.contains_key("phone") && read.fields.get("address").is_none_or(|one| one.value.is_none()));
        let check = pb::CheckAccessRequest { scope: Some(Scope::field_set(["address"])), ..asks(&file.name, AccessKind::View, "") };
        let told = world.access("sales-2").requests.check_access(check).await.good();
        assert_eq!((told.allowed, told.reason()), (false, pb::AccessReason::FieldsDenied));
        // Whoever takes a yes about the whole file at its word must not give more than some fields.
        let whole = world.access("sales-2").requests.check_access(asks(&file.name, AccessKind::View, "")).await.good();
        assert_eq!((whole.allowed, whole.reason()), (false, pb::AccessReason::FieldsDenied));
        let purpose = "legal_matter".to_owned();
        let check = pb::CheckAccessRequest { purpose, scope: Some(Scope::field_set(["name"])), ..asks(&file.name, AccessKind::View, "") };
        let told = world.access("sales-2").requests.check_access(check).await.good();
        assert_eq!((told.allowed, told.reason()), (false, pb::AccessReason::OtherPurpose));
    }

    // proves: A-01
    async fn asking_changes_nothing_and_is_journaled_nowhere(world) {
        let file = world.at_level(1, "secret").await;
        let before = entries(world).await;
        for subject in ["sales-2", "sales-manager", "gm"] {
            may(world, subject, &file.name, AccessKind::View).await;
            may(world, subject, NO_FILE, AccessKind::Original).await;
        }
        assert_eq!(entries(world).await, before);
        let empty = pb::BatchCheckAccessRequest::default();
        let refused = world.access("gm").requests.batch_check_access(empty).await.refused(Reason::FieldViolation);
        assert!(refused.names("checks"));
    }
}
