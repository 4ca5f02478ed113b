//! Salted commitments: what the journal shows of a personal value.
//!
//! A commitment is HMAC-SHA256 with a random 32-byte salt as its key. Whoever is shown value and salt can check it
//! without any key of ours; without the salt it says nothing. The salt is sealed under the file's key, so destroying
//! the key leaves every entry and checkpoint verifiable and the value unrecoverable, however few values are possible.

use std::fmt;

use dossier_kernel::id::Ids;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::encode;
use crate::error::{Fault, Result};

/// The random half of a commitment; to be sealed by the caller, wiped when dropped.
pub struct Salt(Zeroizing<[u8; 32]>);

/// The commitment to `value` as the content of `field`.
pub fn commit(salt: &Salt, field: &str, value: &[u8]) -> Result<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(salt.bytes()).map_err(|_| Fault::Malformed)?;
    encode::feed(&[b"dossier/commitment/v1", field.as_bytes(), value], |bytes| mac.update(bytes));
    Ok(mac.finalize().into_bytes().into())
}

/// Whether `commitment` was made for this value, field and salt.
pub fn matches(commitment: &[u8], salt: &Salt, field: &str, value: &[u8]) -> bool {
    commit(salt, field, value).is_ok_and(|made| made.ct_eq(commitment).into())
}

// === impl Salt ===

impl Salt {
    /// A fresh salt. One for each value of each entry: a repeated salt shows repeated values.
    ///
    /// # Errors
    /// [`NoRandomness`](Fault::NoRandomness).
    pub fn draw(ids: &dyn Ids) -> Result<Self> {
        let mut bytes = Zeroizing::new([0; 32]);
        ids.fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// The salt that was sealed.
    ///
    /// # Errors
    /// [`Malformed`](Fault::Malformed) when it is not 32 bytes.
    pub fn of(bytes: &[u8]) -> Result<Self> {
        Ok(Self(Zeroizing::new(bytes.try_into().map_err(|_| Fault::Malformed)?)))
    }

    /// Its bytes, to be sealed.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Salt(..)")
    }
}

#[cfg(test)]
mod tests {
    use dossier_kernel::id::System;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_value_with_another_salt_looks_different() {
        let (one, two) = (Salt::draw(&System).unwrap(), Salt::draw(&System).unwrap());
        assert_ne!(commit(&one, "name", b"wang").unwrap(), commit(&two, "name", b"wang").unwrap());
        assert_eq!(format!("{one:?}"), "Salt(..)");
        assert!(Salt::of(&[0; 31]).is_err());
    }

    proptest! {
        #[test]
        fn only_its_own_salt_field_and_value_open_it(
            salt: [u8; 32], field in "[a-z]{0,6}", value: Vec<u8>, other: ([u8; 32], String, Vec<u8>),
        ) {
            let made = commit(&Salt::of(&salt).unwrap(), &field, &value).unwrap();
            prop_assert!(matches(&made, &Salt::of(&salt).unwrap(), &field, &value));
            let same = other == (salt, field, value);
            prop_assert_eq!(matches(&made, &Salt::of(&other.0).unwrap(), &other.1, &other.2), same);
            prop_assert!(!matches(&made[..31], &Salt::of(&salt).unwrap(), &other.1, &other.2));
        }
    }
}
