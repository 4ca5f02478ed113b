//! `ComposeVolume`: what volumes the papers of a file make, and why each lies where it lies (P-92 to P-95).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{ComposeVolumeRequest, ComposeVolumeResponse};
use dossier_regime::Action;

use super::document;
use crate::domain::volume::compose::Proposed;
use crate::domain::volume::name_of;
use crate::domain::volume::order::paginate;
use crate::domain::volume::paper::{Paper, by_id};
use crate::work::customer_file::session::Session;
use crate::work::volume::gather::{Gathered, gather};
use crate::work::volume::propose;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ComposeVolumeRequest) -> Result<ComposeVolumeResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::VolumeCompose).await?;
    let file = name::id("parent", "files", &request.parent)?;
    let loaded = session.load_to_change(&mut tx, file, Action::VolumeCompose).await?;
    session.require_in(Action::VolumeCompose, &loaded.file.unit)?;
    let gathered = gather(&session, &mut tx, &loaded, "parent").await?;
    let volumes = propose(&gathered).iter().map(|one| proposed(&session, &gathered, one)).collect();
    Ok(ComposeVolumeResponse { volumes })
}

// Numbers are those that the documents would have, were nothing else in the volume.
fn proposed(session: &Session<'_>, gathered: &Gathered<'_>, one: &Proposed) -> wire::Volume {
    let papers = by_id(&gathered.papers);
    let ordered: Vec<&Paper> = one.laid.iter().filter_map(|laid| papers.get(&laid.document)).copied().collect();
    let numbers = paginate(gathered.rule, ordered.iter().copied());
    let lines = one.laid.iter().zip(numbers);
    let known = one.into.and_then(|id| gathered.volumes.iter().find(|volume| volume.id == id));
    wire::Volume {
        name: one.into.map(|id| name_of(gathered.file, id)).unwrap_or_default(),
        number: known.map_or(0, |volume| volume.number),
        rule: gathered.rule.id.clone(),
        year: one.key.year.map(i32::from).unwrap_or_default(),
        retention_class: one.key.class.as_ref().map(|class| class.id.clone()).unwrap_or_default(),
        apart: one.key.apart,
        level: gathered.level(session, ordered.iter().any(|paper| paper.apart)),
        documents: lines.map(|(laid, at)| document(gathered.file, laid.document, &laid.why, at)).collect(),
        sheets: ordered.iter().map(|paper| paper.sheets).sum(),
        pages: ordered.iter().map(|paper| paper.pages).sum(),
        ..wire::Volume::default()
    }
}
