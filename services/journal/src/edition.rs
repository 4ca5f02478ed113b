//! Reading an entry, whatever version wrote it: the one place where the events of earlier editions get today's meaning.
//!
//! The bytes of an entry never change, and it is verified by them. What is read of it passes here, so that nothing behind this
//! place knows of earlier forms. To change what an event says: raise [`EDITION`], write the new form in new fields, and lift the
//! old one here; keep an entry of the edition before among the tests.

use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::types::Scope;
use prost::{DecodeError, Message};

/// The edition of the entries that this version writes. 1: every right says its scope.
pub const EDITION: i32 = 1;

/// The entry in `bytes`, in today's meaning.
///
/// # Errors
/// When the bytes are no entry.
pub fn read(bytes: &[u8]) -> Result<EntryBody, DecodeError> {
    let mut body = EntryBody::decode(bytes)?;
    lift(&mut body);
    Ok(body)
}

/// Gives an entry that was decoded elsewhere today's meaning.
pub fn lift(body: &mut EntryBody) {
    if body.edition >= EDITION {
        return;
    }
    match body.event.as_mut().and_then(|event| event.kind.as_mut()) {
        Some(Kind::GrantChanged(one)) => {
            one.scope.get_or_insert_with(|| scope(std::mem::take(&mut one.fields)));
        }
        Some(Kind::AccessRequestChanged(one)) => {
            if let Some(terms) = &mut one.terms {
                terms.scope.get_or_insert_with(|| scope(std::mem::take(&mut terms.fields)));
            }
        }
        _ => {}
    }
    body.edition = EDITION;
}

// Before edition 1 no field meant the whole file.
fn scope(fields: Vec<String>) -> Scope {
    if fields.is_empty() { Scope::whole_file() } else { Scope::field_set(fields) }
}

#[cfg(test)]
mod tests {
    use dossier_proto::journal::v1::{AccessRequestChanged, AccessRequestTerms, Event, GrantChanged};

    use super::*;

    fn entry(edition: i32, kind: Kind) -> Vec<u8> {
        EntryBody { edition, event: Some(Event { kind: Some(kind) }), ..EntryBody::default() }.encode_to_vec()
    }

    fn granted(edition: i32, fields: &[&str]) -> Option<Scope> {
        let fields = fields.iter().map(|&key| key.to_owned()).collect();
        let bytes = entry(edition, Kind::GrantChanged(GrantChanged { fields, ..GrantChanged::default() }));
        match read(&bytes).unwrap().event.unwrap().kind.unwrap() {
            Kind::GrantChanged(one) => one.scope,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_grant_of_the_first_edition_keeps_what_it_meant() {
        assert_eq!(granted(0, &[]), Some(scope(vec![])));
        assert_eq!(granted(0, &["name"]), Some(scope(vec!["name".into()])));
    }

    // proves: A-01
    #[test]
    fn a_grant_that_says_no_scope_means_none_since_the_first_edition() {
        assert_eq!(granted(1, &[]), None);
        assert_eq!(granted(1, &["name"]), None, "the words of another edition say nothing");
        assert_eq!(granted(2, &[]), None);
        // An edition that was lost widens nothing that says its scope.
        let some = Some(Scope::field_set(["name"]));
        let changed = GrantChanged { scope: some.clone(), ..GrantChanged::default() };
        let body = read(&entry(0, Kind::GrantChanged(changed))).unwrap();
        assert!(matches!(body.event.unwrap().kind.unwrap(), Kind::GrantChanged(one) if one.scope == some));
    }

    #[test]
    fn a_request_of_the_first_edition_keeps_what_it_asked_for() {
        let terms = Some(AccessRequestTerms { fields: vec!["name".into()], ..AccessRequestTerms::default() });
        let asked = Kind::AccessRequestChanged(AccessRequestChanged { terms, ..AccessRequestChanged::default() });
        match read(&entry(0, asked)).unwrap().event.unwrap().kind.unwrap() {
            Kind::AccessRequestChanged(one) => {
                assert_eq!(one.terms.unwrap().scope, Some(scope(vec!["name".into()])));
            }
            other => panic!("{other:?}"),
        }
    }
}
