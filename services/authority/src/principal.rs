//! Who the caller is in the directory, and what his posts let him do.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::{Action, Pack, Sensitivity};
use uuid::Uuid;

/// A post that is held now, and the unit it is held in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldPost {
    /// The post's id in the pack.
    pub post: String,
    /// The unit's id in the organisation file.
    pub unit: String,
}

/// An active person of the directory at the moment of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// The person.
    pub person: Uuid,
    /// The posts held now.
    pub posts: Vec<HeldPost>,
}

// === impl Principal ===

impl Principal {
    /// The resource name `persons/{uuid}`.
    pub fn name(&self) -> String {
        dossier_kernel::name::name("persons", self.person)
    }

    /// Whether some post held now gives `action`.
    pub fn can(&self, pack: &Pack, action: Action) -> bool {
        self.posts.iter().any(|held| pack.can(&held.post, action))
    }

    /// Demands that some post held now gives `action`.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require(&self, pack: &Pack, action: Action) -> Result<()> {
        if self.can(pack, action) {
            return Ok(());
        }
        Err(Error::new(Reason::PermissionDenied).with("action", action.as_str()))
    }

    /// Whether `post` is held now; in `unit`, if one is given.
    pub fn holds(&self, post: &str, unit: Option<&str>) -> bool {
        self.posts.iter().any(|held| held.post == post && unit.is_none_or(|unit| held.unit == unit))
    }

    /// Up to what sensitivity the fields of a visible file are shown: the highest grade of the posts held.
    pub fn grade(&self, pack: &Pack) -> Sensitivity {
        let grades = self.posts.iter().filter_map(|held| pack.post(&held.post)).map(|post| post.grade);
        grades.max().unwrap_or(Sensitivity::Public)
    }

    /// The rank of the highest level that the posts dominate; below every level when no post is held.
    pub fn clearance(&self, pack: &Pack) -> i64 {
        self.posts.iter().filter_map(|held| pack.clearance_rank(&held.post)).max().unwrap_or(-1)
    }
}
