//! The sources of the services as tokens, without what only tests compile.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::ground::{Fault, Result};

/// What a source is made of.
pub type Tokens = Vec<TokenTree>;

/// One file.
#[derive(Clone, Debug)]
pub struct Source {
    /// From the root of the repository.
    pub path: String,
    /// What it says, without what only tests compile.
    pub tokens: Tokens,
}

// === impl Source ===

impl Source {
    /// A source of this text; its tests are left out.
    ///
    /// # Errors
    /// When the text is no Rust.
    pub fn of(path: &str, text: &str) -> Result<Self> {
        let tokens: TokenStream = text.parse().map_err(|fault| Fault::new(format!("{path}: {fault}")))?;
        Ok(Self { path: path.to_owned(), tokens: without_tests(tokens) })
    }
}

// The root of the repository, where these programs were built.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every source of the services, those of tests aside.
///
/// # Errors
/// When one cannot be read.
pub fn sources() -> Result<Vec<Source>> {
    let tests = |path: &String| path.split('/').any(|part| matches!(part, "tests" | "tests.rs"));
    let paths = files("rs")?.into_iter().filter(|path| path.contains("/src/") && !tests(path));
    paths.map(|path| Source::of(&path, &text(&path)?)).collect()
}

/// Every migration of the services, path and text.
///
/// # Errors
/// When one cannot be read.
pub fn migrations() -> Result<Vec<(String, String)>> {
    let paths = files("sql")?.into_iter().filter(|path| path.contains("/migrations/"));
    paths.map(|path| Ok((path.clone(), text(&path)?))).collect()
}

fn text(path: &str) -> Result<String> {
    std::fs::read_to_string(root().join(path)).map_err(|fault| Fault::new(format!("{path}: {fault}")))
}

// Below `services`, in one order.
fn files(end: &str) -> Result<Vec<String>> {
    let (root, mut found) = (root(), Vec::new());
    let mut folders = vec![root.join("services")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|one| one == end) {
                let short = path.strip_prefix(&root).unwrap_or(&path);
                found.push(short.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    Ok(found)
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
pub fn is(token: &TokenTree, sign: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign)
}

/// The name that a token is.
pub fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

/// What stands between the commas.
pub fn split(tokens: &[TokenTree]) -> Vec<&[TokenTree]> {
    let parts = tokens.split(|token| is(token, ','));
    parts.filter(|part| !part.is_empty()).collect()
}

/// The tokens of a group.
pub fn group(token: &TokenTree) -> Option<(Delimiter, Tokens)> {
    match token {
        TokenTree::Group(group) => Some((group.delimiter(), group.stream().into_iter().collect())),
        _ => None,
    }
}
