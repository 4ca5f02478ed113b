//! Who may keep a file, and which custodian stays when its level rises to one that custodians read.

use dossier_kernel::states;
use dossier_regime::{Pack, PostStanding};

states! {
    /// How a custodian came to keep a file.
    pub enum Custody {
        /// They made it.
        Made = "made",
        /// It was handed over to them by approval.
        Approved = "approved",
        /// One person handed it over to them.
        Given = "given",
    }
}

/// A post and the unit that it is held in.
pub type Held<'a> = (&'a str, &'a str);

// === impl Custody ===

impl Custody {
    /// Whether it lasts at a level whose files their custodians read: what one person gave would be read by their grace.
    pub const fn reads(self) -> bool {
        matches!(self, Self::Made | Self::Approved)
    }
}

/// Whether somebody with these posts may keep a file of `level` in `unit`: they keep files there or for the whole
/// organisation, and is cleared for the level. Nobody is cleared for a closed one; who keeps such a file reads nothing.
pub fn may_keep<'a>(pack: &Pack, mut posts: impl Iterator<Item = Held<'a>> + Clone, level: &str, unit: &str) -> bool {
    let reaches = |(post, held): Held<'_>| {
        let org = pack.post(post).is_some_and(|post| post.standing == PostStanding::Org);
        pack.keeps_files(post) && (org || held == unit)
    };
    let cleared = |(post, _): Held<'_>| pack.clearance_rank(post) >= pack.rank(level);
    posts.clone().any(reaches) && (pack.is_closed(level) || posts.any(cleared))
}

#[cfg(test)]
mod tests {
    use dossier_regime::Regimes;

    use super::*;

    // proves: A-22
    #[test]
    fn files_are_kept_by_posts_that_keep_them_where_they_lie() {
        let regimes = Regimes::shipped().unwrap();
        let pack = regimes.pack("R36").unwrap();
        let may = |post: &str, unit: &str, level: &str| may_keep(pack, [(post, unit)].into_iter(), level, "sales");
        assert!(may("sales_staff", "sales", "none") && may("sales_staff", "sales", "confidential"));
        assert!(!may("sales_staff", "sales", "secret"), "not cleared");
        assert!(!may("sales_staff", "finance", "none"), "another unit");
        assert!(!may("general_manager", "general-office", "none"), "keeps no files");
        assert!(may("archivist", "general-office", "secret"), "keeps the originals of all units");
        assert!(!may("auditor", "sales", "none"));
        assert!(may("sales_staff", "sales", "top_secret"), "reads nothing of it");
        assert!(!may("sales_staff", "sales", "cosmic") || pack.is_closed("cosmic"));
    }

    #[test]
    fn what_one_person_gave_is_not_read() {
        assert!(!Custody::Given.reads());
    }
}
