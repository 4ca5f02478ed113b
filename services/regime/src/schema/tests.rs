mod page;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::schema;
use crate::Sources;

fn docs(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file)
}

fn parsed() -> Value {
    serde_json::from_str(&schema()).unwrap()
}

/// Every key that some map of a pack may have.
fn keys(schema: &Value) -> Vec<String> {
    let properties = |part: &Value| part["properties"].as_object().map(|keys| keys.keys().cloned().collect::<Vec<_>>());
    let parts = schema["$defs"].as_object().unwrap().values().chain([schema]);
    let mut keys: Vec<String> = parts.filter_map(properties).flatten().collect();
    keys.sort();
    keys.dedup();
    keys
}

/// A page that is made is kept as it would be made.
#[track_caller]
fn kept(file: &str, made: &str) {
    let path = docs(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/{file} is renewed with UPDATE_GOLDEN=1 cargo test -p dossier-regime schema");
}

#[test]
fn the_kept_schema_is_the_one_that_packs_are_read_by() {
    kept("pack.schema.json", &schema());
}

#[test]
fn every_reference_of_the_schema_has_its_definition() {
    let schema = parsed();
    let text = schema.to_string();
    let mut named = text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next());
    assert!(named.all(|name| schema["$defs"][name].is_object()), "{text}");
}

#[test]
fn the_keys_of_the_shipped_packs_are_keys_of_the_schema() {
    let known = keys(&parsed());
    for source in Sources::shipped().packs {
        let text = String::from_utf8(source.bytes).unwrap();
        let top =
            text.lines().filter(|line| !line.starts_with(['#', ' ', '-'])).filter_map(|line| line.split_once(':'));
        for (key, _) in top {
            assert!(known.iter().any(|one| one == key), "{key}");
        }
    }
}
