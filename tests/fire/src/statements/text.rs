//! The texts that an expression may be.

use proc_macro2::{Delimiter, Literal, TokenTree};

use super::scope::{Meaning, Scope};
use super::source::{Tokens, group, is, split, word};

/// Every text that `expression` may be, or why that cannot be told.
pub(super) fn texts(expression: &[TokenTree], scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let expression = bare(expression);
    match expression.as_slice() {
        [TokenTree::Literal(literal)] => return Ok(vec![decoded(literal)]),
        [one] if group(one).is_some() => return texts(&group(one).map(|(_, inner)| inner).unwrap_or_default(), scope),
        [first, ..] if word(first).is_some_and(|word| word == "if") => return branches(&expression, scope),
        [first, ..] if word(first).is_some_and(|word| word == "match") => return arms(&expression, scope),
        _ => {}
    }
    if let Some((path, given)) = call(&expression) {
        return made(&path, &given, scope);
    }
    match path(&expression) {
        Some(names) => named(names.last().map_or("", String::as_str), scope),
        None => Err(format!("`{}` is no text", shown(&expression))),
    }
}

/// A path, a sign of a macro, and what it is given, where that is the whole expression.
pub(super) fn call(tokens: &[TokenTree]) -> Option<(Vec<String>, Tokens)> {
    let (last, front) = tokens.split_last()?;
    let (sign, front) = front.split_last()?;
    let given = group(last).filter(|(kind, _)| *kind != Delimiter::None)?.1;
    is(sign, '!').then_some(())?;
    Some((path(front)?, given))
}

// Without what changes nothing: references, and the group that a fragment of a macro is.
fn bare(tokens: &[TokenTree]) -> Tokens {
    match tokens {
        [first, rest @ ..] if is(first, '&') => bare(rest),
        [TokenTree::Group(one)] if one.delimiter() == Delimiter::None => {
            bare(&one.stream().into_iter().collect::<Vec<_>>())
        }
        _ => tokens.to_vec(),
    }
}

fn path(tokens: &[TokenTree]) -> Option<Vec<String>> {
    let names: Vec<_> = tokens.iter().filter_map(word).collect();
    let whole = tokens.iter().all(|token| word(token).is_some() || is(token, ':'));
    (whole && !names.is_empty() && tokens.len() == 3 * names.len() - 2).then_some(names)
}

fn made(path: &[String], given: &[TokenTree], scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let name = path.last().map_or("", String::as_str);
    if name == "concat" {
        return split(given).into_iter().try_fold(vec![String::new()], |all, part| {
            let more = texts(part, scope)?;
            Ok(all.iter().flat_map(|head| more.iter().map(move |tail| format!("{head}{tail}"))).collect())
        });
    }
    if name == "sql_given" {
        return given_texts(given, scope);
    }
    let known = scope.find(path).ok_or_else(|| format!("nobody knows `{name}!`"))?;
    let body = known.expand(given).ok_or_else(|| format!("`{name}!` does not take `{}`", shown(given)))?;
    texts(&body, &scope.within(&known))
}

// The head and the end with no condition between them, with each one alone, with all.
fn given_texts(given: &[TokenTree], scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let parts: Vec<_> = given.split(|token| is(token, ';')).collect();
    let [head, conditions, end] = parts.as_slice() else { return Err(format!("`{}` is no list", shown(given))) };
    let asked = conditions_of(conditions).into_iter().map(|part| {
        let arrow = part.windows(2).position(|pair| is(&pair[0], '=') && is(&pair[1], '>'));
        let text = arrow.map(|at| &part[at + 2..]).ok_or_else(|| format!("`{}` has no arrow", shown(&part)))?;
        texts(text, scope)
    });
    let asked: Vec<String> = asked.collect::<Result<Vec<_>, _>>()?.concat();
    let between: Vec<_> = [String::new(), asked.concat()].into_iter().chain(asked).collect();
    let (heads, ends) = (texts(head, scope)?, texts(end, scope)?);
    let whole = |head: &String| {
        let around = |end: &String| between.iter().map(|one| format!("{head}{one}{end}")).collect::<Vec<_>>();
        ends.iter().flat_map(around).collect::<Vec<_>>()
    };
    Ok(heads.iter().flat_map(whole).collect())
}

// Each condition; those that stand in brackets are one statement's own.
fn conditions_of(tokens: &[TokenTree]) -> Vec<Tokens> {
    let each = |part: &&[TokenTree]| match bare(part).as_slice() {
        [one] if group(one).is_some() => {
            group(one).map(|(_, inner)| split(&inner).into_iter().map(<[_]>::to_vec).collect()).unwrap_or_default()
        }
        _ => vec![part.to_vec()],
    };
    split(tokens).iter().flat_map(each).collect()
}

fn named(name: &str, scope: &Scope<'_>) -> Result<Vec<String>, String> {
    match scope.meaning(name) {
        None => Err(format!("nobody knows `{name}`")),
        Some(Meaning::Parameter) => Err(format!("`{name}` comes from a caller")),
        Some(Meaning::OneOf(values)) if values.is_empty() => Err(format!("`{name}` has no value that can be told")),
        Some(Meaning::OneOf(values)) => {
            let all: Result<Vec<_>, _> = values.iter().map(|value| texts(value, scope)).collect();
            Ok(all?.concat())
        }
    }
}

// Every block of `if ... {} else if ... {} else {}`.
fn branches(tokens: &[TokenTree], scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let blocks = tokens.iter().filter_map(group).filter(|(kind, _)| *kind == Delimiter::Brace);
    let all: Result<Vec<_>, _> = blocks.map(|(_, inner)| texts(&inner, scope)).collect();
    Ok(all?.concat())
}

// What stands behind each arrow.
fn arms(tokens: &[TokenTree], scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let inner = tokens.last().and_then(group).map(|(_, inner)| inner).unwrap_or_default();
    let arrows = (1..inner.len()).filter(|at| is(&inner[at - 1], '=') && is(&inner[*at], '>'));
    let all: Result<Vec<_>, _> = arrows
        .map(|at| {
            let rest = &inner[at + 1..];
            let end = rest.iter().position(|token| is(token, ',')).unwrap_or(rest.len());
            let block = rest.first().and_then(group).is_some_and(|(kind, _)| kind == Delimiter::Brace);
            texts(&rest[..if block { 1 } else { end }], scope)
        })
        .collect();
    Ok(all?.concat())
}

/// Tokens as they may be shown, in short.
pub(super) fn shown(tokens: &[TokenTree]) -> String {
    let text = tokens.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    text.chars().take(80).collect()
}

/// What a literal says.
pub(super) fn decoded(literal: &Literal) -> String {
    let text = literal.to_string();
    if let Some(raw) = text.strip_prefix('r') {
        return raw.trim_matches('#').trim_matches('"').to_owned();
    }
    let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) else { return text };
    let (mut said, mut rest) = (String::new(), inner.chars().peekable());
    while let Some(sign) = rest.next() {
        match (sign, rest.peek().copied()) {
            ('\\', Some('\n')) => while rest.next_if(|next| next.is_whitespace()).is_some() {},
            ('\\', Some(next)) => {
                said.push(if next == 'n' { '\n' } else { next });
                rest.next();
            }
            _ => said.push(sign),
        }
    }
    said
}
