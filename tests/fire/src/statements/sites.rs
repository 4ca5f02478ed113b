//! Where statements are run, and what their texts are.

use std::collections::BTreeSet;

use proc_macro2::TokenTree;

use super::expand::Macro;
use super::scope::{Names, Scope, macro_at};
use super::source::{Source, Tokens, group, is, split, word};
use super::table::Table;
use super::text::{call, decoded, texts};

/// The macros of the kernel that run a statement.
const RUNNERS: [&str; 5] = ["sql", "glance", "sql_rows", "sql_each", "glance_rows"];

/// A statement that is run.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The source that runs it, from the root of the repository.
    pub file: String,
    /// Its text, rows that are given as arrays as PostgreSQL takes them.
    pub text: String,
}

/// Whether a token names a macro of the kernel that runs a statement.
pub fn is_runner(token: &TokenTree) -> bool {
    word(token).is_some_and(|word| RUNNERS.contains(&word.as_str()))
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// How many places run statements.
    pub sites: usize,
    /// What they run; where a text has conditions, with none of them, with each and with all.
    pub statements: Vec<Statement>,
    /// Places whose text cannot be told: file, and why.
    pub unknown: Vec<(String, String)>,
    /// Other macros that run statements, by file and name, and those that were used.
    running: BTreeSet<(String, String)>,
    used: BTreeSet<(String, String)>,
}

/// Every statement of `sources`.
pub fn find(sources: &[Source]) -> Found {
    let names = Names::of(sources);
    let mut found = Found { running: names.running(&RUNNERS), ..Found::default() };
    for source in sources.iter().filter(|source| !is_kernel(&source.path)) {
        found.walk(&source.tokens, &mut Scope::of(&names, &source.path), &source.path);
    }
    for (home, name) in found.running.difference(&found.used).filter(|(home, _)| !is_kernel(home)) {
        found.unknown.push((home.clone(), format!("`{name}!` runs a statement and nobody uses it")));
    }
    found.tables(sources);
    found.loose(sources);
    found
}

// Where the macros themselves are made, and the dialects named: its texts are read by themselves.
fn is_kernel(path: &str) -> bool {
    path.starts_with("services/kernel/src/db/")
}

// === impl Found ===

impl Found {
    fn walk(&mut self, tokens: &[TokenTree], scope: &mut Scope<'_>, file: &str) {
        let mut at = 0;
        while at < tokens.len() {
            let rest = &tokens[at..];
            scope.note(rest);
            at += match macro_at(file, rest) {
                Some(_) => 4,
                None => self.step(rest, scope, file),
            };
        }
    }

    // Looks at what comes first; gives how many tokens that is.
    fn step(&mut self, rest: &[TokenTree], scope: &mut Scope<'_>, file: &str) -> usize {
        if let Some((path, given, length)) = used(rest) {
            let name = path.last().cloned().unwrap_or_default();
            if RUNNERS.contains(&name.as_str()) {
                self.site(&name, &given, scope, file);
            } else if let Some(made) = scope.find(&path).filter(|made| self.runs(made, &name)) {
                self.used.insert((made.home.clone(), name.clone()));
                match made.expand(&given) {
                    Some(body) => self.walk(&body, &mut scope.within(&made), file),
                    None => self.unknown.push((file.to_owned(), format!("`{name}!` cannot be expanded"))),
                }
                return length;
            }
            self.walk(&given, scope, file);
            return length;
        }
        if let Some((_, inner)) = rest.first().and_then(group) {
            // What a block names ends with it.
            let known = scope.known();
            self.walk(&inner, scope, file);
            scope.forget(known);
        }
        1
    }

    fn runs(&self, made: &Macro, name: &str) -> bool {
        self.running.contains(&(made.home.clone(), name.to_owned()))
    }

    fn site(&mut self, name: &str, given: &[TokenTree], scope: &Scope<'_>, file: &str) {
        self.sites += 1;
        match statements(name, &split(given), scope) {
            Ok(texts) if !texts.is_empty() => {
                let whole = |text| Statement { file: file.to_owned(), text };
                self.statements.extend(texts.into_iter().map(whole));
            }
            Ok(_) => self.unknown.push((file.to_owned(), "there is no text".to_owned())),
            Err(why) => self.unknown.push((file.to_owned(), why)),
        }
    }

