//! The rpcs of records, and how a record is shown (P-47).

pub mod create;
pub mod get;
pub mod list;
pub mod update;

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1::FileRecord;
use dossier_regime::{RecordKind, Template};

use super::customer_file::view;
use crate::domain::completeness::whole;
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::header::template_name;
use crate::domain::record::{Record, ids};
use crate::store::customer_file::Loaded;
use crate::work::customer_file::again::disclose;
use crate::work::customer_file::header::weighed;
use crate::work::customer_file::session::Session;
use crate::work::record::{self, Change, require_in, require_some};

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
fn saved(change: &Change<'_>, template: &Template) -> FileRecord {
    let (opened, written) = (&change.opened, &change.writing.set);
    let measured = whole(template, opened.loaded.file.customer_type, |key| opened.content.has(key));
    let told = |(key, value): (&String, _)| (key.clone(), view::typed(template, key, Clone::clone(value)));
    FileRecord {
        fields: written.iter().map(told).collect(),
        completeness: Some(view::detailed(&measured)),
        ..basic(&opened.loaded, &opened.record)
    }
}

/// Gives a kept reply again to who may still write such records and sees the file by standing access, with what they may be shown of it
/// now; to others only that the call had its effect.
async fn again(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    action: &'static str,
    posts: fn(&RecordKind) -> &[String],
    mut kept: FileRecord,
) -> Result<FileRecord> {
    let session = Session::enter(base, tx, call).await?;
    require_some(&session, action, posts)?;
    let silent = |kept: FileRecord| FileRecord {
        name: kept.name,
        revision: kept.revision,
        etag: kept.etag,
        ..FileRecord::default()
    };
    let opened = match record::load(&session, tx, ids("name", &kept.name)?).await {
        Err(fault) if fault.is_missing().is_some() => return Ok(silent(kept)),
        opened => opened?,
    };
    let kind = session.pack().record(&opened.record.kind).map(posts).unwrap_or_default();
    if require_in(&session, &opened.loaded, action, kind).is_err() {
        return Ok(silent(kept));
    }
    let (visibility, template) =
        (FieldVisibility::standing(session.grade()), record::template(&session, &opened.record.template)?);
    let here = session.pack().is_read_in(&opened.loaded.file.level, "");
    kept.fields.retain(|key, _| here && visibility.shows(template, key));
    if !kept.fields.is_empty() {
        let fields = kept.fields.keys().cloned().collect();
        disclose(&session, tx, (&opened.loaded.file.name(), &kept.name), kept.revision, fields).await?;
    }
    Ok(kept)
}
