//! The rules, one file each.

pub(super) mod answers;
pub(super) mod copies;
pub(super) mod journal;
pub(super) mod leases;
pub(super) mod limits;
pub(super) mod loans;
pub(super) mod reads;
pub(super) mod repeats;
pub(super) mod writes;

#[cfg(test)]
pub(super) mod made;

use uuid::Uuid;

/// The id in a resource name.
fn id(name: &str) -> Option<Uuid> {
    name.rsplit('/').next()?.parse().ok()
}
