//! What a name means at a place of a source.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenTree;

use super::expand::Macro;
use super::source::{Source, Tokens, group, is, split, word};
use super::table::Table;

/// What a name stands for.
#[derive(Clone)]
pub(super) enum Meaning {
    /// One of these expressions.
    OneOf(Vec<Tokens>),
    /// What a caller gives.
    Parameter,
}

/// What the names of all sources mean outside functions.
#[derive(Default)]
pub(super) struct Names {
    constants: BTreeMap<String, Vec<(String, Tokens)>>,
    macros: BTreeMap<String, Vec<Macro>>,
}

/// The names of one place: those of its blocks, innermost last, and those of everywhere.
#[derive(Clone)]
pub(super) struct Scope<'a> {
    names: &'a Names,
    /// The files whose names count, the nearest last: where a macro was made, and where it is used.
    pub(super) homes: Vec<String>,
    local: Vec<(String, Meaning)>,
    macros: Vec<(String, Macro)>,
}

// === impl Names ===

impl Names {
    /// Every constant and every macro.
    pub(super) fn of(sources: &[Source]) -> Self {
        let mut names = Self::default();
        sources.iter().for_each(|source| names.collect(&source.path, &source.tokens));
        names
    }

    fn collect(&mut self, home: &str, tokens: &[TokenTree]) {
        for at in 0..tokens.len() {
            if let Some((name, made)) = macro_at(home, &tokens[at..]) {
                self.macros.entry(name).or_default().push(made);
            } else if let Some(table) = Table::at(&tokens[at..]) {
                self.macros.entry(table.select.clone()).or_default().push(table.selecting(home));
            } else if let Some((name, value)) = constant_at(&tokens[at..]) {
                self.constants.entry(name).or_default().push((home.to_owned(), value));
            } else if let Some((_, inner)) = group(&tokens[at]) {
                self.collect(home, &inner);
            }
        }
    }

    /// The macros that use one of `runners`, or another that does: file and name.
    pub(super) fn running(&self, runners: &[&str]) -> BTreeSet<(String, String)> {
        let mut found: BTreeSet<(String, String)> = BTreeSet::new();
        loop {
            let runs = |word: &str| runners.contains(&word) || found.iter().any(|(_, name)| name == word);
            let all = self.macros.iter().flat_map(|(name, made)| made.iter().map(move |one| (name, one)));
            let more = all.filter(|(_, made)| made.makes(&runs)).map(|(name, made)| (made.home.clone(), name.clone()));
            let more: BTreeSet<_> = more.collect();
            if more.len() == found.len() {
                return found;
            }
            found = more;
        }
    }
}

// === impl Scope ===

impl<'a> Scope<'a> {
    pub(super) fn of(names: &'a Names, home: &str) -> Self {
        Self { names, homes: vec![home.to_owned()], local: Vec::new(), macros: Vec::new() }
    }

    /// Where what is looked at stands.
    pub(super) fn home(&self) -> &str {
        self.homes.last().map_or("", String::as_str)
    }

    /// The same place, with the names of where a macro was made in front.
    pub(super) fn within(&self, made: &Macro) -> Self {
        let mut scope = self.clone();
        scope.homes.push(made.home.clone());
        scope
    }

    /// How much is known, to forget by it what a block defined.
    pub(super) fn known(&self) -> (usize, usize) {
        (self.local.len(), self.macros.len())
    }

    /// Forgets what was defined since.
    pub(super) fn forget(&mut self, (local, macros): (usize, usize)) {
        self.local.truncate(local);
        self.macros.truncate(macros);
    }

    /// Notes what the tokens at hand define.
    pub(super) fn note(&mut self, tokens: &[TokenTree]) {
        if let Some(made) = macro_at(self.home(), tokens) {
            self.macros.push(made);
        } else if let Some((name, value)) = constant_at(tokens) {
            self.local.push((name, Meaning::OneOf(vec![value])));
        } else if let Some((names, values)) = binding(tokens) {
            self.bind(&names, &values);
        } else if let Some(parameters) = parameters(tokens) {
            self.local.extend(parameters.into_iter().map(|name| (name, Meaning::Parameter)));
        }
    }

    // A name, or a list of names for lists of values.
    fn bind(&mut self, names: &[TokenTree], values: &[Tokens]) {
        if let Some(name) = single(names) {
            self.local.push((name, Meaning::OneOf(values.to_vec())));
            return;
        }
        let Some((_, inner)) = names.first().and_then(group).filter(|_| names.len() == 1) else { return };
        for (at, part) in split(&inner).into_iter().enumerate() {
            let Some(name) = single(part) else { continue };
            let column = |value: &Tokens| {
                let (_, inner) = group(value.first()?).filter(|_| value.len() == 1)?;
                split(&inner).get(at).map(|part| part.to_vec())
            };
            self.local.push((name, Meaning::OneOf(values.iter().filter_map(column).collect())));
        }
    }

