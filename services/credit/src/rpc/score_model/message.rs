//! Score models as the contract carries them.

use dossier_kernel::error::{Reason, Result};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_kernel::states::wire;
use dossier_kernel::time::to_proto;
use dossier_proto::credit::v1::score_bin::Match;
use dossier_proto::credit::v1::{
    CategorySet, NumericRange, ScoreBin, ScoreModel, ScoreModelState as Wire, ScoreVariable,
};
use dossier_proto::journal::v1::ScoreModelChanged;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use crate::domain::score_model::{BinDraft, Card, CardFault, Draft, MatchDraft, VariableDraft};
use crate::rpc::enter::person_name;
use crate::store::score_model::Model;

/// `scoreModels/{uuid}`.
pub(crate) fn model_name(id: Uuid) -> String {
    name::name("scoreModels", id)
}

/// A version number as the contract carries it.
pub(crate) fn number(stored: i64) -> i32 {
    i32::try_from(stored).unwrap_or(i32::MAX)
}

/// The card of a request: as written, and checked.
///
/// # Errors
/// `FIELD_VIOLATION` with the path of each fault; `SCORE_MODEL_FAULTY` when nothing is malformed but a variable
/// contradicts itself.
pub(crate) fn draft(given: &ScoreModel) -> Result<(Draft, Card)> {
    let mut faults = Faults::default();
    if !is_card_name(&given.card) {
        faults.add("score_model.card", "must be `[a-z][a-z0-9-]*` of at most 63 characters");
    }
    if given.title.trim().is_empty() || given.title.chars().count() > 200 {
        faults.add("score_model.title", "must have between 1 and 200 characters");
    }
    missing_as_category(given, &mut faults);
    let draft = draft_of(given);
    match Card::check(&draft) {
        Ok(card) => faults.finish().map(|()| (draft, card)),
        Err(found) => {
            note(found, &mut faults);
            faults.finish_with(None)
        }
    }
}

fn note(found: Vec<CardFault>, faults: &mut Faults) {
    for one in found {
        let path = format!("score_model.{}", one.path);
        match one.contradicts {
            Some(variable) => faults.because(Reason::ScoreModelFaulty, path, one.why, Some(("variable", variable))),
            None => faults.add(path, one.why),
        }
    }
}

// In a card's own notation the word stands for a missing value; as a category it would never be met.
fn missing_as_category(given: &ScoreModel, faults: &mut Faults) {
    for (at, variable) in given.variables.iter().enumerate() {
        for (bin, one) in variable.bins.iter().enumerate() {
            let Some(Match::Categories(set)) = &one.r#match else { continue };
            for place in set.values.iter().enumerate().filter(|(_, value)| *value == "missing").map(|(place, _)| place)
            {
                let path = format!("score_model.variables[{at}].bins[{bin}].categories.values[{place}]");
                faults.add(&path, "stands for a missing value: give its points as `missing_points`");
            }
        }
    }
}

fn is_card_name(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// The card of a model, unchecked.
pub fn draft_of(given: &ScoreModel) -> Draft {
    let variables = given.variables.iter().map(variable_draft).collect();
    Draft { base_points: given.base_points.clone(), variables }
}

/// A model of this card, as far as a card says: without `card` and `title`.
pub fn model_of(draft: &Draft) -> ScoreModel {
    let variables = draft.variables.iter().map(variable).collect();
    ScoreModel { base_points: draft.base_points.clone(), variables, ..ScoreModel::default() }
}

fn variable_draft(given: &ScoreVariable) -> VariableDraft {
    VariableDraft {
        name: given.name.clone(),
        bins: given.bins.iter().map(bin_draft).collect(),
        missing_points: given.missing_points.clone(),
    }
}

fn bin_draft(given: &ScoreBin) -> BinDraft {
    let matches = given.r#match.as_ref().map(|one| match one {
        Match::Range(range) => MatchDraft::Range { from: range.lower.clone(), until: range.upper.clone() },
        Match::Categories(set) => MatchDraft::Categories(set.values.clone()),
    });
    BinDraft { label: given.label.clone(), points: given.points.clone(), matches }
}

/// A model for an answer.
pub(super) fn of(model: &Model, with_variables: bool) -> ScoreModel {
    let variables = if with_variables { &model.content.variables[..] } else { &[] };
    ScoreModel {
        name: model_name(model.id),
        card: model.card.clone(),
        version: number(model.number),
        title: model.title.clone(),
        base_points: model.content.base_points.clone(),
        variables: variables.iter().map(variable).collect(),
        digest: model.digest.to_vec(),
        state: wire::<Wire>(model.state).into(),
        creator: person_name(model.creator),
        create_time: Some(to_proto(model.created_at)),
        update_time: Some(to_proto(model.retired_at.or(model.activated_at).unwrap_or(model.created_at))),
        activate_time: model.activated_at.map(to_proto),
        retire_time: model.retired_at.map(to_proto),
        etag: etag::of(model.version),
    }
}

fn variable(draft: &VariableDraft) -> ScoreVariable {
    ScoreVariable {
        name: draft.name.clone(),
        bins: draft.bins.iter().map(bin).collect(),
        missing_points: draft.missing_points.clone(),
    }
}

fn bin(draft: &BinDraft) -> ScoreBin {
    let matches = draft.matches.as_ref().map(|one| match one {
        MatchDraft::Range { from, until } => Match::Range(NumericRange { lower: from.clone(), upper: until.clone() }),
        MatchDraft::Categories(values) => Match::Categories(CategorySet { values: values.clone() }),
    });
    ScoreBin { label: draft.label.clone(), points: draft.points.clone(), r#match: matches }
}

/// What the journal says of a model.
pub(super) fn event(model: &Model) -> Kind {
    Kind::ScoreModelChanged(ScoreModelChanged {
        score_model: model_name(model.id),
        version: number(model.number),
        state: wire::<Wire>(model.state).as_str_name().to_owned(),
        digest: model.digest.to_vec(),
        card: model.card.clone(),
    })
}
