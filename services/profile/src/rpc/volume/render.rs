//! `RenderVolume`: a sheet of a volume as a page for printing, once the journal has what it tells (P-97, P-98, P-99, A-42).

use std::collections::BTreeSet;

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::printed::form::MASKED;
use dossier_kernel::printed::html;
use dossier_kernel::states;
use dossier_proto::journal::v1::RecordDisclosed;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{RenderVolumeRequest, RenderVolumeResponse};
use dossier_regime::Action;

use super::find;
use crate::content::Content;
use crate::domain::document::{Document, PART};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::volume::printed::{Named, Sheet, Told, page};
use crate::domain::volume::{Volume, ids};
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::store::customer_file::{Loaded, inconsistent};
use crate::store::document;
use crate::work::customer_file::session::{Session, place};
use crate::work::record::{contents_of, template};
use crate::work::volume::gather::higher;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: RenderVolumeRequest) -> Result<RenderVolumeResponse> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let mut faults = Faults::default();
    purpose(session.pack(), &request.purpose, &mut faults);
    place(session.pack(), &request.reading_place, &mut faults);
    let sheet = states::read::<wire::VolumeSheet, Sheet>("sheet", request.sheet, &mut faults);
    let ids = faults.absorb(ids("name", &request.name));
    let (ids, sheet) = faults.finish_with(ids.zip(sheet))?;
    let (loaded, one) = find(&session, &mut tx, ids).await?;
    let ground = reading::require_ground(&session, &mut tx, &loaded, &request.purpose, &request.reading_place).await?;
    let ground = ground.whole(PART)?;
    require_carried(&session, sheet, &one)?;
    let (lines, records) = match sheet {
        Sheet::Catalogue => told(&session, &mut tx, (&loaded, &one), &ground.visibility).await?,
        Sheet::Remarks | Sheet::Cover | Sheet::Label => (Vec::new(), Vec::new()),
    };
    tx.commit().await?;
    let html = html(&page(sheet, &one, &named(&session, &loaded, &one), &lines));
    let (resource, revision, file) = (one.name(), one.version, one.file);
    let message = RenderVolumeResponse { html };
    let leaving = Outgoing { message, resource, file, revision, fields: Vec::new(), records, ground };
    reading::release_one(&session, leaving, &request.purpose).await
}

// A catalogue is in volumes of the classes that the rule names; of every class, where it names none (P-97).
fn require_carried(session: &Session<'_>, sheet: Sheet, one: &Volume) -> Result<()> {
    let classes = session.pack().volume(&one.rule).map(|rule| rule.catalogue.as_slice()).unwrap_or_default();
    match sheet == Sheet::Catalogue && !classes.is_empty() && !classes.contains(&one.class) {
        true => Err(Error::violation("sheet", "is none that volumes of this class carry")),
        false => Ok(()),
    }
}

fn named(session: &Session<'_>, loaded: &Loaded, one: &Volume) -> Named {
    let pack = session.pack();
    let class = pack.retention.classes.iter().find(|class| class.id == one.class);
    let level = pack.level(higher(session, &loaded.file.level, &one.level));
    Named {
        file: loaded.file.number.clone().unwrap_or_default(),
        rule: pack.volume(&one.rule).map(|rule| rule.label.clone()).unwrap_or_default(),
        class: class.map(|class| class.label.clone()).unwrap_or_default(),
        level: level.map(|level| level.label.clone()).unwrap_or_default(),
        closed_on: one.closed_at.map(|at| session.tenant.day(at).to_string()).unwrap_or_default(),
    }
}

// What the reader may see of each document, in order, and what the journal must know of it.
async fn told(
    session: &Session<'_>,
    tx: &mut Tx,
    (loaded, one): (&Loaded, &Volume),
    visibility: &FieldVisibility,
) -> Result<(Vec<Told>, Vec<RecordDisclosed>)> {
    let org = &session.call.org;
    let documents = document::each(tx, org, &one.contents.iter().map(|line| line.document).collect()).await?;
    let versions: BTreeSet<_> = documents.values().map(|one| (one.id, one.version)).collect();
    let contents = contents_of(tx, org, &versions).await?;
    let (mut lines, mut records) = (Vec::new(), Vec::new());
    for line in &one.contents {
        let lost = || inconsistent("volume", "contents");
        let document = documents.get(&line.document).ok_or_else(lost)?;
        let content = contents.get(&line.document).ok_or_else(lost)?;
        let (told, fields) = line_of(session, loaded, (document, content), visibility)?;
        records.push(RecordDisclosed { record: document.name(), revision: document.version, fields });
        lines.push(told);
    }
    Ok((lines, records))
}

fn line_of(
    session: &Session<'_>,
    loaded: &Loaded,
    (one, content): (&Document, &Content),
    visibility: &FieldVisibility,
) -> Result<(Told, Vec<String>)> {
    let template = template(session, &one.template)?;
    let seal = session.seal(loaded)?.part(PART, one.id, &one.sealed_key)?;
    let mut shown = Vec::new();
    let mut text = |key: &str| -> Result<String> {
        match (content.has(key), visibility.shows(template, key)) {
            (false, _) => Ok(String::new()),
            (true, false) => Ok(MASKED.to_owned()),
            (true, true) => {
                shown.push(key.to_owned());
                Ok(content.text(&seal, key)?.unwrap_or_default())
            }
        }
    };
    let (reference, issuer) = (text("reference")?, text("issuer")?);
    let (title, remark) = (text("title")?, text("remark")?);
    let kind = session.pack().document(&one.kind).map(|kind| kind.label.clone()).unwrap_or_default();
    // A form of its own may have no title: then the kind tells what it is.
    let title = if title.is_empty() { kind } else { title };
    Ok((Told { reference, issuer, title, date: one.said.document_date.clone(), remark }, shown))
}
