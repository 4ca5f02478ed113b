//! Templates in the words of the contract.

use dossier_proto::profile::v1 as wire;
use dossier_proto::types::Sensitivity as WireSensitivity;
use dossier_regime::{
    CustomerType, Field, FieldType, IdentifierKind, Index, Pack, Personal, Required, Section, Sensitivity, Template,
    Tenant,
};

use crate::domain::header::template_name;
use crate::domain::header::to_wire;
use crate::domain::typed::choice;

/// The template as its org uses it.
pub fn template(tenant: &Tenant, template: &Template) -> wire::Template {
    let pack = tenant.pack();
    let kinds: Vec<_> = pack.files.iter().filter(|kind| tenant.is_form_of(kind, &template.id)).collect();
    wire::Template {
        name: template_name(&template.id),
        version: int(template.version),
        display_name: template.label.clone(),
        file_kind: kinds.first().map(|kind| kind.id.clone()).unwrap_or_default(),
        default_level: pack.lowest_level().to_owned(),
        sections: template.sections.iter().map(|one| section(pack, template, one)).collect(),
        completeness_purposes: pack.completeness.gates.iter().map(|gate| gate.purpose.clone()).collect(),
        lawful_channels: pack.channels.iter().map(ToString::to_string).collect(),
        customer_types: usual(pack, template).map(|one| to_wire(one).into()).collect(),
        file_kinds: kinds.iter().map(|kind| kind.id.clone()).collect(),
    }
}

// The customer types that take it when neither kind nor template is named.
fn usual(pack: &Pack, template: &Template) -> impl Iterator<Item = CustomerType> {
    let usual = |customer| pack.first_file_kind().map(|kind| kind.templates_for(Some(customer))).unwrap_or_default();
    let only = move |customer: &CustomerType| usual(*customer) == [template.id.as_str()];
    CustomerType::ALL.iter().copied().filter(only)
}

fn section(pack: &Pack, template: &Template, section: &Section) -> wire::TemplateSection {
    let fields = template.fields.iter().filter(|field| field.section == section.id);
    wire::TemplateSection {
        id: section.id.clone(),
        display_name: section.label.clone(),
        fields: fields.map(|one| field(pack, one)).collect(),
    }
}

fn field(pack: &Pack, field: &Field) -> wire::TemplateField {
    wire::TemplateField {
        key: field.id.clone(),
        display_name: field.label.clone(),
        r#type: kind(field.kind).into(),
        format: format(field).to_owned(),
        required: matches!(field.required, Required::Yes | Required::Cond) && !field.output_only,
        critical: field.critical,
        weight: if field.output_only || field.required == Required::No { 0 } else { int(field.weight) },
        sensitivity: sensitivity(field.sensitivity).into(),
        personal: field.pi != Personal::No,
        searchable: field.indexed != Index::None,
        source_demanded: pack.sources_demanded && !field.output_only,
        choices: field.values.iter().map(|one| choice(field, &one.value)).collect(),
        max_length: int(field.max_length),
        customer_types: field.customer_types.iter().map(|one| to_wire(*one).into()).collect(),
        columns: Vec::new(),
    }
}

fn kind(kind: FieldType) -> wire::FieldType {
    match kind {
        FieldType::Int => wire::FieldType::Integer,
        FieldType::Bool => wire::FieldType::Boolean,
        FieldType::Date => wire::FieldType::Date,
        FieldType::Enum => wire::FieldType::Choice,
        FieldType::Money => wire::FieldType::Money,
        FieldType::Datetime => wire::FieldType::Timestamp,
        FieldType::ListText => wire::FieldType::List,
        FieldType::ListRef | FieldType::ListAttachment => wire::FieldType::References,
        FieldType::Text
        | FieldType::LongText
        | FieldType::Phone
        | FieldType::Email
        | FieldType::Url
        | FieldType::Address => wire::FieldType::Text,
    }
}

fn format(field: &Field) -> &'static str {
    match (field.identifier, field.kind) {
        (IdentifierKind::Gb11643, _) => "gb11643",
        (IdentifierKind::Gb32100, _) => "gb32100",
        (IdentifierKind::None, FieldType::Phone) => "phone",
        (IdentifierKind::None, FieldType::Email) => "email",
        (IdentifierKind::None, FieldType::Url) => "url",
        (IdentifierKind::None, FieldType::Address) => "address",
        (IdentifierKind::None, FieldType::LongText) => "long_text",
        _ => "",
    }
}

fn sensitivity(sensitivity: Sensitivity) -> WireSensitivity {
    match sensitivity {
        Sensitivity::Public => WireSensitivity::Public,
        Sensitivity::Internal => WireSensitivity::Internal,
        Sensitivity::Confidential => WireSensitivity::Confidential,
        Sensitivity::Secret => WireSensitivity::Secret,
    }
}

fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;

    #[test]
    fn a_form_is_told_section_by_section() {
        let regimes = Regimes::shipped().unwrap();
        let tenant = regimes.tenant("meridian").unwrap();
        let told = template(tenant, tenant.template("lifecycle_customer_file").unwrap());
        assert_eq!((told.name.as_str(), told.version), ("templates/lifecycle_customer_file", 1));
        let fields: Vec<_> = told.sections.iter().flat_map(|section| &section.fields).collect();
        assert_eq!(fields.len(), tenant.template("lifecycle_customer_file").unwrap().fields.len());
        let code = fields.iter().find(|field| field.key == "uscc").unwrap();
        assert!(code.searchable && code.source_demanded && code.format == "gb32100");
        let stage = fields.iter().find(|field| field.key == "cooperation_stage").unwrap();
        let labels: Vec<_> = stage.choices.iter().map(|one| (one.id.as_str(), one.label.as_str())).collect();
        assert_eq!(labels[0], ("potential", "潜在"));
        // The template says of each field the type that its values must have.
        for field in &tenant.template("lifecycle_customer_file").unwrap().fields {
            let of = fields.iter().find(|one| one.key == field.id).unwrap().r#type().as_str_name();
            let carrier = crate::domain::typed::carrier(field.kind).to_uppercase();
            assert_eq!(of, format!("FIELD_TYPE_{carrier}"), "{}", field.id);
        }
        assert_eq!(
            (told.file_kind.as_str(), told.file_kinds.as_slice()),
            ("customer", ["customer".to_owned()].as_slice())
        );
        assert!(told.lawful_channels.contains(&"customer_visit".to_owned()));
    }
}
