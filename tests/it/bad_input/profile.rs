//! One field at fault in every request of profile.

use dossier_proto::duty::v1::{CompleteDutyRequest, ListDutiesRequest, WaiveDutyRequest};
use dossier_proto::journal::v1::{GetCheckpointRequest, GetConsistencyProofRequest, ListEntriesRequest};
use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, BatchGetCustomerFilesRequest, CheckCompletenessRequest, ClassifyCustomerFileRequest,
    CloseCustomerFileRequest, CreateCustomerFileRequest, CustomerFile, FieldCondition, FindDuplicatesRequest,
    GetCustomerFileRequest, GetCustomerFileRevisionRequest, GetCustomerOverviewRequest, HandOverCustomerFileRequest,
    ListCustomerFileRevisionsRequest, ListCustomerFilesRequest, ListFileEventsRequest, MergeCustomerFilesRequest,
    PreviewMergeRequest, ReviewCustomerFileRequest, SearchCustomerFilesRequest, SubmitCustomerFileRequest,
    UnmergeCustomerFilesRequest, UpdateCustomerFileRequest,
};
use dossier_proto::types::FileLink;
use dossier_tests::on_both_stores_under;
use dossier_tests::rules::Rules;
use dossier_tests::scene::{company, complaint, talk};
use prost_types::FieldMask;

use super::documents::filing;
use super::over::Over::{Long, Many, Number, Say};
use super::over::Table;
use super::records::{recording, staging};
use super::registers::{disposition, registers, templates};
use super::transfers::bringing;
use crate::prelude::*;

// A contract beside its customer's file, and a file about no customer, under a pack that keeps both.
async fn kinds(world: &World) {
    let customer = world.draft(1).await.name;
    let guarantor = FileLink { link: "guarantor".into(), file: customer.clone() };
    let fields = [("name".to_owned(), text("设备采购合同"))].into();
    let contract = CustomerFile {
        of: customer.clone(),
        links: vec![guarantor],
        file_kind: "contract".into(),
        unit_ref: "HT-1".into(),
        unit: "sales".into(),
        fields,
        ..CustomerFile::default()
    };
    let request = |file: &CustomerFile| CreateCustomerFileRequest {
        customer_file: Some(file.clone()),
        ..CreateCustomerFileRequest::default()
    };
    let mut table = Table::new(Which::Profile);
    let create = "dossier.profile.v1.CustomerFileService/CreateCustomerFile";
    table
        .form(create, "sales-1", &request(&contract))
        .fault("customer_file.of", Say(""), "of")
        .fault("customer_file.of", Long(60), "of")
        .fault("customer_file.file_kind", Say("customer"), "of")
        .fault("customer_file.file_kind", Say("vehicle"), "file_kind")
        .fault("customer_file.customer_type", Number(1), "customer_type")
        .fault("customer_file.template", Say("templates/customer_core"), "template")
        .fault("customer_file.links", Many(51), "links")
        .fault("customer_file.links[0].link", Say("rival"), "links.0.link")
        .fault("customer_file.links[0].link", Long(70), "links.0.link")
        .fault("customer_file.links[0].link", Say("follows"), "links.0.file")
        .fault("customer_file.links[0].file", Say("files/7"), "links.0.file");
    let room = CustomerFile {
        of: String::new(),
        links: Vec::new(),
        file_kind: "archive_room".into(),
        unit_ref: "A-1".into(),
        ..contract.clone()
    };
    table
        .form(create, "archivist", &request(&room))
        .fault("customer_file.customer_type", Number(2), "customer_type")
        .fault("customer_file.of", Say("files/7"), "of")
        .fault("customer_file.first_contact_time.seconds", Number(1), "first_contact_time")
        .fault("customer_file.contract_effect_time.seconds", Number(1), "contract_effect_time")
        .fault("customer_file.classification[stage]", Say("signed"), "classification.stage");
    let name = world.create(&mut world.profile("sales-1"), contract.clone()).await.good().name;
    let update = UpdateCustomerFileRequest {
        customer_file: Some(CustomerFile { name, ..contract }),
        update_mask: Some(FieldMask { paths: vec!["links".into()] }),
        ..UpdateCustomerFileRequest::default()
    };
    table
        .form("dossier.profile.v1.CustomerFileService/UpdateCustomerFile", "sales-1", &update)
        .fault("customer_file.links", Many(51), "links")
        .fault("customer_file.links[0].link", Say("rival"), "links.0.link")
        .fault("customer_file.links[0].file", Say(""), "links.0.file");
    registers(&mut table);
    assert!(table.refuse(world).await > 6);
}

