//! Kinds of file: a contract beside its customer's file, links to other files, and files about no customer.

use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, ListEntriesRequest};
use dossier_proto::profile::v1::{
    BatchGetCustomerFilesRequest, CheckCompletenessRequest, CloseCustomerFileRequest, CreateCustomerFileRequest,
    CustomerFile, CustomerFileView, FieldCondition, GetCustomerFileRevisionRequest, ListCustomerFileRevisionsRequest,
    ListCustomerFilesRequest, ReviewDecision, SearchCustomerFilesRequest, UpdateCustomerFileRequest,
};
use dossier_proto::types::{CustomerType, FileLink};
use dossier_tests::check::replayed;
use dossier_tests::raw::Raw;
use dossier_tests::rules::Rules;
use dossier_tests::scene::company;
use dossier_tests::world::{ProfileCalls, run_under};
use prost::Message;
use prost_types::FieldMask;

use crate::prelude::*;

/// As `on_both_stores!`, in a world under the pack with three kinds.
macro_rules! under_three_kinds {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn behaviour($world: &World) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn sqlite() {
                let rules = Rules::of_three_kinds();
                run_under(Store::Sqlite, module_path!(), &rules, |world| Box::pin(behaviour(world))).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            $(#[$meta])*
            async fn postgres() {
                let rules = Rules::of_three_kinds();
                run_under(Store::Postgres, module_path!(), &rules, |world| Box::pin(behaviour(world))).await;
            }
        }
    )+};
}

fn kind(kind: &str, unit_ref: &str, name: &str) -> CustomerFile {
    let fields = [("name".to_owned(), text(name))].into();
    let (file_kind, unit_ref, unit) = (kind.to_owned(), unit_ref.to_owned(), "sales".to_owned());
    CustomerFile { file_kind, unit_ref, unit, fields, ..CustomerFile::default() }
}

fn contract(of: &str, unit_ref: &str) -> CustomerFile {
    CustomerFile { of: of.to_owned(), ..kind("contract", unit_ref, "设备采购合同") }
}

fn room(unit_ref: &str) -> CustomerFile {
    kind("archive_room", unit_ref, "客户档案库房")
}

fn guarantor(file: &str) -> FileLink {
    FileLink { link: "guarantor".into(), file: file.to_owned() }
}

/// A name that no file has.
fn missing() -> String {
    format!("files/{}", Uuid::from_u128(0x7777))
}

async fn made(world: &World, file: CustomerFile) -> CustomerFile {
    world.create(&mut world.profile("sales-1"), file).await.good()
}

async fn effective(world: &World, file: &CustomerFile) -> CustomerFile {
    let submitted = world.submit(&file.name).await.good();
    world.review("sales-manager", &submitted, ReviewDecision::Accept).await.good();
    world.activate(&file.name).await.good()
}

async fn listed(calls: &mut ProfileCalls, filter: &str) -> Vec<CustomerFile> {
    let request = ListCustomerFilesRequest { filter: filter.into(), ..ListCustomerFilesRequest::default() };
    calls.files.list_customer_files(request).await.good().customer_files
}

async fn names(world: &World, subject: &str, filter: &str) -> Vec<String> {
    listed(&mut world.profile(subject), filter).await.into_iter().map(|file| file.name).collect()
}

async fn found(world: &World, subject: &str, request: SearchCustomerFilesRequest) -> Vec<CustomerFile> {
    let request = SearchCustomerFilesRequest { purpose: "customer_service".into(), ..request };
    world.profile(subject).files.search_customer_files(request).await.good().customer_files
}

async fn closed(world: &World, name: &str) {
    let (name, request_id, reason) = (name.to_owned(), world.request_id(), "结束".to_owned());
    let request = CloseCustomerFileRequest { name, request_id, reason, ..CloseCustomerFileRequest::default() };
    world.profile("archivist").files.close_customer_file(request).await.good();
}

