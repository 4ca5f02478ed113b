//! Which values of a reply are printed.

use dossier_regime::read::Value as Written;
use prost_reflect::MessageDescriptor;
use serde_json::Value;

use super::method::leads;
use super::reference::step;
use super::script::Free;

/// A value that is printed: the words for it where the script has some, and its path.
pub(super) struct Shown<'s> {
    /// The words.
    pub(super) words: Option<&'s str>,
    /// The path.
    pub(super) path: &'s str,
}

/// What a step prints: paths in a list, or words with a path each in a map.
pub(super) fn all(shows: &Free) -> Vec<Shown<'_>> {
    let Some(node) = &shows.0 else { return Vec::new() };
    match &node.value {
        Written::Scalar { text, .. } => vec![Shown { words: None, path: text }],
        Written::List(items) => {
            items.iter().filter_map(|item| Some(Shown { words: None, path: item.text()? })).collect()
        }
        Written::Map(entries) => {
            let shown = entries.iter().map(|entry| Some(Shown { words: Some(&entry.key), path: entry.node.text()? }));
            shown.flatten().collect()
        }
    }
}

/// What of it cannot be printed, with its line.
pub(super) fn faults(of: &MessageDescriptor, shows: &Free) -> Vec<(usize, String)> {
    let Some(node) = &shows.0 else { return Vec::new() };
    let each = match &node.value {
        Written::Scalar { .. } => vec![node],
        Written::List(items) => items.iter().collect(),
        Written::Map(entries) => entries.iter().map(|entry| &entry.node).collect(),
    };
    let fault = |node: &dossier_regime::read::Node| match node.text() {
        None => Some((node.place.line, "`shows` takes paths".to_owned())),
        Some(path) => leads(of, &parts(path)).err().map(|why| (node.place.line, why)),
    };
    each.into_iter().filter_map(fault).collect()
}

/// The value at a path.
pub(super) fn find<'v>(reply: &'v Value, path: &str) -> Option<&'v Value> {
    parts(path).iter().try_fold(reply, |found, part| step(found, part))
}

fn parts(path: &str) -> Vec<String> {
    path.split('.').map(str::to_owned).collect()
}
