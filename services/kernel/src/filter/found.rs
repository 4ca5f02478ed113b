//! What a filter said to one list.

use dossier_proto::Worded;
use uuid::Uuid;

use super::field::{Field, Typed};
use super::{Condition, Filter, Op, invalid};
use crate::error::{Error, Reason, Result};
use crate::path::Path;
use crate::states::State;

/// The conditions of a filter in the types of the list that it was written for.
#[derive(Clone, Debug, Default)]
pub struct Found(Vec<One>);

#[derive(Clone, Debug)]
struct One {
    path: Path,
    value_position: usize,
    said: Said,
}

#[derive(Clone, Debug)]
enum Said {
    Is(Typed),
    Within(Bounds),
}

/// What conditions say of a range: from the one, inclusive, until the other, exclusive.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    from: Option<i64>,
    until: Option<i64>,
}

/// Values of a time, in microseconds, or of a number: from the first, inclusive, until the last, exclusive. It may be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The least that fits.
    pub from: i64,
    /// The least that is too much; the greatest number of all never fits.
    pub until: i64,
}

/// What must stand where a condition stands that cannot be taken.
enum Fault {
    Unknown,
    Ranges,
    Twice,
}

// === impl Filter ===

impl Filter {
    /// What the filter says to a list with these `fields`.
    ///
    /// # Errors
    /// `FILTER_INVALID` with the position of a condition on another field, with an operator or a value that its field does not
    /// have, or that says again what an earlier one says.
    pub fn against(&self, fields: &[Field]) -> Result<Found> {
        let mut found = Found::default();
        for condition in self.conditions() {
            let field = fields.iter().find(|field| field.is(&condition.path));
            found.take(field.ok_or_else(|| Fault::Unknown.at(condition, fields))?, condition, fields)?;
        }
        Ok(found)
    }
}

// === impl Found ===

impl Found {
    fn take(&mut self, field: &Field, condition: &Condition, fields: &[Field]) -> Result<()> {
        let position = condition.value_position.0;
        let kind = field.kind;
        if condition.op != Op::Equal && !kind.has_ranges() {
            return Err(Fault::Ranges.at(condition, fields));
        }
        let typed = kind.read(&condition.value);
        let typed = typed.ok_or_else(|| invalid(position, &kind.expected()).with("field", condition.path.as_str()))?;
        let said = match typed {
            Typed::Scaled(value) => Said::Within(Bounds::of(condition.op, value, kind.scale())),
            typed => Said::Is(typed),
        };
        match (self.0.iter().position(|one| one.path == condition.path), said) {
            (None, said) => self.0.push(One { path: condition.path.clone(), value_position: position, said }),
            (Some(at), Said::Within(new)) => {
                let both = self.0[at].said.joined(new).ok_or_else(|| Fault::Twice.at(condition, fields))?;
                self.0[at].said = both;
            }
            (Some(_), Said::Is(_)) => return Err(Fault::Twice.at(condition, fields)),
        }
        Ok(())
    }

    fn is(&self, path: &str) -> Option<&Typed> {
        self.0.iter().find(|one| one.path.as_str() == path).and_then(|one| match &one.said {
            Said::Is(typed) => Some(typed),
            Said::Within(_) => None,
        })
    }

    /// The id in the name that `path` must hold.
    pub fn id(&self, path: &str) -> Option<Uuid> {
        if let Some(Typed::Name(id)) = self.is(path) { Some(*id) } else { None }
    }

    /// The text that `path` must hold.
    pub fn text(&self, path: &str) -> Option<&str> {
        if let Some(Typed::Text(text)) = self.is(path) { Some(text) } else { None }
    }