async fn relink(
    world: &World,
    subject: &str,
    name: &str,
    links: Vec<FileLink>,
) -> Result<tonic::Response<CustomerFile>, tonic::Status> {
    let request = UpdateCustomerFileRequest {
        customer_file: Some(CustomerFile { name: name.to_owned(), links, ..CustomerFile::default() }),
        update_mask: Some(FieldMask { paths: vec!["links".into()] }),
        request_id: world.request_id(),
        ..UpdateCustomerFileRequest::default()
    };
    world.profile(subject).files.update_customer_file(request).await
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

under_three_kinds! {
    // proves: P-02
    async fn a_unit_has_one_open_file_of_each_kind(world) {
        let customer = made(world, company(1)).await;
        let first = made(world, contract(&customer.name, &company(1).unit_ref)).await;
        assert_eq!((customer.file_kind.as_str(), first.file_kind.as_str()), ("customer", "contract"));
        let mut calls = world.profile("sales-2");
        let again = world.create(&mut calls, contract(&customer.name, &company(1).unit_ref)).await;
        let refused = again.refused(Reason::FileUnitTaken);
        assert_eq!((refused.metadata["file_kind"].as_str(), refused.metadata["file"].as_str()), ("contract", first.name.as_str()));
        world.create(&mut calls, company(1)).await.refused(Reason::FileUnitTaken);
        // Two that open it at the same moment: the store lets one through.
        let (other, unit) = (made(world, company(2)).await.name, "HT-7");
        let (mut one, mut two) = (world.profile("sales-1"), world.profile("sales-1"));
        let both = futures::join!(
            world.create(&mut one, contract(&other, unit)),
            world.create(&mut two, contract(&customer.name, unit)),
        );
        assert_eq!([both.0, both.1].into_iter().filter(Result::is_ok).count(), 1);
        closed(world, &first.name).await;
        made(world, contract(&customer.name, &company(1).unit_ref)).await;
        world.create(&mut world.profile("sales-1"), kind("vehicle", "V-1", "车")).await.refused(Reason::FieldViolation);
    }

    // proves: P-03, P-05, P-06
    async fn a_contract_carries_its_customers_number_and_is_found_with_them(world) {
        let customer = made(world, company(1)).await;
        let early = made(world, contract(&customer.name, "HT-A")).await;
        assert_eq!((early.of.as_str(), early.customer_type()), (customer.name.as_str(), CustomerType::Company));
        assert_eq!(early.customer_number, "", "the customer has none yet");
        let early = effective(world, &early).await;
        let customer = effective(world, &customer).await;
        let later = made(world, contract(&customer.name, "HT-B")).await;
        assert!(early.customer_number.starts_with('C'), "{early:?}");
        assert_eq!([&customer.customer_number, &later.customer_number], [&early.customer_number; 2]);
        assert_eq!((customer.number.as_str(), early.number.as_str()), ("KH-2026-00001", "HT-2026-0001"));
        made(world, contract(&made(world, company(2)).await.name, "HT-C")).await;
        world.settle().await;
        let all = [&later.name, &early.name, &customer.name].map(String::as_str);
        let filter = format!("customer_number = \"{}\"", customer.customer_number);
        assert_eq!(names(world, "sales-2", &filter).await, all);
        let filter = format!("of = \"{}\"", customer.name);
        assert_eq!(names(world, "sales-2", &filter).await, all[..2]);
        assert_eq!(names(world, "sales-2", &format!("{filter} AND state = ACTIVE")).await, [early.name.as_str()]);
        assert_eq!(names(world, "sales-2", "file_kind = \"contract\"").await.len(), 3);
        let request = SearchCustomerFilesRequest { name_contains: "采购".into(), ..SearchCustomerFilesRequest::default() };
        assert_eq!(found(world, "sales-2", request).await.len(), 3, "what belongs to a customer is searched with them");
        // What may not be seen is left out of both.
        world.classify("archivist", &early.name, "secret").await.good();
        world.settle().await;
        let filter = format!("customer_number = \"{}\"", customer.customer_number);
        assert_eq!(names(world, "sales-2", &filter).await, [later.name.as_str(), customer.name.as_str()]);
        check::holds(world).await;
    }

    // proves: P-03, I10
    async fn a_file_belongs_to_an_open_one_of_the_right_kind_that_its_author_sees(world) {
        let customer = world.active(1).await.name;
        let contract_of = made(world, contract(&customer, "HT-A")).await.name;
        let hidden = world.at_level(2, "secret").await.name;
        let gone = world.active(3).await.name;
        closed(world, &gone).await;
        let mut calls = world.profile("sales-1");
        for (of, field) in [("", "of"), ("files/7", "of"), (contract_of.as_str(), "of")] {
            let refused = world.create(&mut calls, contract(of, "HT-B")).await.refused(Reason::FieldViolation);
            assert!(refused.names(field), "{of}: {refused:?}");
        }
        let refused = world.create(&mut calls, contract(&gone, "HT-B")).await.refused(Reason::WrongState);
        assert_eq!(refused.metadata["state"], "CLOSED");
        let own = CustomerFile { of: customer.clone(), ..company(4) };
        assert!(world.create(&mut calls, own).await.refused(Reason::FieldViolation).names("of"));
        let typed = CustomerFile { customer_type: CustomerType::NaturalPerson.into(), ..contract(&customer, "HT-B") };
        assert!(world.create(&mut calls, typed).await.refused(Reason::FieldViolation).names("customer_type"));
        let formed = CustomerFile { template: "templates/customer_core".into(), ..contract(&customer, "HT-B") };
        assert!(world.create(&mut calls, formed).await.refused(Reason::FieldViolation).names("template"));
        // What is hidden is answered as what is not there, byte by byte, as a parent and as a link.
        let hides = [
            (contract(&hidden, "HT-B"), contract(&missing(), "HT-B")),
            (
                CustomerFile { links: vec![guarantor(&hidden)], ..contract(&customer, "HT-B") },
                CustomerFile { links: vec![guarantor(&missing())], ..contract(&customer, "HT-B") },
            ),
        ];
        for (one, two) in hides {
            let (one, two) = (creating(world, one).await, creating(world, two).await);
            assert!(as_if(&hidden, one.clone()) == two, "{one:?}\n{two:?}");
            assert!(matches!(two, Raw::Refusal(..)));
        }
        // A caller who takes it away and gives it anew changes the customer of nothing: it is fixed.
        let request = UpdateCustomerFileRequest {
            customer_file: Some(CustomerFile { name: contract_of, ..CustomerFile::default() }),
            update_mask: Some(FieldMask { paths: vec!["customer_type".into()] }),
            request_id: world.request_id(),
            ..UpdateCustomerFileRequest::default()
        };
        calls.files.update_customer_file(request).await.refused(Reason::UpdateMaskInvalid);
    }

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

    // proves: P-68, P-89
    async fn a_file_about_no_customer_stands_in_no_list_of_customers(world) {
        let customer = world.active(1).await;
        let made_room = made(world, room("A-1")).await;
        assert_eq!((made_room.customer_type(), made_room.of.as_str()), (CustomerType::Unspecified, ""));
        let active = effective(world, &made_room).await;
        assert_eq!((active.number.as_str(), active.customer_number.as_str()), ("SH-001", ""));
        world.settle().await;
        assert_eq!(names(world, "sales-2", "").await, [customer.name.as_str()]);
        assert_eq!(names(world, "sales-2", "state = ACTIVE").await, [customer.name.as_str()]);
        assert_eq!(names(world, "sales-2", "number = \"SH-001\"").await, [""; 0]);
        assert_eq!(names(world, "sales-2", "file_kind = \"archive_room\"").await, [active.name.as_str()]);
        let unit = FieldCondition { field: "unit_ref".into(), value: "A-1".into() };
        for request in [
            SearchCustomerFilesRequest { name_contains: "客户".into(), ..SearchCustomerFilesRequest::default() },
            SearchCustomerFilesRequest { conditions: vec![unit], ..SearchCustomerFilesRequest::default() },
        ] {
            let hits = found(world, "sales-2", request).await;
            assert!(hits.iter().all(|one| one.name == customer.name), "{hits:?}");
        }
        // A field for some customer types does not apply, and does not count.
        let request = CheckCompletenessRequest { name: active.name.clone(), purpose: String::new() };
        let complete = world.profile("sales-1").files.check_completeness(request).await.good().completeness.unwrap();
        assert_eq!((complete.basis_points, complete.complete, complete.applicable_weight), (10_000, true, 1));
        let mut calls = world.profile("sales-1");
        let mut refuses = async |file: CustomerFile, field: &str| {
            let refused = world.create(&mut calls, file).await.refused(Reason::FieldViolation);
            assert!(refused.names(field), "{field}: {refused:?}");
        };
        let company = CustomerType::Company.into();
        refuses(CustomerFile { customer_type: company, ..room("A-2") }, "customer_type").await;
        refuses(CustomerFile { first_contact_time: Some(stamp(world.now())), ..room("A-2") }, "first_contact_time").await;
        refuses(CustomerFile { of: customer.name.clone(), ..room("A-2") }, "of").await;
        refuses(CustomerFile { links: vec![guarantor(&customer.name)], ..room("A-2") }, "links.0.link").await;
        refuses(contract(&active.name, "HT-A"), "of").await;
        let mut tenant = room("A-2");
        tenant.fields.insert("tenant".into(), text("某公司"));
        refuses(tenant, "fields.tenant").await;
        let label = [("stage".to_owned(), "signed".to_owned())].into();
        refuses(CustomerFile { classification: label, ..room("A-2") }, "classification.stage").await;
        check::holds(world).await;
    }
}

// The answer to a try by sales-1.
async fn creating(world: &World, file: CustomerFile) -> Raw {
    let (customer_file, validate_only) = (Some(file), true);
    let request = CreateCustomerFileRequest { customer_file, validate_only, ..CreateCustomerFileRequest::default() };
    asked(world, "sales-1", "CreateCustomerFile", request.encode_to_vec()).await
}

async fn asked(world: &World, subject: &str, method: &str, message: Vec<u8>) -> Raw {
    let method = format!("dossier.profile.v1.CustomerFileService/{method}");
    world.raw(Which::Profile, world.person(DEMO, subject), &method, message).await
}

fn revisions(parent: &str) -> ListCustomerFileRevisionsRequest {
    ListCustomerFileRevisionsRequest { parent: parent.to_owned(), ..ListCustomerFileRevisionsRequest::default() }
}

fn searching(part: &str) -> SearchCustomerFilesRequest {
    let (name_contains, purpose) = (part.to_owned(), "customer_service".to_owned());
    SearchCustomerFilesRequest { name_contains, purpose, ..SearchCustomerFilesRequest::default() }
}

// The answer as it would be for the name that no file has.
fn as_if(hidden: &str, answer: Raw) -> Raw {
    let swap = |mut bytes: Vec<u8>| {
        while let Some(at) = bytes.windows(hidden.len()).position(|part| part == hidden.as_bytes()) {
            bytes[at..at + hidden.len()].copy_from_slice(missing().as_bytes());
        }
        bytes
    };
    match answer {
        Raw::Message(bytes) => Raw::Message(swap(bytes)),
        Raw::Refusal(code, sentence, details) => {
            Raw::Refusal(code, sentence.replace(hidden, &missing()), swap(details))
        }
    }
}
