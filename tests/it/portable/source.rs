//! The sources of the services as tokens, without what only tests compile.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// What a source is made of.
pub(crate) type Tokens = Vec<TokenTree>;

/// One file.
#[derive(Clone)]
pub(crate) struct Source {
    /// From the root of the repository.
    pub(crate) path: String,
    pub(crate) tokens: Tokens,
}

// === impl Source ===

impl Source {
    /// A source of this text; its tests are left out.
    pub(crate) fn of(path: &str, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|fault| panic!("{path}: {fault}"));
        Self { path: path.to_owned(), tokens: without_tests(tokens) }
    }
}

/// The root of the repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every source of the services, those of tests aside.
pub(crate) fn sources() -> Vec<Source> {
    files("rs")
        .into_iter()
        .filter(|path| path.contains("/src/") && !path.split('/').any(|part| matches!(part, "tests" | "tests.rs")))
        .map(|path| Source::of(&path, &text(&path)))
        .collect()
}

/// Every migration of the services, path and text.
pub(super) fn migrations() -> Vec<(String, String)> {
    let paths = files("sql").into_iter().filter(|path| path.contains("/migrations/"));
    paths.map(|path| (path.clone(), text(&path))).collect()
}

fn text(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

// Below `services`, in one order.
fn files(end: &str) -> Vec<String> {
    let (mut folders, mut found) = (vec![root().join("services")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|one| one == end) {
                let short = path.strip_prefix(root()).unwrap();
                found.push(short.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

// Attributes too: what documentation shows is not run.
fn without_tests(stream: TokenStream) -> Tokens {
    let (mut kept, mut rest) = (Vec::new(), stream.into_iter().peekable());
    while let Some(token) = rest.next() {
        if !is(&token, '#') {
            kept.push(inside(token));
            continue;
        }
        if rest.peek().is_some_and(|next| is(next, '!')) {
            rest.next();
        }
        let attribute = rest.next();
        if attribute.is_some_and(|one| is_for_tests(&one)) {
            // The item ends with its body or with a semicolon.
            let _ = rest.find(|token| is(token, ';') || is_body(token));
        }
    }
    kept
}

fn inside(token: TokenTree) -> TokenTree {
    let TokenTree::Group(group) = token else { return token };
    let mut made = proc_macro2::Group::new(group.delimiter(), without_tests(group.stream()).into_iter().collect());
    made.set_span(group.span());
    TokenTree::Group(made)
}

fn is_for_tests(attribute: &TokenTree) -> bool {
    let text = attribute.to_string().replace(' ', "");
    ["[cfg(test)]", "[cfg(all(test,", "[test]", "[tokio::test"].iter().any(|start| text.starts_with(start))
}

fn is_body(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

/// Whether a token is this sign.
pub(crate) fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// The name that a token is.
pub(crate) fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

/// What stands between the commas.
pub(crate) fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let parts = tokens.split(|token| is(token, ','));
    parts.filter(|part| !part.is_empty()).collect()
}

/// The tokens of a group.
pub(crate) fn group(token: &TokenTree) -> Option<(Delimiter, Tokens)> {
    match token {
        TokenTree::Group(group) => Some((group.delimiter(), group.stream().into_iter().collect())),
        _ => None,
    }
}
