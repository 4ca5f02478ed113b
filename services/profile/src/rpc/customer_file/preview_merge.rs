//! `PreviewMerge`: two files side by side, and what stands against making them one (P-28).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{MergePreview, PreviewMergeRequest};
use dossier_regime::Action;

use super::merge::two;
use super::reading::{self, Outgoing};
use super::view;
use crate::domain::merge::{Blocker, Form, Obstacle, Said, Wanted};
use crate::domain::ties;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::merge::{Opened, Papers, Two, masked, papers};
use crate::work::customer_file::session::{Session, place};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: PreviewMergeRequest) -> Result<MergePreview> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileMerge).await?;
    session.principal.require(session.pack(), Action::FileRead)?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let names = two(&request.name, &request.merged, &mut faults);
    faults.finish()?;
    let two = Two::load(&session, &mut tx, names).await?;
    let (purpose, place) = (request.purpose.as_str(), request.reading_place.as_str());
    let kept = reading::require_ground(&session, &mut tx, &two.kept, purpose, place).await?;
    let merged = reading::require_ground(&session, &mut tx, &two.merged, purpose, place).await?;
    let (preview, opened) = preview(&session, &mut tx, &two).await?;
    tx.commit().await?;
    // That a value is the same in both is told too: every field that is compared is disclosed.
    let fields = |said: &Said| said.fields.keys().cloned().collect();
    let outgoing = [
        reading::told(&two.kept, fields(&opened.kept), kept),
        reading::told(&two.merged, fields(&opened.merged), merged),
    ];
    let outgoing: Vec<Outgoing> = outgoing.into_iter().filter(|one| !one.fields.is_empty()).collect();
    reading::release(&session, outgoing, purpose).await?;
    Ok(preview)
}

async fn preview(session: &Session<'_>, tx: &mut Tx, two: &Two) -> Result<(MergePreview, Opened)> {
    let org_papers = (papers(session, tx, two.kept.file.id).await?, papers(session, tx, two.merged.file.id).await?);
    let mut blockers = two.blockers(session, tx, &org_papers.1).await?;
    let links = two.links(session, tx).await?.unwrap_or_default();
    let mut preview = MergePreview {
        kept: Some(side(session, &two.kept, org_papers.0)?),
        merged: Some(side(session, &two.merged, org_papers.1)?),
        links: ties::told(&links),
        ..MergePreview::default()
    };
    // What follows different forms is not laid side by side.
    let Some(form) = two.form(session)? else {
        preview.blockers = blockers.iter().map(blocker).collect();
        return Ok((preview, Opened::default()));
    };
    let opened = two.open(session)?;
    blockers.extend(values(session, two, &form, &opened)?);
    preview.fields = fields(&form, &opened);
    preview.classification = labels(&form, &opened);
    preview.blockers = blockers.iter().map(blocker).collect();
    Ok((preview, opened))
}

fn side(session: &Session<'_>, one: &Loaded, papers: Papers) -> Result<wire::MergeSide> {
    let file = &one.file;
    Ok(wire::MergeSide {
        file: file.name(),
        number: file.number.clone().unwrap_or_default(),
        customer_number: file.customer_number.clone().unwrap_or_default(),
        state: states::wire::<wire::CustomerFileState>(file.state).into(),
        level: file.level.clone(),
        unit: file.unit.clone(),
        etag: file.etag(),
        open_record_count: papers.open,
        other_record_count: papers.other,
        document_count: papers.documents,
        masked_fields: masked(session, one)?,
    })
}

// Values that the kept file lacks and could not take over.
fn values(session: &Session<'_>, two: &Two, form: &Form<'_>, opened: &Opened) -> Result<Vec<Blocker>> {
    let taken = form.taken(&opened.kept, &opened.merged, &Wanted::default());
    let Err(fault) = two.writing(session, form, &taken) else { return Ok(Vec::new()) };
    if fault.violations().is_empty() {
        return Err(fault);
    }
    let key = |path: &str| {
        let key = path.strip_prefix("fields.").and_then(|path| path.split('.').next());
        key.unwrap_or(path).to_owned()
    };
    let keys: BTreeSet<_> = fault.violations().iter().map(|one| key(&one.field)).collect();
    Ok(keys.iter().map(|key| Blocker::at(Obstacle::Value, &two.merged.file, key)).collect())
}

fn fields(form: &Form<'_>, opened: &Opened) -> Vec<wire::MergeField> {
    let value = |said: &Said, key: &str| said.fields.get(key).map(|kept| view::typed(form.template, key, kept.clone()));
    let field = |key: String| wire::MergeField {
        kept: value(&opened.kept, &key),
        merged: value(&opened.merged, &key),
        field: key,
    };
    form.differing(&opened.kept, &opened.merged).into_iter().map(field).collect()
}

fn labels(form: &Form<'_>, opened: &Opened) -> Vec<wire::MergeLabel> {
    let label = |said: &Said, axis: &str| said.labels.get(axis).cloned().unwrap_or_default();
    let one = |axis: String| wire::MergeLabel {
        kept: label(&opened.kept, &axis),
        merged: label(&opened.merged, &axis),
        axis,
    };
    form.differing_axes(&opened.kept, &opened.merged).into_iter().map(one).collect()
}

fn blocker(one: &Blocker) -> wire::MergeBlocker {
    let obstacle = states::wire::<wire::MergeObstacle>(one.obstacle);
    let file = one.file.map(|file| name("files", file)).unwrap_or_default();
    wire::MergeBlocker { obstacle: obstacle.into(), file, field: one.field.clone() }
}
