//! What people call a file or a person, as the name that the contracts want: a file by its number, a person by their subject or
//! the name that is shown. And the other way: people in a table by their names. What every service has of its own is asked of the
//! one that is called.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::filter::{Filter, quoted};
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use dossier_proto::access::v1::{ListPersonsRequest, Person};
use dossier_proto::profile::v1::ListCustomerFilesRequest;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage as _, Value};

use super::connection::Connection;
use super::{catalogue, fault};
use crate::Failure;
use crate::serve::Which;

/// Most people of a directory that are looked through.
const PAGES: usize = 20;

/// The field of a list's conditions.
const FILTER: &str = "filter";

/// Which resource a text names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Collection {
    Files,
    Persons,
}

/// The ways to the services that know files and people.
#[derive(Clone, Debug)]
pub struct Registers {
    /// profile.
    pub profile: Connection,
    /// access.
    pub access: Connection,
}

/// Names of people by `persons/{uuid}`.
pub type People = BTreeMap<String, String>;

/// Puts the name of the service that is called where the contracts want it, as in `services/{service}/journal`, unless one is given.
pub fn at_home(message: &mut DynamicMessage, which: Which) {
    let of = message.descriptor();
    for field in of.fields() {
        let form = catalogue::comment(&field.parent_file(), field.path());
        let form = form.split('`').find(|part| part.starts_with("services/{service}") && !part.contains("{uuid}"));
        let Some(form) = form.filter(|_| ["parent", "name"].contains(&field.name())) else { continue };
        if message.get_field(&field).as_str() == Some("") {
            message.set_field(&field, Value::String(form.replace("{service}", which.name())));
        }
    }
}

/// Replaces, in every field of `message` that the contracts say names a file or a person, a file number or a subject by the
/// name. `registers` is asked for the ways only when there is something to look up.
///
/// # Errors
/// When nothing that the caller may see is called so, or several are; when a service cannot be asked.
pub async fn resolve(
    message: &mut DynamicMessage,
    registers: impl FnOnce() -> Result<Registers, Failure>,
) -> Result<(), Failure> {
    let mut wanted = Vec::new();
    each(message, &mut |collection, text| {
        if !text.is_empty() && !text.starts_with(collection.prefix()) {
            wanted.push((collection, text.clone()));
        }
    });
    if wanted.is_empty() {
        return Ok(());
    }
    let registers = registers()?;
    let mut found = BTreeMap::new();
    for (collection, text) in wanted {
        let name = match collection {
            Collection::Files => file(&registers, &text).await?,
            Collection::Persons => person(&registers, &text).await?,
        };
        found.insert((collection.prefix(), text), name);
    }
    each(message, &mut |collection, text| {
        if let Some(name) = found.get(&(collection.prefix(), text.clone())) {
            text.clone_from(name);
        }
    });
    Ok(())
}

/// The names of the people that `messages` speak of, as far as the caller may know them; none when access does not answer.
pub async fn people(messages: &[DynamicMessage], access: Connection) -> People {
    let mut wanted = BTreeSet::new();
    for message in messages {
        gather(message, &mut wanted);
    }
    named(&wanted, access).await
}

/// The names of `wanted` people, as far as the caller may know them; none when access does not answer.
pub async fn named(wanted: &BTreeSet<String>, access: Connection) -> People {
    if wanted.is_empty() {
        return People::new();
    }
    let everybody = directory(access).await.unwrap_or_default();
    let known = everybody.into_iter().filter(|one| wanted.contains(&one.name));
    known.map(|one| (one.name, format!("{} ({})", one.display_name, one.subject))).collect()
}

async fn file(registers: &Registers, number: &str) -> Result<String, Failure> {
    let request = ListCustomerFilesRequest { filter: format!("number = {}", quoted(number)), ..Default::default() };
    let mut client = CustomerFileServiceClient::new(registers.profile.clone());
    let answer = client.list_customer_files(request).await.map_err(|status| fault::refused(&status))?;
    one(
        answer.into_inner().customer_files.into_iter().map(|file| file.name),
        "file that you may see has the number",
        number,
    )
}

async fn person(registers: &Registers, text: &str) -> Result<String, Failure> {
    let everybody = directory(registers.access.clone()).await?;
    let subject = everybody.iter().find(|one| one.subject == text).map(|one| one.name.clone());
    let named = everybody.iter().filter(|one| one.display_name == text).map(|one| one.name.clone());
    subject.map_or_else(|| one(named, "person has the subject or the name", text), Ok)
}

fn one(mut names: impl Iterator<Item = String>, what: &str, text: &str) -> Result<String, Failure> {
    match (names.next(), names.next()) {
        (Some(name), None) => Ok(name),
        (None, _) => Err(Failure::config(format!("no {what} `{text}`"))),
        (Some(_), Some(_)) => Err(Failure::config(format!("more than one {what} `{text}`"))),
    }
}

