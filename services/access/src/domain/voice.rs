//! Voices: people who speak for each other count once (I6).
//!
//! A voice is a connected component of the graph whose edges are letters of authorisation. An edge counts when the
//! letter names the matter and has held at any moment since the approval was created, whatever its level: revoking a
//! letter between two signatures, or signing in one's own right beside it, does not split a voice. A signature given
//! for somebody is an edge too.

use std::collections::BTreeMap;

use uuid::Uuid;

/// Which people are one voice.
#[derive(Clone, Debug, Default)]
pub struct Voices {
    // Each person with an edge points towards the smallest id of its component.
    parents: BTreeMap<Uuid, Uuid>,
}

// === impl Voices ===

impl Voices {
    /// The components of the graph with these edges.
    pub fn of(edges: impl IntoIterator<Item = (Uuid, Uuid)>) -> Self {
        let mut voices = Self::default();
        for (one, other) in edges {
            voices.join(one, other);
        }
        voices
    }

    /// Makes two people, and all who speak for them, one voice.
    pub fn join(&mut self, one: Uuid, other: Uuid) {
        let (one, other) = (self.voice(one), self.voice(other));
        self.parents.insert(one.max(other), one.min(other));
    }

    /// The voice of a person: the smallest id of its component, its own when nobody speaks for it.
    pub fn voice(&self, person: Uuid) -> Uuid {
        let mut at = person;
        while let Some(&parent) = self.parents.get(&at).filter(|&&parent| parent != at) {
            at = parent;
        }
        at
    }

    /// Whether two people are one voice.
    pub fn same(&self, one: Uuid, other: Uuid) -> bool {
        self.voice(one) == self.voice(other)
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
        let voices = Voices::of([(id(5), id(4)), (id(4), id(3)), (id(3), id(5)), (id(8), id(9)), (id(7), id(7))]);
        assert_eq!([3, 4, 5, 6, 7, 8, 9].map(|n| voices.voice(id(n)).as_u128()), [3, 3, 3, 6, 7, 8, 8]);
        assert!(voices.same(id(5), id(3)) && !voices.same(id(5), id(9)));
    }
}
