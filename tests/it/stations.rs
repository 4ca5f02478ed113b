//! A request takes one road through a service: `rpc`, `work`, `domain`, `store`. The sources are read for paths that go back.
//!
//! A station that knows one above it can only be understood, and tried, together with it; two modules of `work` that know each
//! other are one module in two files. Paths are resolved from `crate` and `super`, through groups; tests are left out.

use std::collections::{BTreeMap, BTreeSet};

use dossier_fire::statements::source::{Source, group, is, sources, split, word};
use proc_macro2::{Delimiter, TokenTree};

/// What no file of a station may name.
const ABOVE: [(&str, &[&str]); 3] =
    [("work", &["rpc"]), ("domain", &["rpc", "work", "store"]), ("store", &["rpc", "work"])];

/// The services whose road has all stations.
const WHOLE: [&str; 3] = ["access", "credit", "profile"];

/// A path from the root of a crate.
type Path = Vec<String>;

/// What knows what, among the modules of a folder.
type Known = BTreeMap<String, BTreeSet<String>>;

/// The crate of a source and its module in it; nothing for what is no module of a service.
fn place(source: &Source) -> Option<(String, Path)> {
    let (name, file) = source.path.strip_prefix("services/")?.split_once("/src/")?;
    let module = file.strip_suffix(".rs")?.split('/').filter(|part| !matches!(*part, "lib" | "main"));
    Some((name.to_owned(), module.map(str::to_owned).collect()))
}

/// Every path that `tokens` of the module `home` name from `crate` or by `super`.
fn named(home: &Path, tokens: &[TokenTree]) -> BTreeSet<Path> {
    let (mut found, mut at) = (BTreeSet::new(), 0);
    while let Some(token) = tokens.get(at) {
        if let Some((_, inner)) = group(token) {
            found.extend(named(home, &inner));
        }
        let root = match word(token).as_deref() {
            Some("crate") => Some(Vec::new()),
            Some("super") => Some(home[..home.len().saturating_sub(1)].to_vec()),
            _ => None,
        };
        at += 1;
        if let Some(root) = root {
            follow(root, &tokens[at..], &mut found);
            // What follows belongs to this path, and was resolved with it.
            while tokens.get(at).is_some_and(|one| is(one, ':') || word(one).as_deref() == Some("super")) {
                at += 1;
            }
        }
    }
    found
}

/// Goes on with a path behind `::`.
fn follow(mut path: Path, tokens: &[TokenTree], found: &mut BTreeSet<Path>) {
    let mut rest = tokens;
    while rest.len() > 2 && is(&rest[0], ':') && is(&rest[1], ':') {
        match (word(&rest[2]).as_deref(), group(&rest[2])) {
            (Some("super"), _) => drop(path.pop()),
            (Some(name), _) => path.push(name.to_owned()),
            (None, Some((Delimiter::Brace, inner))) => {
                let tail: Vec<TokenTree> = "::".parse::<proc_macro2::TokenStream>().unwrap().into_iter().collect();
                for part in split(&inner) {
                    follow(path.clone(), &[tail.as_slice(), part].concat(), found);
                }
                return;
            }
            _ => break,
        }
        rest = &rest[3..];
    }
    found.insert(path);
}

/// Every path that goes back on the road, as file and station.
fn going_back(sources: &[Source]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for source in sources {
        let Some((_, home)) = place(source) else { continue };
        let above = ABOVE.iter().find(|(station, _)| home.first().is_some_and(|first| first == station));
        let Some((_, above)) = above else { continue };
        let stations: BTreeSet<_> =
            named(&home, &source.tokens).into_iter().filter_map(|path| path.into_iter().next()).collect();
        let back = stations.into_iter().filter(|station| above.contains(&station.as_str()));
        found.extend(back.map(|station| (source.path.clone(), station)));
    }
    found
}

/// What the modules directly below `folder` of the crate `name` know of each other.
fn known(sources: &[Source], name: &str, folder: &str) -> Known {
    let of_crate =
        sources.iter().filter_map(|source| Some((place(source).filter(|(found, _)| found == name)?.1, source)));
    let below: Vec<_> = of_crate.filter(|(home, _)| home.len() > 1 && home[0] == folder).collect();
    let modules: BTreeSet<_> = below.iter().map(|(home, _)| home[1].clone()).collect();
    let mut known = Known::new();
    for (home, source) in &below {
        let others = named(home, &source.tokens).into_iter().filter(|path| path.len() > 1 && path[0] == folder);
        let others = others.map(|path| path[1].clone()).filter(|other| modules.contains(other) && *other != home[1]);
        known.entry(home[1].clone()).or_default().extend(others);
    }
    known
}

