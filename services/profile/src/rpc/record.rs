//! The rpcs of records, and how a record is shown (P-47).

mod act;
pub mod advance;
pub mod amend;
pub mod batch_get;
pub mod create;
pub mod explain;
pub mod get;
pub mod get_revision;
pub mod list;
pub mod list_revisions;
pub mod render;
pub mod send_back;
pub mod sign;
pub mod update;
pub mod void;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::name::name;
use dossier_kernel::time::{from_micros, to_proto};
use dossier_kernel::{etag, states};
use dossier_proto::profile::v1::{FileRecord, RecordSignature, RecordState, RecordStep};
use dossier_regime::Template;

use super::customer_file::view;
use crate::domain::changed::Writing;
use crate::domain::completeness::whole;
use crate::domain::form::path;
use crate::domain::header::template_name;
use crate::domain::record::signing::Signature;
use crate::domain::record::{Record, Step};
use crate::store::customer_file::Loaded;
use crate::work::customer_file::header::weighed;
use crate::work::customer_file::session::Session;
use crate::work::record::approval;
use crate::work::record::around::Around;
use crate::work::record::{Change, Opened};

/// Everything but content: what a list gives.
pub(super) fn basic(loaded: &Loaded, one: &Record) -> FileRecord {
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
        of: one.of_name(),
        state: states::wire::<RecordState>(one.state).into(),
        steps: one.steps.iter().map(step).collect(),
        pending_stage: one.pending.clone(),
        number: one.number.clone().unwrap_or_default(),
        imported: one.imported,
        ..FileRecord::default()
    }
}

/// A record after a change: of its content only what the caller wrote.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
async fn saved(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, template: &Template) -> Result<FileRecord> {
    let (opened, written) = (&change.opened, &change.writing.set);
    let filling = opened.content.filling(template, &opened.seal)?.shown(|key| written.contains_key(key));
    let measured = whole(template, opened.loaded.file.customer_type, |key| filling.of(key));
    let told = |(key, value): (&String, _)| (key.clone(), view::typed(template, key, Clone::clone(value)));
    let staged = staged(session, tx, opened, template).await?;
    Ok(FileRecord {
        fields: written.iter().map(told).collect(),
        completeness: Some(view::detailed(&measured)),
        ..staged
    })
}

/// Everything but content, with the stages to come and the signatures; what a kind asked for that the pack has no more, nobody knows.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
async fn staged(session: &Session<'_>, tx: &mut Tx, opened: &Opened<'_>, template: &Template) -> Result<FileRecord> {
    let basic = basic(&opened.loaded, &opened.record);
    if session.pack().record(&opened.record.kind).is_none() {
        return Ok(basic);
    }
    let around = Around::gather(session, tx, opened, template).await?;
    // A right to read is none to be told how values compare.
    let mut goals = around.goals(session, opened);
    goals.retain(|_| opened.loaded.standing);
    Ok(FileRecord {
        approval: approval::asked_last(session, tx, around.kind(), &opened.record).await?,
        next_stages: goals.into_iter().map(|stage| stage.id.clone()).collect(),
        signatures: around.signatures().iter().map(signature).collect(),
        ..basic
    })
}

pub(super) fn signature(one: &Signature) -> RecordSignature {
    RecordSignature {
        stage: one.stage.clone(),
        slot: one.slot.clone(),
        signer: name("persons", one.signer),
        post: one.post.clone(),
        sign_time: Some(to_proto(one.at)),
        revision: one.revision,
        digest: one.digest.clone(),
    }
}

fn step(one: &Step) -> RecordStep {
    RecordStep { stage: one.stage.clone(), enter_time: Some(to_proto(from_micros(one.at))), revision: one.revision }
}

/// Notes a fault for each field of `writing` whose section the caller does not write now.
fn frozen(writing: &Writing, template: &Template, writes: impl Fn(&str) -> bool, faults: &mut Faults) {
    for key in writing.keys() {
        let section = template.field(key).map(|field| field.section.as_str());
        if !section.is_some_and(&writes) {
            faults.add(path(key), "is not written by the caller while the record stands where it does");
        }
    }
}
