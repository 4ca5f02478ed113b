//! Cells: what a line shows its reader, and what of it the journal must know.

use std::collections::BTreeSet;

use dossier_kernel::error::Result;
use dossier_kernel::printed::form::{moment, text};
use dossier_kernel::time::to_proto;
use dossier_proto::journal::v1::RecordDisclosed;
use dossier_regime::{Register, Template, Told};
use jiff::Timestamp;

use crate::content::{Content, Seal};
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::form::plain;
use crate::domain::register::{Cell, is_moment};
use crate::rpc::customer_file::view;
use crate::work::customer_file::session::Session;
use crate::work::record;
use crate::work::register::{Line, Paper};

/// A line as its reader sees it.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// Its cells, one for each column.
    pub(super) cells: Vec<Cell>,
    /// Keys of fields of the file that are given in clear.
    pub(super) fields: Vec<String>,
    /// Records and documents whose fields are given in clear.
    pub(super) records: Vec<RecordDisclosed>,
}

/// The cells of a line; `visibility` says which fields its reader is shown, `None`: none, here.
///
/// # Errors
/// `RESOURCE_NOT_FOUND` when no pack has a form any more; `SEAL_BROKEN`, `KEY_DESTROYED`.
pub(super) fn shown(
    session: &Session<'_>,
    register: &Register,
    line: &Line,
    visibility: Option<&FieldVisibility>,
) -> Result<Shown> {
    let mut shown = Shown::default();
    let mut fields = BTreeSet::new();
    for told in register.told() {
        let cell = if told.is_part() {
            line.clear(told).map(|value| labelled(session, register, told, value)).unwrap_or_default()
        } else {
            let Some((form, content, seal)) = form(session, told, line)? else {
                shown.cells.push(Cell::default());
                continue;
            };
            let opened = field(session, form, content, &seal, told.name(), visibility)?;
            if let Some(paper) = line.paper(told).filter(|_| opened.1) {
                disclosed(&mut shown.records, paper, told.name());
            } else if opened.1 {
                fields.insert(told.name().to_owned());
            }
            opened.0
        };
        shown.cells.push(cell);
    }
    shown.fields = fields.into_iter().collect();
    Ok(shown)
}

// The form, content and seal that a column tells of; `None`: there is no such record.
fn form<'a, 'l>(
    session: &Session<'a>,
    told: Told<'_>,
    line: &'l Line,
) -> Result<Option<(&'a Template, &'l Content, Seal<'a>)>> {
    let (loaded, seal) = (&line.loaded, session.seal(&line.loaded)?);
    if let Told::File(_) = told {
        return Ok(Some((session.template(&loaded.file.template)?, &loaded.content, seal)));
    }
    let Some(Paper { filed, content }) = line.paper(told) else { return Ok(None) };
    let (part, sealed_key) = filed.sealed();
    let seal = seal.part(part, filed.id(), sealed_key)?;
    Ok(Some((record::template(session, filed.template())?, content, seal)))
}

// A field, and whether it is given in clear. Whether a masked one is filled is not told.
fn field(
    session: &Session<'_>,
    form: &Template,
    content: &Content,
    seal: &Seal<'_>,
    key: &str,
    visibility: Option<&FieldVisibility>,
) -> Result<(Cell, bool)> {
    if form.field(key).is_none() && !content.has(key) {
        return Ok((Cell::default(), false));
    }
    if !visibility.is_some_and(|visibility| visibility.shows(form, key)) {
        return Ok((Cell::masked(), false));
    }
    let Some(value) = content.field(seal, key)? else { return Ok((Cell::default(), false)) };
    let kept = plain(&value);
    let told = text(&view::typed(form, key, value), session.pack().time_zone.rules());
    Ok((Cell { value: kept, text: told, masked: false }, true))
}

fn disclosed(records: &mut Vec<RecordDisclosed>, paper: &Paper, field: &str) {
    let (record, revision) = (paper.filed.name(), paper.filed.version());
    match records.iter_mut().find(|one| one.record == record) {
        Some(one) => one.fields.push(field.to_owned()),
        None => records.push(RecordDisclosed { record, revision, fields: vec![field.to_owned()] }),
    }
}

// A part with the label that people know it by.
fn labelled(session: &Session<'_>, register: &Register, told: Told<'_>, value: String) -> Cell {
    let kind = match told {
        Told::Latest { kind, .. } => kind,
        Told::File(_) | Told::Record(_) | Told::Document(_) | Told::Item(_) => register.kind.as_str(),
    };
    let text = label(session, kind, told.name(), &value).unwrap_or_else(|| value.clone());
    Cell { value, text, masked: false }
}

/// The label of a part's value, where it has one; `kind` is that of the record.
pub(super) fn label(session: &Session<'_>, kind: &str, part: &str, value: &str) -> Option<String> {
    let pack = session.pack();
    match part {
        "level" => pack.level(value).map(|level| level.label.clone()),
        "unit" => session.tenant.organisation().unit(value).map(|unit| unit.label.clone()),
        "kind" => pack.document(value).map(|kind| kind.label.clone()),
        "stage" => pack.record(kind)?.stage(value).map(|stage| stage.label.clone()),
        _ if is_moment(part) => {
            let at = value.parse::<Timestamp>().ok()?;
            Some(moment(&to_proto(at), pack.time_zone.rules()))
        }
        _ => {
            let axis = part.strip_prefix("class.")?;
            let values = pack.classification.axes.iter().filter(|one| one.field == axis).flat_map(|one| &one.values);
            values.into_iter().find(|one| one.value == value).map(|one| one.label.clone())
        }
    }
}
