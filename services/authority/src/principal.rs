//! Who the caller is in the directory, and what their posts let them do.

use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::{Action, Pack, Sensitivity};
use uuid::Uuid;

use crate::memo::Span;

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

/// An active person with all appointments, past and future ones too: who they are at any moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenure {
    /// The person.
    pub person: Uuid,
    /// The appointments, by post and unit.
    pub terms: Vec<Term>,
}

/// One appointment of a [`Tenure`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// What is held.
    pub held: HeldPost,
    /// From when, microseconds.
    pub from: i64,
    /// Until when, microseconds, exclusive.
    pub until: i64,
}

// === impl Tenure ===

impl Tenure {
    /// The person with the posts held at `now`, in microseconds.
    pub fn at(&self, now: i64) -> Principal {
        let held = self.terms.iter().filter(|term| (term.from..term.until).contains(&now));
        Principal { person: self.person, posts: held.map(|term| term.held.clone()).collect() }
    }

    /// Notes every instant at which time changes what the person holds.
    pub fn turn(&self, span: &mut Span) {
        for term in &self.terms {
            span.turn(term.from);
            span.turn(term.until);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenure_says_what_is_held_at_each_moment_and_when_that_changes() {
        let held = |post: &str| HeldPost { post: post.into(), unit: "sales".into() };
        let term = |post, from, until| Term { held: held(post), from, until };
        let tenure = Tenure { person: Uuid::nil(), terms: vec![term("clerk", 0, 50), term("manager", 50, 90)] };
        assert_eq!(tenure.at(49).posts, [held("clerk")]);
        assert_eq!(tenure.at(50).posts, [held("manager")], "an end is exclusive, a beginning is not");
        assert!(tenure.at(90).posts.is_empty());
        let mut span = Span::around(60);
        tenure.turn(&mut span);
        assert!(span.holds(50) && span.holds(89) && !span.holds(49) && !span.holds(90));
    }
}
