//! What the kernel's `table!` makes of a declaration: the macro that selects, and the two statements that write.

use dossier_kernel::db::{insert_text, update_text};
use proc_macro2::{TokenStream, TokenTree};

use super::expand::Macro;
use super::source::{Tokens, group, is, word};
use super::text::decoded;

/// A declaration.
pub(super) struct Table {
    /// The name of the macro that selects.
    pub(super) select: String,
    name: String,
    alias: String,
    once: Vec<String>,
    then: Vec<String>,
    guard: String,
}

// === impl Table ===

impl Table {
    /// The declaration that begins here.
    pub(super) fn at(tokens: &[TokenTree]) -> Option<Self> {
        let [first, sign, body, ..] = tokens else { return None };
        (word(first)? == "table" && is(sign, '!')).then_some(())?;
        let body = group(body)?.1;
        // select!("name" as alias) of Type; once {} then while "guard" {} aside {}
        let [select, _, named, ..] = body.as_slice() else { return None };
        let [TokenTree::Literal(name), _, alias] = <[_; 3]>::try_from(group(named)?.1).ok()? else { return None };
        let part = |name: &str| body.iter().position(|token| word(token).is_some_and(|word| word == name));
        let fields = |name: &str| body[part(name)?..].iter().find_map(group).map(|(_, inner)| columns(&inner));
        let guard = part("while").and_then(|at| body.get(at + 1));
        let guard = guard.and_then(|token| if let TokenTree::Literal(one) = token { Some(decoded(one)) } else { None });
        Some(Self {
            select: word(select)?,
            name: decoded(&name),
            alias: word(&alias)?,
            once: fields("once")?,
            then: fields("then")?,
            guard: guard.map(|guard| format!(" AND {guard}")).unwrap_or_default(),
        })
    }

    /// The macro of its name.
    pub(super) fn selecting(&self, home: &str) -> Macro {
        let Self { name, alias, .. } = self;
        let version = "version".to_owned();
        let all: Vec<_> = self.once.iter().chain(&self.then).chain([&version]).cloned().collect();
        let columns = all.iter().map(|column| format!("{alias}.{column}")).collect::<Vec<_>>().join(", ");
        let names = all.join(", ");
        let (head, end) = (format!("SELECT {columns} FROM {name} {alias}"), format!(" WHERE {alias}.org = $1"));
        let rules = format!(
            "(names) => {{ \"{names}\" }};
             ($before:expr, $join:expr, $rest:expr) => {{ concat!($before, \"{head}\", $join, \"{end}\", $rest) }};
             ($rest:expr) => {{ concat!(\"{head}{end}\", $rest) }}"
        );
        // Names and brackets alone: it is always Rust.
        let rules: TokenStream = rules.parse().unwrap_or_default();
        Macro::read(home, &rules.into_iter().collect::<Vec<_>>())
    }

    /// The statements by which a row is written and changed.
    pub(super) fn written(&self) -> Vec<String> {
        let (once, then) = (self.once.iter(), self.then.iter());
        let (all, then): (Vec<_>, Vec<_>) =
            (once.chain(then.clone()).map(String::as_str).collect(), then.map(String::as_str).collect());
        vec![insert_text(&self.name, &all), update_text(&self.name, &then, &self.guard)]
    }
}

// The columns of `field`, `field = column`, `field as By { column, column }`.
fn columns(fields: &[TokenTree]) -> Vec<String> {
    let one = |field: &[TokenTree]| {
        let parts = field.last().and_then(group).map(|(_, inner)| inner);
        let parts = parts.map(|parts| parts.iter().filter_map(word).collect::<Vec<_>>());
        let behind = field.iter().position(|token| is(token, '=')).and_then(|at| field.get(at + 1));
        parts.unwrap_or_else(|| behind.or(field.first()).and_then(word).into_iter().collect())
    };
    super::source::split(&Tokens::from(fields)).into_iter().flat_map(one).collect()
}
