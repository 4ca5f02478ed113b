//! What was derived, kept ready: deriving an org's key costs more than using it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::error::Result;
use crate::provider::KeyId;

/// Most scopes kept for one root version; beyond it they are derived anew.
const MOST: usize = 1024;

/// Something derived for each root version and scope. Scopes are orgs and services, so there are few.
pub(crate) struct Scopes<T> {
    by_key: RwLock<HashMap<KeyId, ByScope<T>>>,
}

type ByScope<T> = HashMap<Box<str>, Arc<T>>;

// === impl Scopes ===

impl<T> Scopes<T> {
    pub(crate) fn get(&self, key: KeyId, scope: &str, make: impl FnOnce() -> Result<T>) -> Result<Arc<T>> {
        let known = self.by_key.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&key).and_then(|scopes| scopes.get(scope)) {
            return Ok(found.clone());
        }
        drop(known);
        let made = Arc::new(make()?);
        let mut known = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        let scopes = known.entry(key).or_default();
        if scopes.len() >= MOST {
            scopes.clear();
        }
        Ok(scopes.entry(scope.into()).or_insert(made).clone())
    }
}

impl<T> Default for Scopes<T> {
    fn default() -> Self {
        Self { by_key: RwLock::default() }
    }
}

impl<T> fmt::Debug for Scopes<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Scopes(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    #[test]
    fn each_version_and_scope_is_made_once() {
        let scopes = Scopes::default();
        let (one, two) = (KeyId::from_u128(1), KeyId::from_u128(2));
        assert_eq!(*scopes.get(one, "a", || Ok(1)).unwrap(), 1);
        assert_eq!(*scopes.get(one, "a", || Ok(9)).unwrap(), 1);
        assert_eq!(*scopes.get(one, "b", || Ok(2)).unwrap(), 2);
        assert_eq!(*scopes.get(two, "a", || Ok(3)).unwrap(), 3);
    }

    #[test]
    fn a_failure_is_not_kept_and_the_number_is_bounded() {
        let scopes = Scopes::default();
        let key = KeyId::from_u128(1);
        assert!(scopes.get(key, "a", || Err(Fault::Malformed)).is_err());
        for n in 0..3 * MOST {
            assert_eq!(*scopes.get(key, &n.to_string(), || Ok(n)).unwrap(), n);
        }
        assert!(scopes.by_key.read().unwrap()[&key].len() <= MOST);
    }
}
