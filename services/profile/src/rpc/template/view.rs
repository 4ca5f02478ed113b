//! Templates in the words of the contract.

use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::shown_part::Part;
use dossier_proto::types::Sensitivity as WireSensitivity;
use dossier_regime::{
    Column, CustomerType, Field, FieldType, IdentifierKind, Index, Pack, Personal, Required, Section, Sensitivity,
    Shows, Template, Tenant,
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
        english_name: template.english(),
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
        english_name: section.english(),
    }
}

fn field(pack: &Pack, field: &Field) -> wire::TemplateField {
    let bounds = field.bounds();
    wire::TemplateField {
        key: field.id.clone(),
        display_name: field.label.clone(),
        r#type: kind(field.kind).into(),
        format: format(field).to_owned(),
        required: matches!(field.required, Required::Yes | Required::Cond) && field.is_written(),
        critical: field.critical,
        weight: if !field.is_written() || field.required == Required::No { 0 } else { int(field.weight) },
        sensitivity: sensitivity(field.sensitivity).into(),
        personal: field.pi != Personal::No,
        searchable: field.indexed != Index::None,
        source_demanded: pack.sources_demanded && field.is_written(),
        choices: field.values.iter().map(|one| choice(field, &one.value)).collect(),
        max_length: int(field.max_length),
        customer_types: field.customer_types.iter().map(|one| to_wire(*one).into()).collect(),
        columns: field.columns.iter().map(column).collect(),
        min_value: bounds.min.map(|bound| bound.to_string()).unwrap_or_default(),
        max_value: bounds.max.map(|bound| bound.to_string()).unwrap_or_default(),
        max_rows: if field.kind == FieldType::Group { int(field.most_rows()) } else { 0 },
        reference_to: field.to.map(|to| to.to_string()).unwrap_or_default(),
        numbers: field.numbers.clone(),
        shows: field.shows.as_ref().map(shown),
        english_name: field.english(),
    }
}

// A cell weighs nothing by itself and is not searched, and its source is that of the group.
fn column(column: &Column) -> wire::TemplateField {
    let required = column.required == Required::Yes;
    wire::TemplateField { required, ..field(&Pack::default(), &column.field()) }
}

fn shown(shows: &Shows) -> wire::ShownPart {
    let part = shows.said().next().map(|(key, label)| match key {
        "slot" => Part::Slot(label.to_owned()),
        "stage" => Part::Stage(label.to_owned()),
        _ => Part::Document(label.to_owned()),
    });
    wire::ShownPart { part }
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
        FieldType::Decimal | FieldType::Percent => wire::FieldType::Decimal,
        FieldType::YearMonth => wire::FieldType::YearMonth,
        FieldType::DateRange => wire::FieldType::DateRange,
        FieldType::Ref => wire::FieldType::Reference,
        FieldType::ListEnum => wire::FieldType::Choices,
        FieldType::Group => wire::FieldType::Rows,
        FieldType::Shown => wire::FieldType::Shown,
        FieldType::BankAccount
        | FieldType::SecretRef
        | FieldType::Text
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
        (IdentifierKind::None, FieldType::Percent) => "percent",
        (IdentifierKind::None, FieldType::BankAccount) => "bank_account",
        (IdentifierKind::None, FieldType::SecretRef) => "secret_ref",
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
    use crate::domain::form::tests::example;

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
        let named = |english: &str| (code.english_name.as_str() == english, stage.english_name.clone());
        assert_eq!(named("Unified social credit code"), (true, "Cooperation stage".to_owned()));
        assert_typed(tenant.template("lifecycle_customer_file").unwrap(), &fields);
        let kinds = (told.file_kind.as_str(), told.file_kinds.as_slice());
        assert_eq!(kinds, ("customer", ["customer".to_owned()].as_slice()));
        assert!(told.lawful_channels.contains(&"customer_visit".to_owned()));
    }

    // The template says of each field the type that its values must have.
    fn assert_typed(template: &Template, told: &[&wire::TemplateField]) {
        for field in &template.fields {
            let of = told.iter().find(|one| one.key == field.id).unwrap().r#type().as_str_name();
            let carrier = crate::domain::typed::carrier(field.kind).to_uppercase();
            assert_eq!(of, format!("FIELD_TYPE_{carrier}"), "{}", field.id);
        }
    }

    // proves: P-30, P-59
    #[test]
    fn a_form_of_every_type_is_told_with_its_columns_bounds_numbers_and_what_it_shows() {
        let form = example();
        let fields: Vec<_> = form.fields.iter().map(|one| field(&Pack::default(), one)).collect();
        assert_typed(&form, &fields.iter().collect::<Vec<_>>());
        let told = |key: &str| fields.iter().find(|one| one.key == key).unwrap();
        let bounds = |key: &str| (told(key).min_value.as_str(), told(key).max_value.as_str());
        assert_eq!((bounds("fine"), bounds("influence")), (("CNY 50", "CNY 500"), ("0", "100")));
        assert_eq!((bounds("height_m"), bounds("title")), (("0.3", "2.8"), ("", "")));
        assert_eq!(told("title").numbers["R11"], "1.1");
        assert_eq!(told("manager").reference_to, "person");
        let formats = ["account", "portal_login", "influence"].map(|key| told(key).format.as_str());
        assert_eq!(formats, ["bank_account", "secret_ref", "percent"]);
        let children = told("children");
        assert_eq!((children.max_rows, children.sensitivity()), (20, WireSensitivity::Secret));
        let columns: Vec<_> = children.columns.iter().map(|one| (one.key.as_str(), one.required)).collect();
        assert_eq!(columns[..2], [("name", true), ("age", false)]);
        assert_eq!(children.columns[2].choices[1].label, "中学");
        let shown = |key: &str| told(key).shows.as_ref().and_then(|one| one.part.clone());
        assert_eq!(shown("approved_by"), Some(Part::Slot("approver".into())));
        assert_eq!(shown("handed_in"), Some(Part::Stage("submitted".into())));
        assert_eq!(shown("licence_copy"), Some(Part::Document("licence".into())));
        assert!(!told("licence_copy").required && told("licence_copy").weight == 0 && told("title").shows.is_none());
    }
}
