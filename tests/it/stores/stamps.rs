//! Whoever writes what answers rest on raises a stamp in the same function, and callers share the looks at stamps.

use std::path::Path;
use std::sync::Arc;

use dossier_kernel::stamp::{self, ORG, Stamp, Stamps};
use dossier_tests::marks::root;

use super::BENCH;
use crate::prelude::*;

/// The tables that a remembered answer rests on.
const TABLES: [&str; 12] = [
    "principal",
    "appointment",
    "grant_copy",
    "post_rule",
    "level_rule",
    "file_copy",
    "access_grant",
    "loan",
    "loan_item",
    "file_template",
    "customer_file",
    "file_key",
];

/// Writes that need no stamp, by function, with the reason.
const EXCUSED: [(&str, &str); 10] = [
    ("write_posts", "its only caller touches the org first, to lock"),
    ("write_levels", "its only caller touches the org first, to lock"),
    ("demand", "that a return was demanded is in no answer"),
    ("insert(tx: &mut Tx, org: &str, file: &CustomerFile", "nothing was answered about a file that was not there"),
    ("insert(tx: &mut Tx, new: &NewKey", "nothing was answered about a file that had no key"),
    ("lock(tx: &mut Tx, org: &str, id: Uuid)", "it changes nothing"),
    ("lock(tx: &mut Tx, org: &str, file: &CustomerFile)", "it changes nothing"),
    ("note(tx: &mut Tx, org: &str, id: Uuid)", "whether a draft is contested is in no answer"),
    ("release(tx: &mut Tx, org: &str, id: Uuid)", "whether a draft is contested is in no answer"),
    ("bar(", "nothing was answered about a file that had no key"),
];

/// The functions of `text` that write one of the tables and touch no stamp.
fn silent(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for function in text.split("async fn ").skip(1) {
        let words: Vec<&str> = function.split_whitespace().collect();
        let writes = words.windows(3).any(|it| {
            let table = |word: &str| TABLES.contains(&word.trim_matches(|c: char| !c.is_ascii_lowercase() && c != '_'));
            (it[0].ends_with("INSERT") && it[1] == "INTO" && table(it[2]))
                || (it[0].ends_with("DELETE") && it[1] == "FROM" && table(it[2]))
                || (it[0].ends_with("UPDATE") && table(it[1]))
        });
        let excused = EXCUSED.iter().any(|(name, _)| function.starts_with(name));
        if writes && !excused && !function.contains("stamp::touch(") {
            found.push(function.lines().next().unwrap_or_default().to_owned());
        }
    }
    found
}

fn sources(folder: &Path, text: &mut Vec<String>) {
    for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|it| it == "rs") && !path.ends_with("tests.rs") {
            text.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_statement_that_changes_an_answer_raises_a_stamp() {
    let mut texts = Vec::new();
    sources(&root().join("services"), &mut texts);
    let found: Vec<_> = texts.iter().flat_map(|text| silent(text)).collect();
    assert!(found.is_empty(), "no stamp: {found:?}");
}

#[test]
fn a_statement_without_a_stamp_is_found() {
    let texts: [&str; 3] = [
        "pub async fn put(tx: &mut Tx) { let text = \"INSERT INTO loan (org) VALUES ($1)\"; }",
        "async fn end(tx: &mut Tx) { let text = \"UPDATE grant_copy SET uses = 1\"; }",
        "async fn sync(tx: &mut Tx) { sql!(tx, execute, \"DELETE FROM post_rule WHERE org = $1\", org)?; }",
    ];
    for text in texts {
        assert_eq!(silent(text).len(), 1, "{text}");
        assert!(silent(&text.replace(" }", " stamp::touch(tx, org, ORG).await }")).is_empty(), "{text}");
    }
}

on_both_stores! {
    // proves: I5
    async fn a_stamp_grows_with_every_change_and_is_read_by_all_who_ask_together(world) {
        let db = world.db(Which::Access);
        let (org, file): (Arc<str>, _) = (BENCH.into(), Uuid::from_u128(7));
        let stamps = Stamps::start(db);
        assert_eq!(stamps.read(&org, file).await, Some(Stamp::default()));
        let mut last = Stamp::default();
        for subject in [file, ORG, file] {
            transact!(*db, tx => stamp::touch(tx, BENCH, subject).await).unwrap();
            let now = stamps.read(&org, file).await.unwrap();
            assert_ne!(now, last);
            assert!(now.is_ahead_of(last));
            assert_eq!([now], *stamp::read(&mut db.read().await.unwrap(), &[(BENCH, file)]).await.unwrap());
            last = now;
        }
        // Many at once, each their own file, and two companies.
        for n in 0..100 {
            transact!(*db, tx => stamp::touch(tx, BENCH, Uuid::from_u128(100 + n)).await).unwrap();
        }
        let other: Arc<str> = "nobody".into();
        let one = |n: u128| {
            let (stamps, org) = (stamps.clone(), if n.is_multiple_of(3) { other.clone() } else { org.clone() });
            async move { (org.clone(), n, stamps.read(&org, Uuid::from_u128(100 + n)).await.unwrap()) }
        };
        for (org, n, found) in futures::future::join_all((0..100).map(one)).await {
            let mut tx = db.read().await.unwrap();
            let subjects = [(&*org, Uuid::from_u128(100 + n))];
            assert_eq!([found], *stamp::read(&mut tx, &subjects).await.unwrap(), "{n}");
            assert_eq!(found == Stamp::default(), org == other, "{n}");
        }
    }
}
