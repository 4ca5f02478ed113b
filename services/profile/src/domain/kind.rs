//! What follows from the kind of a new file: whose customer it is about, and which form it has (P-02, P-03, P-30).

use std::sync::Arc;

use dossier_kernel::error::{Error, Missing, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::CustomerFile as Given;
use dossier_regime::{CustomerType, FileKind, Template, Tenant};

use super::header::{customer_type, template_id, template_name, to_wire};
use super::text::echo;

/// The kind of a new file: the one asked for, or the first of the pack (P-02).
///
/// # Errors
/// A violation of `file_kind`.
pub fn file_kind<'t>(tenant: &'t Tenant, given: &str) -> Result<&'t FileKind> {
    let pack = tenant.pack();
    let found = if given.is_empty() { pack.first_file_kind() } else { pack.file_kind(given) };
    found.ok_or_else(|| Error::violation("file_kind", one_of(pack.files.iter().map(|kind| kind.id.as_str()))))
}

/// The customer type of a new file of `kind`: the one asked for, that of the file it belongs to, or none (P-03, P-04).
pub fn customer_of(
    tenant: &Tenant,
    kind: &FileKind,
    given: i32,
    parent: Option<CustomerType>,
    faults: &mut Faults,
) -> Option<CustomerType> {
    if kind.has_own_customer() {
        return customer_type(tenant, given, faults);
    }
    if given != 0 && parent.is_none_or(|parent| given != to_wire(parent) as i32) {
        faults.add("customer_type", "must be empty: it is not said with files of this kind");
    }
    parent
}

/// The template a new file of `kind` asks for, or the one of the kind for its customer type, in the newest version.
///
/// # Errors
/// A violation of `template` when it is malformed, of another kind, or missing where the kind does not give exactly one;
/// `RESOURCE_NOT_FOUND`.
pub fn template(
    tenant: &Tenant,
    kind: &FileKind,
    given: &Given,
    customer: Option<CustomerType>,
) -> Result<Arc<Template>> {
    let id = match given.template.as_str() {
        "" => usual(kind, customer)?.to_owned(),
        name => template_id("template", name)?,
    };
    let found = tenant.template(&id).filter(|template| {
        given.template_version == 0 || i64::from(given.template_version) == i64::from(template.version)
    });
    let found = found.cloned().ok_or_else(|| Error::missing(Missing::Template, template_name(&echo(&id))))?;
    if !tenant.is_form_of(kind, &found.id) {
        return Err(Error::violation("template", format!("is no form of files of kind {}", kind.id)));
    }
    Ok(found)
}

fn usual(kind: &FileKind, customer: Option<CustomerType>) -> Result<&str> {
    match kind.templates_for(customer).as_slice() {
        [one] => Ok(one),
        [] => Err(Error::violation("template", "is required: the pack has none for this customer type")),
        several => {
            let why = format!("is required: the pack has {} for this customer type", several.join(", "));
            Err(Error::violation("template", why))
        }
    }
}

/// Notes a fault when files of this kind and customer type have another template (P-30).
pub fn fits(kind: &FileKind, customer: Option<CustomerType>, template: &str, faults: &mut Faults) {
    if kind.keeps_from(customer, template) {
        faults.add("template", "is not for this customer type");
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::Reason;
    use dossier_proto::types::CustomerType as Wire;
    use dossier_regime::Regimes;

    use super::*;

    fn tenant(org: &str) -> Tenant {
        Regimes::shipped().unwrap().tenant(org).unwrap().clone()
    }

    fn kind(tenant: &Tenant) -> &FileKind {
        file_kind(tenant, "").unwrap()
    }

    #[test]
    fn kinds_and_templates_are_those_of_the_company() {
        let tenant = tenant("demo");
        assert_eq!(
            (kind(&tenant).id.as_str(), file_kind(&tenant, "customer").unwrap().id.as_str()),
            ("customer", "customer")
        );
        assert_eq!(file_kind(&tenant, "vehicle").unwrap_err().violations()[0].field, "file_kind");
        let given = |id: &str, version| Given { template: id.into(), template_version: version, ..Given::default() };
        let template = |tenant: &Tenant, given: &Given| template(tenant, kind(tenant), given, None);
        assert!(template(&tenant, &given("templates/customer_core", 0)).is_ok());
        for (id, version) in [("templates/customer_core", 9), ("templates/nothing", 0)] {
            assert_eq!(template(&tenant, &given(id, version)).unwrap_err().reason(), Reason::ResourceNotFound);
        }
        assert_eq!(template(&tenant, &given("", 0)).unwrap_err().reason(), Reason::FieldViolation);
    }

    #[test]
    fn a_file_without_template_gets_the_one_of_its_customer_type() {
        let tenant = tenant("demo");
        let of =
            |kind: &FileKind, customer| template(&tenant, kind, &Given::default(), customer).map(|one| one.id.clone());
        assert_eq!(of(kind(&tenant), Some(CustomerType::Company)).unwrap(), "customer_core");
        assert_eq!(of(&FileKind::default(), None).unwrap_err().violations()[0].field, "template");
        let foreign = FileKind { template: Some("customer_core".into()), ..FileKind::default() };
        assert_eq!(of(&foreign, None).unwrap(), "customer_core");
        let given = Given { template: "templates/corporate_record".into(), ..Given::default() };
        assert_eq!(template(&tenant, &foreign, &given, None).unwrap_err().violations()[0].field, "template");
    }

    // proves: P-03, P-04
    #[test]
    fn a_file_without_customer_of_its_own_takes_the_type_or_has_none() {
        let (tenant, company) = (tenant("demo"), Some(CustomerType::Company));
        let asked = |kind: &FileKind, given: Wire, parent| {
            let mut faults = Faults::default();
            let found = customer_of(&tenant, kind, given.into(), parent, &mut faults);
            faults.finish().map(|()| found)
        };
        assert_eq!(asked(kind(&tenant), Wire::Company, None).unwrap(), company);
        assert!(asked(kind(&tenant), Wire::Unspecified, None).is_err());
        let contract = FileKind { of: Some("customer".into()), ..FileKind::default() };
        assert_eq!(asked(&contract, Wire::Unspecified, company).unwrap(), company);
        assert_eq!(asked(&contract, Wire::Company, company).unwrap(), company);
        assert!(asked(&contract, Wire::NaturalPerson, company).is_err());
        let room = FileKind { internal: true, ..FileKind::default() };
        assert_eq!(asked(&room, Wire::Unspecified, None).unwrap(), None);
        assert!(asked(&room, Wire::Company, None).is_err());
    }
}