on_both_stores_under! {
    Rules::of("KINDS");

    // proves: P-02, P-03, P-68
    async fn what_is_wrong_with_a_file_of_a_kind_is_named(world) {
        kinds(world).await;
    }
}

on_both_stores! {
    // proves: P-04, P-30
    async fn profile_names_the_field_at_fault_and_writes_nothing(world) {
        let file = world.draft(1).await.name;
        let record = world.note("sales-1", &file, talk(world.now(), "x")).await.good().name;
        let mut table = Table::new(Which::Profile);
        creating(&mut table);
        updating(&mut table, &file);
        moving(&mut table, &file);
        reading(&mut table, &file);
        let open = world.note("sales-1", &file, complaint("x")).await.good().name;
        let taken_up = world.advance("sales-1", &open).await.good();
        let ready = world.rewrite("sales-manager", &taken_up, "result_and_measures", Some(text("y"))).await.good();
        let begun = world.note("sales-1", &file, complaint("y")).await.good().name;
        recording(&mut table, &file, &record, world.now());
        staging(&mut table, &begun, &ready);
        filing(world, &mut table, &file).await;
        bringing(world, &mut table).await;
        templates(&mut table);
        disposition(&mut table);
        shared(&mut table, Which::Profile);
        table.hold(world).await;
    }
}

fn creating(table: &mut Table) {
    const CREATE: &str = "dossier.profile.v1.CustomerFileService/CreateCustomerFile";
    let base = CreateCustomerFileRequest { customer_file: Some(company(2)), ..CreateCustomerFileRequest::default() };
    let form = table.form(CREATE, "archivist", &base).mutation();
    let form = form
        .fault("customer_file.unit_ref", Long(129), "unit_ref")
        .fault("customer_file.unit_ref", Say(" "), "unit_ref")
        .fault("customer_file.unit", Say(""), "unit")
        .fault("customer_file.file_kind", Long(70), "file_kind")
        .fault("customer_file.customer_type", Number(99), "customer_type")
        .fault("customer_file.customer_type", Number(0), "customer_type")
        .fault("customer_file.of", Say("files/7"), "of")
        .fault("customer_file.template", Long(70), "template")
        .fault("customer_file.level", Say("cosmic"), "level")
        .fault("customer_file.custodian", Say("persons/somebody"), "custodian")
        .fault("customer_file.first_contact_time.seconds", Number(4_000_000_000), "first_contact_time")
        .fault("customer_file.contract_effect_time.seconds", Number(i64::MAX), "contract_effect_time")
        .fault("customer_file.fields", Many(301), "fields")
        .fault("customer_file.fields[colour].text", Long(5), "fields.colour")
        .fault("customer_file.fields[customer_no].text", Long(5), "fields.customer_no")
        .fault("customer_file.fields[gender].text", Say("female"), "fields.gender")
        .fault("customer_file.classification[colour]", Long(10), "classification.colour");
    let limits = [
        ("name", 200),
        ("phone", 32),
        ("fax", 32),
        ("email", 254),
        ("website", 500),
        ("address", 500),
        ("postcode", 10),
        ("industry", 100),
        ("company_size", 100),
        ("registered_capital", 40),
        ("legal_representative", 100),
        ("business_scope", 2000),
        ("key_business", 2000),
        ("economic_strength", 2000),
        ("main_dealings", 4000),
        ("demand", 4000),
        ("consumption_level", 50),
        ("region", 50),
    ];
    let mut form = form;
    for (key, most) in limits {
        form = form.fault(&format!("customer_file.fields[{key}].text"), Long(most + 1), path(key));
    }
    form.fault("customer_file.fields[name].integer", Number(5), "fields.name")
        .fault("customer_file.fields[name].text", Say("a\u{7}b"), "customer_file.fields.name.text")
        .fault("customer_file.fields[name].text", Say("a\nb"), "fields.name")
        .fault("customer_file.fields[name].text", Say(""), "fields.name")
        .fault("customer_file.fields[phone].text", Say("call me"), "fields.phone")
        .fault("customer_file.fields[email].text", Say("nobody"), "fields.email")
        .fault("customer_file.fields[website].text", Say("ftp://x"), "fields.website")
        .fault("customer_file.fields[registered_capital].text", Say("many"), "fields.registered_capital")
        .fault("customer_file.fields[cooperation_stage].text", Say("signed"), "fields.cooperation_stage")
        .fault("customer_file.fields[cooperation_stage].choice.id", Say("eternal"), "fields.cooperation_stage")
        .fault(
            "customer_file.fields[registered_capital].money.currency_code",
            Say("yuan"),
            "fields.registered_capital.money.currency_code",
        )
        .fault("customer_file.fields[name].provenance.source_note", Long(201), "fields.name.provenance.source_note")
        .fault(
            "customer_file.fields[name].provenance.collect_date",
            Say("2999-01-01"),
            "fields.name.provenance.collect_date",
        )
        .fault(
            "customer_file.fields[name].provenance.collect_date",
            Say("today"),
            "fields.name.provenance.collect_date",
        )
        .fault("customer_file.fields[name].provenance.collector", Say("persons/x"), "fields.name.provenance.collector");
    let file =
        CustomerFile { template: "templates/lifecycle_customer_file".into(), unit: "north".into(), ..company(2) };
    let base = CreateCustomerFileRequest { customer_file: Some(file), ..CreateCustomerFileRequest::default() };
    let form = table.form_in("meridian", CREATE, "north-1", &base);
    let items = "customer_file.fields[cooperation_projects].list.items";
    form.fault(items, Many(101), "fields.cooperation_projects")
        .fault(items, Long(2001), "fields.cooperation_projects.0")
        .fault("customer_file.first_contact_time.seconds", Number(4_000_000_000), "first_contact_time");
}

