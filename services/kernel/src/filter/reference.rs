//! The grammar written a second time, word by word instead of letter by letter: where both take or refuse the same texts, neither
//! does it by accident.

use proptest::prelude::*;

use super::{Filter, Op, Value};
use crate::order::Order;
use crate::path::Path;

/// A condition as the reference reads it: path, operator, value as it is written.
type Said = (String, &'static str, String);

/// A path, by its words: names, and between two dots the id of a row.
fn path(text: &str) -> bool {
    let name = |part: &str| {
        let mut letters = part.chars();
        let mut before = '_';
        !part.is_empty()
            && letters.all(|c| {
                let fits = match before {
                    '_' => c.is_ascii_lowercase(),
                    _ => c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_',
                };
                before = c;
                fits
            })
            && before != '_'
    };
    let row = |part: &str| {
        let groups: Vec<_> = part.split('-').map(str::len).collect();
        let hex = part.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f' | '-'));
        (!part.is_empty() && part.chars().all(|c| c.is_ascii_digit())) || (hex && groups == [8, 4, 4, 4, 12])
    };
    let parts: Vec<_> = text.split('.').collect();
    let ends = name(parts[0]) && name(parts[parts.len() - 1]);
    ends && parts.iter().all(|part| name(part) || row(part))
}

/// Words, operators and quoted texts, in their order, each with whether a blank follows; `None` where a text is not ended or
/// holds another escape.
fn tokens(text: &str) -> Option<Vec<(String, bool)>> {
    let mut rest = text.trim_start();
    let mut tokens = Vec::new();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => quoted(rest)?,
            '<' | '>' if rest[1..].starts_with('=') => 2,
            '<' | '>' | '=' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || "\"<>=".contains(c)).unwrap_or(rest.len()),
        };
        let after = &rest[length..];
        tokens.push((rest[..length].to_owned(), after.starts_with(char::is_whitespace)));
        rest = after.trim_start();
    }
    Some(tokens)
}

/// How long the quoted text is that `rest` begins with.
fn quoted(rest: &str) -> Option<usize> {
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some(at + 1),
            '\\' => {
                letters.next().filter(|(_, escaped)| matches!(escaped, '"' | '\\'))?;
            }
            _ => {}
        }
    }
    None
}

fn value(token: &str) -> bool {
    let word = token.starts_with(|c: char| c.is_ascii_alphabetic())
        && token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let number = token.parse::<i64>().is_ok_and(|number| number.to_string() == token);
    token.starts_with('"') || word || number
}

/// The conditions of a filter; `None` where it is refused.
fn filter(text: &str) -> Option<Vec<Said>> {
    const OPS: [&str; 5] = ["=", "<", "<=", ">", ">="];
    let tokens = tokens(text)?;
    let mut found = Vec::new();
    let mut rest = tokens.as_slice();
    while let [(first, _), (op, _), (last, _), after @ ..] = rest {
        let op = OPS.into_iter().find(|known| known == op)?;
        if text.chars().count() > 1_000 || !path(first) || !value(last) {
            return None;
        }
        found.push((first.clone(), op, last.clone()));
        rest = match after {
            [] => return Some(found),
            [(and, true), behind @ ..] if and == "AND" && !behind.is_empty() => behind,
            _ => return None,
        };
    }
    (rest.is_empty() && found.is_empty()).then_some(found)
}

fn order(text: &str) -> Option<Vec<(String, bool)>> {
    if text.trim().is_empty() {
        return Some(Vec::new());
    }
    let key = |part: &str| match part.split_whitespace().collect::<Vec<_>>()[..] {
        [field] if path(field) => Some((field.to_owned(), false)),
        [field, "desc"] if path(field) => Some((field.to_owned(), true)),
        _ => None,
    };
    let keys: Vec<_> = text.split(',').map(key).collect::<Option<_>>()?;
    let names: std::collections::BTreeSet<_> = keys.iter().map(|(field, _)| field).collect();
    (names.len() == keys.len()).then_some(keys)
}

fn said(filter: &Filter) -> Vec<Said> {
    let op = |op: Op| match op {
        Op::Equal => "=",
        Op::Less => "<",
        Op::AtMost => "<=",
        Op::Greater => ">",
        Op::AtLeast => ">=",
    };
    let one = |one: &super::Condition| (one.path.to_string(), op(one.op), one.value.to_string());
    filter.conditions().iter().map(one).collect()
}

/// Texts near the grammar: its own words in any order, with and without blanks, and some that it does not have.
fn texts() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        8 => prop::sample::select(vec![
            "state", "a.b", "lines.7.pages", "address_2", "OUT", "true", "7", "-3", "007", "1.5", "=", "<", "<=", ">", ">=", "==",
            "AND", "AND ", " AND ", "OR", "NOT", "\"text\"", "\"a\\\"b\"", "\"a\\\\\"", "\"a\\n\"", "\"", "\"制造\"", " ", "  ", ":",
            "(", ")", ",", " desc", "-", "_", ".",
        ]).prop_map(str::to_owned),
        1 => "[ -~]{0,3}",
        1 => "\\PC{0,2}",
    ];
    prop::collection::vec(word, 0..12).prop_map(|words| words.concat())
}

/// Texts of the grammar.
fn good() -> impl Strategy<Value = String> {
    let path = "[a-z][a-z0-9]{0,3}(_[a-z]{1,3})?(\\.[0-9]{1,3}\\.[a-z]{1,4})?";
    let op = prop::sample::select(vec!["=", "<", "<=", ">", ">="]);
    let value = prop_oneof![
        "[A-Z][A-Z_]{0,8}",
        any::<i64>().prop_map(|n| n.to_string()),
        "\\PC{0,9}".prop_map(|t| super::quoted(&t))
    ];
    let blank = prop::sample::select(vec!["", " ", "   "]);
    let one =
        (path, blank.clone(), op, blank, value).prop_map(|(path, a, op, b, value)| format!("{path}{a}{op}{b}{value}"));
    prop::collection::vec(one, 0..5).prop_map(|all| all.join(" AND "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn two_readers_of_one_grammar_agree_on_any_text(text in texts()) {
        let ours = Filter::parse(&text).ok();
        prop_assert_eq!(ours.as_ref().map(said), filter(&text), "{:?}", text);
        let ours = Order::parse(&text).ok();
        let keys = ours.map(|one| one.keys().iter().map(|key| (key.path.to_string(), key.descending)).collect::<Vec<_>>());
        prop_assert_eq!(keys, order(&text).filter(|_| text.chars().count() <= 200), "{:?}", text);
        prop_assert_eq!(Path::parse(&text).is_some(), path(&text), "{:?}", text);
    }

    #[test]
    fn two_readers_of_one_grammar_take_what_it_writes(text in good()) {
        let ours = Filter::parse(&text).unwrap();
        prop_assert_eq!(Some(said(&ours)), filter(&text), "{:?}", text);
        prop_assert_eq!(&Filter::parse(&ours.to_string()).unwrap(), &ours);
        for one in ours.conditions() {
            if let Value::Text(inner) = &one.value {
                prop_assert!(one.value.to_string().len() >= inner.len() + 2);
            }
        }
    }

    #[test]
    fn two_readers_of_one_grammar_agree_on_paths(text in "([a-z0-9_]{0,4}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(\\.([a-z0-9_]{0,4}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})){0,3}") {
        prop_assert_eq!(Path::parse(&text).is_some(), path(&text), "{:?}", text);
    }
}
