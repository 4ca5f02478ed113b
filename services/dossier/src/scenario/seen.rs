//! What replies told of resources: their newest etags, their templates, and what a text calls them.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was seen so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The newest etag of each resource.
    pub(super) etags: BTreeMap<String, String>,
    /// The template of each resource that has one.
    pub(super) templates: BTreeMap<String, String>,
    /// The kind of each resource that has one.
    pub(super) kinds: BTreeMap<String, String>,
    /// What the text calls a resource, so that no id stands in it.
    words: BTreeMap<String, String>,
}

// === impl Seen ===

impl Seen {
    /// Looks through a reply.
    pub(super) fn look(&mut self, reply: &Value) {
        match reply {
            Value::Array(items) => items.iter().for_each(|item| self.look(item)),
            Value::Object(entries) => {
                let text = |key: &str| entries.get(key).and_then(Value::as_str);
                if let Some(name) = text("name") {
                    let all = [("etag", &mut self.etags), ("template", &mut self.templates), ("kind", &mut self.kinds)];
                    for (key, known) in all {
                        if let Some(value) = text(key).filter(|value| !value.is_empty()) {
                            known.insert(name.to_owned(), value.to_owned());
                        }
                    }
                }
                entries.values().for_each(|entry| self.look(entry));
            }
            _ => {}
        }
    }

    /// From now on the text calls a resource by these words; the first ones stay.
    pub(super) fn call(&mut self, name: &str, words: &str) {
        self.words.entry(name.to_owned()).or_insert_with(|| words.to_owned());
    }

    /// A text without ids: each resource by its words, what has none by the kind that stands in front of its id.
    pub(super) fn worded(&self, text: &str) -> String {
        let mut worded = text.to_owned();
        // The longest first: the name of a record begins with that of its file.
        for (name, words) in self.words.iter().rev() {
            worded = worded.replace(name, words);
        }
        without_ids(&worded)
    }
}

fn without_ids(text: &str) -> String {
    const LENGTH: usize = 36;
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(first) = rest.chars().next() {
        match rest.get(..LENGTH).filter(|id| id.parse::<uuid::Uuid>().is_ok()) {
            Some(_) => {
                kept.push('…');
                rest = &rest[LENGTH..];
            }
            None => {
                kept.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_has_no_ids() {
        let (file, id) = ("files/0195e2c0-0000-7000-8000-000000000001", "0195e2c0-0000-7000-8000-000000000002");
        let mut seen = Seen::default();
        seen.call(file, "档案");
        seen.call(&format!("{file}/records/{id}"), "投诉");
        assert_eq!(seen.worded(&format!("{file}、{file}/records/{id}")), "档案、投诉");
        assert_eq!(seen.worded(&format!("由 persons/{id}")), "由 persons/…");
    }

    #[test]
    fn the_newest_etag_counts_wherever_it_stands() {
        let mut seen = Seen::default();
        seen.look(&json!({ "name": "a", "etag": "1", "template": "templates/t" }));
        seen.look(&json!({ "items": [{ "name": "a", "etag": "2" }, { "name": "b", "etag": "" }] }));
        assert_eq!(seen.etags, BTreeMap::from([("a".to_owned(), "2".to_owned())]));
        assert_eq!(seen.templates["a"], "templates/t");
    }
}
