//! The table of requirements of a pack.

use super::idle::{SMALL, read};
use crate::statistics;

fn with(table: &str) -> String {
    format!("{SMALL}requirements:\n{table}")
}

#[track_caller]
fn refused(table: &str, path: &str, sentence: &str) {
    let faults = read(&with(table)).unwrap_err();
    let told: Vec<_> = faults.errors().map(|one| (one.path.as_str(), one.sentence.as_str())).collect();
    assert_eq!(told, [(path, sentence)]);
}

// proves: X-37
#[test]
fn a_pack_says_what_carries_each_requirement_and_what_waits() {
    let table = "- {id: P-01, by: [unit_kind, numbering.rules.a]}\n- {id: P-02, by: [posts.clerk], waits: documents}\n\
                 - {id: X-100, waits: documents}\n";
    let rules = read(&with(table)).unwrap();
    let text = statistics(rules.pack("SMALL").unwrap());
    assert!(text.starts_with("SMALL x: 3 requirements, 2 carried, 1 of them in part, 1 waiting\n"), "{text}");
    assert!(text.contains("waits for documents: P-02 X-100\n"), "{text}");
    assert!(text.contains("P-01   unit_kind, numbering.rules.a\n"), "{text}");
}

// proves: X-37
#[test]
fn what_carries_a_requirement_is_there() {
    refused("- {id: P-01, by: [posts.boss]}\n", "requirements[0].by[0]", "the pack has nothing at `posts.boss`");
    refused("- {id: P-01, by: [post]}\n", "requirements[0].by[0]", "the pack has nothing at `post`");
    refused(
        "- {id: P-01, by: [posts.clerk.none]}\n",
        "requirements[0].by[0]",
        "the pack has nothing at `posts.clerk.none`",
    );
    let silent = "it says neither what carries it (`by`) nor what it waits for (`waits`)";
    refused("- {id: P-01}\n", "requirements[0]", silent);
    let twice = "- {id: P-01, waits: x}\n- {id: P-01, waits: y}\n";
    refused(twice, "requirements[1].id", "requirement `P-01` is given twice");
    let form = "`P-1` is no requirement: a letter of A, C, P, X, and a number such as `P-79`";
    refused("- {id: P-1, waits: x}\n", "requirements[0].id", form);
}
