//! JSON as it is written: indented, its keys in the order in which they were given.

use std::fmt;

use crate::read::quoted;

/// What a schema is written in.
#[derive(Clone, Debug)]
pub(super) enum Json {
    /// A text.
    Text(String),
    /// A number as it is written.
    Number(String),
    /// `true` or `false`.
    Flag(bool),
    /// A list.
    List(Vec<Json>),
    /// A map in its order.
    Map(Vec<(String, Json)>),
}

/// A text.
pub(super) fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

/// A map of these entries.
pub(super) fn map<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

// === impl Json ===

impl Json {
    /// A whole number.
    pub(super) fn whole(number: impl Into<i64>) -> Self {
        Self::Number(number.into().to_string())
    }

    /// The map with more entries; anything else as it is.
    pub(super) fn with(mut self, more: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        if let Self::Map(entries) = &mut self {
            entries.extend(more.into_iter().map(|(key, value)| (key.to_owned(), value)));
        }
        self
    }

    /// The entries of two maps, those of this one first.
    pub(super) fn and(mut self, other: Self) -> Self {
        if let (Self::Map(entries), Self::Map(more)) = (&mut self, other) {
            entries.extend(more);
        }
        self
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, deep: usize) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Number(number) => f.write_str(number),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(items) => {
                let write = |item: &Self, f: &mut fmt::Formatter<'_>| item.write(f, deep + 1);
                within(f, ('[', ']'), deep, items, write)
            }
            Self::Map(entries) => within(f, ('{', '}'), deep, entries, |(key, value), f| {
                write!(f, "{}: ", quoted(key))?;
                value.write(f, deep + 1)
            }),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn within<T>(
    f: &mut fmt::Formatter<'_>,
    (open, close): (char, char),
    deep: usize,
    items: &[T],
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (at, item) in items.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(f, "{comma}\n{:1$}", "", 2 * (deep + 1))?;
        write(item, f)?;
    }
    if items.is_empty() { write!(f, "{close}") } else { write!(f, "\n{:1$}{close}", "", 2 * deep) }
}
