//! Files that name others: nobody learns of a file that they may not see by the one that names it.

use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, ListEntriesRequest};
use dossier_proto::profile::v1::{
    BatchGetCustomerFilesRequest, CreateCustomerFileRequest, CustomerFile, CustomerFileView, FieldCondition,
    GetCustomerFileRevisionRequest, ListCustomerFileRevisionsRequest, ListCustomerFilesRequest,
    SearchCustomerFilesRequest,
};
use dossier_proto::types::FileLink;
use dossier_tests::check::replayed;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use prost::Message;

use super::kinds::{asked, contract, found, guarantor, made, missing, names, relink, room};
use crate::prelude::*;

fn revisions(parent: &str) -> ListCustomerFileRevisionsRequest {
    ListCustomerFileRevisionsRequest { parent: parent.to_owned(), ..ListCustomerFileRevisionsRequest::default() }
}

fn searching(part: &str) -> SearchCustomerFilesRequest {
    let (name_contains, purpose) = (part.to_owned(), "customer_service".to_owned());
    SearchCustomerFilesRequest { name_contains, purpose, ..SearchCustomerFilesRequest::default() }
}

// The file `name`, which belongs to `of`, as every reading rpc shows it to `subject`.
async fn answers(world: &World, subject: &str, name: &str, of: &str) -> Vec<CustomerFile> {
    let purpose = || "customer_service".to_owned();
    // Remembered, and told anew.
    let mut answers = vec![world.read(subject, name).await.good(), world.read(subject, name).await.good()];
    let mut calls = world.profile(subject).files;
    let request =
        BatchGetCustomerFilesRequest { names: vec![name.to_owned()], purpose: purpose(), ..Default::default() };
    answers.extend(calls.batch_get_customer_files(request).await.good().customer_files);
    for view in [CustomerFileView::Basic, CustomerFileView::Full] {
        let (filter, view) = (format!("of = \"{of}\""), view.into());
        let request = ListCustomerFilesRequest { filter, view, purpose: purpose(), ..Default::default() };
        let page = calls.list_customer_files(request).await.good().customer_files;
        answers.extend(page.into_iter().filter(|one| one.name == name));
        let conditions = vec![FieldCondition { field: "unit_ref".into(), value: "HT-A".into() }];
        answers
            .extend(found(world, subject, SearchCustomerFilesRequest { conditions, view, ..Default::default() }).await);
    }
    let request = ListCustomerFileRevisionsRequest { parent: name.to_owned(), ..Default::default() };
    let page = calls.list_customer_file_revisions(request).await.good().revisions;
    answers.extend(page.into_iter().filter_map(|one| one.customer_file));
    let name = format!("{name}/revisions/1");
    let request = GetCustomerFileRevisionRequest { name, purpose: purpose(), ..Default::default() };
    answers.extend(calls.get_customer_file_revision(request).await.good().customer_file);
    answers
}

