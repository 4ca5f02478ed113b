//! Ratings, kept under seal, and what is owed because of them (C-13).

pub(crate) mod seal;

use dossier_authority::Base;
use dossier_authority::duty::{self, About};
use dossier_authority::store::file::FileCopy;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::credit::v1::Rating;
use dossier_proto::duty::v1::DutyState;
use dossier_proto::journal::v1::RatingChanged;
use dossier_proto::journal::v1::event::Kind;
use dossier_regime::Trigger;
use uuid::Uuid;

use super::record::{Saying, record};
use super::wire::file_name;
use crate::store::rating;
use crate::store::score_model::Model;

/// Keeps a rating, sealed, and journals it. `said` is what the caller is told; the last is `request_id` and `reason`.
///
/// # Errors
/// `KEY_DESTROYED`, `INTERNAL` without randomness, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn keep(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    said: &Rating,
    (id, customer, evaluator, model): (Uuid, Uuid, Uuid, &Model),
    (request_id, reason): (&str, &str),
) -> Result<()> {
    let sealed = seal::close(base, tx, call, (id, customer), said).await?;
    let row = rating::Row {
        id,
        customer,
        score_model: model.id,
        card: model.card.clone(),
        number: model.number,
        detail: sealed.detail,
        salt: sealed.salt,
        evaluator,
        created_at: call.micros(),
    };
    rating::insert(tx, &call.org, &row).await?;
    let event = RatingChanged {
        rating: said.name.clone(),
        customer: said.customer.clone(),
        score_model: said.score_model.clone(),
        file_revision: 0,
    };
    let saying = Saying {
        action: "rating.given",
        subject: said.name.clone(),
        request_id,
        reason,
        justification: "",
        event: Kind::RatingChanged(event),
        commitments: vec![("score".to_owned(), sealed.commitment)],
    };
    record(base, tx, call, &said.evaluator, saying).await
}

/// A new rating does what was owed since the one before, and its own review is owed from now on.
///
/// # Errors
/// `PACK_FAULT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn owe(base: &Base, tx: &mut Tx, call: &Call, file: &FileCopy, evaluator: Uuid) -> Result<()> {
    let rules = base.pack(&call.org)?.duties.iter().filter(|rule| rule.on == Trigger::RatingGiven);
    let kinds: Vec<_> = rules.map(|rule| rule.kind.as_str()).collect();
    let subject = file_name(file.id);
    duty::close_for(base, tx, &call.org, &kinds, &subject, DutyState::Completed, Some(evaluator)).await?;
    let about = About { subject: &subject, file: Some(file.id), unit: &file.unit, assignee: None };
    duty::open_for(base, tx, call, Trigger::RatingGiven, call.now, &about).await
}

/// `ratings/{uuid}`.
pub(crate) fn rating_name(id: Uuid) -> String {
    name::name("ratings", id)
}
