//! What an entry says of the rows of items and places (P-09, P-10).

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Told, time_of};
use dossier_proto::journal::v1::{EntryBody, ItemChanged, PlaceChanged};

/// What it says of an item.
pub(super) fn item(told: &mut Told, entry: &EntryBody, one: &ItemChanged) {
    let (key, at) = (key(&one.item), time_of(entry));
    // Moves are numbered one by one, in whatever order their entries are.
    let updated = at.max(told.number("item", &key, "updated_at"));
    if told.number("item", &key, "version") > one.revision {
        let _ = told.row("item", key).says("updated_at", updated);
        return;
    }
    let of_file = one.record.rsplit_once("/records/").map(|(file, _)| file).unwrap_or_default();
    let _ = told
        .row("item", key)
        .says("file", Value::name(&one.file))
        .says("kind", &one.kind)
        .says("state", &one.state)
        .says("place", Value::name(&one.place))
        .says("holder", Value::name(&one.holder))
        .says("record", Value::name(&one.record))
        .says("of_file", Value::name(of_file))
        .says("version", one.revision)
        .once("created_at", at)
        .says("updated_at", updated);
}

/// What it says of a place.
pub(super) fn place(told: &mut Told, entry: &EntryBody, one: &PlaceChanged) {
    let at = time_of(entry);
    let labels: Vec<_> = one.labels.iter().map(|(axis, label)| format!("{axis}={label}")).collect();
    let _ = told
        .row("place", key(&one.place))
        .says("kind", &one.kind)
        .says("title", &one.title)
        .says("parent", Value::name(&one.parent))
        .says("labels", Value::list(&labels))
        .says("capacity", one.capacity)
        .says("closed", one.closed)
        .says("version", one.revision)
        .once("creator", Value::name(&entry.actor))
        .once("created_at", at)
        .says("updated_at", at);
}
