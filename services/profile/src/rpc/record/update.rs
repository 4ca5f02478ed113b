//! `UpdateRecord`: fields of a record; the version before stays (P-48).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{FileRecord, UpdateRecordRequest};

use super::{frozen, saved};
use crate::domain::changed::of_update;
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::{record as rule, text};
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::around::Around;
use crate::work::record::right::UPDATE;
use crate::work::record::{self, Change};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: UpdateRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        UPDATE.require_some(&session)?;
        Box::pin(update(&session, tx, &request)).await
    }, kept => again(base, tx, call, UPDATE, kept).await)
}

async fn update(session: &Session<'_>, tx: &mut Tx, request: &UpdateRecordRequest) -> Result<FileRecord> {
    let given = request.record.as_ref().ok_or_else(|| Error::violation("record", "is required"))?;
    let paths = request.update_mask.as_ref().map(|mask| mask.paths.as_slice()).unwrap_or_default();
    let mask = rule::mask(paths)?;
    let mut faults = Faults::default();
    let ids = faults.absorb(rule::ids("record.name", &given.name));
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    faults.finish()?;
    let mut opened = record::load(session, tx, ids.unwrap_or_default()).await?;
    let part = UPDATE.require_part(session, &opened)?;
    let template = record::template(session, &opened.record.template)?;
    let rules = record::rules(session, &opened.loaded, template);
    let (present, visibility) = (opened.content.keys(), FieldVisibility::standing(session.grade()));
    let mut faults = Faults::default();
    let writing = of_update(rules, &mask, &given.fields, &present, &visibility, &mut faults)?;
    let around = Around::gather(session, tx, &opened, template).await?;
    let goals = around.goals(session, &opened);
    frozen(&writing, template, |section| part.writes(around.kind(), &opened.record, &goals, section), &mut faults);
    let writing = writing.checked(faults)?;
    // What is wrong with the request is told before what is wrong with the state.
    opened.record.require_etag(&given.etag)?;
    record::require_living(session, &opened.loaded.file, &opened.record.kind)?;
    opened.record.require_idle()?;
    // What somebody signed for a stage to come is no longer what is there.
    if around.is_being_signed(&opened.record) {
        opened.record.set_aside();
    }
    let mut change = Change { writing, ..Change::new(opened, "record.updated", reason, &request.request_id) };
    record::save(session, tx, template, &mut change).await?;
    saved(session, tx, &change, template).await
}
