//! The people of the moment: who holds which posts, and which letters of authorisation there are.

use std::collections::BTreeMap;

use uuid::Uuid;

/// A person as the rules see it at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// Whether the person may act.
    pub active: bool,
    /// The posts held now, each with its unit.
    pub posts: Vec<Held>,
    /// Rank of the highest level that the posts are cleared for; below 0: none.
    pub clearance: i64,
}

/// A post held in a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The post's id in the pack.
    pub post: String,
    /// The unit's id in the organisation file.
    pub unit: String,
}

/// A letter of authorisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DelegationTerms {
    /// Its id.
    pub id: Uuid,
    /// Whose power is lent.
    pub delegator: Uuid,
    /// Who may use it.
    pub delegate: Uuid,
    /// The delegator's post that is lent; `None`: every post.
    pub post: Option<String>,
    /// The matters it names.
    pub matters: Vec<String>,
    /// Rank of the highest level it covers.
    pub max_rank: i64,
    /// From when it holds, microseconds, inclusive.
    pub valid_from: i64,
    /// Until when it holds, microseconds, exclusive; a revocation ends it earlier.
    pub valid_until: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// Everybody a decision may concern, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectorySnapshot {
    /// People who hold a post.
    pub members: BTreeMap<Uuid, Member>,
    /// Letters, also those that have not begun or are over.
    pub delegations: Vec<DelegationTerms>,
}

// === impl Member ===

impl Member {
    /// Whether the person holds one of `posts` now.
    pub fn holds_any(&self, posts: &[String]) -> bool {
        self.posts.iter().any(|held| posts.contains(&held.post))
    }
}

// === impl DelegationTerms ===

impl DelegationTerms {
    /// The moment it ends or ended.
    pub fn end(&self) -> i64 {
        self.revoked_at.map_or(self.valid_until, |revoked| revoked.min(self.valid_until))
    }

    /// Whether it holds at `now`.
    pub fn holds_at(&self, now: i64) -> bool {
        self.valid_from <= now && now < self.end()
    }

    /// Whether it has held at some moment from `since` up to and including `now`.
    pub fn held_between(&self, since: i64, now: i64) -> bool {
        self.valid_from <= now && self.end() > since && self.end() > self.valid_from
    }

    /// Whether it names the matter; there is no wildcard.
    pub fn names(&self, matter: &str) -> bool {
        self.matters.iter().any(|one| one == matter)
    }

    /// Whether it lends this post of the delegator.
    pub fn lends(&self, post: &str) -> bool {
        self.post.as_deref().is_none_or(|lent| lent == post)
    }
}

// === impl DirectorySnapshot ===

impl DirectorySnapshot {
    /// The person, if it holds a post.
    pub fn member(&self, person: Uuid) -> Option<&Member> {
        self.members.get(&person)
    }
}
