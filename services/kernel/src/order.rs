//! The `order_by` of every list: AIP-132, `field` or `field desc`, several behind commas.

use std::fmt;

use crate::error::{Error, Result};
use crate::path::Path;

/// Most characters of an order.
const LONGEST: usize = 200;

/// In which order a list is asked for. [`Display`](fmt::Display) gives the one spelling of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order(Vec<Key>);

/// One field of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The field.
    pub path: Path,
    /// Whether the greatest comes first.
    pub descending: bool,
}

// === impl Order ===

impl Order {
    /// Reads an order; an empty text names no field.
    ///
    /// # Errors
    /// A violation of `order_by` that says what must stand there.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            let form = "fields behind commas, each once and each followed by `desc` or nothing";
            Error::violation("order_by", format!("must be {form}, at most {LONGEST} characters"))
        };
        if text.chars().count() > LONGEST {
            return Err(wrong());
        }
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let keys: Option<Vec<Key>> = text.split(',').map(Key::parse).collect();
        let keys = keys.ok_or_else(wrong)?;
        let again = |(at, key): (usize, &Key)| keys[..at].iter().any(|known| known.path == key.path);
        if keys.iter().enumerate().any(again) { Err(wrong()) } else { Ok(Self(keys)) }
    }

    /// Its fields.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// Which of `orders`, each in its one spelling, is asked for; the first where none is.
    ///
    /// # Errors
    /// A violation of `order_by` that names them.
    pub fn among(&self, orders: &[&'static str]) -> Result<&'static str> {
        let asked = self.to_string();
        let found = orders.iter().copied().find(|order| self.0.is_empty() || *order == asked);
        found.ok_or_else(|| {
            let known = orders.iter().map(|order| format!("`{order}`")).collect::<Vec<_>>().join(" or ");
            Error::violation("order_by", format!("must be empty or {known}: this list has no other order"))
        })
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.0.iter().enumerate() {
            let (comma, way) = (if at == 0 { "" } else { ", " }, if key.descending { " desc" } else { "" });
            write!(f, "{comma}{}{way}", key.path)?;
        }
        Ok(())
    }
}

// === impl Key ===

impl Key {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let path = Path::parse(words.next()?)?;
        let descending = match words.next() {
            None => false,
            Some("desc") => true,
            Some(_) => return None,
        };
        words.next().is_none().then_some(Self { path, descending })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_has_one_spelling() {
        for (text, spelling) in [
            ("", ""),
            (" ", ""),
            ("seq", "seq"),
            (" a_b  desc ,c", "a_b desc, c"),
            ("lines.7.pages desc", "lines.7.pages desc"),
        ] {
            assert_eq!(Order::parse(text).unwrap().to_string(), spelling);
        }
        for wrong in [",", "a,", "a b", "a desc desc", "a asc", "a DESC", "A", "a, a desc", "a;b", &"a".repeat(201)] {
            assert_eq!(Order::parse(wrong).unwrap_err().violations()[0].field, "order_by", "{wrong}");
        }
    }

    #[test]
    fn a_list_gives_the_orders_it_has_and_names_them_for_any_other() {
        let among = |text: &str| Order::parse(text).unwrap().among(&["due_time", "name desc"]);
        assert_eq!((among("").unwrap(), among("name  desc").unwrap()), ("due_time", "name desc"));
        let fault = among("due_time desc").unwrap_err();
        assert_eq!(fault.violations()[0].field, "order_by");
        assert!(fault.violations()[0].why.contains("`due_time` or `name desc`"));
    }
}
