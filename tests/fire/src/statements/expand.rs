//! `macro_rules!` as far as texts of statements are built by them: fragments, and one optional comma at the end.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenTree};

use super::source::{Tokens, group, is, word};

/// A macro and where it stands.
#[derive(Clone)]
pub(super) struct Macro {
    pub(super) home: String,
    rules: Vec<(Tokens, Tokens)>,
}

// === impl Macro ===

impl Macro {
    /// Reads what stands between the braces of a `macro_rules!`.
    pub(super) fn read(home: &str, body: &[TokenTree]) -> Self {
        let rules = body.split(|token| is(token, ';')).filter(|rule| !rule.is_empty());
        let rule = |rule: &[TokenTree]| Some((group(rule.first()?)?.1, group(rule.last()?)?.1));
        Self { home: home.to_owned(), rules: rules.filter_map(rule).collect() }
    }

    /// Whether a word stands in what it makes.
    pub(super) fn makes(&self, wanted: &dyn Fn(&str) -> bool) -> bool {
        self.rules.iter().any(|(_, body)| holds(body, wanted))
    }

    /// What it makes of `given`; nothing where no rule fits.
    pub(super) fn expand(&self, given: &[TokenTree]) -> Option<Tokens> {
        self.rules.iter().find_map(|(pattern, body)| {
            let mut bound = BTreeMap::new();
            bind(pattern, given, &mut bound)?.is_empty().then(|| self.fill(body, &bound))
        })
    }

    fn fill(&self, body: &[TokenTree], bound: &BTreeMap<String, Tokens>) -> Tokens {
        let (mut made, mut rest) = (Vec::new(), body.iter().peekable());
        while let Some(token) = rest.next() {
            let name = rest.peek().filter(|_| is(token, '$')).and_then(|next| word(next));
            match (name.as_deref(), token) {
                (Some("crate"), _) => made.push(TokenTree::Ident(Ident::new(&self.of_crate(), Span::call_site()))),
                (Some(name), _) if bound.contains_key(name) => {
                    made.push(Group::new(Delimiter::None, bound[name].iter().cloned().collect()).into());
                }
                (_, TokenTree::Group(one)) => {
                    let inner = self.fill(&one.stream().into_iter().collect::<Vec<_>>(), bound);
                    let mut group = Group::new(one.delimiter(), inner.into_iter().collect());
                    group.set_span(one.span());
                    made.push(group.into());
                    continue;
                }
                (_, other) => {
                    made.push(other.clone());
                    continue;
                }
            }
            rest.next();
        }
        made
    }

    // As other crates name it.
    fn of_crate(&self) -> String {
        format!("dossier_{}", self.home.split('/').nth(1).unwrap_or_default())
    }
}

fn holds(tokens: &[TokenTree], wanted: &dyn Fn(&str) -> bool) -> bool {
    tokens.iter().any(|token| match group(token) {
        Some((_, inner)) => holds(&inner, wanted),
        None => word(token).is_some_and(|word| wanted(&word)),
    })
}

// Binds the fragments of `pattern`; gives what is left of `given`.
fn bind<'a>(
    pattern: &[TokenTree],
    given: &'a [TokenTree],
    bound: &mut BTreeMap<String, Tokens>,
) -> Option<&'a [TokenTree]> {
    let Some(first) = pattern.first() else { return Some(given) };
    if is(first, '$') {
        if group(pattern.get(1)?).is_some() {
            // One comma more or none, at the end; a list of unknown length fits where there is none.
            return given.iter().all(|token| is(token, ',')).then_some(&[]);
        }
        let (name, kind) = (word(pattern.get(1)?)?, word(pattern.get(3)?)?);
        let rest = &pattern[4..];
        let length = match kind.as_str() {
            "literal" | "ident" | "tt" => 1,
            _ => length(given, rest.first()),
        };
        let (taken, left) = given.split_at_checked(length).filter(|(taken, _)| !taken.is_empty())?;
        bound.insert(name, taken.to_vec());
        return bind(rest, left, bound);
    }
    let (next, left) = given.split_first()?;
    match (group(first), group(next)) {
        (Some((kind, inner)), Some((other, tokens))) if kind == other => {
            bind(&inner, &tokens, bound)?.is_empty().then_some(())?;
        }
        (None, None) if first.to_string() == next.to_string() => {}
        _ => return None,
    }
    bind(&pattern[1..], left, bound)
}

// How many tokens a fragment takes: up to what follows it.
fn length(given: &[TokenTree], stop: Option<&TokenTree>) -> usize {
    let sign = match stop {
        None => return given.len(),
        Some(TokenTree::Punct(punct)) if punct.as_char() != '$' => punct.as_char(),
        Some(_) => ',',
    };
    // An arrow is two signs, and a comparison begins with the same.
    let ends = |at: usize| is(&given[at], sign) && (sign != '=' || given.get(at + 1).is_some_and(|next| is(next, '>')));
    (0..given.len()).find(|at| ends(*at)).unwrap_or(given.len())
}
