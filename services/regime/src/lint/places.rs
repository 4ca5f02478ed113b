//! Checks of kinds of place: that they form a tree, and that what is kept finds a place.

use super::Context;
use crate::model::{ItemKind, Pack, PlaceKind};

/// Every kind.
pub(super) fn kinds(pack: &Pack, context: &mut Context<'_>) {
    context.ids("places", "id", "kind of place", pack.places.iter().map(|one| one.id.as_str()));
    for (at, kind) in pack.places.iter().enumerate() {
        one(pack, kind, &format!("places[{at}]"), context);
    }
    if pack.places.is_empty() {
        return;
    }
    let takes = |what| pack.places.iter().any(|kind| kind.takes.contains(&what));
    for (at, kind) in pack.documents.iter().enumerate() {
        if kind.valuable && !takes(ItemKind::Valuable) {
            let path = format!("documents[{at}].valuable");
            context.fault(path, "no kind of place takes what is `valuable` (C-31)");
        }
    }
}

fn one(pack: &Pack, kind: &PlaceKind, path: &str, context: &mut Context<'_>) {
    for (at, above) in kind.within.iter().enumerate() {
        context.refers(format!("{path}.in[{at}]"), "kind of place", above, pack.place(above).is_some());
    }
    if is_above(pack, kind, &kind.id, pack.places.len()) {
        context.fault(format!("{path}.in"), format!("`{}` would stand in itself", kind.id));
    }
    let holds_places = pack.places.iter().any(|other| other.within.contains(&kind.id));
    if kind.takes.is_empty() && !holds_places && !kind.id.is_empty() {
        context.fault(path, format!("nothing is laid into `{}`, and nothing stands in it", kind.id));
    }
    if kind.holds == Some(0) {
        context.fault(format!("{path}.holds"), "holds nothing: leave it out for any number");
    }
    for (key, given) in [("holds", kind.holds.is_some()), ("by", !kind.by.is_empty())] {
        if given && kind.takes.is_empty() {
            context.fault(format!("{path}.{key}"), "nothing is laid there: it says something of `takes`");
        }
    }
    context.ids(&format!("{path}.by"), "", "axis", kind.by.iter().map(String::as_str));
    for (at, axis) in kind.by.iter().enumerate() {
        let known = pack.classification.axes.iter().any(|one| one.field == *axis);
        context.refers(format!("{path}.by[{at}]"), "axis of classification", axis, known);
    }
}

// Whether `id` stands somewhere above `kind`; as many steps as there are kinds tell.
fn is_above(pack: &Pack, kind: &PlaceKind, id: &str, steps: usize) -> bool {
    let next = |above: &String| {
        above == id || (steps > 0 && pack.place(above).is_some_and(|above| is_above(pack, above, id, steps - 1)))
    };
    kind.within.iter().any(next)
}
