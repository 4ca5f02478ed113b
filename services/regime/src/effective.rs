//! A pack with all that it inherits, printed as YAML with the place that each line comes from.

use crate::fault::{Fault, Faults};
use crate::inherit;
use crate::read::{Node, Place, Value, quoted};
use crate::source::Sources;

/// A pack as it holds.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Its id.
    pub id: String,
    /// Its file.
    pub file: String,
    /// What it says and inherits, as YAML; behind each line stands where it was written.
    pub text: String,
}

/// Every pack of `sources` that can be merged, abstract ones too, and what keeps the others from it. Nothing else is checked:
/// whoever looks for a fault wants to see the pack that has it.
pub fn effective(sources: &Sources) -> (Vec<Effective>, Faults) {
    let mut faults: Vec<Fault> = Vec::new();
    let heirs = inherit::heirs(&sources.packs, &mut faults);
    let show = |heir: inherit::Heir| Effective { text: shown(&heir.root), id: heir.id, file: heir.file };
    (heirs.into_iter().map(show).collect(), Faults(faults))
}

/// Where the places begin, where lines are not longer.
const COLUMN: usize = 60;

fn shown(root: &Node) -> String {
    let mut lines = Vec::new();
    block(root, 0, &mut lines);
    let line = |(text, place): &(String, &Place)| {
        let width = COLUMN.max(text.chars().count() + 2);
        format!("{text:width$}# {}:{}\n", place.file, place.line)
    };
    lines.iter().map(line).collect()
}

// A map or a list of maps is written line by line, everything else on one.
fn block<'n>(node: &'n Node, deep: usize, lines: &mut Vec<(String, &'n Place)>) {
    match &node.value {
        Value::Map(entries) => {
            for entry in entries {
                let key = format!("{:1$}{key}:", "", 2 * deep, key = key(&entry.key));
                if is_block(&entry.node) {
                    lines.push((key, &entry.place));
                    block(&entry.node, deep + 1, lines);
                } else {
                    lines.push((format!("{key} {}", flow(&entry.node)), &entry.place));
                }
            }
        }
        Value::List(items) => items.iter().for_each(|item| dashed(item, deep, lines)),
        Value::Scalar { .. } => lines.push((flow(node), &node.place)),
    }
}

// The first line of an entry bears the dash.
fn dashed<'n>(item: &'n Node, deep: usize, lines: &mut Vec<(String, &'n Place)>) {
    let first = lines.len();
    if is_block(item) && matches!(item.value, Value::Map(_)) {
        block(item, deep + 1, lines);
    } else {
        lines.push((format!("{:1$}{2}", "", 2 * (deep + 1), flow(item)), &item.place));
    }
    if let Some((line, _)) = lines.get_mut(first) {
        line.replace_range(2 * deep..2 * deep + 2, "- ");
    }
}

fn is_block(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => !entries.is_empty(),
        Value::List(items) => items.iter().any(|item| matches!(item.value, Value::Map(_))),
        Value::Scalar { .. } => false,
    }
}

pub(crate) fn flow(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, plain } if (*plain && is_plain(text)) || node.is_null() => text.clone(),
        Value::Scalar { text, .. } => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entry = |entry: &crate::read::Entry| format!("{}: {}", key(&entry.key), flow(&entry.node));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

fn key(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

// Whether YAML reads it back without quotes, in a list of one line too.
fn is_plain(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_alphanumeric());
    begins && !text.ends_with([' ', ':']) && text.chars().all(|c| c.is_alphanumeric() || " _-./<>+()、《》".contains(c))
}

#[cfg(test)]
mod tests;
