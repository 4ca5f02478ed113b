//! What a caller says about a file besides its fields: checked against pack and organisation (P-02, P-04, P-39).

use std::collections::BTreeSet;

use dossier_kernel::error::{Error, Missing, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::{name, time};
use dossier_proto::types::CustomerType as Wire;
use dossier_regime::{CustomerType, FileKind, Tenant, Trigger};
use jiff::Timestamp;
use uuid::Uuid;

use super::text::{Lines, echo, flaw, tidy};

/// Longest reference of a unit, in characters.
const UNIT_REF: usize = 128;
/// Most paths of an update mask.
pub const MOST_PATHS: usize = 300;
/// Why a file about no customer has no terms with one.
const NO_CUSTOMER: &str = "must be absent: files of this kind are about no customer";

/// A part of a file that an update changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Path {
    /// One field.
    Field(String),
    /// Every field.
    Fields,
    /// The owning unit.
    Unit,
    /// The customer type, before activation.
    CustomerType,
    /// The first contact.
    FirstContact,
    /// The effect of the contract.
    ContractEffect,
    /// The links to other files.
    Links,
}

/// The paths of an update mask.
///
/// # Errors
/// A violation of `update_mask` when it is missing, empty or too long; `UPDATE_MASK_INVALID` with the first path that
/// cannot be written.
pub fn mask(paths: &[String]) -> Result<BTreeSet<Path>> {
    if paths.is_empty() || paths.len() > MOST_PATHS {
        return Err(Error::violation("update_mask", format!("must name 1 to {MOST_PATHS} paths")));
    }
    paths.iter().map(|path| Path::parse(path).ok_or_else(|| foreign(path))).collect()
}

// Who keeps a file may read it at some levels: that is no field, and changes by an act of its own.
fn foreign(path: &str) -> Error {
    let fault = unwritable(path);
    if path == "custodian" { fault.with("rpc", "HandOverCustomerFile") } else { fault }
}

/// A refusal of one path of the mask.
pub fn unwritable(path: &str) -> Error {
    dossier_kernel::mask::unwritable(path)
}

/// The customer type as packs spell it; a fault when it is missing, unknown or not one of the pack's (P-04).
pub fn customer_type(tenant: &Tenant, given: i32, faults: &mut Faults) -> Option<CustomerType> {
    let wire = Wire::try_from(given).unwrap_or(Wire::Unspecified);
    let found = from_wire(wire).filter(|found| tenant.pack().customer_types.contains(found));
    if found.is_none() {
        let known = tenant.pack().customer_types.iter().map(|one| to_wire(*one).as_str_name());
        let known = one_of(known.map(|name| name.trim_start_matches("CUSTOMER_TYPE_")));
        faults.add("customer_type", if given == 0 { format!("is required and {known}") } else { known });
    }
    found
}

/// The contract's customer type in the words of packs.
pub fn from_wire(wire: Wire) -> Option<CustomerType> {
    Some(match wire {
        Wire::Unspecified => return None,
        Wire::NaturalPerson => CustomerType::Individual,
        Wire::Company => CustomerType::Company,
        Wire::SoleTrader => CustomerType::SoleTrader,
        Wire::PublicInstitution => CustomerType::PublicInstitution,
        Wire::GovernmentBody => CustomerType::GovernmentBody,
        Wire::TradingPartner => CustomerType::TradingPartner,
    })
}

/// The customer type of a file in the words of the contract; unspecified for a file about no customer.
pub fn told(customer: Option<CustomerType>) -> Wire {
    customer.map_or(Wire::Unspecified, to_wire)
}

/// The pack's customer type in the words of the contract.
pub fn to_wire(customer: CustomerType) -> Wire {
    match customer {
        CustomerType::Individual => Wire::NaturalPerson,
        CustomerType::Company => Wire::Company,
        CustomerType::SoleTrader => Wire::SoleTrader,
        CustomerType::PublicInstitution => Wire::PublicInstitution,
        CustomerType::GovernmentBody => Wire::GovernmentBody,
        CustomerType::TradingPartner => Wire::TradingPartner,
    }
}

/// `templates/{id}`.
pub fn template_name(id: &str) -> String {
    format!("templates/{id}")
}

/// The id in `templates/{id}`.
///
/// # Errors
/// A violation of `field`.
pub fn template_id(field: &str, text: &str) -> Result<String> {
    let id = text.strip_prefix("templates/").filter(|id| super::text::is_label(id));
    id.map(str::to_owned).ok_or_else(|| Error::violation(field, "must have the form `templates/{id}`"))
}

/// What identifies the unit among its kind, tidied.
pub fn unit_ref(given: &str, faults: &mut Faults) -> String {
    let text = tidy(given);
    if text.is_empty() {
        faults.add("unit_ref", "is required");
    } else if let Some(why) = flaw(&text, Lines::One, UNIT_REF) {
        faults.add("unit_ref", why);
    }
    text
}

/// The level a new file gets: the one asked for, or the lowest.
pub fn level(tenant: &Tenant, given: &str, faults: &mut Faults) -> String {
    if given.is_empty() {
        return tenant.pack().lowest_level().to_owned();
    }
    if tenant.pack().level(given).is_none() {
        faults.add("level", one_of(tenant.pack().levels.iter().map(|one| one.id.as_str())));
    }
    given.to_owned()
}

