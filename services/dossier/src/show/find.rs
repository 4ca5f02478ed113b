//! Which file is meant: by name, by number, by what it contains.

use std::collections::BTreeMap;

use dossier_kernel::error::{Reason, reason_of};
use dossier_kernel::filter::quoted;
use dossier_proto::profile::v1::customer_file_service_client::CustomerFileServiceClient;
use dossier_proto::profile::v1::{
    BatchGetCustomerFilesRequest, CustomerFile, FieldCondition, ListCustomerFilesRequest, SearchCustomerFilesRequest,
};
use dossier_proto::types::field_value::Value;

use crate::Failure;
use crate::client::connection::Connection;
use crate::client::fault;

/// Most files that are listed for the caller to choose from.
const MOST: usize = 20;
/// Most pages of one search; pages may be short.
const PAGES: usize = 20;
/// Fewest digits of a telephone number.
const DIGITS: usize = 5;
/// The field of the unit, which every file has.
const UNIT: &str = "unit_ref";

/// What is looked for, and what it is read for and where.
#[derive(Clone, Copy, Debug)]
pub struct Sought<'a> {
    /// What the caller said.
    pub query: &'a str,
    /// The purpose: a hit of a search is a disclosure.
    pub purpose: &'a str,
    /// The reading place.
    pub place: &'a str,
}

/// Files by name.
type Hits = BTreeMap<String, CustomerFile>;

/// The one file that is meant. What a number says is not looked for by content.
///
/// # Errors
/// When nothing that the caller may see is meant, or several are, which are listed with number and name; what profile refuses, or
/// when it cannot be reached.
pub async fn file(profile: &Connection, sought: &Sought<'_>) -> Result<String, Failure> {
    if sought.query.starts_with("files/") {
        return Ok(sought.query.to_owned());
    }
    for field in ["number", "customer_number"] {
        let found = numbered(profile, field, sought.query).await?;
        if !found.is_empty() {
            return one(profile, found, sought).await;
        }
    }
    let mut found = Hits::new();
    let name = SearchCustomerFilesRequest { name_contains: sought.query.to_owned(), ..Default::default() };
    search(profile, name, sought, &mut found).await?;
    let unit = FieldCondition { field: UNIT.to_owned(), value: sought.query.to_owned() };
    let unit = SearchCustomerFilesRequest { conditions: vec![unit], ..Default::default() };
    search(profile, unit, sought, &mut found).await?;
    if is_telephone(sought.query) {
        let telephone = sought.query.to_owned();
        search(profile, SearchCustomerFilesRequest { telephone, ..Default::default() }, sought, &mut found).await?;
    }
    one(profile, found, sought).await
}

// Names may hold digits too.
fn is_telephone(query: &str) -> bool {
    query.chars().filter(char::is_ascii_digit).count() >= DIGITS
        && !query.chars().any(|one| one.is_alphabetic() && one != '转')
}

async fn numbered(profile: &Connection, field: &str, number: &str) -> Result<Hits, Failure> {
    let filter = format!("{field} = {}", quoted(number));
    let request = ListCustomerFilesRequest { filter, page_size: 100, ..ListCustomerFilesRequest::default() };
    let answer = CustomerFileServiceClient::new(profile.clone()).list_customer_files(request).await;
    let files = answer.map_err(|status| fault::refused(&status))?.into_inner().customer_files;
    Ok(files.into_iter().map(|file| (file.name.clone(), file)).collect())
}

async fn search(
    profile: &Connection,
    request: SearchCustomerFilesRequest,
    sought: &Sought<'_>,
    found: &mut Hits,
) -> Result<(), Failure> {
    let (purpose, reading_place) = (sought.purpose.to_owned(), sought.place.to_owned());
    let mut request = SearchCustomerFilesRequest { purpose, reading_place, page_size: 50, ..request };
    let mut client = CustomerFileServiceClient::new(profile.clone());
    for _ in 0..PAGES {
        let page = match client.search_customer_files(request.clone()).await {
            // Nothing can be called so: too short for a name, no number of a telephone. A wrong purpose is told by the overview.
            Err(status) if reason_of(&status) == Some(Reason::FieldViolation) => return Ok(()),
            answer => answer.map_err(|status| fault::refused(&status))?.into_inner(),
        };
        found.extend(page.customer_files.into_iter().map(|file| (file.name.clone(), file)));
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() || found.len() > MOST {
            break;
        }
    }
    Ok(())
}

async fn one(profile: &Connection, mut found: Hits, sought: &Sought<'_>) -> Result<String, Failure> {
    match (found.pop_first(), found.is_empty()) {
        (None, _) => Err(Failure::config(format!("no file that you may see is meant by `{}`", sought.query))),
        (Some((name, _)), true) => Ok(name),
        (Some((name, file)), false) => {
            found.insert(name, file);
            // The newest first.
            let files: Vec<_> = found.into_values().rev().collect();
            Err(Failure::config(several(sought.query, &files, &names(profile, &files, sought).await)))
        }
    }
}

// The names of customers, each a disclosure; none where one of the files is read in another place or for another purpose.
async fn names(profile: &Connection, files: &[CustomerFile], sought: &Sought<'_>) -> BTreeMap<String, String> {
    let request = BatchGetCustomerFilesRequest {
        names: files.iter().take(MOST).map(|file| file.name.clone()).collect(),
        purpose: sought.purpose.to_owned(),
        reading_place: sought.place.to_owned(),
    };
    let answer = CustomerFileServiceClient::new(profile.clone()).batch_get_customer_files(request).await;
    let files = answer.map(|answer| answer.into_inner().customer_files).unwrap_or_default();
    let name = |file: CustomerFile| match file.fields.get("name").and_then(|value| value.value.clone()) {
        Some(Value::Text(text)) => Some((file.name, text)),
        _ => None,
    };
    files.into_iter().filter_map(name).collect()
}

fn several(query: &str, files: &[CustomerFile], names: &BTreeMap<String, String>) -> String {
    let mut text = format!("more than one file is meant by `{query}`; say its number, or its name in the last column:");
    for file in files.iter().take(MOST) {
        let number = if file.number.is_empty() { "–" } else { file.number.as_str() };
        let name = names.get(&file.name).map_or("", String::as_str);
        text.push_str(&format!("\n  {number}  {name}  {}  {}", file.unit, file.name));
    }
    if files.len() > MOST {
        text.push_str("\n  and more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_must_choose_is_told_numbers_and_names() {
        let file = |n: usize| CustomerFile {
            name: format!("files/{n}"),
            number: format!("KH-{n}"),
            unit: "sales".into(),
            ..CustomerFile::default()
        };
        let files: Vec<_> = (0..MOST + 1).map(file).collect();
        let names = [("files/1".to_owned(), "海岳".to_owned())].into_iter().collect();
        let told = several("海", &files, &names);
        assert!(told.contains("\n  KH-1  海岳  sales  files/1\n") && told.ends_with("and more"), "{told}");
        assert_eq!(told.lines().count(), MOST + 2);
    }
}
