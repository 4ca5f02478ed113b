//! A JSON Schema of packs, made of the declarations that read them: what editors complete, and what docs/packs.md
//! explains. And one for each template, of the values that it asks for.

mod json;
mod values;

use std::collections::BTreeMap;

use self::json::{Json, map, text};
pub use self::values::values_schema;
use crate::inherit;
use crate::model::Pack;
use crate::read::{Key, Keyed, Outline, Scalar, Shape, Words};

/// The dialect of every schema.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a pack as JSON, indented.
pub fn schema() -> String {
    let mut defs = BTreeMap::new();
    let Outline::Keyed(mut pack) = Pack::outline() else { return String::new() };
    let whole: Vec<Key> = pack.keys.clone();
    pack.keys.extend(inherit::keys());
    let mut root = vec![("$schema".to_owned(), text(DIALECT)), ("title".to_owned(), text("A pack of Dossier"))];
    root.extend(object(&pack, &mut defs));
    // What a pack must say may be said by its parent, or by its child.
    let inherits = ["extends", "abstract"].map(|key| map([("required", Json::List(vec![text(key)]))]));
    let complete = map([("required", required(&whole))]);
    root.push(("anyOf".to_owned(), Json::List(inherits.into_iter().chain([complete]).collect())));
    root.push(("$defs".to_owned(), Json::Map(defs.into_iter().collect())));
    format!("{:#}\n", Json::Map(root))
}

type Defs = BTreeMap<String, Json>;

const TERM: &str = "^(same day|[0-9]{1,5} *(h|hours?|days?|working days?|weeks?|months?|quarters?|years?))$";

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
        Scalar::Text | Scalar::Zone => map([("type", text("string")), ("minLength", Json::whole(1))]),
        Scalar::Whole => map([("type", text("integer")), ("minimum", Json::whole(0))]),
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
        ("minProperties", Json::whole(1)),
    ]);
    map([("anyOf", Json::List(vec![value(), map([("type", text("array")), ("items", value())]), bounded]))])
}

#[cfg(test)]
mod tests;