    // What the declarations of tables write.
    fn tables(&mut self, sources: &[Source]) {
        for source in sources.iter().filter(|source| !is_kernel(&source.path)) {
            let places = 0..source.tokens.len();
            let tables = places.filter_map(|at| Table::at(&source.tokens[at..]));
            let texts = tables.flat_map(|table| table.written());
            self.statements.extend(texts.map(|text| Statement { file: source.path.clone(), text }));
        }
    }

    // Texts that are statements by themselves and that no site was seen to run: those that a caller gives.
    fn loose(&mut self, sources: &[Source]) {
        // What `table!` writes is whole with its declarations only.
        for source in sources.iter().filter(|source| source.path != "services/kernel/src/db/table.rs") {
            let mut literals = Vec::new();
            collect(&source.tokens, &mut literals);
            for text in literals.into_iter().filter(|text| is_statement(text)) {
                if !self.statements.iter().any(|known| known.text.contains(&text)) {
                    self.statements.push(Statement { file: source.path.clone(), text });
                }
            }
        }
    }
}

// A path, `!` and a group, and how many tokens they are.
fn used(tokens: &[TokenTree]) -> Option<(Vec<String>, Tokens, usize)> {
    let sign = tokens.iter().position(|token| word(token).is_none() && !is(token, ':'))?;
    let (path, given) = call(tokens.get(..sign + 2)?)?;
    Some((path, given, sign + 2))
}

fn statements(name: &str, given: &[&[TokenTree]], scope: &Scope<'_>) -> Result<Vec<String>, String> {
    let at = |place: usize| given.get(place).copied().ok_or_else(|| format!("`{name}!` has too few arguments"));
    let fetches = given.get(1).is_some_and(|part| part.iter().any(|token| word(token).is_some_and(|one| one == "as")));
    match name {
        "sql" | "glance" => texts(at(2)?, scope),
        "sql_each" => {
            let head: Vec<_> = texts(at(2)?, scope)?.iter().map(|one| format!("WITH q (place, {one}) AS (")).collect();
            let tails: Vec<_> = texts(at(5)?, scope)?.iter().map(|one| format!(") {one}")).collect();
            Ok(whole(&head, columns(at(4)?) + 1, &tails))
        }
        _ => {
            let first = usize::from(fetches) + 1;
            let tails = if given.len() > first + 3 { texts(at(first + 3)?, scope)? } else { vec![String::new()] };
            Ok(whole(&texts(at(first)?, scope)?, columns(at(first + 2)?), &tails))
        }
    }
}

// As the kernel puts them together for PostgreSQL.
fn whole(heads: &[String], columns: usize, tails: &[String]) -> Vec<String> {
    let places = (1..=columns).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    let with = |head: &String| {
        tails.iter().map(|tail| format!("{head}SELECT * FROM UNNEST({places}){tail}")).collect::<Vec<_>>()
    };
    heads.iter().flat_map(with).collect()
}

fn columns(row: &[TokenTree]) -> usize {
    row.last().and_then(group).map_or(0, |(_, inner)| split(&inner).len())
}

fn collect(tokens: &[TokenTree], literals: &mut Vec<String>) {
    for token in tokens {
        match (token, group(token)) {
            (TokenTree::Literal(literal), _) => literals.push(decoded(literal)),
            (_, Some((_, inner))) => collect(&inner, literals),
            _ => {}
        }
    }
}

/// Whether a text begins as a statement does.
pub(super) fn is_statement(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match first {
        "SELECT" | "WITH" | "TRUNCATE" | "LOCK" | "DECLARE" | "LISTEN" | "NOTIFY" => !second.is_empty(),
        "INSERT" => second == "INTO",
        "DELETE" => second == "FROM",
        "UPDATE" => words.next() == Some("SET"),
        "CREATE" | "ALTER" | "DROP" => {
            ["TABLE", "INDEX", "UNIQUE", "FUNCTION", "TRIGGER", "SEQUENCE"].contains(&second)
        }
        _ => false,
    }
}
