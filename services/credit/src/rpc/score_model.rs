//! Score models: entered, put in force, read.

mod message;

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_kernel::{asked, mutate, name, words};
use dossier_proto::credit::v1::{
    ActivateScoreModelRequest, CreateScoreModelRequest, GetScoreModelRequest, ListScoreModelsRequest,
    ListScoreModelsResponse, ScoreModel,
};
use dossier_regime::Action;
use prost::Message;
use uuid::Uuid;

use super::RatingRpc;
use super::enter::authorise_any;
use super::record::{Saying, record};
use crate::domain::score_model::ModelState;
use crate::store::score_model::{self, Filter, Model};

pub(crate) use message::{draft, model_name, number};
pub use message::{draft_of, model_of};

/// Largest request that enters a model.
const LARGEST: usize = 1 << 20;

/// CreateScoreModel.
pub(crate) async fn create(rpc: &RatingRpc, call: &Call, request: CreateScoreModelRequest) -> Result<ScoreModel> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::CreditModel).await?;
        let new = parse(&request)?;
        let mut model = Model {
            id: base.providers.ids.uuid(),
            card: new.name.to_owned(),
            number: 1,
            title: new.title.to_owned(),
            digest: new.card.digest(),
            content: new.draft,
            state: ModelState::Draft,
            creator: principal.person,
            created_at: call.now,
            activated_at: None,
            retired_at: None,
            version: 1,
        };
        model.number = score_model::insert(tx, &call.org, &model).await?.map_err(|twin| {
            Error::new(Reason::AlreadyExists).with("resource", model_name(twin))
        })?;
        let saying = saying(&model, "score_model.created", &request.request_id, &request.reason);
        record(base, tx, call, &principal.name(), saying).await?;
        Ok(message::of(&model, true))
    }, kept => base.authorise(tx, call, Action::CreditModel).await.map(|_| kept))
}

struct New<'a> {
    name: &'a str,
    title: &'a str,
    draft: crate::domain::score_model::Draft,
    card: crate::domain::score_model::Card,
}

fn parse(request: &CreateScoreModelRequest) -> Result<New<'_>> {
    if request.encoded_len() > LARGEST {
        return Err(Error::new(Reason::MessageTooLarge).with("limit_bytes", LARGEST.to_string()));
    }
    words::require(&request.reason, false)?;
    let given = request.score_model.as_ref().ok_or_else(|| Error::violation("score_model", "is required"))?;
    let (draft, card) = draft(given)?;
    Ok(New { name: &given.card, title: &given.title, draft, card })
}

/// ActivateScoreModel.
pub(crate) async fn activate(rpc: &RatingRpc, call: &Call, request: ActivateScoreModelRequest) -> Result<ScoreModel> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::CreditModel).await?;
        let id = name::id("name", "scoreModels", &request.name)?;
        words::require(&request.reason, false)?;
        let mut model = load(tx, call, id).await?;
        etag::require(&request.etag, &etag::of(model.version), &model_name(id))?;
        if model.state != ModelState::Draft {
            return Err(Error::wrong_state(model_name(id), model.state.as_str(), &[ModelState::Draft.as_str()]));
        }
        let actor = principal.name();
        for mut before in score_model::active(tx, &call.org, Some(&model.card)).await? {
            before.state = ModelState::Retired;
            before.retired_at = Some(call.now);
            score_model::update(tx, &call.org, &mut before).await?;
            let saying = saying(&before, "score_model.retired", &request.request_id, "");
            record(base, tx, call, &actor, saying).await?;
        }
        model.state = ModelState::Active;
        model.activated_at = Some(call.now);
        score_model::update(tx, &call.org, &mut model).await?;
        let saying = saying(&model, "score_model.activated", &request.request_id, &request.reason);
        record(base, tx, call, &actor, saying).await?;
        Ok(message::of(&model, true))
    }, kept => base.authorise(tx, call, Action::CreditModel).await.map(|_| kept))
}

/// GetScoreModel.
pub(crate) async fn get(rpc: &RatingRpc, call: &Call, request: GetScoreModelRequest) -> Result<ScoreModel> {
    let mut tx = rpc.base.db.read().await?;
    authorise_any(&rpc.base, &mut tx, call, &[Action::CreditEvaluate, Action::CreditModel]).await?;
    let id = name::id("name", "scoreModels", &request.name)?;
    Ok(message::of(&load(&mut tx, call, id).await?, true))
}

const MODELS: List =
    List { fields: &[Field::text("card"), Field::state("state", ModelState::WORDS)], orders: &["card, version desc"] };

/// ListScoreModels.
pub(crate) async fn list(
    rpc: &RatingRpc,
    call: &Call,
    request: ListScoreModelsRequest,
) -> Result<ListScoreModelsResponse> {
    let mut tx = rpc.base.db.read().await?;
    authorise_any(&rpc.base, &mut tx, call, &[Action::CreditEvaluate, Action::CreditModel]).await?;
    let (found, page) = MODELS.read(call, &asked!(request))?;
    let state = found.one("state")?;
    let filter = Filter { card: found.text("card"), state };
    let mut models = score_model::list(&mut tx, &call.org, &filter, behind(&page)?, page.size + 1).await?;
    let next_page_token = page.cut(&mut models, |model| format!("{}/{}", model.number, model.card));
    let score_models = models.iter().map(|model| message::of(model, false)).collect();
    Ok(ListScoreModelsResponse { score_models, next_page_token })
}

fn behind(page: &Page) -> Result<Option<(String, i64)>> {
    if page.after.is_empty() {
        return Ok(None);
    }
    let parts = page.after.split_once('/').and_then(|(number, card)| Some((card.to_owned(), number.parse().ok()?)));
    parts.map(Some).ok_or_else(|| Error::new(Reason::PageTokenInvalid))
}

/// The model `id`.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`.
pub(crate) async fn load(tx: &mut Tx, call: &Call, id: Uuid) -> Result<Model> {
    let found = score_model::lookup(tx, &call.org, id).await?;
    found.ok_or_else(|| Error::missing(Missing::ScoreModel, model_name(id)))
}

fn saying<'a>(model: &Model, action: &'static str, request_id: &'a str, reason: &'a str) -> Saying<'a> {
    let (subject, event) = (model_name(model.id), message::event(model));
    Saying { action, subject, request_id, reason, justification: "", event, commitments: Vec::new() }
}
