//! Files in the words of the contract.

use std::collections::BTreeMap;

use dossier_kernel::error::Result;
use dossier_kernel::states;
use dossier_proto::profile::v1 as wire;
use dossier_proto::types::unmet_condition::What;
use dossier_proto::types::{FieldValue, UnmetCondition};
use dossier_regime::Template;

use crate::content::{Content, Seal};
use crate::domain::completeness::{Measured, basis_points, whole};
use crate::domain::customer_file::CustomerFile;
use crate::domain::derived;
use crate::domain::field_visibility::{FieldVisibility, UNIT_REF};
use crate::domain::typed::told;
use crate::work::customer_file::header::weighed;
use crate::work::customer_file::save::Saved;

pub use crate::work::customer_file::header::basic;

/// The line of the register: all that is told of a file that stood at a closed level when it was acted on.
pub fn register(file: &CustomerFile) -> wire::CustomerFile {
    wire::CustomerFile {
        name: file.name(),
        number: file.number.clone().unwrap_or_default(),
        level: file.level.clone(),
        unit: file.unit.clone(),
        state: states::wire::<wire::CustomerFileState>(file.state).into(),
        etag: file.etag(),
        ..wire::CustomerFile::default()
    }
}

/// The file with what `visibility` shows of its content, the rest named in `masked_fields`. Gives also the keys of what is
/// shown, for the journal.
///
/// # Errors
/// `SEAL_BROKEN`.
pub fn full(
    header: wire::CustomerFile,
    file: &CustomerFile,
    template: &Template,
    content: &Content,
    unit_ref: &[u8],
    seal: &Seal<'_>,
    visibility: &FieldVisibility,
) -> Result<(wire::CustomerFile, Vec<String>)> {
    let (fields, mut shown, masked) = opened(template, content, seal, visibility)?;
    let mut message = wire::CustomerFile { fields, ..header };
    for key in derived::keys(template).filter(|key| visibility.shows(template, key)) {
        if let Some(value) = derived::value(file, template, key) {
            message.fields.insert(key.to_owned(), typed(template, key, value));
        }
    }
    if visibility.shows_unit_ref() {
        message.unit_ref = seal.open_text(UNIT_REF, unit_ref)?;
        shown.push(UNIT_REF.to_owned());
    }
    message.masked_fields = masked;
    Ok((message, shown))
}

/// What of a form is shown, by key, then the keys of that, and of what is filled and not shown.
pub type Opened = (BTreeMap<String, FieldValue>, Vec<String>, Vec<String>);

/// Opens what `visibility` shows of `content`.
///
/// # Errors
/// `SEAL_BROKEN`.
pub fn opened(template: &Template, content: &Content, seal: &Seal<'_>, visibility: &FieldVisibility) -> Result<Opened> {
    let (mut fields, mut shown, mut masked) = Opened::default();
    for key in content.keys() {
        if !visibility.shows(template, &key) {
            masked.push(key);
        } else if let Some(value) = content.field(seal, &key)? {
            fields.insert(key.clone(), typed(template, &key, value));
            shown.push(key);
        }
    }
    Ok((fields, shown, masked))
}

/// The file after a change, with the details of its completeness. Of its content only what the caller wrote themselves:
/// that discloses nothing.
pub fn saved(saved: &Saved, template: &Template) -> wire::CustomerFile {
    let file = &saved.file;
    let filling = saved.filling.shown(|key| saved.written.contains_key(key));
    let measured = whole(template, file.customer_type, |key| filling.of(key));
    let fields = saved.written.iter().map(|(key, value)| (key.clone(), typed(template, key, value.clone()))).collect();
    let mut message = wire::CustomerFile { fields, completeness: Some(detailed(&measured)), ..basic(file) };
    saved.told.tell(&mut message);
    message
}

/// A value by the type of its field; one of a field that the template has no more is told as it is kept.
pub fn typed(template: &Template, key: &str, kept: FieldValue) -> FieldValue {
    match template.field(key) {
        Some(field) => told(field, kept),
        None => kept,
    }
}

/// Completeness with its sections and what is missing.
pub fn detailed(measured: &Measured) -> wire::Completeness {
    let section = |(section, filled, applicable): &(String, i64, i64)| wire::SectionCompleteness {
        section: section.clone(),
        filled_weight: *filled,
        applicable_weight: *applicable,
        basis_points: basis_points(*filled, *applicable),
    };
    let missing = |(field, section, required): &(String, String, bool)| UnmetCondition {
        what: Some(What::Field(field.clone())),
        section: section.clone(),
        required: *required,
    };
    wire::Completeness {
        sections: measured.sections.iter().map(section).collect(),
        missing: measured.missing.iter().map(missing).collect(),
        ..weighed(measured.weights)
    }
}
