//! The orgs that this process keeps.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;

/// The orgs that this process keeps; cheap to clone, one change is seen by all clones.
#[derive(Clone, Debug, Default)]
pub struct Orgs(Arc<ArcSwap<BTreeSet<String>>>);

// === impl Orgs ===

impl Orgs {
    /// The orgs with these ids.
    pub fn new(ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let orgs = Self::default();
        orgs.replace(ids);
        orgs
    }

    /// Keeps these orgs from now on.
    pub fn replace(&self, ids: impl IntoIterator<Item = impl Into<String>>) {
        self.0.store(Arc::new(ids.into_iter().map(Into::into).collect()));
    }

    /// Whether `org` is kept here.
    pub fn knows(&self, org: &str) -> bool {
        self.0.load().contains(org)
    }
}
