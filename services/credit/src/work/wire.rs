//! Names and amounts as entries and answers carry them.

use dossier_kernel::error::{Error, Missing};
use dossier_kernel::name;
use dossier_proto::types;
use uuid::Uuid;

/// An amount as the contract carries it.
pub(crate) fn money(minor: i64, currency: &str) -> types::Money {
    types::Money { minor_units: minor, currency_code: currency.to_owned() }
}

/// `files/{uuid}`.
pub(crate) fn file_name(id: Uuid) -> String {
    name::name("files", id)
}

/// `persons/{uuid}`.
pub(crate) fn person_name(id: Uuid) -> String {
    name::name("persons", id)
}

/// What a caller learns of a customer whose file is invisible to them, or is not.
pub(crate) fn no_file(id: Uuid) -> Error {
    Error::missing(Missing::CustomerFile, file_name(id))
}
