//! Two files of one customer become one: what is taken over, what stands against it, and that nothing is moved.

use dossier_proto::profile::v1::{
    CloseCustomerFileRequest, CustomerFile, CustomerFileState, FieldCondition, FindDuplicatesRequest,
    GetCustomerOverviewRequest, MergeCustomerFilesRequest, MergeObstacle, MergePreview, OverviewTie,
    SearchCustomerFilesRequest, UnmergeCustomerFilesRequest,
};
use dossier_proto::types::Certainty;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{company, complaint, talk};

use super::finding::named;
use super::kinds::{contract, found, guarantor, made, names, relink};
use crate::prelude::*;

/// The two files of most stories: the second has another name and telephone, and an address of mails.
async fn twins(world: &World) -> (CustomerFile, CustomerFile) {
    let kept = world.like(1, &[("name", "大海贸易有限公司")]).await;
    let merged = world.like(2, &[("name", "大海贸易公司"), ("email", "sea@example.com")]).await;
    (kept, merged)
}

fn obstacles(preview: &MergePreview) -> Vec<MergeObstacle> {
    preview.blockers.iter().map(|one| one.obstacle()).collect()
}

fn fields(preview: &MergePreview) -> Vec<(&str, bool, bool)> {
    preview.fields.iter().map(|one| (one.field.as_str(), one.kept.is_some(), one.merged.is_some())).collect()
}

fn said(file: &CustomerFile, key: &str) -> Option<String> {
    file.fields.get(key).map(plain)
}

fn plain(value: &dossier_proto::types::FieldValue) -> String {
    use dossier_proto::types::field_value::Value;
    match &value.value {
        Some(Value::Text(text)) => text.clone(),
        other => format!("{other:?}"),
    }
}

async fn closed(world: &World, name: &str) {
    let (name, request_id, reason) = (name.to_owned(), world.request_id(), "结束".to_owned());
    let request = CloseCustomerFileRequest { name, request_id, reason, ..CloseCustomerFileRequest::default() };
    world.profile("archivist").files.close_customer_file(request).await.good();
}

/// Actions of profile's journal about `file`, without readings, in their order.
async fn trail(world: &World, file: &str) -> Vec<String> {
    world.settle().await;
    let all = check::journal(world, Which::Profile, DEMO).await;
    let own = all.into_iter().filter(|one| one.body.subject == file && one.body.action != "file.disclosed");
    own.map(|one| one.body.action).collect()
}