/// The modules that stand in a circle: what is left when all that know nobody are taken away, again and again.
fn circle(mut known: Known) -> Vec<String> {
    loop {
        let free: Vec<_> = known.iter().filter(|(_, others)| others.is_empty()).map(|(one, _)| one.clone()).collect();
        if free.is_empty() {
            return known.into_keys().collect();
        }
        for one in &free {
            known.remove(one);
        }
        known.values_mut().for_each(|others| others.retain(|other| !free.contains(other)));
    }
}

#[test]
fn no_station_of_a_service_knows_one_above_it() {
    let sources = sources().unwrap();
    for name in WHOLE {
        let stations = sources.iter().filter_map(place).filter(|(of, _)| of == name);
        let stations: BTreeSet<_> = stations.filter_map(|(_, home)| home.into_iter().next()).collect();
        let missing = ["rpc", "work", "domain", "store"].into_iter().find(|station| !stations.contains(*station));
        assert_eq!(missing, None, "a station of {name}");
    }
    assert_eq!(going_back(&sources), []);
}

#[test]
fn no_two_workflows_know_each_other() {
    let sources = sources().unwrap();
    for name in WHOLE {
        let known = known(&sources, name, "work");
        assert!(known.values().any(|others| !others.is_empty()), "nothing was read of {name}");
        assert_eq!(circle(known), [""; 0], "{name}");
    }
}

#[test]
fn nothing_of_the_program_knows_its_command_line() {
    let program: Vec<_> =
        sources().unwrap().into_iter().filter(|one| one.path.starts_with("services/dossier/src/")).collect();
    let knows = |source: &&Source| {
        let Some((_, home)) = place(source) else { return false };
        let outside = home.first().is_some_and(|first| first != "cli");
        outside && named(&home, &source.tokens).iter().any(|path| path.first().is_some_and(|first| first == "cli"))
    };
    assert_eq!(program.iter().filter(knows).map(|one| &one.path).collect::<Vec<_>>(), [""; 0]);
}

mod controls {
    use super::*;

    fn source(path: &str, text: &str) -> Source {
        Source::of(&format!("services/x/src/{path}"), text).unwrap()
    }

    #[test]
    fn a_path_that_goes_back_turns_red_however_it_is_written() {
        for (file, text) in [
            ("work/a.rs", "use crate::rpc::b;"),
            ("work/a/b.rs", "use crate::{domain::c, rpc};"),
            ("work/a/b.rs", "fn f() { crate::rpc::b::c() }"),
            ("work/a/b.rs", "use super::super::super::rpc::d;"),
            ("work.rs", "pub use super::rpc::d;"),
            ("domain/a.rs", "use crate::store::a;"),
            ("domain/a.rs", "use super::super::{work, store as s};"),
            ("store/a.rs", "macro_rules! m { () => { $crate::work::a() } }"),
        ] {
            assert!(!going_back(&[source(file, text)]).is_empty(), "{file}: {text}");
        }
    }

    #[test]
    fn what_goes_on_what_is_only_said_and_what_tests_use_is_free() {
        for (file, text) in [
            ("rpc/a.rs", "use crate::{work::a, domain, store};"),
            ("work/a.rs", "/// As [`rpc`](crate::rpc).\nuse crate::store::rpc;"),
            ("work/a/rpc.rs", "use super::rpc::b;"),
            ("domain/a.rs", "#[cfg(test)] mod tests { use crate::store::a; }"),
            ("store/a.rs", "use dossier_authority::work;"),
        ] {
            assert_eq!(going_back(&[source(file, text)]), [], "{file}: {text}");
        }
    }

    #[test]
    fn workflows_in_a_circle_turn_red_and_a_chain_does_not() {
        let chain = [source("work/a.rs", "use super::b::f;"), source("work/b/d.rs", "use crate::work::{c, wire};")];
        let closed = [source("work/c.rs", "use crate::work;"), source("work/c/e.rs", "use crate::work::a::g;")];
        assert_eq!(circle(known(&chain, "x", "work")), [""; 0]);
        assert_eq!(circle(known(&[chain.to_vec(), closed.to_vec()].concat(), "x", "work")), ["a", "b", "c"]);
    }
}
