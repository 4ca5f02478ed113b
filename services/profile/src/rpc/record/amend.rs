//! `AmendRecord`: a correction of what a stage that was entered filled; the version that was signed stays (P-48, P-49).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{AmendRecordRequest, FileRecord};
use dossier_regime::RecordLimit;

use super::act::Asked;
use super::{frozen, saved};
use crate::domain::changed::{Writing, of_update};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::record::{self as rule, Record, State};
use crate::work::customer_file::session::Session;
use crate::work::record;
use crate::work::record::again::again;
use crate::work::record::right::AMEND;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: AmendRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        AMEND.require_some(&session)?;
        Box::pin(amend(&session, tx, &request)).await
    }, kept => again(base, tx, call, AMEND, kept).await)
}

async fn amend(session: &Session<'_>, tx: &mut Tx, request: &AmendRecordRequest) -> Result<FileRecord> {
    let given = request.record.as_ref().ok_or_else(|| Error::violation("record", "is required"))?;
    let paths = request.update_mask.as_ref().map(|mask| mask.paths.as_slice()).unwrap_or_default();
    let mask = rule::mask(paths)?;
    let (name, etag, reason) = (given.name.as_str(), given.etag.as_str(), request.reason.as_str());
    rule::ids("record.name", name)?;
    let acting = Asked { right: AMEND, name, etag, reason, must_say: true, stands: Record::require_settled };
    let mut acting = acting.open(session, tx).await?;
    let template = acting.template();
    let rules = record::rules(session, &acting.opened.loaded, template);
    let (present, visibility) = (acting.opened.content.keys(), FieldVisibility::standing(session.grade()));
    let mut faults = Faults::default();
    let writing = of_update(rules, &mask, &given.fields, &present, &visibility, &mut faults)?;
    let (kind, one) = (acting.around.kind(), &acting.opened.record);
    frozen(&writing, template, |section| acting.part.amends(kind, one, section), &mut faults);
    let writing = writing.checked(faults)?;
    let sections = sections(&writing, |key| template.field(key).map(|field| field.section.clone()));
    if sections.is_empty() {
        return Err(Error::violation("update_mask", "changes nothing"));
    }
    let touched = |stage: &str| kind.stage(stage).is_some_and(|stage| sections.iter().any(|one| stage.fills(one)));
    let ended = acting.opened.record.state == State::Final;
    acting.left = acting.opened.record.reopen(kind, touched);
    // A kind of which one may be open: another may have taken its place since it ended.
    if ended && kind.limit == RecordLimit::OneOpen && record::is_taken(session, tx, &acting.opened.record).await? {
        return Err(rule::taken());
    }
    let (mut change, template) = acting.changing(("record.amended", request.request_id.as_str()), writing);
    record::save(session, tx, template, &mut change).await?;
    saved(session, tx, &change, template).await
}

fn sections(writing: &Writing, section: impl Fn(&str) -> Option<String>) -> BTreeSet<String> {
    writing.keys().filter_map(|key| section(key)).collect()
}