/// The owning unit; its existence is asked later.
pub fn unit(given: &str, faults: &mut Faults) -> String {
    if given.is_empty() {
        faults.add("unit", "is required");
    }
    given.to_owned()
}

/// Demands that the organisation has the unit.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`.
pub fn require_unit(tenant: &Tenant, unit: &str) -> Result<()> {
    match tenant.organisation().unit(unit) {
        Some(_) => Ok(()),
        None => Err(Error::missing(Missing::Unit, echo(unit))),
    }
}

/// The custodian: the one asked for, or `otherwise`.
pub fn custodian(given: &str, otherwise: Uuid, faults: &mut Faults) -> Uuid {
    if given.is_empty() {
        return otherwise;
    }
    faults.absorb(name::id("custodian", "persons", given)).unwrap_or(otherwise)
}

/// When the customer was first met: required where the pack has a deadline from then and the customer is entered with the file,
/// never in the future (P-39).
pub fn first_contact(
    tenant: &Tenant,
    kind: &FileKind,
    given: Option<&prost_types::Timestamp>,
    now: Timestamp,
    faults: &mut Faults,
) -> Option<Timestamp> {
    let Some(given) = given else {
        if kind.has_own_customer() && tenant.pack().duties.iter().any(|rule| rule.on == Trigger::FirstContact) {
            faults.add("first_contact_time", "is required");
        }
        return None;
    };
    if kind.internal {
        faults.add("first_contact_time", NO_CUSTOMER);
    }
    let instant = faults.absorb(time::kept_from_proto("first_contact_time", given))?;
    if instant > now {
        faults.add("first_contact_time", "lies in the future");
    }
    Some(instant)
}

/// When the contract took effect, if there is one.
pub fn contract_effect(
    kind: &FileKind,
    given: Option<&prost_types::Timestamp>,
    faults: &mut Faults,
) -> Option<Timestamp> {
    let given = given?;
    if kind.internal {
        faults.add("contract_effect_time", NO_CUSTOMER);
    }
    faults.absorb(time::kept_from_proto("contract_effect_time", given))
}

// === impl Path ===

impl Path {
    fn parse(path: &str) -> Option<Self> {
        Some(match path {
            "fields" => Self::Fields,
            "unit" => Self::Unit,
            "customer_type" => Self::CustomerType,
            "first_contact_time" => Self::FirstContact,
            "contract_effect_time" => Self::ContractEffect,
            "links" => Self::Links,
            path => Self::Field(dossier_kernel::path::Path::parse(path)?.below("fields")?.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::error::Reason;
    use dossier_regime::Regimes;

    use super::*;

    fn tenant(org: &str) -> Tenant {
        Regimes::shipped().unwrap().tenant(org).unwrap().clone()
    }

    fn kind(tenant: &Tenant) -> &FileKind {
        tenant.pack().first_file_kind().unwrap()
    }

    #[test]
    fn only_what_can_be_written_is_masked() {
        let paths = |paths: &[&str]| mask(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        assert_eq!(paths(&["unit", "fields.name"]).unwrap().len(), 2);
        for wrong in ["level", "custodian", "fields.", "number", "unit_ref", "customer_file.unit"] {
            let fault = paths(&[wrong]).unwrap_err();
            assert_eq!((fault.reason(), fault.metadata("path")), (Reason::UpdateMaskInvalid, Some(wrong)));
        }
        assert_eq!(paths(&[]).unwrap_err().violations()[0].field, "update_mask");
    }

    #[test]
    fn the_first_contact_is_asked_for_where_a_deadline_runs_from_it() {
        let now = Timestamp::UNIX_EPOCH;
        let asked = |org: &str, given: Option<Timestamp>| {
            let (mut faults, given) = (Faults::default(), given.map(time::to_proto));
            let tenant = tenant(org);
            first_contact(&tenant, kind(&tenant), given.as_ref(), now, &mut faults);
            faults.is_empty()
        };
        assert!(asked("demo", None) && !asked("meridian", None));
        assert!(asked("meridian", Some(now)));
        assert!(!asked("meridian", Some(now + jiff::SignedDuration::from_secs(1))));
    }

    #[test]
    fn levels_and_units_are_those_of_the_company() {
        let (tenant, mut faults) = (tenant("demo"), Faults::default());
        assert_eq!(level(&tenant, "", &mut faults), "none");
        assert!(faults.is_empty());
        level(&tenant, "cosmic", &mut faults);
        unit_ref(&"x".repeat(129), &mut faults);
        customer_type(&tenant, 0, &mut faults);
        customer_type(&tenant, 99, &mut faults);
        assert_eq!(faults.finish().unwrap_err().violations().len(), 4);
        assert_eq!(require_unit(&tenant, "moon").unwrap_err().reason(), Reason::ResourceNotFound);
    }

    #[test]
    fn customer_types_translate_both_ways() {
        for customer in CustomerType::ALL {
            assert_eq!(from_wire(to_wire(*customer)), Some(*customer));
        }
    }
}
