//! Fields of a form that the service fills itself: number, type, level, time and author of the last change.

use dossier_kernel::name;
use dossier_proto::types::FieldValue;
use dossier_proto::types::field_value::Value;
use dossier_regime::Template;
use uuid::Uuid;

use super::customer_file::CustomerFile;

/// The value of the output-only field `key`, where the service knows one.
pub fn value(file: &CustomerFile, template: &Template, key: &str) -> Option<FieldValue> {
    template.field(key).filter(|field| field.output_only)?;
    let text = match key {
        "file_no" => file.number.clone()?,
        "customer_no" => file.customer_number.clone()?,
        "customer_type" => file.customer_type?.to_string(),
        "secrecy_level" => file.level.clone(),
        "last_modified_at" => file.updated.to_string(),
        _ => return None,
    };
    Some(FieldValue { value: Some(Value::Text(text)), provenance: None })
}

/// The value of the field that names who is responsible for a version (P-48).
pub fn author(template: &Template, author: Uuid) -> Option<(&'static str, FieldValue)> {
    let key = "last_modified_by";
    template.field(key).filter(|field| field.output_only)?;
    let value = Some(Value::Text(name::name("persons", author)));
    Some((key, FieldValue { value, provenance: None }))
}

/// Keys of the output-only fields of the form.
pub fn keys(template: &Template) -> impl Iterator<Item = &str> {
    template.fields.iter().filter(|field| field.output_only).map(|field| field.id.as_str())
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;
    use crate::domain::customer_file::tests::file;
    use crate::domain::form::plain;

    #[test]
    fn numbers_appear_on_the_form_once_they_are_given() {
        let regimes = Regimes::shipped().unwrap();
        let template = regimes.template("lifecycle_customer_file").unwrap();
        let mut file = file();
        assert!(value(&file, template, "file_no").is_none() && value(&file, template, "name").is_none());
        file.number = Some("GY-SH-001".into());
        assert_eq!(plain(&value(&file, template, "file_no").unwrap()), "GY-SH-001");
        assert_eq!(plain(&value(&file, template, "customer_type").unwrap()), "company");
        assert!(author(template, file.creator).is_some());
        assert!(keys(template).any(|key| key == "version_history"));
    }
}
