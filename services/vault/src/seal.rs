//! Sealing: a value that opens under its file's key, in its own place, unchanged, or not at all.
//!
//! The bytes are one version byte, the data key's id, a random 96-bit nonce, the ciphertext and the tag: 45 bytes more
//! than the value. Authenticated with it: org, file, field and key id, each behind its length.

use std::str;

use dossier_kernel::id::Ids;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::encode;
use crate::envelope;
use crate::error::{Fault, Result};
use crate::key::DataKey;

/// What sealing adds to a value, in bytes.
pub const OVERHEAD: usize = envelope::OVERHEAD;

/// The place of a sealed value. A value moved to another org, file or field does not open there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Aad<'a> {
    /// The org the file belongs to.
    pub org: &'a str,
    /// The file.
    pub file: Uuid,
    /// The field: a name that never changes its meaning, with its index where a field repeats (`phone/2`).
    pub field: &'a str,
}

/// Seals `value` at `place` under the file's key.
///
/// # Errors
/// [`NoRandomness`](Fault::NoRandomness), [`TooLong`](Fault::TooLong) (64 GiB).
pub fn seal(key: &DataKey, ids: &dyn Ids, place: Aad<'_>, value: &[u8]) -> Result<Vec<u8>> {
    envelope::close(key.cipher(), key.id(), envelope::nonce(ids)?, &place.bytes(key), value)
}

/// Opens what was sealed at `place`; the value is wiped when dropped.
///
/// # Errors
/// [`Malformed`](Fault::Malformed) for bytes that are no sealed value, [`OtherKey`](Fault::OtherKey) when another
/// file's key sealed it, [`Forged`](Fault::Forged) when it was changed or moved.
pub fn open(key: &DataKey, place: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let found = envelope::key_of(sealed)?;
    if found != key.id() {
        return Err(Fault::OtherKey { expected: key.id(), found });
    }
    envelope::open(key.cipher(), &place.bytes(key), sealed)
}

/// Opens a value that is text.
///
/// # Errors
/// As [`open`]; [`Malformed`](Fault::Malformed) when it is not UTF-8.
pub fn open_text(key: &DataKey, place: Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<String>> {
    let value = open(key, place, sealed)?;
    let text = str::from_utf8(&value).map_err(|_| Fault::Malformed)?;
    Ok(Zeroizing::new(text.to_owned()))
}

// === impl Aad ===

impl Aad<'_> {
    fn bytes(&self, key: &DataKey) -> Vec<u8> {
        let (file, key_id) = (self.file.as_bytes(), key.id());
        encode::parts(&[b"dossier/seal/v1", self.org.as_bytes(), file, self.field.as_bytes(), key_id.as_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::id::System;
    use proptest::prelude::*;

    use super::*;
    use crate::provider::Secret;

    const FILE: Uuid = Uuid::from_u128(0x0193_f000_0000_7000_8000_0000_0000_00f1);

    fn key(n: u8) -> DataKey {
        let secret = Secret::init_with_mut(|bytes| bytes.copy_from_slice(&[n; 32]));
        DataKey::new(Uuid::from_u128(n.into()), &secret)
    }

    fn place(field: &str) -> Aad<'_> {
        Aad { org: "demo", file: FILE, field }
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(value: Vec<u8>, org in "[a-z]{1,16}", field in "[a-z_/0-9]{1,40}", file: u128) {
            let place = Aad { org: &org, file: Uuid::from_u128(file), field: &field };
            let sealed = seal(&key(1), &System, place, &value).unwrap();
            prop_assert_eq!(sealed.len(), value.len() + OVERHEAD);
            prop_assert_eq!(&*open(&key(1), place, &sealed).unwrap(), &value);
        }

        #[test]
        fn one_flipped_bit_anywhere_is_refused(value: Vec<u8>, at: prop::sample::Index, bit in 0..8u8) {
            let mut sealed = seal(&key(1), &System, place("name"), &value).unwrap();
            let at = at.index(sealed.len());
            sealed[at] ^= 1 << bit;
            prop_assert!(open(&key(1), place("name"), &sealed).is_err());
        }

        #[test]
        fn one_changed_part_of_the_place_is_refused(org in "[a-z]{1,9}", field in "[a-z]{1,9}", file: u128, pick in 0..3) {
            let sealed = seal(&key(1), &System, place("name"), b"value").unwrap();
            let mut wrong = place("name");
            match pick {
                0 => wrong.org = &org,
                1 => wrong.field = &field,
                _ => wrong.file = Uuid::from_u128(file),
            }
            prop_assume!(wrong != place("name"));
            prop_assert!(matches!(open(&key(1), wrong, &sealed), Err(Fault::Forged)));
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            prop_assert!(open(&key(1), place("name"), &bytes).is_err());
        }
    }

    #[test]
    fn the_boundary_between_org_and_field_cannot_move() {
        let sealed = seal(&key(1), &System, Aad { org: "ab", file: FILE, field: "c" }, b"value").unwrap();
        let moved = open(&key(1), Aad { org: "a", file: FILE, field: "bc" }, &sealed);
        assert!(matches!(moved, Err(Fault::Forged)));
    }

    #[test]
    fn two_fields_cannot_be_swapped() {
        let name = seal(&key(1), &System, place("name"), b"one").unwrap();
        let phone = seal(&key(1), &System, place("phone"), b"two").unwrap();
        assert!(matches!(open(&key(1), place("name"), &phone), Err(Fault::Forged)));
        assert!(matches!(open(&key(1), place("phone"), &name), Err(Fault::Forged)));
    }

    #[test]
    fn another_key_is_named() {
        let sealed = seal(&key(1), &System, place("name"), b"value").unwrap();
        let fault = open(&key(2), place("name"), &sealed).unwrap_err();
        assert!(
            matches!(fault, Fault::OtherKey { expected, found } if expected == key(2).id() && found == key(1).id())
        );
    }

    #[test]
    fn a_forged_key_id_does_not_help() {
        let mut sealed = seal(&key(1), &System, place("name"), b"value").unwrap();
        sealed[1..17].copy_from_slice(key(2).id().as_bytes());
        assert!(matches!(open(&key(2), place("name"), &sealed), Err(Fault::Forged)));
    }

    #[test]
    fn the_same_value_never_looks_the_same() {
        let sealed = |_| seal(&key(1), &System, place("name"), b"value").unwrap();
        let all: std::collections::HashSet<_> = (0..1000).map(sealed).collect();
        assert_eq!(all.len(), 1000);
    }

    #[test]
    fn text_opens_as_text_and_other_bytes_do_not() {
        let sealed = seal(&key(1), &System, place("name"), "王小明".as_bytes()).unwrap();
        assert_eq!(open_text(&key(1), place("name"), &sealed).unwrap().as_str(), "王小明");
        let sealed = seal(&key(1), &System, place("name"), &[0xff]).unwrap();
        assert!(matches!(open_text(&key(1), place("name"), &sealed), Err(Fault::Malformed)));
    }

    #[test]
    fn debug_hides_the_key() {
        assert_eq!(format!("{:?}", key(1)), "DataKey { id: 00000000-0000-0000-0000-000000000001, .. }");
    }
}
