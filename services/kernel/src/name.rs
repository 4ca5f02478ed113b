//! Resource names: `files/{uuid}` and their kin.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use uuid::Uuid;

use crate::error::{Error, Result};

const NUMBERS: &str = "fileNumbers/";
/// What stands in a name as it is: ASCII letters, digits and `-._~` (RFC 3986).
pub const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The name of the resource `id` in `collection`, for example `files/0190...`.
pub fn name(collection: &str, id: Uuid) -> String {
    format!("{collection}/{id}")
}

/// `services/{service}`.
pub fn of_service(service: &str) -> String {
    format!("services/{service}")
}

/// The collection `part` of one service, such as `services/profile/duties`: what every service has of its own.
pub fn collection(service: &str, part: &str) -> String {
    format!("services/{service}/{part}")
}

/// Demands that `text` is the name of this service, `services/{service}`, or of its one `part`. What another service has is
/// at its own port.
///
/// # Errors
/// A violation of `field` that says the one name it can have.
pub fn require_service(field: &str, service: &str, part: &str, text: &str) -> Result<()> {
    let own = if part.is_empty() { of_service(service) } else { collection(service, part) };
    if text == own {
        return Ok(());
    }
    Err(Error::violation(field, format!("must be `{own}`: each service answers for what it has itself")))
}

/// The id inside a resource name.
///
/// # Errors
/// A violation of `field` when `text` is not `{collection}/{uuid}`.
pub fn id(field: &str, collection: &str, text: &str) -> Result<Uuid> {
    text.strip_prefix(collection)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(uuid)
        .ok_or_else(|| malformed(field, text, format!("{collection}/{{uuid}}")))
}

// What was not said at all is told as that: a caller who forgot a name looks for no fault in it.
fn malformed(field: &str, text: &str, form: impl std::fmt::Display) -> Error {
    let why = if text.is_empty() { "is required, in" } else { "must have" };
    Error::violation(field, format!("{why} the form `{form}`"))
}

/// The name of a file number, `fileNumbers/{id}`. A number may hold what a name may not, such as `/`: all but ASCII letters,
/// digits and `-._~` is percent-encoded (RFC 3986).
pub fn of_number(number: &str) -> String {
    format!("{NUMBERS}{}", utf8_percent_encode(number, UNRESERVED))
}

/// The file number inside its name, which has one spelling; `None` for any other text.
pub fn number(text: &str) -> Option<String> {
    let number = percent_decode_str(text.strip_prefix(NUMBERS)?).decode_utf8().ok()?;
    Some(number.into_owned()).filter(|number| !number.is_empty() && of_number(number) == text)
}

/// The id and number inside a name such as `files/{uuid}/revisions/{n}`.
///
/// # Errors
/// A violation of `field` when `text` does not have that form.
pub fn numbered(field: &str, collection: &str, part: &str, text: &str) -> Result<(Uuid, i64)> {
    let parse = || {
        let (parent, rest) = text.strip_prefix(collection)?.strip_prefix('/')?.split_once('/')?;
        let number = rest.strip_prefix(part)?.strip_prefix('/')?.parse().ok()?;
        Some((uuid(parent)?, number)).filter(|(_, number)| *number > 0)
    };
    parse().ok_or_else(|| malformed(field, text, format!("{collection}/{{uuid}}/{part}/{{n}}")))
}

/// The name of `id` in `part` of the resource `parent`, for example `persons/0190.../appointments/0191...`.
pub fn below(collection: &str, parent: Uuid, part: &str, id: Uuid) -> String {
    format!("{collection}/{parent}/{part}/{id}")
}

/// The ids inside a name such as `persons/{uuid}/appointments/{uuid}`: the parent's and its own.
///
/// # Errors
/// A violation of `field` when `text` does not have that form.
pub fn ids_below(field: &str, collection: &str, part: &str, text: &str) -> Result<(Uuid, Uuid)> {
    let parse = || {
        let (parent, rest) = text.strip_prefix(collection)?.strip_prefix('/')?.split_once('/')?;
        Some((uuid(parent)?, uuid(rest.strip_prefix(part)?.strip_prefix('/')?)?))
    };
    parse().ok_or_else(|| malformed(field, text, format!("{collection}/{{uuid}}/{part}/{{uuid}}")))
}

// Only the canonical spelling, so that one resource has one name.
fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_any_letters_has_one_name() {
        for (written, name) in
            [("KH-2026-00001", "fileNumbers/KH-2026-00001"), ("沪/A-1", "fileNumbers/%E6%B2%AA%2FA-1")]
        {
            assert_eq!(of_number(written), name);
            assert_eq!(number(name).as_deref(), Some(written));
        }
        for wrong in
            ["fileNumbers/", "fileNumbers/a/b", "fileNumbers/%61", "fileNumbers/%ff", "files/a", "fileNumbers/沪"]
        {
            assert_eq!(number(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_name_that_is_not_there_is_told_as_missing() {
        let why = |text| id("name", "files", text).unwrap_err().violations()[0].why.clone();
        assert_eq!(why(""), "is required, in the form `files/{uuid}`");
        assert_eq!(why("files/1"), "must have the form `files/{uuid}`");
    }

    #[test]
    fn only_the_canonical_spelling_is_a_name() {
        let uuid = Uuid::from_u128(7);
        assert_eq!(id("name", "files", &name("files", uuid)).unwrap(), uuid);
        for wrong in ["files/", "file/1", "files/00000000000000000000000000000007", "loans/x", ""] {
            assert_eq!(id("name", "files", wrong).unwrap_err().violations()[0].field, "name");
        }
        assert_eq!(numbered("name", "files", "revisions", &format!("files/{uuid}/revisions/3")).unwrap(), (uuid, 3));
        assert!(numbered("name", "files", "revisions", &format!("files/{uuid}/revisions/0")).is_err());
    }

    #[test]
    fn what_lies_below_another_is_named_with_both_ids() {
        let (person, own) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let name = below("persons", person, "appointments", own);
        let ids = |text: &str| ids_below("name", "persons", "appointments", text);
        assert_eq!(ids(&name).unwrap(), (person, own));
        for wrong in [format!("persons/{person}"), format!("{name}/"), format!("appointments/{own}"), String::new()] {
            assert_eq!(ids(&wrong).unwrap_err().violations()[0].field, "name", "{wrong}");
        }
    }
}
