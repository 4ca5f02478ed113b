//! Checks of the table of requirements: what is said to carry one is there.

use super::Context;
use crate::model::Pack;
use crate::read::{Node, Value};

/// The keys that tell entries of lists apart, in the order in which they are looked for.
const NAMES: [&str; 7] = ["id", "act", "kind", "purpose", "field", "template", "value"];

/// Every requirement is one of the catalogue by its form, and something carries it, or it says what it waits for.
pub(super) fn requirements(pack: &Pack, context: &mut Context<'_>) {
    let root = context.root;
    context.ids("requirements", "id", "requirement", pack.requirements.iter().map(|one| one.id.as_str()));
    for (at, one) in pack.requirements.iter().enumerate() {
        let path = format!("requirements[{at}]");
        if !one.id.is_empty() && !is_requirement(&one.id) {
            let sentence =
                format!("`{}` is no requirement: a letter of A, C, P, X, and a number such as `P-79`", one.id);
            context.fault(format!("{path}.id"), sentence);
        }
        if one.by.is_empty() && one.waits.is_none() {
            context.fault(&path, "it says neither what carries it (`by`) nor what it waits for (`waits`)");
        }
        for (at, by) in one.by.iter().enumerate().filter(|(_, by)| !leads(root, by)) {
            let at = format!("{path}.by[{at}]");
            // A line of a parent was true there: its heir took away what it names.
            match root.place_of(&at).file == root.place_of("id").file {
                true => context.fault(at, format!("the pack has nothing at `{by}`")),
                false => context.warn(at, format!("nothing is left of `{by}`, which carried {}", one.id)),
            }
        }
    }
}

fn is_requirement(id: &str) -> bool {
    let number = id.strip_prefix(['A', 'C', 'P', 'X']).and_then(|rest| rest.strip_prefix('-'));
    number.is_some_and(|number| (2..=3).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit()))
}

// Ids may have dots in them, so a path is not cut at each: it leads on below everything whose name it begins with.
fn leads(node: &Node, path: &str) -> bool {
    let on = |name: &str, below: &Node| match path.strip_prefix(name) {
        Some("") => true,
        Some(rest) => rest.strip_prefix('.').is_some_and(|rest| leads(below, rest)),
        None => false,
    };
    match &node.value {
        Value::Map(entries) => entries.iter().any(|entry| !entry.key.is_empty() && on(&entry.key, &entry.node)),
        Value::List(items) => items.iter().any(|item| name(item).is_some_and(|name| on(name, item))),
        Value::Scalar { .. } => false,
    }
}

fn name(item: &Node) -> Option<&str> {
    item.text().or_else(|| NAMES.iter().find_map(|key| item.entry(key)?.node.text()))
}
