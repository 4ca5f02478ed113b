use proptest::prelude::*;

use super::effective;
use crate::{Regimes, Source, Sources};

const ACME: &str = "id: ACME\nversion: 1\nextends: R36\nlabel: 'a: #b'\nwithout: {duties: [archive.annual]}\n\
                    matters:\n- {id: consult.secret, label: 机密, plan: general_or_deputy}\n";

fn with(text: &str) -> Sources {
    let mut sources = Sources::shipped();
    sources.packs.push(Source { file: "acme.yaml".to_owned(), bytes: text.as_bytes().to_vec() });
    sources
}

fn shown(sources: &Sources, id: &str) -> String {
    effective(sources).0.into_iter().find(|one| one.id == id).unwrap().text
}

#[test]
fn each_line_says_where_it_comes_from() {
    let text = shown(&with(ACME), "ACME");
    let origin = |begin: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(begin)).unwrap();
        line.rsplit("# ").next().unwrap().to_owned()
    };
    assert_eq!(origin("version: 1"), "acme.yaml:2");
    assert_eq!(origin("label: \"a: #b\""), "acme.yaml:4");
    assert_eq!(origin("- id: consult.secret"), "acme.yaml:7");
    assert!(origin("drafter: ").starts_with("regimes/R36.yaml:"));
    assert!(origin("- id: loan.unclassified").starts_with("regimes/R36.yaml:"));
    assert!(text.starts_with("id: ACME  "), "{text}");
    let parent = String::from_utf8(Sources::shipped().packs[0].bytes.clone()).unwrap();
    let line = 1 + parent.lines().position(|line| line == "levels:").unwrap();
    assert_eq!(origin("levels:"), format!("regimes/R36.yaml:{line}"));
    assert!(!text.contains("archive.annual") && !text.contains("extends"), "{text}");
}

#[test]
fn what_is_shown_reads_as_the_same_pack() {
    let sources = with(ACME);
    let mut whole = Sources::shipped();
    let text = shown(&sources, "ACME");
    whole.packs.push(Source { file: "whole.yaml".to_owned(), bytes: text.into() });
    let pack = |sources: &Sources| Regimes::read(sources).unwrap().pack("ACME").unwrap().clone();
    assert_eq!(pack(&whole), pack(&sources));
}

#[test]
fn a_pack_with_faults_is_shown_and_what_cannot_be_merged_is_told() {
    let sources = with("id: ACME\nversion: 1\nextends: R36\ncredit: {currency: yuan}\n");
    assert!(Regimes::read(&sources).is_err());
    assert!(shown(&sources, "ACME").contains("currency: yuan"));
    let (shown, faults) = effective(&with("id: ACME\nversion: 1\nextends: R1\n"));
    assert!(shown.iter().all(|one| one.id != "ACME") && faults.is_fatal());
}

proptest! {
    #[test]
    fn any_text_is_shown_so_that_it_is_read_back(text in "\\PC{1,20}|[\\x00-\\x7f]{1,8}") {
        let quoted = crate::read::quoted(&text);
        let pack = |text: &str| {
            let sources = with(text);
            effective(&sources).0.into_iter().find(|one| one.file == "acme.yaml").map(|one| one.text)
        };
        if let Some(first) = pack(&format!("id: ACME\nlist: [{quoted}]\nplain: {text}\nversion: 1\n")) {
            prop_assert!(pack(&first).is_some_and(|second| {
                let bare = |text: &str| text.replace(' ', "");
                let head = |text: &str| text.lines().filter_map(|line| line.rsplit_once("# ")).map(|one| bare(one.0)).collect::<Vec<_>>();
                head(&first) == head(&second)
            }), "{first}");
        }
    }
}