// The paths of violations live as long as the table: a test may leak a few names.
fn path(key: &str) -> &'static str {
    format!("fields.{key}").leak()
}

fn updating(table: &mut Table, file: &str) {
    const UPDATE: &str = "dossier.profile.v1.CustomerFileService/UpdateCustomerFile";
    let base = UpdateCustomerFileRequest {
        customer_file: Some(CustomerFile { name: file.to_owned(), ..company(1) }),
        update_mask: Some(FieldMask { paths: vec!["fields.name".into(), "unit".into()] }),
        ..UpdateCustomerFileRequest::default()
    };
    let form = table.form(UPDATE, "sales-manager", &base).mutation();
    form.fault("update_mask.paths", Many(301), "update_mask")
        .fault("update_mask.paths", Many(0), "update_mask")
        .named("customer_file.name", Say("files/7"))
        .fault("customer_file.fields[name].text", Long(201), "fields.name")
        .fault("customer_file.fields[name].text", Say(""), "fields.name")
        .fault("customer_file.unit", Say(""), "unit");
}

fn moving(table: &mut Table, file: &str) {
    let name = file.to_owned();
    let submit = SubmitCustomerFileRequest { name: name.clone(), ..SubmitCustomerFileRequest::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/SubmitCustomerFile", "sales-1", &submit)
        .mutation()
        .named("name", Say("files/7"));
    let review = ReviewCustomerFileRequest { name: name.clone(), decision: 1, etag: "e".into(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/ReviewCustomerFile", "sales-manager", &review)
        .mutation()
        .named("name", Say(""))
        .named("decision", Number(99))
        .named("decision", Number(0))
        .named("etag", Say(""));
    let back = ReviewCustomerFileRequest { decision: 2, reason: "x".into(), ..review };
    table
        .form("dossier.profile.v1.CustomerFileService/ReviewCustomerFile", "sales-manager", &back)
        .named("reason", Say(" "));
    let activate = ActivateCustomerFileRequest { name: name.clone(), ..ActivateCustomerFileRequest::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/ActivateCustomerFile", "archivist", &activate)
        .mutation()
        .named("name", Long(60));
    let classify = ClassifyCustomerFileRequest { name: name.clone(), level: "secret".into(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/ClassifyCustomerFile", "archivist", &classify)
        .mutation()
        .named("name", Say("persons/x"))
        .named("level", Say("cosmic"))
        .named("level", Say(""))
        .fault("classification[colour]", Say("red"), "classification.colour");
    let custodian = format!("persons/{}", Uuid::from_u128(5));
    let hand_over =
        HandOverCustomerFileRequest { name: name.clone(), custodian, reason: "x".into(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/HandOverCustomerFile", "archivist", &hand_over)
        .mutation()
        .named("name", Say("fileNumbers/"))
        .named("custodian", Say("persons/x"))
        .named("reason", Say(""));
    let merge = MergeCustomerFilesRequest {
        name: name.clone(),
        merged: format!("files/{}", Uuid::from_u128(5)),
        etag: "e".into(),
        merged_etag: "e".into(),
        reason: "x".into(),
        ..MergeCustomerFilesRequest::default()
    };
    table
        .form("dossier.profile.v1.CustomerFileService/MergeCustomerFiles", "archivist", &merge)
        .mutation()
        .named("name", Say("files/7"))
        .named("merged", Say("files/7"))
        .fault("name", Say("files/00000000-0000-0000-0000-000000000005"), "merged")
        .named("etag", Say(""))
        .named("merged_etag", Say(""))
        .named("take", Many(301))
        .named("reason", Say(""));
    let apart = UnmergeCustomerFilesRequest { name: name.clone(), reason: "x".into(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/UnmergeCustomerFiles", "archivist", &apart)
        .mutation()
        .named("name", Say("files/7"))
        .named("reason", Say(""));
    let preview = PreviewMergeRequest {
        name: name.clone(),
        merged: format!("files/{}", Uuid::from_u128(5)),
        purpose: "archive_work".into(),
        ..PreviewMergeRequest::default()
    };
    table
        .form("dossier.profile.v1.CustomerFileService/PreviewMerge", "archivist", &preview)
        .named("name", Say("files/7"))
        .named("merged", Say(""))
        .fault("name", Say("files/00000000-0000-0000-0000-000000000005"), "merged")
        .named("purpose", Say(""))
        .named("purpose", Say("curiosity"))
        .named("reading_place", Say("cellar"));
    let close = CloseCustomerFileRequest { name, reason: "x".into(), ..CloseCustomerFileRequest::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/CloseCustomerFile", "archivist", &close)
        .mutation()
        .named("name", Say("files"))
        .named("reason", Say(""));
}

fn reading(table: &mut Table, file: &str) {
    let (name, purpose) = (file.to_owned(), "customer_service".to_owned());
    let get = GetCustomerFileRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/GetCustomerFile", "sales-1", &get)
        .named("name", Say("files/-"))
        .named("purpose", Long(65))
        .named("purpose", Say("curiosity"))
        .named("purpose", Say(""));
    let glance = GetCustomerOverviewRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/GetCustomerOverview", "sales-1", &glance)
        .named("name", Say("files/-"))
        .named("purpose", Long(65))
        .named("purpose", Say("curiosity"))
        .named("purpose", Say(""))
        .named("reading_place", Say("cellar"));
    let batch =
        BatchGetCustomerFilesRequest { names: vec![name.clone()], purpose: purpose.clone(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/BatchGetCustomerFiles", "sales-1", &batch)
        .named("names", Many(101))
        .named("names", Many(0))
        .fault("names", Say("files/x"), "names.0")
        .named("purpose", Say(""));
    let list = ListCustomerFilesRequest { view: 2, purpose: purpose.clone(), ..ListCustomerFilesRequest::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/ListCustomerFiles", "sales-1", &list)
        .named("page_size", Number(-1))
        .named("view", Number(99))
        .named("purpose", Say(""));
    let condition = FieldCondition { field: "phone".into(), value: "021-55550001".into() };
    let conditions = vec![condition];
    let search = SearchCustomerFilesRequest { conditions, purpose: purpose.clone(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/SearchCustomerFiles", "sales-1", &search)
        .named("conditions", Many(11))
        .named("conditions", Many(0))
        .fault("conditions[0].value", Long(201), "conditions.0.value")
        .fault("conditions[0].value", Say(""), "conditions.0.value")
        .fault("conditions[0].field", Say("address"), "conditions.0.field")
        .named("name_contains", Long(101))
        .named("name_contains", Long(1))
        .named("telephone", Say("12"))
        .named("telephone", Long(65))
        .named("page_size", Number(-1))
        .named("view", Number(99))
        .named("purpose", Say(""));
    const DUPLICATES: &str = "dossier.profile.v1.CustomerFileService/FindDuplicates";
    let of = FindDuplicatesRequest { name: name.clone(), purpose: purpose.clone(), ..Default::default() };
    table
        .form(DUPLICATES, "sales-1", &of)
        .named("name", Say("files/7"))
        .named("name", Say(""))
        .named("purpose", Say(""))
        .named("reading_place", Say("cellar"));
    let like =
        FindDuplicatesRequest { customer_file: Some(company(3)), purpose: purpose.clone(), ..Default::default() };
    table
        .form(DUPLICATES, "sales-1", &like)
        .named("name", Say("files/00000000-0000-0000-0000-000000000001"))
        .fault("customer_file.unit_ref", Long(501), "customer_file.unit_ref")
        .fault("customer_file.fields[name].text", Long(501), "customer_file.fields.name")
        .fault("customer_file.file_kind", Say("vehicle"), "file_kind")
        .fault("customer_file.customer_type", Number(99), "customer_type")
        .fault("customer_file.template", Say("x"), "template");
    let revisions = ListCustomerFileRevisionsRequest { parent: name.clone(), ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/ListCustomerFileRevisions", "sales-1", &revisions)
        .named("parent", Say("files/7"))
        .named("page_size", Number(-1));
    let revision =
        GetCustomerFileRevisionRequest { name: format!("{name}/revisions/1"), purpose, ..Default::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/GetCustomerFileRevision", "sales-1", &revision)
        .named("name", Say("files/7/revisions/0"))
        .fault("as_of_time.seconds", Number(1), "as_of_time")
        .named("purpose", Say(""));
    let events = ListFileEventsRequest { parent: name.clone(), ..ListFileEventsRequest::default() };
    table
        .form("dossier.profile.v1.CustomerFileService/ListFileEvents", "sales-1", &events)
        .named("parent", Say("files/7"))
        .named("order_by", Say("seq"))
        .named("page_size", Number(-1));
    let complete = CheckCompletenessRequest { name, purpose: String::new() };
    table
        .form("dossier.profile.v1.CustomerFileService/CheckCompleteness", "sales-1", &complete)
        .named("name", Say("x"))
        .named("purpose", Say("curiosity"));
}

/// Journal and duties, which every service has.
pub(super) fn shared(table: &mut Table, which: Which) {
    let parent = || home(which);
    let elsewhere = Say("services/credit");
    let duties = ListDutiesRequest { parent: parent(), ..ListDutiesRequest::default() };
    let entries = ListEntriesRequest { parent: parent(), ..ListEntriesRequest::default() };
    let checkpoint = GetCheckpointRequest { parent: parent(), ..GetCheckpointRequest::default() };
    let name = format!("{}/duties/{}", parent(), Uuid::from_u128(1));
    let complete = CompleteDutyRequest { name: name.clone(), ..CompleteDutyRequest::default() };
    table
        .form("dossier.duty.v1.DutyService/CompleteDuty", "archivist", &complete)
        .mutation()
        .named("name", Say("duties/00000000-0000-0000-0000-000000000001"))
        .named("name", Say("services/credit/duties/00000000-0000-0000-0000-000000000001"));
    let waive = WaiveDutyRequest { name, reason: "x".into(), ..WaiveDutyRequest::default() };
    table
        .form("dossier.duty.v1.DutyService/WaiveDuty", "archivist", &waive)
        .mutation()
        .named("name", Long(40))
        .named("reason", Say(""));
    table
        .form("dossier.duty.v1.DutyService/ListDuties", "archivist", &duties)
        .named("parent", Say(""))
        .named("parent", elsewhere)
        .named("order_by", Say("due_time desc"))
        .named("page_size", Number(-1));
    table
        .form("dossier.journal.v1.JournalService/ListEntries", "archivist", &entries)
        .named("parent", Say(""))
        .named("parent", elsewhere)
        .named("order_by", Say("time"))
        .named("page_size", Number(-1));
    table
        .form("dossier.journal.v1.JournalService/GetCheckpoint", "auditor", &checkpoint)
        .named("parent", elsewhere)
        .named("tree_size", Number(-1));
    let proof = GetConsistencyProofRequest { parent: parent(), first_tree_size: 1, second_tree_size: 0 };
    table
        .form("dossier.journal.v1.JournalService/GetConsistencyProof", "auditor", &proof)
        .named("first_tree_size", Number(-1))
        .named("second_tree_size", Number(-1));
}