    /// What `name` stands for here.
    pub(super) fn meaning(&self, name: &str) -> Option<Meaning> {
        let local = self.local.iter().rev().find(|(known, _)| known == name).map(|(_, meaning)| meaning.clone());
        local.or_else(|| {
            let known = self.names.constants.get(name)?;
            let near = self.nearest(known.iter().map(|(home, value)| (home.as_str(), value)))?;
            Some(Meaning::OneOf(vec![near.clone()]))
        })
    }

    /// The macro that `path` names here.
    pub(super) fn find(&self, path: &[String]) -> Option<Macro> {
        let (name, before) = path.split_last()?;
        let of_crate = before.first().and_then(|first| first.strip_prefix("dossier_"));
        let local = self.macros.iter().rev().find(|(known, _)| known == name).map(|(_, made)| made.clone());
        local.filter(|_| before.is_empty()).or_else(|| {
            let known = self.names.macros.get(name)?.iter();
            let known =
                known.filter(|one| of_crate.is_none_or(|own| one.home.starts_with(&format!("services/{own}/"))));
            self.nearest(known.map(|one| (one.home.as_str(), one))).cloned()
        })
    }

    // In one of our files, or else the one nearest to them.
    fn nearest<'b, T>(&self, known: impl Iterator<Item = (&'b str, &'b T)>) -> Option<&'b T> {
        let known: Vec<_> = known.collect();
        let own = self.homes.iter().rev().find_map(|home| known.iter().find(|(place, _)| place == home));
        let near = || known.iter().max_by_key(|(place, _)| common(place, self.home()));
        own.or_else(near).map(|(_, found)| *found)
    }
}

// How many folders two files have in common.
fn common(one: &str, other: &str) -> usize {
    let folders = |path: &str| path.trim_end_matches(".rs").split('/').map(str::to_owned).collect::<Vec<_>>();
    folders(one).iter().zip(&folders(other)).take_while(|(a, b)| a == b).count()
}

/// The macro that is defined by these tokens.
pub(super) fn macro_at(home: &str, tokens: &[TokenTree]) -> Option<(String, Macro)> {
    let [first, sign, name, body, ..] = tokens else { return None };
    (word(first)? == "macro_rules" && is(sign, '!')).then_some(())?;
    Some((word(name)?, Macro::read(home, &group(body)?.1)))
}

// `const NAME: TYPE = VALUE;`
fn constant_at(tokens: &[TokenTree]) -> Option<(String, Tokens)> {
    let first = word(tokens.first()?)?;
    (first == "const" || first == "static").then_some(())?;
    (word(tokens.get(1)?)? != "fn" && is(tokens.get(2)?, ':')).then_some(())?;
    Some((word(&tokens[1])?, value(tokens)?.to_vec()))
}

// `let NAMES = VALUE;` or `for NAMES in [VALUE, VALUE]`.
fn binding(tokens: &[TokenTree]) -> Option<(Tokens, Vec<Tokens>)> {
    match word(tokens.first()?)?.as_str() {
        "let" => {
            let end = tokens.iter().position(|token| is(token, '=') || is(token, ':'))?;
            Some((tokens[1..end].to_vec(), vec![value(tokens)?.to_vec()]))
        }
        "for" => {
            let end = tokens.iter().position(|token| word(token).is_some_and(|word| word == "in"))?;
            let (_, inner) = group(tokens.get(end + 1)?)?;
            Some((tokens[1..end].to_vec(), split(&inner).into_iter().map(<[_]>::to_vec).collect()))
        }
        _ => None,
    }
}

// What stands between the sign of equality and the end.
fn value(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    let end = tokens.iter().position(|token| is(token, ';'))?;
    let begin = tokens[..end].iter().position(|token| is(token, '='))?;
    Some(&tokens[begin + 1..end])
}

// The names of the parameters of `fn NAME(...)`.
fn parameters(tokens: &[TokenTree]) -> Option<Vec<String>> {
    (word(tokens.first()?)? == "fn").then_some(())?;
    let list = tokens
        .iter()
        .take_while(|token| !is(token, ';'))
        .find_map(|token| group(token).filter(|(kind, _)| *kind == proc_macro2::Delimiter::Parenthesis))?;
    Some(split(&list.1).into_iter().filter_map(|part| word(&part[0])).collect())
}

fn single(tokens: &[TokenTree]) -> Option<String> {
    let name = tokens.iter().filter_map(word).rfind(|word| word != "mut")?;
    tokens.iter().all(|token| word(token).is_some()).then_some(name)
}
