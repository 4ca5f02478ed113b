//! What a list lets its filter say.

use jiff::Timestamp;
use uuid::Uuid;

use super::Value;
use crate::name;

/// A field that a list's filter may name, as the resource itself names it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its path; `classification.*` stands for every path below `classification`.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a field holds. Times and numbers compare with every operator, all others with `=` alone.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The name of a resource of this collection, `{collection}/{uuid}`, quoted.
    Name(&'static str),
    /// A text, quoted: a label of the pack, a number, a name of any resource.
    Text,
    /// A state: one of these words of the store, bare and in capitals.
    State(&'static [&'static str]),
    /// An instant, quoted, as RFC 3339 writes it.
    Time,
    /// `true` or `false`, bare.
    Flag,
    /// A whole number, bare.
    Number,
}

/// A value in the type of its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Name(Uuid),
    Text(String),
    State(&'static str),
    Flag(bool),
    /// On the scale of [`Range`](super::Range): a number itself, a time in nanoseconds.
    Scaled(i128),
}

// === impl Field ===

impl Field {
    /// A field that names a resource of `collection`.
    pub const fn name(path: &'static str, collection: &'static str) -> Self {
        Self { path, kind: Kind::Name(collection) }
    }

    /// A field that holds a text.
    pub const fn text(path: &'static str) -> Self {
        Self { path, kind: Kind::Text }
    }

    /// A field that holds one of `words`, which are those of the store; see [`State::WORDS`](crate::states::State::WORDS).
    pub const fn state(path: &'static str, words: &'static [&'static str]) -> Self {
        Self { path, kind: Kind::State(words) }
    }

    /// A field that holds an instant.
    pub const fn time(path: &'static str) -> Self {
        Self { path, kind: Kind::Time }
    }

    /// A field that is true or false.
    pub const fn flag(path: &'static str) -> Self {
        Self { path, kind: Kind::Flag }
    }

    /// A field that holds a whole number.
    pub const fn number(path: &'static str) -> Self {
        Self { path, kind: Kind::Number }
    }

    pub(super) fn is(&self, path: &crate::path::Path) -> bool {
        path.is_like(self.path)
    }
}

// === impl Kind ===

impl Kind {
    /// How many of one unit of what the store keeps: it keeps times in microseconds.
    pub(super) const fn scale(self) -> i128 {
        match self {
            Self::Time => 1_000,
            _ => 1,
        }
    }

    pub(super) const fn has_ranges(self) -> bool {
        matches!(self, Self::Time | Self::Number)
    }

    pub(super) fn read(self, value: &Value) -> Option<Typed> {
        Some(match (self, value) {
            (Self::Name(collection), Value::Text(text)) => {
                // As in every other field: capitals of an id are no other name.
                let id = text.strip_prefix(collection)?.strip_prefix('/')?.to_ascii_lowercase();
                Typed::Name(name::id("filter", collection, &format!("{collection}/{id}")).ok()?)
            }
            (Self::Text, Value::Text(text)) => Typed::Text(text.clone()),
            (Self::State(words), Value::Word(word)) => {
                Typed::State(words.iter().copied().find(|one| one.to_ascii_uppercase() == *word)?)
            }
            (Self::Time, Value::Text(text)) => Typed::Scaled(instant(text)?.as_nanosecond()),
            (Self::Flag, Value::Word(word)) => Typed::Flag(word.parse().ok()?),
            (Self::Number, Value::Whole(number)) => Typed::Scaled(i128::from(*number)),
            _ => return None,
        })
    }

    /// What must stand where a value of it stands.
    pub(super) fn expected(self) -> String {
        match self {
            Self::Name(collection) => format!("a name in double quotes, `{collection}/{{uuid}}`"),
            Self::Text => "a text in double quotes".to_owned(),
            Self::State(words) => {
                let words: Vec<_> = words.iter().map(|word| word.to_ascii_uppercase()).collect();
                format!("without quotes, {}", crate::error::one_of(words.iter().map(String::as_str)))
            }
            Self::Time => "a time in double quotes, such as `2026-04-01T08:00:00Z` (RFC 3339)".to_owned(),
            Self::Flag => "true or false, without quotes".to_owned(),
            Self::Number => "a whole number, without quotes".to_owned(),
        }
    }
}

// The one form of RFC 3339; jiff alone reads more than that.
fn instant(text: &str) -> Option<Timestamp> {
    let (moment, zone) = match text.strip_suffix('Z') {
        Some(moment) => (moment, None),
        None => text
            .len()
            .checked_sub("+08:00".len())
            .filter(|at| text.is_char_boundary(*at))
            .map(|at| text.split_at(at))
            .map(|(moment, zone)| (moment, Some(zone)))?,
    };
    let (whole, fraction) = moment.split_once('.').map_or((moment, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = shaped(whole, "0000-00-00T00:00:00")
        && fraction.is_none_or(|part| (1..=9).contains(&part.len()) && digits(part))
        && zone.is_none_or(|zone| shaped(zone, "+00:00") || shaped(zone, "-00:00"));
    fits.then(|| text.parse().ok()).flatten()
}

fn shaped(text: &str, form: &str) -> bool {
    let fits = |(have, want): (u8, u8)| if want == b'0' { have.is_ascii_digit() } else { have == want };
    text.len() == form.len() && text.bytes().zip(form.bytes()).all(fits)
}
