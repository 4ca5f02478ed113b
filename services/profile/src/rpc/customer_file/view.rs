//! Files in the words of the contract.

use std::collections::BTreeMap;

use dossier_kernel::error::Result;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1 as wire;
use dossier_proto::types::unmet_condition::What;
use dossier_proto::types::{FieldValue, UnmetCondition};
use dossier_regime::Template;

use crate::content::{Content, Seal};
use crate::domain::completeness::{Measured, basis_points, whole};
use crate::domain::customer_file::{CustomerFile, Weights};
use crate::domain::field_visibility::{FieldVisibility, UNIT_REF};
use crate::domain::header::template_name;
use crate::domain::typed::told;
use crate::domain::{derived, header};

/// Everything but content: what a list gives, and what a revision keeps as its header.
pub fn basic(file: &CustomerFile) -> wire::CustomerFile {
    wire::CustomerFile {
        name: file.name(),
        number: file.number.clone().unwrap_or_default(),
        customer_number: file.customer_number.clone().unwrap_or_default(),
        customer_type: header::to_wire(file.customer_type).into(),
        file_kind: file.unit_kind.clone(),
        unit_ref: String::new(),
        template: template_name(&file.template),
        template_version: i32::try_from(file.template_version).unwrap_or(i32::MAX),
        level: file.level.clone(),
        unit: file.unit.clone(),
        custodian: custodian(file),
        state: states::wire::<wire::CustomerFileState>(file.state).into(),
        fields: BTreeMap::new(),
        masked_fields: Vec::new(),
        classification: file.classification.clone(),
        first_contact_time: file.first_contact.map(to_proto),
        contract_effect_time: file.contract_effect.map(to_proto),
        revision: file.revision,
        etag: file.etag(),
        create_time: Some(to_proto(file.created)),
        update_time: Some(to_proto(file.updated)),
        creator: name("persons", file.creator),
        completeness: Some(weighed(file.weights)),
        activate_time: file.activated.map(to_proto),
        close_time: file.closed.map(to_proto),
    }
}

/// `persons/{uuid}` of who keeps a file; empty: the pack's custodian post.
pub fn custodian(file: &CustomerFile) -> String {
    file.custodian.map(|person| name("persons", person)).unwrap_or_default()
}

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
    let mut message = header;
    let (mut shown, mut masked) = (Vec::new(), Vec::new());
    for key in content.keys() {
        if !visibility.shows(template, &key) {
            masked.push(key);
        } else if let Some(value) = content.field(seal, &key)? {
            message.fields.insert(key.clone(), typed(template, &key, value));
            shown.push(key);
        }
    }
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

/// The file after a change, with the details of its completeness. Of its content only what the caller wrote himself:
/// that discloses nothing.
pub fn changed(
    file: &CustomerFile,
    template: &Template,
    content: &Content,
    written: &BTreeMap<String, FieldValue>,
) -> wire::CustomerFile {
    let measured = whole(template, file.customer_type, |key| content.has(key));
    let fields = written.iter().map(|(key, value)| (key.clone(), typed(template, key, value.clone()))).collect();
    wire::CustomerFile { fields, completeness: Some(detailed(&measured)), ..basic(file) }
}

// A value by the type of its field; one of a field that the template has no more is told as it is kept.
fn typed(template: &Template, key: &str, kept: FieldValue) -> FieldValue {
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

fn weighed(weights: Weights) -> wire::Completeness {
    wire::Completeness {
        filled_weight: weights.filled,
        applicable_weight: weights.applicable,
        basis_points: basis_points(weights.filled, weights.applicable),
        complete: weights.complete,
        ..wire::Completeness::default()
    }
}
