//! Why a document lies where it lies.

use dossier_kernel::states;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

states! {
    /// What laid a document into its volume.
    pub enum Ground {
        /// Nothing divides the volumes of the file.
        WholeFile = "whole_file",
        /// It is of the year of its own date.
        Date = "date",
        /// It bears no date, and is of the year in which it was filed.
        Received = "received",
        /// It is of the year of the reply.
        Answered = "answered",
        /// It has no reply, and is of its own year.
        Unanswered = "unanswered",
        /// It is of the first year of its period.
        First = "first",
        /// It is of the last year of its period.
        Last = "last",
        /// It lies with the other, which leads it.
        Together = "together",
        /// It is of its retention class.
        Class = "class",
        /// It is of the class of the other, which is kept longest of what belongs together.
        LongerClass = "longer_class",
        /// It stands at a level that has volumes of its own.
        Apart = "apart",
        /// It joined the other, which stands at such a level.
        Guest = "guest",
        /// It belongs together with the other, which lies apart, and with more others than may join.
        Parted = "parted",
        /// Somebody laid it there, and said why.
        Moved = "moved",
    }
}

/// One ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Why {
    /// What.
    #[serde(with = "word")]
    pub ground: Ground,
    /// The other document that it hangs on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub other: Option<Uuid>,
}

mod word {
    use dossier_kernel::states::State as _;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use super::Ground;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(one: &Ground, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(one.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Ground, D::Error> {
        let word = String::deserialize(from)?;
        Ground::of_word(&word).ok_or_else(|| de::Error::custom("is no ground"))
    }
}

// === impl Why ===

impl Why {
    /// By itself.
    pub const fn of(ground: Ground) -> Self {
        Self { ground, other: None }
    }

    /// It as the journal says it, such as `date` or `answered:{uuid}`.
    pub fn text(&self) -> String {
        match self.other {
            Some(other) => format!("{}:{other}", self.ground.as_str()),
            None => self.ground.as_str().to_owned(),
        }
    }

    /// For the sake of another document.
    pub const fn with(ground: Ground, other: Uuid) -> Self {
        Self { ground, other: Some(other) }
    }
}