on_both_stores_under! {
    Rules::of("KINDS");

    // proves: P-03, I10
    async fn a_link_to_what_the_reader_may_not_see_is_in_no_answer(world) {
        let (customer, seen) = (world.active(1).await, world.active(2).await.name);
        let hidden = world.active(3).await.name;
        let links = vec![guarantor(&seen), guarantor(&hidden)];
        let file = made(world, CustomerFile { links: links.clone(), ..contract(&customer.name, "HT-A") }).await;
        let told = |file: &CustomerFile| file.links.iter().map(|one| one.file.clone()).collect::<Vec<_>>();
        assert_eq!(told(&file).len(), 2);
        let draft = made(world, contract(&hidden, "HT-B")).await;
        // A repeated call is told what may be seen now.
        let repeated = CreateCustomerFileRequest {
            customer_file: Some(CustomerFile { links: links.clone(), ..contract(&customer.name, "HT-C") }),
            request_id: world.request_id(),
            ..CreateCustomerFileRequest::default()
        };
        let third = world.profile("sales-2").files.create_customer_file(repeated.clone()).await.good();
        assert_eq!(third.links.len(), 2);
        world.classify("archivist", &hidden, "secret").await.good();
        world.settle().await;
        let again = world.profile("sales-2").files.create_customer_file(repeated).await.good();
        assert_eq!((again.name.as_str(), told(&again)), (third.name.as_str(), vec![seen.clone()]));
        for (subject, all) in [("sales-2", vec![seen.clone()]), ("archivist", told(&file))] {
            let answers = answers(world, subject, &file.name, &customer.name).await;
            assert_eq!(answers.len(), 9, "{subject}");
            for answer in &answers {
                assert_eq!((told(answer), &answer.of), (all.clone(), &customer.name), "{subject}: {answer:?}");
            }
        }
        // Nor is it said what belongs to it, or what it belongs to.
        assert_eq!(world.read("sales-2", &draft.name).await.good().of, "");
        assert_eq!(world.read("archivist", &draft.name).await.good().of, hidden);
        for of in [hidden.clone(), missing()] {
            assert_eq!(names(world, "sales-2", &format!("of = \"{of}\"")).await, [""; 0]);
        }
        assert_eq!(names(world, "archivist", &format!("of = \"{hidden}\"")).await, [draft.name.as_str()]);
        // Who changes the links leaves those that they do not see.
        assert_eq!(told(&relink(world, "sales-2", &file.name, Vec::new()).await.good()), [""; 0]);
        assert_eq!(told(&world.read("archivist", &file.name).await.good()), std::slice::from_ref(&hidden));
        relink(world, "sales-2", &file.name, vec![guarantor(&hidden)]).await.refused(Reason::ResourceNotFound);
        for wrong in [file.name.clone(), third.name.clone()] {
            let refused = relink(world, "sales-2", &file.name, vec![guarantor(&wrong)]).await;
            assert!(refused.refused(Reason::FieldViolation).names("links.0.file"));
        }
        let follows = FileLink { link: "follows".into(), file: third.name.clone() };
        let linked = relink(world, "archivist", &file.name, vec![guarantor(&hidden), follows]).await.good();
        assert_eq!(told(&linked), [third.name.clone(), hidden]);
        check::holds(world).await;
    }

    // proves: P-03, I10
    async fn a_contract_that_may_not_be_seen_changes_no_answer_about_its_customer(world) {
        let customer = world.active(1).await;
        made(world, contract(&customer.name, "HT-A")).await;
        world.settle().await;
        let about = |filter: String| ListCustomerFilesRequest { filter, ..ListCustomerFilesRequest::default() };
        let questions = [
            ("ListCustomerFiles", about(String::new()).encode_to_vec()),
            ("ListCustomerFiles", about(format!("of = \"{}\"", customer.name)).encode_to_vec()),
            ("ListCustomerFiles", about("file_kind = \"contract\"".into()).encode_to_vec()),
            ("ListCustomerFiles", about(format!("customer_number = \"{}\"", customer.customer_number)).encode_to_vec()),
            ("ListCustomerFileRevisions", revisions(&customer.name).encode_to_vec()),
            ("SearchCustomerFiles", searching("采购").encode_to_vec()),
        ];
        let mut before = Vec::new();
        for (method, message) in &questions {
            before.push(asked(world, "sales-2", method, message.clone()).await);
        }
        let hidden = CustomerFile { level: "secret".into(), ..contract(&customer.name, "HT-B") };
        world.create(&mut world.profile("archivist"), hidden).await.good();
        world.settle().await;
        assert_eq!(names(world, "archivist", &format!("of = \"{}\"", customer.name)).await.len(), 2);
        for ((method, message), before) in questions.iter().zip(before) {
            let after = asked(world, "sales-2", method, message.clone()).await;
            assert!(after == before, "{method}: {before:?}\n{after:?}");
        }
    }

    // proves: P-03, A-42, I10
    async fn the_journal_says_what_a_file_names_and_not_to_who_may_not_know(world) {
        let (customer, other) = (world.active(1).await.name, world.active(2).await.name);
        let links = vec![guarantor(&other)];
        let file = made(world, CustomerFile { links: links.clone(), ..contract(&customer, "HT-A") }).await.name;
        world.settle().await;
        let trail = async || {
            let filter = format!("subject = \"{file}\"");
            let request = ListEntriesRequest { parent: home(Which::Profile), filter, ..Default::default() };
            let entries = world.profile("archivist").journal.list_entries(request).await.good().entries;
            entries.into_iter().map(|one| (one.abridged, EntryBody::decode(&one.body[..]).unwrap())).collect::<Vec<_>>()
        };
        let told = trail().await;
        let event = told[0].1.event.as_ref().and_then(|event| event.kind.clone());
        let Some(Kind::FileChanged(event)) = event else { panic!("{told:?}") };
        let terms = event.terms.unwrap();
        assert_eq!((told[0].0, terms.of, terms.links), (false, customer, links));
        // At the closed level nobody may know of it: who did what and when stays, and what it names goes.
        world.classify("gm", &other, "top_secret").await.good();
        world.settle().await;
        let told = trail().await;
        assert!(told[0].0 && told[0].1.event.is_none() && told[0].1.action == "file.created", "{told:?}");
    }

    // proves: P-03, I3
    async fn what_is_changed_behind_a_files_back_is_found(world) {
        let (customer, other) = (world.active(1).await.name, world.active(2).await.name);
        made(world, CustomerFile { links: vec![guarantor(&other)], ..contract(&customer, "HT-A") }).await;
        made(world, room("A-1")).await;
        world.settle().await;
        assert_eq!(replayed(world).await, [""; 0]);
        for (text, word) in [
            ("UPDATE customer_file SET links = '[]' WHERE unit_kind = 'contract'", "links"),
            ("UPDATE customer_file SET parent = NULL WHERE unit_kind = 'contract'", "of"),
            ("UPDATE customer_file SET customer_type = 'company' WHERE unit_kind = 'archive_room'", "customer_type"),
        ] {
            let mut tx = world.db(Which::Profile).write().await.unwrap();
            assert_eq!(sql!(&mut tx, execute, text).unwrap(), 1, "{text}");
            tx.commit().await.unwrap();
            let faults = replayed(world).await;
            assert!(faults.iter().any(|fault| fault.contains(word)), "{text}: {faults:#?}");
        }
    }
}
