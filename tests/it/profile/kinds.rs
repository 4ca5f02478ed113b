//! Kinds of file: a contract beside its customer's file, and files about no customer.

use dossier_proto::profile::v1::{
    CheckCompletenessRequest, CloseCustomerFileRequest, CreateCustomerFileRequest, CustomerFile, FieldCondition,
    ListCustomerFilesRequest, ReviewDecision, SearchCustomerFilesRequest, UpdateCustomerFileRequest,
};
use dossier_proto::types::{CustomerType, FileLink};
use dossier_tests::on_both_stores_under;
use dossier_tests::raw::Raw;
use dossier_tests::rules::Rules;
use dossier_tests::scene::company;
use dossier_tests::world::ProfileCalls;
use prost::Message;
use prost_types::FieldMask;

use crate::prelude::*;

fn kind(kind: &str, unit_ref: &str, name: &str) -> CustomerFile {
    let fields = [("name".to_owned(), text(name))].into();
    let (file_kind, unit_ref, unit) = (kind.to_owned(), unit_ref.to_owned(), "sales".to_owned());
    CustomerFile { file_kind, unit_ref, unit, fields, ..CustomerFile::default() }
}

pub(super) fn contract(of: &str, unit_ref: &str) -> CustomerFile {
    CustomerFile { of: of.to_owned(), ..kind("contract", unit_ref, "设备采购合同") }
}

pub(super) fn room(unit_ref: &str) -> CustomerFile {
    kind("archive_room", unit_ref, "客户档案库房")
}

pub(super) fn guarantor(file: &str) -> FileLink {
    FileLink { link: "guarantor".into(), file: file.to_owned() }
}

/// A name that no file has.
pub(super) fn missing() -> String {
    format!("files/{}", Uuid::from_u128(0x7777))
}

pub(super) async fn made(world: &World, file: CustomerFile) -> CustomerFile {
    let author = if file.file_kind == "archive_room" { "archivist" } else { "sales-1" };
    world.create(&mut world.profile(author), file).await.good()
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

pub(super) async fn names(world: &World, subject: &str, filter: &str) -> Vec<String> {
    listed(&mut world.profile(subject), filter).await.into_iter().map(|file| file.name).collect()
}

pub(super) async fn found(world: &World, subject: &str, request: SearchCustomerFilesRequest) -> Vec<CustomerFile> {
    let request = SearchCustomerFilesRequest { purpose: "customer_service".into(), ..request };
    world.profile(subject).files.search_customer_files(request).await.good().customer_files
}

async fn closed(world: &World, name: &str) {
    let (name, request_id, reason) = (name.to_owned(), world.request_id(), "结束".to_owned());
    let request = CloseCustomerFileRequest { name, request_id, reason, ..CloseCustomerFileRequest::default() };
    world.profile("archivist").files.close_customer_file(request).await.good();
}

pub(super) async fn relink(
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

on_both_stores_under! {
    Rules::of("KINDS");

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
        // Nobody rates a room.
        world.model().await;
        let rated = world.credit("analyst").ratings.evaluate_customer(world.evaluating(&active.name)).await;
        assert!(rated.refused(Reason::FieldViolation).names("customer"));
        let mut calls = world.profile("archivist");
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
        // The archive writes of its rooms, and nobody else does.
        world.create(&mut world.profile("sales-1"), room("A-2")).await.refused(Reason::PermissionDenied);
        relink(world, "sales-1", &active.name, Vec::new()).await.refused(Reason::PermissionDenied);
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

pub(super) async fn asked(world: &World, subject: &str, method: &str, message: Vec<u8>) -> Raw {
    let method = format!("dossier.profile.v1.CustomerFileService/{method}");
    world.raw(Which::Profile, world.person(DEMO, subject), &method, message).await
}

// The answer as it would be for the name that no file has.
pub(super) fn as_if(hidden: &str, answer: Raw) -> Raw {
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
