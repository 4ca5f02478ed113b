//! docs/pack-keys.md and docs/template-keys.md: every key, with what it is for and an example from
//! docs/example-pack.yaml and docs/example-template.yaml.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use super::{docs, kept};
use crate::effective::flow;
use crate::fault::Fault;
use crate::inherit;
use crate::model::{Pack, Template};
use crate::read::{Keyed, Node, Outline, Scalar, Shape, Value, Words};
use crate::{Regimes, Source, Sources};

const EXAMPLE: &str = "example-pack.yaml";
const FORM: &str = "example-template.yaml";

const HEAD: &str = "\
# The keys of a pack

Made of the declarations that read packs, with examples from [example-pack.yaml](example-pack.yaml), which uses each key and
loads; `UPDATE_GOLDEN=1 cargo test -p dossier-regime schema` renews it. [packs.md](packs.md) says how packs are made and checked,
[pack.schema.json](pack.schema.json) is the same for editors. A key that may be left out has an empty circle.
";

const FORM_HEAD: &str = "\
# The keys of a template

Made of the declarations that read templates, with examples from [example-template.yaml](example-template.yaml), which uses
each key and loads; `UPDATE_GOLDEN=1 cargo test -p dossier-regime schema` renews it. [packs.md](packs.md#forms) says what forms
are for. A key that may be left out has an empty circle.
";

/// The types of a pack or a template in the order in which they are met.
#[derive(Default)]
struct Types {
    records: Vec<Keyed>,
    words: Vec<Words>,
}

/// The first value that the example has for each key of each record.
type Examples = BTreeMap<(&'static str, &'static str), String>;

fn pack() -> Outline {
    let Outline::Keyed(mut pack) = Pack::outline() else { panic!("a pack is a record") };
    pack.keys.extend(inherit::keys());
    Outline::Keyed(pack)
}

fn example(file: &str) -> Source {
    Source { file: file.to_owned(), bytes: fs::read(docs(file)).unwrap() }
}

impl Types {
    fn meet(&mut self, outline: &Outline) {
        match outline {
            Outline::Keyed(record) if self.records.iter().all(|one| one.name != record.name) => {
                self.records.push(record.clone());
                record.keys.iter().for_each(|key| self.meet(&key.shape));
            }
            Outline::Words(words) if self.words.iter().all(|one| one.name != words.name) => {
                self.words.push(words.clone());
            }
            Outline::List(inner) | Outline::Map(inner) => self.meet(inner),
            Outline::Keyed(_) | Outline::Words(_) | Outline::Scalar(_) | Outline::Taken => {}
        }
    }
}

fn gather(node: &Node, outline: &Outline, examples: &mut Examples) {
    match (&node.value, outline) {
        (Value::Map(_), Outline::Keyed(record)) => {
            for key in &record.keys {
                let Some(entry) = node.entry(key.key) else { continue };
                examples.entry((record.name, key.key)).or_insert_with(|| flow(&entry.node));
                gather(&entry.node, &key.shape, examples);
            }
        }
        (Value::Map(entries), Outline::Map(inner)) => {
            entries.iter().for_each(|entry| gather(&entry.node, inner, examples));
        }
        (Value::List(items), Outline::List(inner)) => items.iter().for_each(|item| gather(item, inner, examples)),
        _ => {}
    }
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_lowercase())
}

fn holds(outline: &Outline) -> String {
    match outline {
        Outline::Scalar(Scalar::Text) => "text".to_owned(),
        Outline::Scalar(Scalar::Whole) => "whole number".to_owned(),
        Outline::Scalar(Scalar::Flag) => "`true` or `false`".to_owned(),
        Outline::Scalar(Scalar::Date) => "date".to_owned(),
        Outline::Scalar(Scalar::Term) => "length of time".to_owned(),
        Outline::Scalar(Scalar::Zone) => "time zone".to_owned(),
        Outline::Scalar(Scalar::Expected) => "value, list of values, or `{below: …, above: …}`".to_owned(),
        Outline::Words(words) => link(words.name),
        Outline::Keyed(record) => link(record.name),
        Outline::List(inner) => match outline.entry_key() {
            Some(by) => format!("list of {}, by `{by}`", holds(inner)),
            None => format!("list of {}", holds(inner)),
        },
        Outline::Map(inner) => format!("map of names to {}", holds(inner)),
        Outline::Taken => "ids, `all`, or a map of them".to_owned(),
    }
}

// What holds records has its examples there.
fn shown(outline: &Outline, example: &str) -> String {
    match outline {
        Outline::Keyed(_) | Outline::Map(_) | Outline::Taken => String::new(),
        Outline::List(inner) if matches!(**inner, Outline::Keyed(_)) => String::new(),
        _ => format!("`{example}`"),
    }
}

fn page(head: &str, (types, examples): &(Types, Examples)) -> String {
    let mut page = head.to_owned();
    for record in &types.records {
        writeln!(page, "\n## {}\n\n{}\n", record.name, record.about).unwrap();
        page.push_str("| key | | holds | what it is for | example |\n|---|---|---|---|---|\n");
        for key in &record.keys {
            let mark = if key.optional { "○" } else { "●" };
            let example = examples.get(&(record.name, key.key)).map_or("", String::as_str);
            let (holds, example) = (holds(&key.shape), shown(&key.shape, example));
            writeln!(page, "| `{}` | {mark} | {holds} | {} | {example} |", key.key, key.about).unwrap();
        }
    }
    for words in &types.words {
        writeln!(page, "\n## {}\n\n{}\n\n| word | what it says |\n|---|---|", words.name, words.about).unwrap();
        for (word, about) in &words.words {
            writeln!(page, "| `{word}` | {about} |").unwrap();
        }
    }
    page
}

fn made(outline: &Outline, file: &str) -> (Types, Examples) {
    let (mut types, mut examples, mut faults) = (Types::default(), Examples::new(), Vec::new());
    types.meet(outline);
    let root = Node::of(&example(file), &mut faults).unwrap();
    gather(&root, outline, &mut examples);
    (types, examples)
}

#[test]
fn every_key_has_an_example() {
    for (types, examples) in [made(&pack(), EXAMPLE), made(&Template::outline(), FORM)] {
        for record in &types.records {
            for key in &record.keys {
                assert!(examples.contains_key(&(record.name, key.key)), "{}.{} has no example", record.name, key.key);
            }
        }
    }
}

#[test]
fn the_examples_load_as_they_stand() {
    let mut sources = Sources::shipped();
    sources.packs.push(example(EXAMPLE));
    sources.templates.push(example(FORM));
    let faults = Regimes::read(&sources).map_or_else(|faults| faults, |regimes| regimes.warnings().clone());
    let mine: Vec<&Fault> = faults.0.iter().filter(|fault| [EXAMPLE, FORM].contains(&fault.file.as_str())).collect();
    assert!(mine.is_empty() && !faults.is_fatal(), "{faults}");
}

#[test]
fn the_pages_of_the_keys_name_every_key() {
    kept("pack-keys.md", &page(HEAD, &made(&pack(), EXAMPLE)));
    kept("template-keys.md", &page(FORM_HEAD, &made(&Template::outline(), FORM)));
}
