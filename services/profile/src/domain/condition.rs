//! Searches by content: which fields can be searched, how their values compare, and which rows really are hits.

use std::collections::BTreeSet;

use dossier_kernel::error::{Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::{FieldCondition, SearchCustomerFilesRequest};
use dossier_regime::{Field, FieldType, IdentifierKind, Index, Sensitivity, Template, Tenant};
use dossier_vault::normal::{self, Kind};

use super::field_visibility::{FieldVisibility, UNIT_REF};
use super::text::tidy;

/// Most exact conditions of one search.
pub const MOST_CONDITIONS: usize = 10;

/// An exact condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exact {
    /// Key of the field, or `unit_ref`.
    pub key: String,
    /// How its values compare.
    pub kind: Kind,
    /// The value asked for.
    pub value: String,
}

/// A telephone number in any field that holds one.
#[derive(Clone, PartialEq, Eq)]
pub struct Telephone {
    /// The fields of the org that hold one, sorted.
    pub keys: BTreeSet<String>,
    /// The number.
    pub number: String,
}

impl std::fmt::Debug for Telephone {
    // The number is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telephone").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// Exact conditions; all must hold.
    pub exact: Vec<Exact>,
    /// A telephone number; `None`: any.
    pub telephone: Option<Telephone>,
    /// Part of the name; empty: any name.
    pub name_part: String,
}

/// Reads a search.
///
/// # Errors
/// A violation for each condition that cannot be searched, and when there is none at all.
pub fn read(tenant: &Tenant, request: &SearchCustomerFilesRequest) -> Result<Search> {
    let mut faults = Faults::default();
    if request.conditions.len() > MOST_CONDITIONS {
        faults.add("conditions", format!("must be at most {MOST_CONDITIONS}"));
    }
    let conditions = request.conditions.iter().take(MOST_CONDITIONS).enumerate();
    let exact = conditions.filter_map(|(at, one)| exact(tenant, at, one, &mut faults)).collect();
    let telephone = telephone(tenant, &request.telephone, &mut faults);
    let name_part = tidy(&request.name_contains);
    let counted = normal::folded(&name_part).chars().count();
    if !request.name_contains.is_empty() && !(2..=100).contains(&counted) {
        faults.add("name_contains", "must have 2 to 100 characters");
    }
    if request.conditions.is_empty() && request.name_contains.is_empty() && request.telephone.is_empty() {
        faults.add("conditions", "needs at least one condition, part of a name, or a telephone number");
    }
    faults.finish()?;
    Ok(Search { exact, telephone, name_part })
}

fn telephone(tenant: &Tenant, given: &str, faults: &mut Faults) -> Option<Telephone> {
    let number = Some(tidy(given)).filter(|number| !number.is_empty())?;
    if number.chars().count() > 64 || normal::normal(Kind::Phone, &number).len() < 3 {
        faults.add("telephone", "must have 1 to 64 characters, and 3 digits at least");
        return None;
    }
    Some(Telephone { keys: telephones(tenant, Sensitivity::Secret), number })
}

/// Keys of the fields of an org that hold telephone numbers, can be searched, and are no more sensitive than `most`.
pub fn telephones(tenant: &Tenant, most: Sensitivity) -> BTreeSet<String> {
    let fields = || tenant.templates().flat_map(|template| &template.fields).filter(|field| is_telephone(field));
    let above: BTreeSet<_> = fields().filter(|field| field.sensitivity > most).map(|field| field.id.as_str()).collect();
    fields().filter(|field| !above.contains(field.id.as_str())).map(|field| field.id.clone()).collect()
}

/// Whether the field holds a telephone number that can be searched.
pub fn is_telephone(field: &Field) -> bool {
    is_searchable(field) && kind(field) == Kind::Phone
}

/// Whether the field can be searched by its exact value.
pub fn is_searchable(field: &Field) -> bool {
    field.indexed != Index::None
}

/// How values of the field compare.
pub fn kind(field: &Field) -> Kind {
    match field.kind {
        FieldType::Phone => Kind::Phone,
        FieldType::BankAccount => Kind::Identifier,
        _ if field.identifier != IdentifierKind::None => Kind::Identifier,
        _ => Kind::Text,
    }
}

fn exact(tenant: &Tenant, at: usize, given: &FieldCondition, faults: &mut Faults) -> Option<Exact> {
    let found = if given.field == UNIT_REF { Some(Kind::Identifier) } else { searchable(tenant, &given.field) };
    let Some(kind) = found else {
        let known = tenant.templates().flat_map(|one| one.fields.iter().filter(|field| is_searchable(field)));
        let known: BTreeSet<&str> = known.map(|field| field.id.as_str()).chain([UNIT_REF]).collect();
        faults.add(format!("conditions.{at}.field"), one_of(known));
        return None;
    };
    let value = tidy(&given.value);
    if value.chars().count() > 200 || normal::normal(kind, &value).is_empty() {
        faults.add(format!("conditions.{at}.value"), "must have 1 to 200 characters that count");
        return None;
    }
    Some(Exact { key: given.field.clone(), kind, value })
}

// A key means the same in every template that has it.
fn searchable(tenant: &Tenant, key: &str) -> Option<Kind> {
    let fields = tenant.templates().filter_map(|template| template.field(key));
    fields.filter(|field| is_searchable(field)).map(kind).next()
}

// === impl Telephone ===

impl Telephone {
    fn is(&self, kept: &str) -> bool {
        normal::normal(Kind::Phone, kept) == normal::normal(Kind::Phone, &self.number)
    }
}

// === impl Search ===

impl Search {
    /// Whether it asks for the one file of a number or unit.
    pub fn asks_for_one(&self) -> bool {
        self.exact.iter().any(|one| ["file_no", "customer_no", UNIT_REF].contains(&one.key.as_str()))
    }

