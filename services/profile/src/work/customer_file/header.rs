//! Where a file stands, in the words of the contract: what is told, what a revision keeps, and what an entry says.

use std::collections::BTreeMap;

use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1 as wire;

use crate::domain::completeness::basis_points;
use crate::domain::customer_file::{CustomerFile, Weights};
use crate::domain::header;
use crate::domain::header::template_name;

/// Everything but content and the files that it names, of which each reader is told those that they may see.
pub fn basic(file: &CustomerFile) -> wire::CustomerFile {
    wire::CustomerFile {
        name: file.name(),
        number: file.number.clone().unwrap_or_default(),
        customer_number: file.customer_number.clone().unwrap_or_default(),
        customer_type: header::told(file.customer_type).into(),
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
        of: String::new(),
        links: Vec::new(),
        possible_duplicates: Vec::new(),
        merged_into: String::new(),
        merged: Vec::new(),
        whereabouts: None,
        keep_until_date: file.keep_until.map(|day| day.to_string()).unwrap_or_default(),
    }
}

/// What a revision keeps as its header: everything but content.
pub fn kept(file: &CustomerFile) -> wire::CustomerFile {
    let mut message = basic(file);
    file.ties.tell(&mut message);
    message
}

/// `persons/{uuid}` of who keeps a file; empty: the pack's custodian post.
pub fn custodian(file: &CustomerFile) -> String {
    file.custodian.map(|person| name("persons", person)).unwrap_or_default()
}

/// Completeness as it was weighed.
pub fn weighed(weights: Weights) -> wire::Completeness {
    wire::Completeness {
        filled_weight: weights.filled,
        applicable_weight: weights.applicable,
        basis_points: basis_points(weights.filled, weights.applicable),
        complete: weights.complete,
        ..wire::Completeness::default()
    }
}