async fn directory(access: Connection) -> Result<Vec<Person>, Failure> {
    let mut client = DirectoryServiceClient::new(access);
    let (mut everybody, mut page_token) = (Vec::new(), String::new());
    for _ in 0..PAGES {
        let request = ListPersonsRequest { page_size: 500, page_token, ..ListPersonsRequest::default() };
        let page = client.list_persons(request).await.map_err(|status| fault::refused(&status))?.into_inner();
        everybody.extend(page.persons);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    Ok(everybody)
}

// Every text of a field that names a file or a person.
fn each(message: &mut DynamicMessage, visit: &mut impl FnMut(Collection, &mut String)) {
    let fields: Vec<FieldDescriptor> = message.fields().map(|(field, _)| field).collect();
    for field in fields {
        let collection = Collection::of(&field);
        match message.get_field_mut(&field) {
            Value::Message(inner) => each(inner, visit),
            Value::String(text) if field.name() == FILTER => each_of_filter(&field, text, visit),
            Value::String(text) => {
                if let Some(collection) = collection {
                    visit(collection, text);
                }
            }
            Value::List(items) => {
                for item in items {
                    match item {
                        Value::Message(inner) => each(inner, visit),
                        Value::String(text) => {
                            if let Some(collection) = collection {
                                visit(collection, text);
                            }
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

// Every text of a filter that names a file or a person; what is no filter is for the service to say.
fn each_of_filter(field: &FieldDescriptor, text: &mut String, visit: &mut impl FnMut(Collection, &mut String)) {
    let Ok(filter) = Filter::parse(text) else { return };
    let comment = catalogue::comment(&field.parent_file(), field.path());
    let named = filter.clone().map_texts(|path, text| {
        let mut text = text.to_owned();
        if let Some(collection) = Collection::ALL.into_iter().find(|one| comment.contains(&one.of_path(path.as_str())))
        {
            visit(collection, &mut text);
        }
        text
    });
    if named != filter {
        *text = named.to_string();
    }
}

fn gather(message: &DynamicMessage, found: &mut BTreeSet<String>) {
    for (_, value) in message.fields() {
        gather_value(value, found);
    }
}

fn gather_value(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.starts_with(Collection::Persons.prefix()) => drop(found.insert(text.clone())),
        Value::Message(inner) => gather(inner, found),
        Value::List(items) => items.iter().for_each(|item| gather_value(item, found)),
        Value::Map(entries) => entries.values().for_each(|value| gather_value(value, found)),
        _ => {}
    }
}

// === impl Collection ===

impl Collection {
    const ALL: [Self; 2] = [Self::Files, Self::Persons];

    /// What the comment of the field says it names, and nothing else.
    fn of(field: &FieldDescriptor) -> Option<Self> {
        if field.kind() != Kind::String || field.is_map() || field.name() == FILTER {
            return None;
        }
        let comment = catalogue::comment(&field.parent_file(), field.path());
        match (comment.contains("`files/{uuid}`"), comment.contains("`persons/{uuid}`")) {
            (true, false) => Some(Self::Files),
            (false, true) => Some(Self::Persons),
            _ => None,
        }
    }

    /// What the comment of a filter says of a field that names one.
    fn of_path(self, path: &str) -> String {
        format!("`{path}` (`{}{{uuid}}`)", self.prefix())
    }

    fn prefix(self) -> &'static str {
        match self {
            Self::Files => "files/",
            Self::Persons => "persons/",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::client::json;

    fn named(message: &str, document: serde_json::Value) -> Vec<(&'static str, String)> {
        let mut message = json::message(message, document).unwrap();
        let mut found = Vec::new();
        each(&mut message, &mut |collection, text| found.push((collection.prefix(), text.clone())));
        found
    }

    #[test]
    fn fields_that_name_files_and_people_are_known_by_the_contract() {
        let found = named("dossier.profile.v1.GetCustomerFileRequest", json!({ "name": "KH-1", "purpose": "audit" }));
        assert_eq!(found, [("files/", "KH-1".to_owned())]);
        let found = named("dossier.profile.v1.BatchGetCustomerFilesRequest", json!({ "names": ["KH-1", "KH-2"] }));
        assert_eq!(found.len(), 2);
        let file = json!({ "customer_file": { "custodian": "sales-1", "unit": "sales" } });
        let found = named("dossier.profile.v1.CreateCustomerFileRequest", file);
        assert_eq!(found, [("persons/", "sales-1".to_owned())]);
        assert!(named("dossier.profile.v1.ListCustomerFilesRequest", json!({ "filter": "x" })).is_empty());
    }

    #[test]
    fn conditions_that_name_files_and_people_are_known_by_the_contract() {
        let filter = r#"file = "KH-1" AND borrower="sales-1" AND state = OUT"#;
        let found = named("dossier.access.v1.ListLoansRequest", json!({ "filter": filter }));
        assert_eq!(found, [("files/", "KH-1".to_owned()), ("persons/", "sales-1".to_owned())]);
        let found = named("dossier.credit.v1.ListReservationsRequest", json!({ "filter": r#"reference = "KH-1""# }));
        assert_eq!(found, []);
        let mut loans = json::message("dossier.access.v1.ListLoansRequest", json!({ "filter": filter })).unwrap();
        each(&mut loans, &mut |collection, text| *text = format!("{}7", collection.prefix()));
        let told = loans.get_field_by_name(FILTER).unwrap().as_str().unwrap().to_owned();
        assert_eq!(told, r#"file = "files/7" AND borrower = "persons/7" AND state = OUT"#);
    }

    #[test]
    fn what_every_service_has_is_asked_of_the_one_that_is_called() {
        let home = |message: &str, field: &str, given: &str| {
            let mut message = json::message(message, json!({ field: given })).unwrap();
            at_home(&mut message, Which::Access);
            message.get_field_by_name(field).unwrap().as_str().unwrap().to_owned()
        };
        for (message, field, given, expected) in [
            ("dossier.journal.v1.ListEntriesRequest", "parent", "", "services/access"),
            ("dossier.journal.v1.GetCheckpointRequest", "parent", "", "services/access"),
            ("dossier.journal.v1.GetJournalRequest", "name", "", "services/access/journal"),
            ("dossier.duty.v1.ListDutiesRequest", "parent", "services/credit", "services/credit"),
            ("dossier.duty.v1.WaiveDutyRequest", "name", "", ""),
            ("dossier.profile.v1.ListCustomerFileRevisionsRequest", "parent", "", ""),
        ] {
            assert_eq!(home(message, field, given), expected, "{message}");
        }
    }
}
