//! `ExplainRecord`: what is missing for each stage to come, and who can supply it (P-35).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::profile::v1::{ExplainRecordRequest, ExplainRecordResponse, SlotExplanation, StageExplanation};
use dossier_regime::{Action, Stage};
use uuid::Uuid;

use crate::domain::record::facts::Facts;
use crate::domain::record::{denied, ids};
use crate::work::customer_file::session::Session;
use crate::work::record::around::Around;
use crate::work::record::{self, Opened};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ExplainRecordRequest) -> Result<ExplainRecordResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let opened = record::load(&session, &mut tx, ids("name", &request.name)?).await?;
    if !opened.loaded.standing {
        return Err(denied("record.explain"));
    }
    if session.pack().record(&opened.record.kind).is_none() {
        // Nothing leads on from a kind that the pack has no more.
        return Ok(ExplainRecordResponse::default());
    }
    let template = record::template(&session, &opened.record.template)?;
    let around = Around::gather(&session, &mut tx, &opened, template).await?;
    let rest = around.rest(&session, &mut tx, &opened, session.grade()).await?;
    let facts = around.facts(&session, &opened, &rest);
    let stages = facts.goals().into_iter().map(|stage| explained(&facts, &opened, stage)).collect();
    Ok(ExplainRecordResponse { stages })
}

fn explained<'f>(facts: &Facts<'f>, opened: &Opened<'_>, stage: &'f Stage) -> StageExplanation {
    let slots = facts.to_sign(stage).into_iter().filter_map(|slot| explained_slot(facts, opened, slot)).collect();
    let unmet = facts.unmet(stage).into_iter().chain(facts.to_approve(stage)).collect();
    StageExplanation { stage: stage.id.clone(), unmet, slots }
}

fn explained_slot(facts: &Facts<'_>, opened: &Opened<'_>, slot: &str) -> Option<SlotExplanation> {
    let found = facts.kind.slots.get(slot)?;
    let person = |id: Uuid| name::name("persons", id);
    let holder = found.who.and_then(|who| who.of(opened.record.creator, opened.loaded.file.custodian));
    let person = holder.map(person).unwrap_or_default();
    Some(SlotExplanation { slot: slot.to_owned(), posts: found.posts.clone(), person })
}