    /// Whether a row that the index found is a hit for a reader with this visibility: every field asked about is shown to
    /// them, and a name that they may read really contains the part. `open` gives a field's value in clear.
    ///
    /// # Errors
    /// Whatever `open` says.
    pub fn hits(
        &self,
        template: &Template,
        visibility: &FieldVisibility,
        open: impl Fn(&str) -> Result<Option<String>>,
    ) -> Result<bool> {
        let shown =
            |key: &str| if key == UNIT_REF { visibility.shows_unit_ref() } else { visibility.shows(template, key) };
        if !self.exact.iter().all(|one| shown(&one.key)) {
            return Ok(false);
        }
        if let Some(asked) = &self.telephone {
            // The token may be that of a field which is masked.
            let mut held = false;
            for key in asked.keys.iter().filter(|key| shown(key)) {
                held |= open(key)?.is_some_and(|kept| asked.is(&kept));
            }
            if !held {
                return Ok(false);
            }
        }
        if self.name_part.is_empty() {
            return Ok(true);
        }
        for key in names(template).filter(|key| shown(key)) {
            if open(key)?.is_some_and(|name| normal::contains(&name, &self.name_part)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Keys of the fields about which a hit tells something to a reader with this visibility, sorted.
    pub fn told(&self, template: &Template, visibility: &FieldVisibility) -> Vec<String> {
        let exact = self.exact.iter().map(|one| one.key.as_str());
        let names = names(template).filter(|_| !self.name_part.is_empty());
        let numbers = template.fields.iter().filter(|field| is_telephone(field) && self.telephone.is_some());
        // A number is looked for in whatever field is shown; of the others a hit says nothing.
        let numbers = numbers.map(|field| field.id.as_str()).filter(|key| visibility.shows(template, key));
        let mut keys: Vec<String> = exact.chain(names).chain(numbers).map(str::to_owned).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}

fn names(template: &Template) -> impl Iterator<Item = &str> {
    template.fields.iter().filter(|field| field.indexed == Index::Name).map(|field| field.id.as_str())
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;

    fn tenant() -> Tenant {
        Regimes::shipped().unwrap().tenant("demo").unwrap().clone()
    }

    fn request(conditions: &[(&str, &str)], name: &str) -> SearchCustomerFilesRequest {
        let one = |(field, value): &(&str, &str)| FieldCondition { field: (*field).into(), value: (*value).into() };
        SearchCustomerFilesRequest {
            conditions: conditions.iter().map(one).collect(),
            name_contains: name.into(),
            ..SearchCustomerFilesRequest::default()
        }
    }

    #[test]
    fn only_searchable_fields_can_be_asked_for() {
        let tenant = tenant();
        let search = read(&tenant, &request(&[("phone", "138 0013 8000"), ("unit_ref", "U-1")], "公司")).unwrap();
        assert_eq!((search.exact[0].kind, search.exact[1].kind), (Kind::Phone, Kind::Identifier));
        for (conditions, name) in [(vec![], ""), (vec![("fax", "1")], ""), (vec![("phone", "-")], ""), (vec![], "x")] {
            assert!(read(&tenant, &request(&conditions, name)).is_err());
        }
        assert!(read(&tenant, &request(&[("phone", "1"); 11], "")).is_err());
    }

    #[test]
    fn a_telephone_number_is_looked_for_in_every_field_that_holds_one_and_is_shown() {
        let tenant = tenant();
        let asked = SearchCustomerFilesRequest { telephone: "+86 21 5555 0001".into(), ..Default::default() };
        let search = read(&tenant, &asked).unwrap();
        assert!(search.telephone.as_ref().unwrap().keys.contains("phone"));
        let template = tenant.template("customer_core").unwrap();
        let hits = |kept: &str, grade| {
            let open = |key: &str| Ok((key == "phone").then(|| kept.to_owned()));
            search.hits(template, &FieldVisibility::standing(grade), open).unwrap()
        };
        assert!(hits("021-55550001", Sensitivity::Confidential) && hits("021-55550001转8", Sensitivity::Confidential));
        assert!(!hits("021-55550002", Sensitivity::Confidential) && !hits("021-55550001", Sensitivity::Internal));
        assert_eq!(search.told(template, &FieldVisibility::standing(Sensitivity::Secret)), ["phone"]);
        for number in ["12", "none", &"1".repeat(65)] {
            let asked = SearchCustomerFilesRequest { telephone: number.into(), ..Default::default() };
            assert!(read(&tenant, &asked).is_err(), "{number}");
        }
    }

    #[test]
    fn a_masked_field_makes_no_hit() {
        let tenant = tenant();
        let template = tenant.template("customer_core").unwrap();
        let search = read(&tenant, &request(&[("id_number", "110101199003070017")], "")).unwrap();
        let hits = |grade| search.hits(template, &FieldVisibility::standing(grade), |_| Ok(None)).unwrap();
        assert!(hits(Sensitivity::Secret) && !hits(Sensitivity::Confidential));
        let search = read(&tenant, &request(&[], "大海")).unwrap();
        let open = |key: &str| Ok((key == "name").then(|| "上海大 海公司".to_owned()));
        assert!(search.hits(template, &FieldVisibility::standing(Sensitivity::Confidential), open).unwrap());
        assert!(!search.hits(template, &FieldVisibility::standing(Sensitivity::Internal), open).unwrap());
        assert!(
            !search
                .hits(template, &FieldVisibility::standing(Sensitivity::Secret), |_| Ok(Some("大连".into())))
                .unwrap()
        );
        assert_eq!(search.told(template, &FieldVisibility::standing(Sensitivity::Secret)), ["name"]);
    }
}
