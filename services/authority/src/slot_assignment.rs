//! Voters matched to slots: a bipartite assignment that grows along augmenting paths.
//!
//! A slot once filled stays filled, a voter once seated stays seated; only who sits where may move, so an early voter
//! never blocks a later one.

/// Which voter sits in which slot.
#[derive(Clone, Debug)]
pub struct SlotAssignment {
    // For each voter the slots it may fill.
    wishes: Vec<Vec<usize>>,
    // For each slot the voter in it.
    seated: Vec<Option<usize>>,
}

// === impl SlotAssignment ===

impl SlotAssignment {
    /// `slots` empty slots.
    pub fn new(slots: usize) -> Self {
        Self { wishes: Vec::new(), seated: vec![None; slots] }
    }

    /// Seats a voter at `slot`, one of its `wishes`, without moving anybody. Gives whether the slot was free; if not,
    /// the voter does not take part.
    pub fn place(&mut self, wishes: Vec<usize>, slot: usize) -> bool {
        let voter = self.wishes.len();
        let free = wishes.contains(&slot) && self.seated.get(slot) == Some(&None);
        self.wishes.push(wishes);
        if free {
            self.seated[slot] = Some(voter);
        }
        free
    }

    /// Seats one more voter, moving others among their own wishes where that is needed. Gives whether it found a seat.
    pub fn add(&mut self, wishes: Vec<usize>) -> bool {
        let voter = self.wishes.len();
        self.wishes.push(wishes);
        self.seat(voter, &mut vec![false; self.seated.len()])
    }

    /// Whether one more voter with these wishes would find a seat.
    pub fn admits(&self, wishes: &[usize]) -> bool {
        self.clone().add(wishes.to_vec())
    }

    /// The slot of a voter; voters are counted from 0 in the order they came.
    pub fn slot_of(&self, voter: usize) -> Option<usize> {
        self.seated.iter().position(|&seated| seated == Some(voter))
    }

    /// How many slots are filled.
    pub fn filled(&self) -> usize {
        self.seated.iter().flatten().count()
    }

    /// Whether every slot is filled.
    pub fn is_full(&self) -> bool {
        self.seated.iter().all(Option::is_some)
    }

    // Free seats first, so that nobody moves without need.
    fn seat(&mut self, voter: usize, tried: &mut [bool]) -> bool {
        let wishes: Vec<usize> = self.wishes[voter].iter().copied().filter(|&slot| slot < self.seated.len()).collect();
        if let Some(&slot) = wishes.iter().find(|&&slot| self.seated[slot].is_none()) {
            self.seated[slot] = Some(voter);
            return true;
        }
        for slot in wishes {
            if std::mem::replace(&mut tried[slot], true) {
                continue;
            }
            let holder = self.seated[slot];
            if holder.is_some_and(|holder| self.seat(holder, tried)) {
                self.seated[slot] = Some(voter);
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// The most voters any assignment seats: tries every one.
    fn most(wishes: &[Vec<usize>], taken: &mut Vec<bool>) -> usize {
        let Some((first, rest)) = wishes.split_first() else { return 0 };
        let mut best = most(rest, taken);
        for &slot in first {
            if !taken[slot] {
                taken[slot] = true;
                best = best.max(1 + most(rest, taken));
                taken[slot] = false;
            }
        }
        best
    }

    fn voters() -> impl Strategy<Value = (usize, Vec<Vec<usize>>)> {
        (1_usize..=5).prop_flat_map(|slots| (Just(slots), vec(vec(0..slots, 0..=slots), 0..=6)))
    }

    #[test]
    fn an_early_voter_moves_for_a_later_one() {
        let mut assignment = SlotAssignment::new(2);
        assert!(assignment.add(vec![0, 1]) && assignment.add(vec![0]));
        assert_eq!((assignment.slot_of(0), assignment.slot_of(1)), (Some(1), Some(0)));
        assert!(assignment.is_full() && !assignment.admits(&[0, 1]));
    }

    proptest! {
        // proves: A-39
        #[test]
        fn it_seats_as_many_as_any_assignment((slots, wishes) in voters()) {
            let mut assignment = SlotAssignment::new(slots);
            for (count, wish) in wishes.iter().enumerate() {
                let before = assignment.clone();
                let seated = assignment.add(wish.clone());
                prop_assert_eq!(before.admits(wish), seated);
                prop_assert_eq!(assignment.filled(), before.filled() + usize::from(seated));
                prop_assert_eq!(assignment.filled(), most(&wishes[..=count], &mut vec![false; slots]));
                for voter in 0..count {
                    prop_assert_eq!(before.slot_of(voter).is_some(), assignment.slot_of(voter).is_some());
                }
            }
            for (voter, wish) in wishes.iter().enumerate() {
                prop_assert!(assignment.slot_of(voter).is_none_or(|slot| wish.contains(&slot)));
            }
        }
    }
}
