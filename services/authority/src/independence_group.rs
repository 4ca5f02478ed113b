//! People who speak for each other count once (I6).
//!
//! An independence group is a connected component of the graph whose edges are letters of authorisation. An edge counts when the
//! letter names the matter and has held at any moment since the approval was created, whatever its level: revoking a
//! letter between two signatures, or signing in one's own right beside it, does not split a voice. A signature given
//! for somebody is an edge too.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Which people are one voice.
#[derive(Clone, Debug, Default)]
pub struct IndependenceGroups {
    // Each person with an edge points towards the smallest id of its component.
    parents: BTreeMap<Uuid, Uuid>,
}

// === impl IndependenceGroups ===

impl IndependenceGroups {
    /// The components of the graph with these edges.
    pub fn of(edges: impl IntoIterator<Item = (Uuid, Uuid)>) -> Self {
        let mut groups = Self::default();
        for (one, other) in edges {
            groups.join(one, other);
        }
        groups
    }

    /// Makes two people, and all who speak for them, one voice.
    pub fn join(&mut self, one: Uuid, other: Uuid) {
        let (one, other) = (self.of_person(one), self.of_person(other));
        self.parents.insert(one.max(other), one.min(other));
    }

    /// The voice of a person: the smallest id of its component, its own when nobody speaks for it.
    pub fn of_person(&self, person: Uuid) -> Uuid {
        let mut at = person;
        while let Some(&parent) = self.parents.get(&at).filter(|&&parent| parent != at) {
            at = parent;
        }
        at
    }

    /// Whether two people are one voice.
    pub fn same(&self, one: Uuid, other: Uuid) -> bool {
        self.of_person(one) == self.of_person(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    // proves: I6
    #[test]
    fn chains_and_cycles_are_one_voice() {
        let groups =
            IndependenceGroups::of([(id(5), id(4)), (id(4), id(3)), (id(3), id(5)), (id(8), id(9)), (id(7), id(7))]);
        assert_eq!([3, 4, 5, 6, 7, 8, 9].map(|n| groups.of_person(id(n)).as_u128()), [3, 3, 3, 6, 7, 8, 8]);
        assert!(groups.same(id(5), id(3)) && !groups.same(id(5), id(9)));
    }
}
