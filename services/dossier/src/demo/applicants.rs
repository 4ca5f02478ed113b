//! The 1,000 real applicants of the German credit set: imported as files, read back, scored, and compared cell by cell
//! with what the published scorecard gives.

use std::collections::{BTreeMap, HashMap};

use dossier_credit::backtest;
use dossier_kernel::error::{Reason, reason_of};
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CreateScoreModelRequest, EvaluateCustomerRequest, ListScoreModelsRequest, Rating,
    ScoreModel,
};
use dossier_proto::profile::v1::{
    ActivateCustomerFileRequest, BatchGetCustomerFilesRequest, CustomerFile, ReviewCustomerFileRequest, ReviewDecision,
    SubmitCustomerFileRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{CustomerType, FieldValue};
use futures::{StreamExt, TryStreamExt};

use super::client::{People, fresh_id, until};
use super::stage::given;
use super::{Stage, must};
use crate::Failure;
use crate::import::{self, Options};
use crate::scorecard;
use crate::serve::Which;

const APPLICANTS: &str = include_str!("../../../../tests/data/german-credit/applicants.csv");
const EXPECTED: &str = include_str!("../../../../tests/data/german-credit/expected_points_first_700.csv");
const CARD: &str = include_str!("../../../../tests/data/german-credit/scorecard.json");

const TOGETHER: usize = 16;

type Row = BTreeMap<String, String>;

/// Imports and scores everybody.
pub(super) async fn run(stage: &mut Stage, people: &People) -> Result<(), Failure> {
    stage.chapter("1,000 applicants (German credit data, H. Hofmann, UCI, CC BY 4.0)");
    let rows = rows(APPLICANTS)?;
    let files =
        stage.step("1,000 customer files created, their personal fields sealed", import(people, APPLICANTS)).await?;
    stage.step("1,000 files submitted, reviewed by the manager, numbered without a gap", open(people, &files)).await?;
    let model = stage.step("score model created and activated", model(people)).await?;
    stage.step("credit knows the new files from profile's journal", known(people, &model, &rows, &files)).await?;
    let ratings = stage.step("1,000 files read back and scored", score(people, &model, &files)).await?;
    stage.step("13 points and the score of 700 files equal the published ones", async { compare(&ratings) }).await?;
    let auc = stage.step("the whole set backtested", async { backtested() }).await?;
    stage.say(format_args!("                AUC over 1,000 rows: {auc}"));
    must(auc == "0.824", format!("the AUC must be 0.824, it is {auc}"))
}

/// Creates the file of the first of them, which is then there already when all are imported; gives its name.
pub(super) async fn first_file(people: &People) -> Result<String, Failure> {
    let head: String = APPLICANTS.split_inclusive('\n').take(2).collect();
    let file = import(people, head).await?.into_iter().next();
    file.ok_or_else(|| Failure::differs("no file was created"))
}

// By the importer that `dossier import` runs; the same applicants are created once on one data directory.
async fn import(people: &People, lines: impl Into<String>) -> Result<Vec<String>, Failure> {
    let lines = lines.into();
    let options = Options {
        name_from: Some("Applicant {row}".to_owned()),
        unit_ref_from: "german-credit-{row}".to_owned(),
        batch: Some("german-credit".to_owned()),
        map: ["row", "creditability"].map(|column| (column.to_owned(), String::new())).to_vec(),
        source: Some("German credit data, UCI machine learning repository".to_owned()),
        channel: Some("import".to_owned()),
        collect_date: Some(jiff::civil::date(2026, 1, 5)),
        ..Options::new("german_credit_applicant", "sales", CustomerType::NaturalPerson)
    };
    let report = import::run(people.line(Which::Profile, "sales-1")?, &options, lines.as_bytes(), |_| {}).await?;
    if let Some(refused) = report.refused.first() {
        let words = format!("line {}: {} {} {}", refused.line, refused.reason, refused.field, refused.why);
        return Err(report.stopped.unwrap_or_else(|| Failure::differs(words)));
    }
    Ok(report.files.into_iter().map(|(_, name)| name).collect())
}

// A file is rated only when it is active, and its number is issued with its activation.
async fn open(people: &People, files: &[String]) -> Result<(), Failure> {
    let (sales, manager, archivist) =
        (people.files("sales-1")?, people.files("sales-manager")?, people.files("archivist")?);
    let open = |name: &String| {
        let (mut sales, mut manager, mut archivist) = (sales.clone(), manager.clone(), archivist.clone());
        let name = name.clone();
        async move {
            let request = SubmitCustomerFileRequest {
                name: name.clone(),
                request_id: repeatable(&name, 1),
                ..Default::default()
            };
            let file = given(sales.submit_customer_file(request).await)?;
            let (etag, decision) = (file.etag, ReviewDecision::Accept.into());
            let request_id = repeatable(&name, 2);
            let request =
                ReviewCustomerFileRequest { name: name.clone(), etag, decision, request_id, ..Default::default() };
            given(manager.review_customer_file(request).await)?;
            let request = ActivateCustomerFileRequest { request_id: repeatable(&name, 3), name, ..Default::default() };
            Ok::<_, Failure>(given(archivist.activate_customer_file(request).await)?.number)
        }
    };
    let numbers: Vec<String> = futures::stream::iter(files.iter().map(open)).buffered(TOGETHER).try_collect().await?;
    let mut serials: Vec<u64> = numbers.iter().filter_map(|one| one.rsplit('-').next()?.parse().ok()).collect();
    serials.sort_unstable();
    let gapless = serials.windows(2).all(|pair| pair[1] == pair[0] + 1);
    must(serials.len() == files.len() && gapless, "the numbers must follow each other without a gap")
}

// The request id of a step on a file: the same in every run on one data directory.
fn repeatable(file: &str, step: u128) -> String {
    let id = file.strip_prefix("files/").and_then(|id| id.parse::<uuid::Uuid>().ok()).unwrap_or_default();
    uuid::Uuid::from_u128(id.as_u128() ^ step).to_string()
}

async fn model(people: &People) -> Result<String, Failure> {
    let mut client = people.ratings("analyst")?;
    let (card, title) = ("german-credit".to_owned(), "German credit".to_owned());
    let score_model = ScoreModel { card, title, ..scorecard::model(CARD).map_err(Failure::differs)? };
    let request = CreateScoreModelRequest {
        score_model: Some(score_model),
        request_id: fresh_id(),
        ..CreateScoreModelRequest::default()
    };
    let model = match client.create_score_model(request).await {
        // An earlier walk on these services made it.
        Err(status) if reason_of(&status) == Some(Reason::AlreadyExists) => return active(people).await,
        answer => given(answer)?,
    };
    let request = ActivateScoreModelRequest {
        name: model.name.clone(),
        request_id: fresh_id(),
        ..ActivateScoreModelRequest::default()
    };
    given(client.activate_score_model(request).await)?;
    Ok(model.name)
}

async fn active(people: &People) -> Result<String, Failure> {
    let request = ListScoreModelsRequest {
        filter: "card = \"german-credit\" AND state = ACTIVE".to_owned(),
        ..ListScoreModelsRequest::default()
    };
    let models = given(people.ratings("analyst")?.list_score_models(request).await)?.score_models;
    let model = models.into_iter().next().ok_or_else(|| Failure::differs("no active score model"))?;
    Ok(model.name)
}

// Files reach credit through profile's journal; the last one is the last to arrive.
async fn known(people: &People, model: &str, rows: &[Row], files: &[String]) -> Result<(), Failure> {
    let (Some(row), Some(file)) = (rows.last(), files.last()) else { return Err(Failure::differs("no applicants")) };
    until("credit knows the last file", || async {
        let request = EvaluateCustomerRequest { validate_only: true, ..evaluation(model, file, row.clone()) };
        match people.ratings("analyst")?.evaluate_customer(request).await {
            Err(status) if matches!(reason_of(&status), Some(Reason::ResourceNotFound | Reason::WrongState)) => {
                Ok(false)
            }
            answer => given(answer).map(|_| true),
        }
    })
    .await
}

fn evaluation(model: &str, file: &str, inputs: Row) -> EvaluateCustomerRequest {
    let (customer, score_model) = (file.to_owned(), model.to_owned());
    EvaluateCustomerRequest {
        customer,
        score_model,
        inputs,
        request_id: fresh_id(),
        ..EvaluateCustomerRequest::default()
    }
}

async fn score(people: &People, model: &str, files: &[String]) -> Result<Vec<Rating>, Failure> {
    let mut read: HashMap<String, CustomerFile> = HashMap::new();
    for names in files.chunks(50) {
        let purpose = "credit_assessment".to_owned();
        let request = BatchGetCustomerFilesRequest { names: names.to_vec(), purpose, ..Default::default() };
        let batch = given(people.files("analyst")?.batch_get_customer_files(request).await)?;
        read.extend(batch.customer_files.into_iter().map(|file| (file.name.clone(), file)));
    }
    must(read.len() == files.len(), format!("{} files read back, {} were created", read.len(), files.len()))?;
    let client = people.ratings("analyst")?;
    let evaluate = |name: &String| {
        let inputs = read.get(name).map(inputs).unwrap_or_default();
        let (mut client, request) = (client.clone(), evaluation(model, name, inputs));
        async move { given(client.evaluate_customer(request).await) }
    };
    futures::stream::iter(files.iter().map(evaluate)).buffered(TOGETHER).try_collect().await
}

// The card's variables as the file holds them.
fn inputs(file: &CustomerFile) -> Row {
    let text = |value: &FieldValue| match &value.value {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        _ => String::new(),
    };
    file.fields.iter().filter(|(key, _)| wanted(key)).map(|(key, value)| (key.clone(), text(value))).collect()
}

fn compare(ratings: &[Rating]) -> Result<(), Failure> {
    for (rating, expected) in ratings.iter().zip(rows(EXPECTED)?) {
        let row = expected.get("row").cloned().unwrap_or_default();
        for points in &rating.variables {
            let wanted = expected.get(&format!("{}_points", points.variable)).map(String::as_str);
            let same = wanted.is_some_and(|wanted| same(wanted, &points.points));
            must(same, format!("row {row}, {}: {} points, expected {wanted:?}", points.variable, points.points))?;
        }
        let wanted = expected.get("score").map(String::as_str).unwrap_or_default();
        must(same(wanted, &rating.score), format!("row {row}: score {}, expected {wanted}", rating.score))?;
        must(rating.variables.len() + 2 == expected.len(), format!("row {row}: variables are missing"))?;
    }
    Ok(())
}

// The published file writes every figure with one decimal; the figures must be equal, not their spelling.
fn same(wanted: &str, given: &str) -> bool {
    let figure = |text: &str| text.parse::<rust_decimal::Decimal>().ok();
    figure(wanted).is_some() && figure(wanted) == figure(given)
}

fn backtested() -> Result<String, Failure> {
    let outcome = ("creditability", "bad");
    let card = scorecard::card(CARD).map_err(Failure::differs)?;
    let report = backtest::run(&card, APPLICANTS.as_bytes(), outcome, std::io::sink()).map_err(Failure::differs)?;
    Ok(report.auc.map_or_else(|| "none".to_owned(), |auc| format!("{auc:.3}")))
}

/// The card's inputs of the first applicant.
pub(super) fn first() -> Result<Row, Failure> {
    let mut row = rows(APPLICANTS)?.into_iter().next().ok_or_else(|| Failure::differs("no applicants"))?;
    row.retain(|key, _| wanted(key));
    Ok(row)
}

// Whether the card has a variable of this name.
fn wanted(key: &str) -> bool {
    EXPECTED.lines().next().is_some_and(|head| head.split(',').any(|one| one.strip_suffix("_points") == Some(key)))
}

fn rows(text: &str) -> Result<Vec<Row>, Failure> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().map_err(Failure::differs)
}
