//! What is told to who repeats a call that had its effect before: what they may see now.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_authority::Effect;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::journal::v1::FileDisclosed;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::profile::v1::CustomerFile as Message;
use dossier_proto::types::FieldValue;
use dossier_regime::{Action, Template};

use super::session::Session;
use super::ties::shown;
use crate::domain::customer_file::CustomerFile;
use crate::domain::field_visibility::{FieldVisibility, UNIT_REF};
use crate::domain::ties::Ties;
use crate::store::customer_file;

/// Gives the kept reply again, journaled when it shows content, to who may still do what the call did and sees the file by
/// standing access, with what they may be shown of it now. Whoever does not see it any more learns that their call had its
/// effect, and nothing of the file: not even whether it has changed since.
///
/// # Errors
/// `PERSON_UNKNOWN`, `PERMISSION_DENIED`, `AUTHORITY_STALE`, `JOURNAL_FAULT`.
pub async fn again(base: &Base, tx: &mut Tx, call: &Call, action: Action, mut kept: Message) -> Result<Message> {
    let session = Session::open(base, tx, call, action).await?;
    let id = name::id("name", "files", &kept.name)?;
    let ties = Ties::take(&mut kept);
    let found = customer_file::visible(tx, session.viewer(), id).await?;
    let Some(loaded) = found.filter(|loaded| loaded.standing) else {
        return Ok(Message { name: kept.name, revision: kept.revision, etag: kept.etag, ..Message::default() });
    };
    session.require_fresh(&loaded.file.level)?;
    shown(&session, tx, &ties).await?.tell(&mut kept);
    // No request repeated here names a place: a level that is read in one shows nothing.
    let here = session.pack().is_read_in(&loaded.file.level, "");
    let (visibility, template) = (FieldVisibility::standing(session.grade()), session.template(&loaded.file.template)?);
    kept.fields.retain(|key, _| here && visibility.shows(template, key));
    if !(here && visibility.shows_unit_ref()) {
        kept.unit_ref.clear();
    }
    let mut fields: Vec<_> = kept.fields.keys().cloned().collect();
    fields.extend((!kept.unit_ref.is_empty()).then(|| UNIT_REF.to_owned()));
    if !fields.is_empty() {
        disclose(&session, tx, (&kept.name, ""), kept.revision, fields).await?;
    }
    Ok(kept)
}

/// Leaves in `fields`, the form of a kept reply about `name` in the file, what the caller may be shown of it now, and journals that it is
/// shown once more.
///
/// # Errors
/// `JOURNAL_FAULT`.
pub async fn reshow(
    session: &Session<'_>,
    tx: &mut Tx,
    (file, template): (&CustomerFile, &Template),
    (name, revision): (&str, i64),
    fields: &mut BTreeMap<String, FieldValue>,
) -> Result<()> {
    let visibility = FieldVisibility::standing(session.grade());
    // No request repeated here names a place: a level that is read in one shows nothing.
    let here = session.pack().is_read_in(&file.level, "");
    fields.retain(|key, _| here && visibility.shows(template, key));
    if fields.is_empty() {
        return Ok(());
    }
    disclose(session, tx, (&file.name(), name), revision, fields.keys().cloned().collect()).await
}

/// Journals that a kept reply shows `fields` of a file, or of what lies in it, to the caller once more.
///
/// # Errors
/// `JOURNAL_FAULT`.
pub async fn disclose(
    session: &Session<'_>,
    tx: &mut Tx,
    (file, resource): (&str, &str),
    revision: i64,
    fields: Vec<String>,
) -> Result<()> {
    let reader = session.principal.name();
    let event = FileDisclosed {
        file: file.to_owned(),
        reader: reader.clone(),
        fields,
        revision,
        resource: resource.to_owned(),
        ..FileDisclosed::default()
    };
    let (action, subject, event) = ("file.disclosed", file, Kind::FileDisclosed(event));
    // Not under the request id: that stands for the one effect.
    let effect = Effect::new(action, subject, event);
    session.base.record(tx, session.call, &reader, effect).await.map(drop)
}
