//! The rules of credit, pure: no I/O, no store, no transport; time comes in as an argument.
//!
//! | module | what it rules |
//! |---|---|
//! | [`number`], [`money`] | decimal texts and amounts, exact |
//! | [`score_model`], [`score`] | scorecards, and what a card says of a customer (C-13) |
//! | [`limit`] | from proposal through approval to a limit in force (C-14) |
//! | [`exposure`] | what is drawn and held of a limit (I2) |
//! | [`reservation`] | credit set aside, committed, released, run out (C-14) |

/// A closed list of states with the words that the store keeps.
macro_rules! states {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$inner])* $variant,)* }

        impl $name {
            /// Every state.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that the store keeps.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The state of a stored word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|state| state.word() == word)
            }
        }
    };
}

pub mod exposure;
pub mod limit;
pub mod money;
pub mod number;
pub mod reservation;
pub mod score;
pub mod score_model;
