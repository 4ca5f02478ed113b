//! Ratings: made by EvaluateCustomer, never changed (C-13).

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::time::{micros_to_proto, to_proto};
use dossier_kernel::{asked, mutate, name, words};
use dossier_proto::credit::v1::{
    EvaluateCustomerRequest, GetRatingRequest, ListRatingsRequest, ListRatingsResponse, Rating, RatingReason,
    VariablePoints,
};
use dossier_regime::Action;
use uuid::Uuid;

use super::RatingRpc;
use super::enter::{authorise_any, customer, file_name, filter_id, person_name, require_active};
use super::score_model;
use crate::domain::number::text;
use crate::domain::score::{Score, score};
use crate::domain::score_model::{Card, ModelState};
use crate::store::rating::{self, Filter, Keyed};
use crate::store::score_model::{self as models, Model};
use crate::work::rating::{keep, owe, seal};
use crate::work::score_model::{model_name, number};

pub(crate) use crate::work::rating::rating_name;

const RATINGS: List = List {
    fields: &[Field::name("customer", "files"), Field::name("score_model", "scoreModels")],
    orders: &["name desc"],
};
const READERS: [Action; 2] = [Action::CreditEvaluate, Action::LimitRead];

struct Order {
    customer: Uuid,
    model: Option<Uuid>,
}

/// Evaluate.
pub(crate) async fn evaluate(rpc: &RatingRpc, call: &Call, request: EvaluateCustomerRequest) -> Result<Rating> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::CreditEvaluate).await?;
        let order = parse(&request)?;
        let file = customer(tx, call, &principal, order.customer).await?;
        require_active(&file)?;
        let model = choose(tx, call, &request, order.model).await?;
        let card = model.checked()?;
        let score = scored(&card, &request)?;
        let mut said = message(&card, &score);
        (said.customer, said.score_model) = (file_name(file.id), model_name(model.id));
        (said.card, said.version) = (model.card.clone(), number(model.number));
        (said.evaluator, said.create_time) = (principal.name(), Some(to_proto(call.now)));
        if request.validate_only {
            return Ok(said);
        }
        let id = base.providers.ids.uuid();
        said.name = rating_name(id);
        let asked = (request.request_id.as_str(), request.reason.as_str());
        keep(base, tx, call, &said, (id, file.id, principal.person, &model), asked).await?;
        owe(base, tx, call, &file, principal.person).await?;
        Ok(said)
    }, kept => {
        let principal = base.authorise(tx, call, Action::CreditEvaluate).await?;
        customer(tx, call, &principal, name::id("customer", "files", &request.customer)?).await.map(|_| kept)
    })
}

fn parse(request: &EvaluateCustomerRequest) -> Result<Order> {
    let mut faults = Faults::default();
    let customer = faults.absorb(name::id("customer", "files", &request.customer));
    let model = faults.absorb(filter_id("score_model", "scoreModels", &request.score_model));
    if !request.score_model.is_empty() && !request.card.is_empty() {
        faults.add("card", "must be empty when `score_model` is given");
    }
    if request.inputs.len() > 500 {
        faults.add("inputs", "must have at most 500 entries");
    }
    if request.inputs.values().any(|value| value.chars().count() > 200) {
        faults.add("inputs", "must have values of at most 200 characters");
    }
    words::reason(&request.reason, false, &mut faults);
    faults.finish()?;
    Ok(Order { customer: customer.unwrap_or_default(), model: model.flatten() })
}

async fn choose(tx: &mut Tx, call: &Call, request: &EvaluateCustomerRequest, named: Option<Uuid>) -> Result<Model> {
    let inactive = |what: &str| Error::new(Reason::ScoreModelNotActive).with("score_model", what);
    if let Some(id) = named {
        let model = score_model::load(tx, call, id).await?;
        let trial = request.validate_only && model.state == ModelState::Draft;
        return if trial || model.state == ModelState::Active {
            Ok(model)
        } else {
            Err(inactive(&request.score_model))
        };
    }
    let card = Some(request.card.as_str()).filter(|card| !card.is_empty());
    let mut active = models::active(tx, &call.org, card).await?;
    match (active.pop(), active.is_empty()) {
        (Some(model), true) => Ok(model),
        (Some(_), false) => Err(Error::violation("card", "must be named: several cards have an active version")),
        (None, _) => Err(inactive("")),
    }
}

fn scored<'c>(card: &'c Card, request: &EvaluateCustomerRequest) -> Result<Score<'c>> {
    score(card, |name| request.inputs.get(name).map(String::as_str)).map_err(|faults| {
        let refusal = Error::new(Reason::FieldViolation);
        faults.into_iter().fold(refusal, |all, one| all.and_violation(format!("inputs.{}", one.variable), one.why))
    })
}

fn message(card: &Card, score: &Score<'_>) -> Rating {
    let lines = score.lines.iter().map(|line| VariablePoints {
        variable: line.variable.to_owned(),
        bin: line.bin.to_owned(),
        points: line.points.text().to_owned(),
        missing: line.missing,
    });
    let reasons = score.reasons().into_iter().map(|one| RatingReason {
        variable: one.line.variable.to_owned(),
        bin: one.line.bin.to_owned(),
        points: one.line.points.text().to_owned(),
        best_points: one.line.best.text().to_owned(),
        loss: text(one.loss),
    });
    Rating {
        base_points: card.base().text().to_owned(),
        variables: lines.collect(),
        score: score.text(),
        reasons: reasons.collect(),
        ..Rating::default()
    }
}

/// GetRating.
pub(crate) async fn get(rpc: &RatingRpc, call: &Call, request: GetRatingRequest) -> Result<Rating> {
    let mut tx = rpc.base.db.read().await?;
    let principal = authorise_any(&rpc.base, &mut tx, call, &READERS).await?;
    let id = name::id("name", "ratings", &request.name)?;
    let found = rating::visible(&mut tx, &call.org, principal.person, call.micros(), id).await?;
    opened(rpc, call, &found.ok_or_else(|| not_found(id))?)
}

/// ListRatings.
pub(crate) async fn list(rpc: &RatingRpc, call: &Call, request: ListRatingsRequest) -> Result<ListRatingsResponse> {
    let mut tx = rpc.base.db.read().await?;
    let principal = authorise_any(&rpc.base, &mut tx, call, &READERS).await?;
    let (asked, page) = RATINGS.read(call, &asked!(request))?;
    let filter = Filter { customer: asked.id("customer"), score_model: asked.id("score_model") };
    let (org, now, older) = (&call.org, call.micros(), page.before_uuid()?);
    let mut found = rating::list(&mut tx, org, principal.person, now, &filter, older, page.size + 1).await?;
    let next_page_token = page.cut(&mut found, |one| one.row.id.to_string());
    let ratings = found.iter().map(|one| opened(rpc, call, one)).collect::<Result<_>>()?;
    Ok(ListRatingsResponse { ratings, next_page_token })
}

fn opened(rpc: &RatingRpc, call: &Call, keyed: &Keyed) -> Result<Rating> {
    let row = &keyed.row;
    Ok(Rating {
        name: rating_name(row.id),
        customer: file_name(row.customer),
        score_model: model_name(row.score_model),
        card: row.card.clone(),
        version: number(row.number),
        evaluator: person_name(row.evaluator),
        create_time: Some(micros_to_proto(row.created_at)),
        ..seal::open(&rpc.base, call, keyed)?
    })
}

/// That there is no such rating.
pub(crate) fn not_found(id: Uuid) -> Error {
    Error::missing(Missing::Rating, rating_name(id))
}
