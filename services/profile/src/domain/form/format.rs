//! Texts that have a form of their own: telephone numbers, addresses of the web, accounts, places of secrets,
//! references.

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_proto::types::field_value::Value;
use dossier_regime::{Field, FieldType, Target};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use super::blank;
use crate::domain::text::{Lines, flaw, tidy};

/// Longest reference, in characters.
const LONGEST_REFERENCE: usize = 500;
/// Longest place of a secret, in characters.
const LONGEST_SECRET: usize = 200;
/// The stores of secrets that a place may begin with.
const STORES: [&str; 2] = ["vault:", "secret:"];

/// What has a form of its own is written in plain letters, digits and signs, whatever keyboard they came from.
pub(super) fn formal(kind: FieldType, text: String) -> String {
    match kind {
        FieldType::Phone | FieldType::Email | FieldType::Url | FieldType::Decimal => text.nfkc().collect(),
        FieldType::BankAccount => text.nfkc().filter(|c| !c.is_whitespace()).collect(),
        _ => text,
    }
}

/// What the format of the field's type has against the text.
pub(super) fn misfit(field: &Field, text: &str) -> Option<String> {
    let (fits, why) = match field.kind {
        FieldType::Phone => (is_phone(text), "is no telephone number"),
        FieldType::Email => (is_email(text), "is no e-mail address"),
        FieldType::Url => (is_url(text), "is no web address that begins with http:// or https://"),
        FieldType::BankAccount => (is_account(text), "is no number of a bank account: 8 to 34 digits"),
        FieldType::SecretRef => (
            is_secret(text),
            "must say where the secret lies, `vault:PATH` or `secret:PATH`; a secret itself is never kept here",
        ),
        FieldType::ListRef => return unfit(field, text),
        FieldType::Enum if field.values.iter().all(|one| one.value != text) => {
            return Some(one_of(field.values.iter().map(|one| one.value.as_str())));
        }
        _ => (true, ""),
    };
    (!fits).then(|| why.to_owned())
}

/// A reference that fits what the field points to.
pub(super) fn reference(field: &Field, path: &str, text: &str, faults: &mut Faults) -> Option<Value> {
    let text = tidy(text);
    if text.is_empty() {
        return blank(path, faults);
    }
    if let Some(why) = flaw(&text, Lines::One, LONGEST_REFERENCE).or_else(|| unfit(field, &text)) {
        faults.add(path, why);
        return None;
    }
    Some(Value::Reference(text))
}

// What a field that points to one kind of thing has against the name of another.
fn unfit(field: &Field, text: &str) -> Option<String> {
    let to = field.to.filter(|to| !names(*to, text))?;
    Some(format!("must have the form `{}`", form(to)))
}

const fn form(to: Target) -> &'static str {
    match to {
        Target::Person => "persons/{uuid}",
        Target::File => "files/{uuid}",
        Target::Record => "files/{uuid}/records/{uuid}",
        Target::Document => "files/{uuid}/documents/{uuid}",
        Target::Item => "files/{uuid}/items/{uuid}",
        Target::Place => "places/{uuid}",
        Target::Volume => "files/{uuid}/volumes/{uuid}",
    }
}

// Whether the name is of this kind: the words of the form, and an id where the form has one. What lies in a record is
// named below it.
fn names(to: Target, text: &str) -> bool {
    let is_id = |part: &str| Uuid::try_parse(part).is_ok_and(|id| id.to_string() == part);
    let parts: Vec<&str> = text.split('/').collect();
    let pairs = |words: &[&str]| {
        parts.len() == 2 * words.len()
            && words.iter().zip(parts.chunks(2)).all(|(word, pair)| pair[0] == *word && is_id(pair[1]))
    };
    match to {
        Target::Person => pairs(&["persons"]),
        Target::File => pairs(&["files"]),
        Target::Record => pairs(&["files", "records"]),
        Target::Document => pairs(&["files", "documents"]) || pairs(&["files", "records", "documents"]),
        Target::Item => pairs(&["files", "items"]) || pairs(&["items"]),
        Target::Place => pairs(&["places"]),
        Target::Volume => pairs(&["files", "volumes"]),
    }
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (3..=20).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || "+-() ,/#*转".contains(c))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && !text.chars().any(char::is_whitespace)
        && domain.contains('.')
        && domain.split('.').all(|part| !part.is_empty())
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !rest.chars().any(char::is_whitespace))
}

fn is_account(text: &str) -> bool {
    (8..=34).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

// A path of names, `dealers/7/portal`, with the name of one entry behind a `#` where a place holds several.
fn is_secret(text: &str) -> bool {
    let Some(place) = STORES.iter().find_map(|store| text.strip_prefix(store)) else { return false };
    let (path, entry) = place.split_once('#').map_or((place, None), |(path, entry)| (path, Some(entry)));
    let is_name = |name: &str| {
        !name.trim_matches('.').is_empty()
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    text.len() <= LONGEST_SECRET && path.split('/').all(is_name) && entry.is_none_or(is_name)
}
