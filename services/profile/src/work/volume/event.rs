//! What the journal says of a volume.

use std::collections::BTreeSet;

use dossier_authority::Effect;
use dossier_authority::promise::Word;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::journal::v1::VolumeChanged;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::Said;
use crate::domain::document::name_of as document_name;
use crate::domain::record::PART;
use crate::domain::volume::{Line, Volume};
use crate::work::customer_file::session::Session;

/// Journals a volume as it is now, what was taken out of it, and why.
///
/// # Errors
/// `JOURNAL_FAULT`.
pub(super) async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    one: &Volume,
    (action, lifted): (&str, BTreeSet<Uuid>),
    said: Said<'_>,
) -> Result<()> {
    let (subject, event) = (one.name(), event(one, &lifted));
    let words = [Word::reason(said.reason)];
    let effect = Effect {
        request_id: said.request_id,
        words: &words,
        ..Effect::new(action, &subject, Kind::VolumeChanged(event))
    };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

fn event(one: &Volume, lifted: &BTreeSet<Uuid>) -> VolumeChanged {
    VolumeChanged {
        volume: one.name(),
        file: name::name("files", one.file),
        number: one.number,
        rule: one.rule.clone(),
        year: one.year.unwrap_or_default(),
        retention_class: one.class.clone(),
        apart: one.apart,
        state: one.state.as_str().to_owned(),
        level: one.level.clone(),
        contents: one.contents.iter().map(Line::text).collect(),
        lifted: lifted.iter().map(|id| document_name(one.file, *id)).collect(),
        sheets: one.sheets,
        pages: one.pages,
        record: one.record.map(|record| name::below("files", one.file, PART, record)).unwrap_or_default(),
        revision: one.version,
    }
}