on_both_stores! {
    // proves: P-02, P-28, P-48, P-49
    async fn a_duplicate_is_merged_and_everything_of_it_stays_under_its_own_name(world) {
        let (kept, merged) = twins(world).await;
        let record = world.note("sales-1", &merged.name, talk(world.now(), "加购一台")).await.good().name;
        let preview = world.side_by_side("archivist", &kept.name, &merged.name).await.good();
        assert_eq!(obstacles(&preview), []);
        let expected = [("name", true, true), ("phone", true, true), ("email", false, true), ("address", true, true)];
        assert_eq!(fields(&preview), expected, "what is the same in both is left out");
        let side = preview.merged.as_ref().unwrap();
        assert_eq!((side.number.as_str(), side.etag.as_str()), (merged.number.as_str(), merged.etag.as_str()));
        assert_eq!((side.open_record_count, side.other_record_count, side.document_count), (0, 1, 0));
        let answer = world.merge(&kept, &merged, &["phone"]).await.good();
        assert_eq!((answer.name.as_str(), answer.revision), (kept.name.as_str(), kept.revision + 1));
        assert_eq!(answer.merged, [merged.name.as_str()]);
        assert!(answer.fields.is_empty(), "what came from the other file is no answer: {answer:?}");
        let (now, gone) = (world.read("sales-2", &kept.name).await.good(), world.read("sales-2", &merged.name).await.good());
        assert_eq!(said(&now, "name").as_deref(), Some("大海贸易有限公司"), "the kept file's own");
        assert_eq!(said(&now, "phone").as_deref(), Some("021-55550002"), "taken");
        assert_eq!(said(&now, "email").as_deref(), Some("sea@example.com"), "it had none");
        let origin = |file: &CustomerFile, key: &str| file.fields[key].provenance.clone().unwrap();
        assert!(origin(&now, "phone").taken_over && origin(&now, "email").taken_over);
        assert!(!origin(&now, "name").taken_over && !origin(&gone, "email").taken_over);
        assert_eq!(origin(&now, "email").collector, origin(&gone, "email").collector, "with its own source");
        assert_eq!((now.state(), now.number, now.merged), (CustomerFileState::Active, kept.number, vec![merged.name.clone()]));
        let expected = (CustomerFileState::Closed, merged.number, kept.name.clone());
        assert_eq!((gone.state(), gone.number, gone.merged_into), expected);
        assert_eq!(gone.revision, merged.revision + 1);
        world.read_record("sales-2", &record).await.good();
        world.note("sales-1", &merged.name, talk(world.now(), "x")).await.refused(Reason::WrongState);
        assert_eq!(trail(world, &kept.name).await.last().unwrap(), "file.kept");
        assert_eq!(trail(world, &merged.name).await.last().unwrap(), "file.merged");
        check::holds(world).await;
    }

    // proves: P-02, P-28, P-105
    async fn who_looks_for_the_customer_finds_the_kept_file_and_who_asks_for_the_merged_one_is_told_where(world) {
        let (kept, merged) = twins(world).await;
        world.merge(&kept, &merged, &["phone"]).await.good();
        let own = |field: &str, value: &str| SearchCustomerFilesRequest {
            conditions: vec![FieldCondition { field: field.into(), value: value.into() }],
            ..SearchCustomerFilesRequest::default()
        };
        assert_eq!(named(world, "sales-2", "大海").await, [kept.name.as_str()]);
        assert_eq!(names(world, "sales-2", "").await, [kept.name.as_str()]);
        assert_eq!(names(world, "sales-2", "state = ACTIVE").await, [kept.name.as_str()]);
        for asked in [
            "state = CLOSED".to_owned(),
            format!("number = \"{}\"", merged.number),
            format!("customer_number = \"{}\"", merged.customer_number),
        ] {
            assert_eq!(names(world, "sales-2", &asked).await, [merged.name.as_str()], "{asked}");
        }
        for (field, value) in [("file_no", merged.number.as_str()), ("customer_no", &merged.customer_number), ("unit_ref", "REF-000002")] {
            let hits = found(world, "sales-2", own(field, value)).await;
            let hits: Vec<_> = hits.iter().map(|one| (one.name.as_str(), one.merged_into.as_str())).collect();
            assert_eq!(hits, [(merged.name.as_str(), kept.name.as_str())], "{field}");
        }
        // A number that both have leads to the file that stands.
        let hits = found(world, "sales-2", own("phone", "021-55550002")).await;
        assert_eq!(hits.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [kept.name.as_str()]);
        let looking = |name: &str| FindDuplicatesRequest {
            name: name.to_owned(), purpose: "customer_service".into(), ..FindDuplicatesRequest::default()
        };
        let mut calls = world.profile("sales-2").files;
        assert_eq!(calls.find_duplicates(looking(&kept.name)).await.good().candidates, []);
        let glance = |name: &str| GetCustomerOverviewRequest {
            name: name.to_owned(), purpose: "customer_service".into(), ..GetCustomerOverviewRequest::default()
        };
        for (file, tie, other) in [(&kept, OverviewTie::Merged, &merged), (&merged, OverviewTie::MergedInto, &kept)] {
            let seen = calls.get_customer_overview(glance(&file.name)).await.good();
            let tied: Vec<_> =
                seen.linked_files.iter().map(|one| (one.tie(), one.customer_file.as_ref().unwrap().name.as_str())).collect();
            assert_eq!(tied, [(tie, other.name.as_str())]);
        }
        check::holds(world).await;
    }

    // proves: I8
    async fn a_merge_that_is_tried_changes_nothing_and_one_that_is_repeated_happened_once(world) {
        let (kept, merged) = twins(world).await;
        let mut calls = world.profile("archivist").files;
        let request = world.merging(&kept, &merged, &[]);
        let dry = MergeCustomerFilesRequest { validate_only: true, request_id: world.request_id(), ..request.clone() };
        assert_eq!(calls.merge_customer_files(dry).await.good().merged, [merged.name.as_str()]);
        assert_eq!(world.read("sales-2", &kept.name).await.good().etag, kept.etag);
        let first = calls.merge_customer_files(request.clone()).await.good();
        assert_eq!(calls.merge_customer_files(request).await.good(), first);
        assert_eq!(world.read("sales-2", &kept.name).await.good().revision, kept.revision + 1);
        // The two are one by now.
        let now = world.read("sales-2", &kept.name).await.good();
        let gone = world.read("sales-2", &merged.name).await.good();
        let refused = world.merge(&now, &gone, &[]).await.refused(Reason::WrongState);
        assert_eq!((refused.metadata["resource"].as_str(), refused.metadata["state"].as_str()), (gone.name.as_str(), "CLOSED"));
        let other = world.active(3).await;
        let refused = world.merge(&gone, &other, &[]).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["resource"], gone.name, "what was merged is not kept");
        // What keeps another may be merged itself: each says where to look.
        let last = world.merge(&other, &now, &[]).await.good();
        assert_eq!(last.merged, [now.name.as_str()]);
        assert_eq!(world.read("sales-2", &gone.name).await.good().merged_into, now.name);
        assert_eq!(world.read("sales-2", &now.name).await.good().merged_into, other.name);
        check::holds(world).await;
    }

    // proves: P-02, P-28
    async fn of_merges_at_the_same_time_one_happens(world) {
        let [one, two, three] = [1, 2, 3].map(|n| world.active(n));
        let (one, two, three) = (one.await, two.await, three.await);
        let results = tokio::join!(world.merge(&one, &two, &[]), world.merge(&two, &one, &[]), world.merge(&three, &two, &[]));
        let results = [results.0, results.1, results.2];
        assert_eq!(results.iter().filter(|one| one.is_ok()).count(), 1, "{results:?}");
        for refused in results.into_iter().filter(Result::is_err) {
            let refused = refused.bad();
            assert!([Reason::EtagStale, Reason::WrongState].contains(&refused.reason), "{refused:?}");
        }
        check::holds(world).await;
    }

    // proves: A-01, P-28
    async fn who_may_not_merge_is_told_that_first(world) {
        let (kept, merged) = twins(world).await;
        let mut calls = world.profile("sales-manager").files;
        let refused = calls.merge_customer_files(MergeCustomerFilesRequest::default()).await.refused(Reason::PermissionDenied);
        assert_eq!(refused.metadata["action"], "file.merge");
        calls.merge_customer_files(world.merging(&kept, &merged, &[])).await.refused(Reason::PermissionDenied);
        world.side_by_side("sales-manager", &kept.name, &merged.name).await.refused(Reason::PermissionDenied);
        calls.unmerge_customer_files(UnmergeCustomerFilesRequest::default()).await.refused(Reason::PermissionDenied);
        assert_eq!(trail(world, &merged.name).await.last().unwrap(), "file.activated");
    }

    // proves: P-46, P-48
    async fn what_changed_since_it_was_looked_at_is_not_merged(world) {
        let (kept, merged) = twins(world).await;
        let older = |one: &CustomerFile| CustomerFile { etag: "r1".into(), ..one.clone() };
        let refused = world.merge(&older(&kept), &merged, &[]).await.refused(Reason::EtagStale);
        assert_eq!(refused.metadata["resource"], kept.name);
        let refused = world.merge(&kept, &older(&merged), &[]).await.refused(Reason::EtagStale);
        assert_eq!(refused.metadata["resource"], merged.name);
        let bare = |one: &CustomerFile| CustomerFile { etag: String::new(), ..one.clone() };
        let refused = world.merge(&bare(&kept), &bare(&merged), &[]).await.refused(Reason::FieldViolation);
        assert!(refused.names("etag") && refused.names("merged_etag"));
        let refused = world.merge(&kept, &kept, &[]).await.refused(Reason::FieldViolation);
        assert!(refused.names("merged"));
        let refused = world.merge(&kept, &merged, &["colour", "fax", "name", "name"]).await.refused(Reason::FieldViolation);
        assert_eq!(refused.fields, ["take.0", "take.1", "take.3"]);
        assert_eq!(world.read("sales-2", &merged.name).await.good().state(), CustomerFileState::Active);
        check::holds(world).await;
    }

    // proves: P-28, A-22, P-57
    async fn what_stands_against_a_merge_is_told_before_and_refused_by_it(world) {
        let (kept, merged) = twins(world).await;
        let refuses = async |kept: &str, merged: &str, obstacle: MergeObstacle| {
            let preview = world.side_by_side("archivist", kept, merged).await.good();
            assert_eq!(obstacles(&preview), [obstacle]);
            let (kept, merged) = (world.read("archivist", kept).await.good(), world.read("archivist", merged).await.good());
            let refused = world.merge(&kept, &merged, &[]).await.refused(Reason::MergeBlocked);
            assert_eq!(refused.metadata["obstacle"], obstacle.as_str_name().trim_start_matches("MERGE_OBSTACLE_"));
            refused
        };
        let open = world.note("sales-1", &merged.name, complaint("到货破损")).await.good();
        let refused = refuses(&kept.name, &merged.name, MergeObstacle::OpenRecord).await;
        assert_eq!(refused.metadata["file"], merged.name);
        // In the kept file it goes on.
        assert_eq!(obstacles(&world.side_by_side("archivist", &merged.name, &kept.name).await.good()), []);
        world.void_record("sales-manager", &open.name).await.good();
        let draft = world.draft(3).await;
        refuses(&draft.name, &kept.name, MergeObstacle::State).await;
        assert_eq!(obstacles(&world.side_by_side("archivist", &kept.name, &draft.name).await.good()), []);
        world.classify("archivist", &merged.name, "confidential").await.good();
        world.settle().await;
        refuses(&kept.name, &merged.name, MergeObstacle::Level).await;
        world.classify("archivist", &kept.name, "confidential").await.good();
        let other = world.who("sales-2").await;
        let handed = dossier_tests::scene::to_hand_over(&kept.name, &other);
        let approval = world.approved_act("archivist", handed, "deputy").await;
        world.hand_over("archivist", &kept.name, "sales-2", &approval).await.good();
        world.settle().await;
        refuses(&kept.name, &merged.name, MergeObstacle::Custodian).await;
        closed(world, &merged.name).await;
        let preview = world.side_by_side("archivist", &kept.name, &merged.name).await.good();
        assert!(obstacles(&preview).contains(&MergeObstacle::State));
        check::holds(world).await;
    }

    // proves: A-22
    async fn across_units_only_who_hands_files_over_merges(world) {
        let kept = world.active(1).await;
        let elsewhere = CustomerFile { unit: "customer-service".into(), ..company(2) };
        let merged = world.create(&mut world.profile("service-manager"), elsewhere).await.good();
        // The archivist hands files over, and so decides that another unit reads the values.
        world.merge(&kept, &merged, &["phone"]).await.good();
        // Who does not see the other file is told that there was one, and not which.
        let seen = world.read("sales-2", &kept.name).await.good();
        assert_eq!((seen.merged.len(), said(&seen, "phone").as_deref()), (0, Some("021-55550002")));
        assert_eq!(world.read("archivist", &kept.name).await.good().merged, [merged.name.as_str()]);
        let seen = world.read("service-manager", &merged.name).await.good();
        assert_eq!((seen.state(), seen.merged_into.as_str()), (CustomerFileState::Closed, ""));
        check::holds(world).await;
    }

    // proves: P-40
    async fn who_merges_into_a_draft_has_a_part_in_it(world) {
        let (kept, merged) = (world.draft(1).await, world.drafted(2, &[("email", "sea@example.com")]).await);
        world.merge(&kept, &merged, &[]).await.good();
        let mut tx = world.db(Which::Profile).read().await.unwrap();
        let (file, person) = (id_of(&kept.name), id_of(&world.who("archivist").await));
        assert!(dossier_profile::store::revision::is_involved(&mut tx, DEMO, file, person).await.unwrap());
    }

    // proves: A-42, I3
    async fn a_preview_discloses_both_files_and_changes_neither(world) {
        let (kept, merged) = twins(world).await;
        let before = (world.disclosures(&kept.name).await.len(), world.disclosures(&merged.name).await.len());
        world.side_by_side("archivist", &kept.name, &merged.name).await.good();
        let after = (world.disclosures(&kept.name).await, world.disclosures(&merged.name).await);
        assert_eq!((after.0.len(), after.1.len()), (before.0 + 1, before.1 + 1));
        let one = after.1.iter().find(|one| one.purpose == "archive_work").unwrap();
        assert!(one.fields.contains(&"email".to_owned()) && one.fields.contains(&"industry".to_owned()));
        assert_eq!(world.read("sales-2", &merged.name).await.good().etag, merged.etag);
    }

    // Negative controls: what the store alone refuses, whoever writes to it.
    // proves: P-02
    async fn the_store_keeps_no_merged_file_that_is_open_or_looks_at_itself(world) {
        let (kept, merged) = twins(world).await;
        let (into, id) = (id_of(&kept.name), id_of(&merged.name));
        for text in [
            "UPDATE customer_file SET merged_into = $1 WHERE org = 'demo' AND id = $2",
            "UPDATE customer_file SET state = 'closed', closed_at = 1, merged_into = CASE WHEN $1 = $2 THEN $1 ELSE $2 END
             WHERE org = 'demo' AND id = $2",
        ] {
            let mut tx = world.db(Which::Profile).write().await.unwrap();
            assert!(sql!(&mut tx, execute, text, into, id).is_err(), "{text}");
        }
        let mut tx = world.db(Which::Profile).write().await.unwrap();
        let text = "UPDATE customer_file SET state = 'closed', closed_at = 1, merged_into = $1 WHERE org = 'demo' AND id = $2";
        assert_eq!(sql!(&mut tx, execute, text, into, id).unwrap(), 1, "and nothing else");
    }
}

