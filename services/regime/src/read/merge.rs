//! Merging two trees: what a child says over what its parent says. Every node keeps the place it was written at.

use super::outline::Outline;
use super::reader::Reader;
use super::tree::{Entry, Node, Value};

/// Takes a whole key away.
const ALL: &str = "all";

/// The child over its parent: maps merge by key, lists of things with ids by id, and everything else is the child's.
pub(crate) fn merge(parent: &Node, child: &Node, outline: &Outline) -> Node {
    let value = match (&parent.value, &child.value) {
        (Value::Map(above), Value::Map(own)) if matches!(outline, Outline::Keyed(_) | Outline::Map(_)) => {
            Value::Map(entries(above, own, outline))
        }
        (Value::List(above), Value::List(own)) => match outline.entry_key() {
            Some(by) => Value::List(items(above, own, by)),
            None => child.value.clone(),
        },
        _ => child.value.clone(),
    };
    Node { place: child.place.clone(), value }
}

// A key that the child gives twice stays twice, so that reading finds it.
fn entries(above: &[Entry], own: &[Entry], outline: &Outline) -> Vec<Entry> {
    let mut merged = above.to_vec();
    for (at, entry) in own.iter().enumerate() {
        let repeated = own.iter().take(at).any(|earlier| earlier.key == entry.key);
        match merged.iter_mut().find(|one| one.key == entry.key && !repeated) {
            Some(slot) => {
                let inner = outline.under(&entry.key);
                let node = inner.map_or_else(|| entry.node.clone(), |inner| merge(&slot.node, &entry.node, inner));
                *slot = Entry { key: entry.key.clone(), place: entry.place.clone(), node };
            }
            None => merged.push(entry.clone()),
        }
    }
    merged
}

// So does an id.
fn items(above: &[Node], own: &[Node], by: &str) -> Vec<Node> {
    let mut merged = above.to_vec();
    for (at, item) in own.iter().enumerate() {
        let id = item.id(by);
        let repeated = own.iter().take(at).any(|earlier| earlier.id(by) == id);
        match merged.iter_mut().find(|one| id.is_some() && !repeated && one.id(by) == id) {
            Some(slot) => slot.clone_from(item),
            None => merged.push(item.clone()),
        }
    }
    merged
}

/// Takes from a parent what `without` names: a list of ids below a list or a map, `all` for a whole key.
pub(crate) fn take(parent: &mut Node, without: &Node, outline: &Outline, reader: &mut Reader<'_>) {
    match &without.value {
        Value::Map(named) => {
            for entry in named {
                reader.within(format!(".{}", entry.key), |reader| take_key(parent, entry, outline, reader));
            }
        }
        Value::List(ids) => {
            for (at, id) in ids.iter().enumerate() {
                reader.within(format!("[{at}]"), |reader| take_entry(parent, id, outline, reader));
            }
        }
        Value::Scalar { .. } => {
            reader.note(&without.place, format!("this is neither a list of ids nor the word `{ALL}`"));
        }
    }
}

fn take_key(parent: &mut Node, named: &Entry, outline: &Outline, reader: &mut Reader<'_>) {
    let Value::Map(entries) = &mut parent.value else {
        return reader.note(&named.place, format!("`{}` is no key that can be taken away here", named.key));
    };
    let Some(at) = entries.iter().position(|entry| entry.key == named.key) else {
        return reader.note(&named.place, format!("there is no key `{}` to take away", named.key));
    };
    let whole = matches!(&named.node.value, Value::Scalar { text, .. } if text == ALL);
    if whole {
        entries.remove(at);
    } else if let (Some(entry), Some(inner)) = (entries.get_mut(at), outline.under(&named.key)) {
        take(&mut entry.node, &named.node, inner, reader);
    }
}

fn take_entry(parent: &mut Node, id: &Node, outline: &Outline, reader: &mut Reader<'_>) {
    let Value::Scalar { text: wanted, .. } = &id.value else {
        return reader.note(&id.place, format!("an id is expected here, not {}", id.kind()));
    };
    let by = outline.entry_key().unwrap_or_default();
    let taken = match &mut parent.value {
        Value::List(items) => {
            let at = items.iter().position(|item| item.id(by) == Some(wanted));
            at.map(|at| items.remove(at)).is_some()
        }
        Value::Map(entries) if matches!(outline, Outline::Map(_)) => {
            let at = entries.iter().position(|entry| entry.key == *wanted);
            at.map(|at| entries.remove(at)).is_some()
        }
        Value::Map(_) | Value::Scalar { .. } => false,
    };
    if !taken {
        reader.note(&id.place, format!("there is no `{wanted}` to take away"));
    }
}
