//! A JSON Schema of packs, made of the declarations that read them: what editors complete, and what docs/packs.md explains.

use std::collections::BTreeMap;
use std::fmt;

use crate::inherit;
use crate::model::Pack;
use crate::read::{Key, Keyed, Outline, Scalar, Shape, Words, quoted};

/// The schema of a pack as JSON, indented.
pub fn schema() -> String {
    let mut defs = BTreeMap::new();
    let Outline::Keyed(mut pack) = Pack::outline() else { return String::new() };
    let whole: Vec<Key> = pack.keys.clone();
    pack.keys.extend(inherit::keys());
    let mut root = vec![
        ("$schema".to_owned(), text("https://json-schema.org/draft/2020-12/schema")),
        ("title".to_owned(), text("A pack of Dossier")),
    ];
    root.extend(object(&pack, &mut defs));
    // What a pack must say may be said by its parent, or by its child.
    let inherits = ["extends", "abstract"].map(|key| map([("required", Json::List(vec![text(key)]))]));
    let complete = map([("required", required(&whole))]);
    root.push(("anyOf".to_owned(), Json::List(inherits.into_iter().chain([complete]).collect())));
    root.push(("$defs".to_owned(), Json::Map(defs.into_iter().collect())));
    format!("{:#}\n", Json::Map(root))
}

/// What a schema is written in.
#[derive(Clone, Debug)]
enum Json {
    Text(String),
    Whole(u32),
    Flag(bool),
    List(Vec<Json>),
    Map(Vec<(String, Json)>),
}

type Defs = BTreeMap<String, Json>;

const TERM: &str = "^(same day|[0-9]{1,5} *(h|hours?|days?|working days?|weeks?|months?|quarters?|years?))$";

fn text(text: &str) -> Json {
    Json::Text(text.to_owned())
}

fn map<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn required(keys: &[Key]) -> Json {
    Json::List(keys.iter().filter(|key| !key.optional).map(|key| text(key.key)).collect())
}

fn object(record: &Keyed, defs: &mut Defs) -> Vec<(String, Json)> {
    let mut properties = Vec::new();
    for key in &record.keys {
        let mut shape = vec![("description".to_owned(), text(key.about))];
        if let Json::Map(form) = form(&key.shape, defs) {
            shape.extend(form);
        }
        properties.push((key.key.to_owned(), Json::Map(shape)));
    }
    vec![
        ("description".to_owned(), text(record.about)),
        ("type".to_owned(), text("object")),
        ("properties".to_owned(), Json::Map(properties)),
        ("additionalProperties".to_owned(), Json::Flag(false)),
    ]
}

fn form(outline: &Outline, defs: &mut Defs) -> Json {
    match outline {
        Outline::Scalar(scalar) => single(*scalar),
        Outline::List(item) => map([("type", text("array")), ("items", form(item, defs))]),
        Outline::Map(value) => map([("type", text("object")), ("additionalProperties", form(value, defs))]),
        Outline::Words(words) => named(words.name, defs, |_| choices(words)),
        Outline::Keyed(record) => named(record.name, defs, |defs| {
            let mut entries = object(record, defs);
            entries.push(("required".to_owned(), required(&record.keys)));
            Json::Map(entries)
        }),
        Outline::Taken => named("Taken", defs, |defs| {
            let ids = map([("type", text("array")), ("items", single(Scalar::Text))]);
            let deeper = map([("type", text("object")), ("additionalProperties", form(outline, defs))]);
            map([("anyOf", Json::List(vec![map([("const", text("all"))]), ids, deeper]))])
        }),
    }
}

// A form that occurs often is written once. It has its place before its parts are made: one may hold itself.
fn named(name: &str, defs: &mut Defs, make: impl FnOnce(&mut Defs) -> Json) -> Json {
    if !defs.contains_key(name) {
        defs.insert(name.to_owned(), Json::Flag(true));
        let made = make(defs);
        defs.insert(name.to_owned(), made);
    }
    map([("$ref", text(&format!("#/$defs/{name}")))])
}

fn choices(words: &Words) -> Json {
    let word = |(word, about): &(&str, &str)| map([("const", text(word)), ("description", text(about))]);
    map([("description", text(words.about)), ("oneOf", Json::List(words.words.iter().map(word).collect()))])
}

fn single(scalar: Scalar) -> Json {
    match scalar {
        Scalar::Text | Scalar::Zone => map([("type", text("string")), ("minLength", Json::Whole(1))]),
        Scalar::Whole => map([("type", text("integer")), ("minimum", Json::Whole(0))]),
        Scalar::Flag => map([("type", text("boolean"))]),
        Scalar::Date => map([("type", text("string")), ("format", text("date"))]),
        Scalar::Expected => expected(),
        Scalar::Term => map([("type", text("string")), ("pattern", text(TERM))]),
    }
}

// A value that one may quote or not, several, or bounds.
fn expected() -> Json {
    let value = || map([("type", Json::List(["string", "number", "boolean"].map(text).to_vec()))]);
    let bounds = map([("below", value()), ("above", value())]);
    let bounded = map([
        ("type", text("object")),
        ("properties", bounds),
        ("additionalProperties", Json::Flag(false)),
        ("minProperties", Json::Whole(1)),
    ]);
    map([("anyOf", Json::List(vec![value(), map([("type", text("array")), ("items", value())]), bounded]))])
}

// === impl Json ===

impl Json {
    fn write(&self, f: &mut fmt::Formatter<'_>, deep: usize) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(&quoted(text)),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::List(items) => {
                let write = |item: &Self, f: &mut fmt::Formatter<'_>| item.write(f, deep + 1);
                within(f, ('[', ']'), deep, items, write)
            }
            Self::Map(entries) => within(f, ('{', '}'), deep, entries, |(key, value), f| {
                write!(f, "{}: ", quoted(key))?;
                value.write(f, deep + 1)
            }),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

fn within<T>(
    f: &mut fmt::Formatter<'_>,
    (open, close): (char, char),
    deep: usize,
    items: &[T],
    write: impl Fn(&T, &mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    write!(f, "{open}")?;
    for (at, item) in items.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(f, "{comma}\n{:1$}", "", 2 * (deep + 1))?;
        write(item, f)?;
    }
    if items.is_empty() { write!(f, "{close}") } else { write!(f, "\n{:1$}{close}", "", 2 * deep) }
}

#[cfg(test)]
mod tests;