fn id_of(name: &str) -> Uuid {
    name.rsplit('/').next().unwrap().parse().unwrap()
}

// Customer service may merge, and reads no sealed field; a letter before telephone numbers is a guess.
fn blind() -> Rules {
    let rules = Rules::shipped();
    let service = "actions: [file.read, file.update, directory.read, access.request, duty.read, policy.read]";
    let merging =
        "actions: [file.read, file.update, file.merge, directory.read, access.request, duty.read, policy.read]";
    rules.spoil("regimes/R36.yaml", service, merging);
    rules
}

on_both_stores_under! {
    blind();

    // proves: A-02, P-28
    async fn nobody_decides_over_what_they_do_not_see(world) {
        let elsewhere = |n: u32| CustomerFile { unit: "customer-service".into(), ..company(n) };
        let mut manager = world.profile("service-manager");
        let kept = world.create(&mut manager, elsewhere(1)).await.good();
        let merged = world.create(&mut manager, elsewhere(2)).await.good();
        let preview = world.side_by_side("service-1", &kept.name, &merged.name).await.good();
        assert!(obstacles(&preview).iter().all(|one| *one == MergeObstacle::MaskedField), "{preview:?}");
        let masked: Vec<_> = preview.blockers.iter().filter(|one| one.file == kept.name).map(|one| one.field.as_str()).collect();
        assert_eq!(masked, ["address", "name", "phone", "unit_ref"]);
        assert_eq!(fields(&preview), [], "what is masked is not laid side by side");
        let request = world.merging(&kept, &merged, &[]);
        let refused = world.profile("service-1").files.merge_customer_files(request).await.refused(Reason::MergeBlocked);
        assert_eq!(refused.metadata["obstacle"], "MASKED_FIELD");
        assert!(refused.metadata.values().all(|value| !value.contains("客户")));
        check::holds(world).await;
    }
}

