//! A place for a service of this process that is made later.

use std::sync::{Arc, OnceLock};

use crate::server::Door;

/// Where the door of a service will be; cheap to clone, filled once.
#[derive(Clone, Debug, Default)]
pub struct Slot(Arc<OnceLock<Door>>);

// === impl Slot ===

impl Slot {
    /// Puts the door in; a second door is passed over.
    pub fn fill(&self, door: Door) {
        if self.0.set(door).is_err() {
            tracing::warn!("a service was made twice in one process");
        }
    }

    pub(super) fn door(&self) -> Option<Door> {
        self.0.get().cloned()
    }
}