    /// The word of the state that `path` must be in, as the store has it.
    pub fn state(&self, path: &str) -> Option<&'static str> {
        if let Some(Typed::State(word)) = self.is(path) { Some(word) } else { None }
    }

    /// The state that `path` must be in.
    ///
    /// # Errors
    /// `INTERNAL` when the list declares a word that the states have not: a condition never vanishes.
    pub fn one<S: State>(&self, path: &str) -> Result<Option<S>> {
        let Some(word) = self.state(path) else { return Ok(None) };
        S::of_word(word).map(Some).ok_or_else(undeclared)
    }

    /// As [`one`](Self::one), for a list whose words are those of the contract's enum alone.
    ///
    /// # Errors
    /// As [`one`](Self::one).
    pub fn worded<W: Worded>(&self, path: &str) -> Result<Option<W>> {
        let Some(word) = self.state(path) else { return Ok(None) };
        W::of_word(word).map(Some).ok_or_else(undeclared)
    }

    /// Whether `path` must be true, or false.
    pub fn flag(&self, path: &str) -> Option<bool> {
        if let Some(Typed::Flag(flag)) = self.is(path) { Some(*flag) } else { None }
    }

    /// The values that `path` may have; every one where the filter says nothing of it.
    pub fn range(&self, path: &str) -> Range {
        let said = self.0.iter().find(|one| one.path.as_str() == path).map(|one| &one.said);
        let Some(Said::Within(bounds)) = said else { return Range::ALL };
        Range { from: bounds.from.unwrap_or(i64::MIN), until: bounds.until.unwrap_or(i64::MAX) }
    }

    /// The texts that paths below `family` must hold, each with what follows the family in its path.
    pub fn below(&self, family: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |one| match &one.said {
            Said::Is(Typed::Text(text)) => Some((one.path.below(family)?, text.as_str())),
            _ => None,
        })
    }

    /// A refusal of the value of `path`, for what only its list can tell.
    pub fn refuse(&self, path: &str, expected: &str) -> Error {
        let at = self.0.iter().find(|one| one.path.as_str() == path).map_or(0, |one| one.value_position);
        invalid(at, expected).with("field", path)
    }
}

// === impl Said ===

impl Said {
    // A lower and an upper bound say together what neither says alone; two of one side say it twice.
    fn joined(&self, new: Bounds) -> Option<Self> {
        let Self::Within(known) = self else { return None };
        let room = (known.from.is_none() || new.from.is_none()) && (known.until.is_none() || new.until.is_none());
        room.then(|| Self::Within(Bounds { from: known.from.or(new.from), until: known.until.or(new.until) }))
    }
}

// === impl Range ===

impl Range {
    /// Everything.
    pub const ALL: Self = Self { from: i64::MIN, until: i64::MAX };

    /// Whether `value` fits.
    pub const fn contains(self, value: i64) -> bool {
        value >= self.from && value < self.until
    }
}

impl Default for Range {
    fn default() -> Self {
        Self::ALL
    }
}

// === impl Bounds ===

impl Bounds {
    // `scale` of the values that are compared are one of the store's. The bounds are exact: of what the store can hold, they
    // contain what fits and nothing else.
    fn of(op: Op, value: i128, scale: i128) -> Self {
        let below = value.div_euclid(scale);
        let bound = |value: i128| Some(i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX }));
        let not_less = bound(below + i128::from(value.rem_euclid(scale) != 0));
        let greater = bound(below + 1);
        match op {
            Op::Equal => Self { from: not_less, until: greater },
            Op::Less => Self { from: None, until: not_less },
            Op::AtMost => Self { from: None, until: greater },
            Op::Greater => Self { from: greater, until: None },
            Op::AtLeast => Self { from: not_less, until: None },
        }
    }
}

// === impl Fault ===

impl Fault {
    fn at(self, condition: &Condition, fields: &[Field]) -> Error {
        let ranges = fields.iter().filter(|field| field.kind.has_ranges()).map(|field| field.path);
        let expected = match self {
            Self::Unknown if fields.is_empty() => "the end: this list has no conditions".to_owned(),
            Self::Unknown => {
                format!("one of the fields {}", fields.iter().map(|field| field.path).collect::<Vec<_>>().join(", "))
            }
            Self::Ranges => match ranges.collect::<Vec<_>>().join(", ") {
                none if none.is_empty() => format!("`{} =`: the fields of this list have no ranges", condition.path),
                ranges => format!("`{} =`: of the fields of this list, {ranges} have ranges", condition.path),
            },
            Self::Twice => {
                format!("`{}` once; a range may have one lower and one upper bound", condition.path)
            }
        };
        invalid(condition.position.0, &expected).with("field", condition.path.as_str())
    }
}

fn undeclared() -> Error {
    Error::new(Reason::Internal).because("a list declares a state that is none")
}