on_both_stores_under! {
    Rules::of("KINDS");

    // proves: P-03, P-26, I10
    async fn links_come_along_and_what_follows_another_form_does_not(world) {
        let (customer, other) = (world.draft(1).await, world.draft(2).await);
        let first = made(world, contract(&customer.name, "HT-1")).await;
        let second = made(world, contract(&customer.name, "HT-2")).await;
        let second = relink(world, "sales-1", &second.name, vec![guarantor(&other.name)]).await.good();
        let preview = world.side_by_side("archivist", &first.name, &second.name).await.good();
        assert_eq!((obstacles(&preview), preview.links), (vec![], vec![guarantor(&other.name)]));
        let merged = world.merge(&first, &second, &[]).await.good();
        assert_eq!(merged.links, [guarantor(&other.name)]);
        // What belongs to a file that was merged stays in it.
        let kept = world.merge(&other, &customer, &[]).await.good();
        assert_eq!(world.read("sales-1", &first.name).await.good().of, customer.name);
        let preview = world.side_by_side("archivist", &kept.name, &first.name).await.good();
        let expected =
            [MergeObstacle::FileKind, MergeObstacle::Template, MergeObstacle::Parent];
        assert_eq!(obstacles(&preview), expected);
        let back = world.unmerge(&second.name).await.good();
        assert_eq!(back.links, [guarantor(&other.name)]);
        assert_eq!(world.read("sales-1", &first.name).await.good().links, []);
        check::holds(world).await;
    }

    // proves: P-20, P-26
    async fn a_value_keeps_its_source_and_its_doubt(world) {
        let kept = world.draft(1).await;
        let mut guessed = company(2);
        let email = guessed.fields.entry("email".into()).or_insert_with(|| text("sea@example.com"));
        email.provenance = Some(dossier_proto::types::Provenance {
            source_note: "展会名片".into(),
            collect_date: "2026-01-05".into(),
            certainty: Certainty::Opinion.into(),
            taken_over: true,
            ..Default::default()
        });
        let merged = world.create(&mut world.profile("sales-1"), guessed).await.good();
        assert!(!merged.fields["email"].provenance.as_ref().unwrap().taken_over, "nobody says so themselves");
        world.merge(&kept, &merged, &[]).await.good();
        let origin = world.read("sales-1", &kept.name).await.good().fields["email"].provenance.clone().unwrap();
        let told = (origin.source_note.as_str(), origin.collect_date.as_str(), origin.certainty(), origin.taken_over);
        assert_eq!(told, ("展会名片", "2026-01-05", Certainty::Opinion, true));
    }
}
