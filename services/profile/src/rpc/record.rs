//! The rpcs of records, and how a record is shown (P-47).

pub mod create;
pub mod get;
pub mod list;
pub mod update;

use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1::FileRecord;
use dossier_regime::Template;

use super::customer_file::view;
use crate::domain::completeness::whole;
use crate::domain::header::template_name;
use crate::domain::record::Record;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::header::weighed;
use crate::work::record::Change;

/// Everything but content: what a list gives.
fn basic(loaded: &Loaded, one: &Record) -> FileRecord {
    FileRecord {
        name: one.name(),
        kind: one.kind.clone(),
        stage: one.stage.clone(),
        template: template_name(&one.template),
        template_version: i32::try_from(one.template_version).unwrap_or(i32::MAX),
        level: loaded.file.level.clone(),
        completeness: Some(weighed(one.weights)),
        revision: one.version,
        etag: etag::of(one.version),
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
        creator: name("persons", one.creator),
        ..FileRecord::default()
    }
}

/// A record after a change: of its content only what the caller wrote.
///
/// # Errors
/// `SEAL_BROKEN`.
fn saved(change: &Change<'_>, template: &Template) -> Result<FileRecord> {
    let (opened, written) = (&change.opened, &change.writing.set);
    let filling = opened.content.filling(template, &opened.seal)?.shown(|key| written.contains_key(key));
    let measured = whole(template, opened.loaded.file.customer_type, |key| filling.of(key));
    let told = |(key, value): (&String, _)| (key.clone(), view::typed(template, key, Clone::clone(value)));
    Ok(FileRecord {
        fields: written.iter().map(told).collect(),
        completeness: Some(view::detailed(&measured)),
        ..basic(&opened.loaded, &opened.record)
    })
}
