//! One file from its creation to its level: created, submitted, reviewed, activated with a number, classified 秘密.

use std::collections::BTreeMap;

use dossier_kernel::error::Reason;
use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, ClassifyCustomerFileRequest, CreateCustomerFileRequest, CustomerFile,
    CustomerFileState, GetCustomerFileRequest, ReviewCustomerFileRequest, ReviewDecision, SubmitCustomerFileRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, CustomerType, FieldValue, Money, Provenance};

use super::client::{People, fresh_id};
use super::stage::{given, refused};
use super::{Stage, document, must, record};
use crate::Failure;

/// Walks a new file to the level 秘密; gives its name.
pub(super) async fn run(stage: &mut Stage, people: &People) -> Result<String, Failure> {
    stage.chapter(
        "One file (R36): created, submitted, reviewed, activated, a complaint and a licence in it, classified",
    );
    let file = stage.step("a salesman creates the file of a company", create(people)).await?;
    let file = stage.step("they submit it", submit(people, &file)).await?;
    stage.step("they may not review it themselves", own_review(people, &file)).await?;
    let file = stage.step("their manager reviews it", review(people, &file)).await?;
    let file = stage.step("the archivist activates it", activate(people, &file)).await?;
    stage.say(format_args!("                its number: {}", file.number));
    Box::pin(record::run(stage, people, &file.name)).await?;
    Box::pin(document::run(stage, people, &file.name)).await?;
    stage.step("the archivist classifies it 秘密", classify(people, &file)).await?;
    Ok(file.name)
}

async fn create(people: &People) -> Result<CustomerFile, Failure> {
    let texts = [
        ("name", "海岳精密机械有限公司"),
        ("phone", "021-55501234"),
        ("email", "contact@haiyue.example"),
        ("address", "上海市浦东新区张江路 100 号"),
        ("industry", "manufacturing"),
        ("uscc", "91350100M000100Y43"),
        ("main_dealings", "2025 年起采购数控设备"),
    ];
    let text = |text: &str| sourced(Value::Text(text.to_owned()));
    let mut fields: BTreeMap<_, _> = texts.into_iter().map(|(key, one)| (key.to_owned(), text(one))).collect();
    let stage = Choice { id: "intending".to_owned(), label: String::new() };
    fields.insert("cooperation_stage".to_owned(), sourced(Value::Choice(stage)));
    let capital = Money { minor_units: 500_000_000, currency_code: "CNY".to_owned() };
    fields.insert("registered_capital".to_owned(), sourced(Value::Money(capital)));
    let file = CustomerFile {
        customer_type: CustomerType::Company.into(),
        unit: "sales".to_owned(),
        unit_ref: format!("haiyue-{}", unit()),
        template: "templates/customer_core".to_owned(),
        fields,
        ..CustomerFile::default()
    };
    let request = CreateCustomerFileRequest {
        customer_file: Some(file),
        reason: "first visit".to_owned(),
        request_id: fresh_id(),
        ..CreateCustomerFileRequest::default()
    };
    let file = given(people.files("sales-1")?.create_customer_file(request).await)?;
    must(file.state() == CustomerFileState::Draft, "a new file must be a draft")?;
    Ok(file)
}

// A unit of its own for each walk, so that the demonstration can be repeated on one data directory.
fn unit() -> uuid::Uuid {
    dossier_kernel::call::Providers::system().ids.uuid()
}

fn sourced(value: Value) -> FieldValue {
    let provenance = Provenance {
        source_note: "visit of 5 January 2026".to_owned(),
        collect_date: "2026-01-05".to_owned(),
        channel: "customer_visit".to_owned(),
        ..Provenance::default()
    };
    FieldValue { value: Some(value), provenance: Some(provenance) }
}

async fn submit(people: &People, file: &CustomerFile) -> Result<CustomerFile, Failure> {
    let (name, etag) = (file.name.clone(), file.etag.clone());
    let request =
        SubmitCustomerFileRequest { name, etag, request_id: fresh_id(), ..SubmitCustomerFileRequest::default() };
    let file = given(people.files("sales-1")?.submit_customer_file(request).await)?;
    must(file.state() == CustomerFileState::Submitted, "a submitted file must be waiting for its review")?;
    Ok(file)
}

fn acceptance(file: &CustomerFile) -> ReviewCustomerFileRequest {
    ReviewCustomerFileRequest {
        name: file.name.clone(),
        etag: file.etag.clone(),
        decision: ReviewDecision::Accept.into(),
        request_id: fresh_id(),
        ..ReviewCustomerFileRequest::default()
    }
}

async fn own_review(people: &People, file: &CustomerFile) -> Result<(), Failure> {
    let answer = people.files("sales-1")?.review_customer_file(acceptance(file)).await;
    refused(answer, Reason::PermissionDenied).map(drop)
}

async fn review(people: &People, file: &CustomerFile) -> Result<CustomerFile, Failure> {
    let file = given(people.files("sales-manager")?.review_customer_file(acceptance(file)).await)?;
    must(file.state() == CustomerFileState::Reviewed, "an accepted file must be reviewed")?;
    Ok(file)
}

async fn activate(people: &People, file: &CustomerFile) -> Result<CustomerFile, Failure> {
    let (name, etag) = (file.name.clone(), file.etag.clone());
    let request =
        ActivateCustomerFileRequest { name, etag, request_id: fresh_id(), ..ActivateCustomerFileRequest::default() };
    let file = given(people.files("archivist")?.activate_customer_file(request).await)?;
    must(file.state() == CustomerFileState::Active, "an activated file must be active")?;
    must(file.number.starts_with("KH-"), format!("the number `{}` does not follow the pattern", file.number))?;
    Ok(file)
}

async fn classify(people: &People, file: &CustomerFile) -> Result<(), Failure> {
    let request = ClassifyCustomerFileRequest {
        name: file.name.clone(),
        level: "confidential".to_owned(),
        etag: file.etag.clone(),
        reason: "prices of a pending offer".to_owned(),
        request_id: fresh_id(),
        ..ClassifyCustomerFileRequest::default()
    };
    let file = given(people.files("archivist")?.classify_customer_file(request).await)?;
    must(file.level == "confidential", "the file must stand at the level 秘密")?;
    let request =
        GetCustomerFileRequest { name: file.name, purpose: "customer_service".to_owned(), ..Default::default() };
    refused(people.files("sales-2")?.get_customer_file(request).await, Reason::ResourceNotFound).map(drop)
}
