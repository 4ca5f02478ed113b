//! Patterns of file numbers.

/// A pattern taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Piece>);

/// A part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Literal(String),
    /// Four digits.
    Year,
    /// Two digits.
    Month,
    /// Two digits.
    Day,
    /// The sequence number: this many digits with leading zeros, or as many as the number has room for.
    Seq(Option<usize>),
    /// The code of a field's value.
    Code(String),
}

/// More digits than any counter needs.
const WIDEST: usize = 18;

// === impl Pattern ===

impl Pattern {
    /// Takes a pattern apart.
    ///
    /// # Errors
    /// A sentence: unclosed or empty placeholders, a bad width, not exactly one `{seq}`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let open = rest.find('{').unwrap_or(rest.len());
            let (literal, after) = rest.split_at(open);
            if literal.contains('}') {
                return Err(format!("`{text}` closes a placeholder it did not open"));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Literal(literal.to_owned()));
            }
            let Some(inside) = after.strip_prefix('{') else { break };
            let (name, after) = inside.split_once('}').ok_or_else(|| format!("`{text}` leaves a placeholder open"))?;
            pieces.push(Piece::parse(name)?);
            rest = after;
        }
        let counters = pieces.iter().filter(|piece| matches!(piece, Piece::Seq(_))).count();
        if counters != 1 {
            return Err(format!("`{text}` has {counters} `{{seq}}`, not one"));
        }
        Ok(Self(pieces))
    }

    /// Its pieces in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// Width of the sequence number, if the pattern states one.
    pub fn seq_width(&self) -> Option<usize> {
        self.0.iter().find_map(|piece| match piece {
            Piece::Seq(width) => *width,
            _ => None,
        })
    }
}

// === impl Piece ===

impl Piece {
    fn parse(name: &str) -> Result<Self, String> {
        if let Some(width) = name.strip_prefix("seq:") {
            let width = width.parse().ok().filter(|width| (1..=WIDEST).contains(width));
            return width
                .map(|width| Self::Seq(Some(width)))
                .ok_or_else(|| format!("the width in `{{{name}}}` is not between 1 and {WIDEST}"));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_lowercase() || c == '_') {
            return Err(format!("`{{{name}}}` is no placeholder"));
        }
        Ok(Self::named(name))
    }

    /// The piece a name stands for.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "year" => Self::Year,
            "month" => Self::Month,
            "day" => Self::Day,
            "seq" => Self::Seq(None),
            field => Self::Code(field.to_owned()),
        }
    }
}
