//! Lists of states: one declaration for the type, its words in the store and in filters, and the refusal in a wrong one.
//!
//! ```ignore
//! states! {
//!     /// Where a loan stands.
//!     pub enum State {
//!         /// With the borrower.
//!         Out = "out",
//!         /// Back; final.
//!         Returned = "returned",
//!     }
//! }
//! ```
//! The word stands in the store as it is. Filters, refusals and the contract say it in capitals: `OUT`, `LOAN_STATE_OUT`. So a list
//! declares `Field::state("state", State::WORDS)` and reads `found.one::<State>("state")`; a column of a
//! [`table!`](crate::table) needs nothing; a message says `wire(one.state)`; a refusal says
//! [`wrong_state`](crate::error::Error::wrong_state).

use dossier_proto::Worded;

use crate::error::{Error, Reason, Result, one_of};
use crate::faults::Faults;

/// One of a closed list of states. [`states!`](crate::states) writes it.
pub trait State: Copy + Eq + 'static {
    /// Every state, in the order of its life.
    const ALL: &'static [Self];
    /// Their words.
    const WORDS: &'static [&'static str];

    /// The word in the store.
    fn word(self) -> &'static str;

    /// The state of a word of the store.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == word)
    }

    /// The state of a word that `column` holds.
    ///
    /// # Errors
    /// `STORE_INCONSISTENT`.
    fn parse(column: &'static str, word: &str) -> Result<Self> {
        let broken = || Error::new(Reason::StoreInconsistent).with("column", column);
        Self::of_word(word).ok_or_else(broken)
    }
}

/// The state as the contract says it. A list whose words are not those of its enum says nothing (0); a test holds every list against
/// its enum.
pub fn wire<W: Worded>(state: impl State) -> W {
    W::of_word(state.word()).unwrap_or_default()
}

/// The state that a message says by the number of its enum; `None` where it says none of the list.
pub fn of_wire<W: Worded, S: State>(number: i32) -> Option<S>
where
    i32: From<W>,
{
    S::ALL.iter().copied().find(|one| i32::from(wire::<W>(*one)) == number)
}

/// As [`of_wire`]; one that is none of the list is a fault of `field`, which names those that there are.
pub fn read<W: Worded, S: State>(field: impl Into<String>, number: i32, faults: &mut Faults) -> Option<S>
where
    i32: From<W>,
{
    let found = of_wire::<W, S>(number);
    if found.is_none() {
        let words: Vec<_> = S::WORDS.iter().map(|word| word.to_uppercase()).collect();
        faults.add(field, one_of(words.iter().map(String::as_str)));
    }
    found
}

/// A closed list of states, with the words that the store keeps; see [the module](mod@crate::states).
#[macro_export]
macro_rules! states {
    ($(#[$doc:meta])* $vis:vis enum $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        $vis enum $name { $($(#[$inner])* $variant,)+ }

        impl $name {
            /// Every one, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// Their words in the store.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word in the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl $crate::states::State for $name {
            const ALL: &'static [Self] = Self::ALL;
            const WORDS: &'static [&'static str] = Self::WORDS;

            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl $crate::db::Stored for $name {
            const KIND: $crate::db::Kind = $crate::db::Kind::Text;

            fn value(&self) -> $crate::db::Value {
                $crate::db::Value::from(self.as_str())
            }

            fn read(row: $crate::db::View<'_>, column: &str) -> $crate::db::Read<Self> {
                $crate::db::read_word(row, column)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    states! {
        /// A list.
        pub enum Light {
            /// Nobody passes.
            Red = "red",
            /// Whoever comes passes.
            Green = "green",
        }
    }

    #[test]
    fn a_word_is_read_as_it_was_written_and_no_other_is() {
        for light in Light::ALL {
            assert_eq!(Light::parse("light", light.as_str()).ok(), Some(*light));
        }
        assert_eq!(Light::parse("light", "RED").unwrap_err().reason(), Reason::StoreInconsistent);
        assert_eq!(Light::WORDS, ["red", "green"]);
    }
}
