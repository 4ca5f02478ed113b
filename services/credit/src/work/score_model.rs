//! Score models, entered and put in force (C-13).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::states;
use dossier_proto::credit::v1::ScoreModelState as Wire;
use dossier_proto::journal::v1::ScoreModelChanged;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::record::{Saying, record};
use crate::domain::score_model::ModelState;
use crate::store::score_model::{self, Model};

/// Enters a model under the next number of its card. `said` is `request_id` and `reason` of the call.
///
/// # Errors
/// `ALREADY_EXISTS` with the twin, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn create(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    model: &mut Model,
    (request_id, reason): (&str, &str),
) -> Result<()> {
    let twin = |twin| Error::new(Reason::AlreadyExists).with("resource", model_name(twin));
    model.number = score_model::insert(tx, &call.org, model).await?.map_err(twin)?;
    record(base, tx, call, actor, saying(model, "score_model.created", request_id, reason)).await
}

/// Puts a model in force and retires the one before. `said` is `request_id` and `reason` of the call.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn activate(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    actor: &str,
    model: &mut Model,
    (request_id, reason): (&str, &str),
) -> Result<()> {
    for mut before in score_model::active(tx, &call.org, Some(&model.card)).await? {
        before.state = ModelState::Retired;
        before.retired_at = Some(call.now);
        score_model::update(tx, &call.org, &mut before).await?;
        record(base, tx, call, actor, saying(&before, "score_model.retired", request_id, "")).await?;
    }
    model.state = ModelState::Active;
    model.activated_at = Some(call.now);
    score_model::update(tx, &call.org, model).await?;
    record(base, tx, call, actor, saying(model, "score_model.activated", request_id, reason)).await
}

/// `scoreModels/{uuid}`.
pub(crate) fn model_name(id: Uuid) -> String {
    name::name("scoreModels", id)
}

/// A version number as the contract carries it.
pub(crate) fn number(stored: i64) -> i32 {
    i32::try_from(stored).unwrap_or(i32::MAX)
}

fn saying<'a>(model: &Model, action: &'static str, request_id: &'a str, reason: &'a str) -> Saying<'a> {
    let (subject, event) = (model_name(model.id), event(model));
    Saying { action, subject, request_id, reason, justification: "", event, commitments: Vec::new() }
}

/// What the journal says of a model.
fn event(model: &Model) -> Kind {
    Kind::ScoreModelChanged(ScoreModelChanged {
        score_model: model_name(model.id),
        version: number(model.number),
        state: states::wire::<Wire>(model.state).as_str_name().to_owned(),
        digest: model.digest.to_vec(),
        card: model.card.clone(),
    })
}
