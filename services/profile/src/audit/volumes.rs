//! What an entry says of the rows of volumes, and of where their documents lie (P-92).

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Told, time_of};
use dossier_proto::journal::v1::{EntryBody, VolumeChanged};
use uuid::Uuid;

/// What it says.
pub(super) fn tell(told: &mut Told, entry: &EntryBody, one: &VolumeChanged) {
    let (key, at) = (key(&one.volume), time_of(entry));
    // Changes are numbered one by one, in whatever order their entries are.
    if told.overtaken("volume", &key, one.revision) {
        return;
    }
    documents(told, one);
    let closed = entry.action == "volume.closed";
    let _ = told
        .row("volume", key)
        .says("file", Value::name(&one.file))
        .says("number", one.number)
        .says("rule", &one.rule)
        .says("year", one.year)
        .says("class", &one.retention_class)
        .says("apart", one.apart)
        .says("state", &one.state)
        .says("level", &one.level)
        .says("contents", Value::list(&one.contents))
        .says("sheets", one.sheets)
        .says("pages", one.pages)
        .says("record", Value::name(&one.record))
        .says("closed_at", closed.then_some(at))
        .says("version", one.revision)
        .once("creator", Value::name(&entry.actor))
        .once("created_at", at)
        .says("updated_at", at);
}

// A document lies here from now on; one that was taken out lies nowhere, unless another volume has said since that it has it.
fn documents(told: &mut Told, one: &VolumeChanged) {
    let own = Value::name(&one.volume);
    for document in &one.lifted {
        let document = key(document);
        if told.value("volume_document", &document, "volume") == Some(&own) {
            let _ = told.row("volume_document", document).says("volume", Value::Nothing);
        }
    }
    let ids = one.contents.iter().filter_map(|line| line.split_once(' ')?.0.parse::<Uuid>().ok());
    for document in ids.collect::<Vec<_>>() {
        let row = told.row("volume_document", document.to_string());
        let _ = row.says("file", Value::name(&one.file)).says("volume", own.clone());
    }
}
