//! `GetRecordRevision`: a record as it was, such as the version that somebody signed (P-48, A-40).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::name;
use dossier_kernel::time::micros_to_proto;
use dossier_proto::profile::v1::{FileRecordRevision, GetRecordRevisionRequest};
use dossier_regime::Action;
use uuid::Uuid;

use super::get::Asked;
use super::list_revisions::{changed, revision_name};
use crate::content::{Content, reason_at};
use crate::domain::record::ids;
use crate::rpc::customer_file::reading::{self, Outgoing};
use crate::rpc::customer_file::view;
use crate::store::record::revision;
use crate::work::customer_file::session::Session;
use crate::work::record;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetRecordRevisionRequest) -> Result<FileRecordRevision> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let (asked, mut number) = (Asked { purpose: &request.purpose, place: &request.reading_place }, 0);
    let named = |faults: &mut dossier_kernel::faults::Faults| {
        let (ids, wanted) = faults.absorb(numbered(&request.name))?;
        number = wanted;
        Some(ids)
    };
    let (opened, ground) = asked.open(&session, &mut tx, named).await?;
    let missing = || Error::missing(Missing::FileRecordRevision, revision_name(&opened.record.name(), number));
    let row = revision(&mut tx, &call.org, opened.record.id, number).await?.ok_or_else(missing)?;
    tx.commit().await?;
    let template = record::template(&session, &opened.record.template)?;
    let content = Content::read("record_revision", &row.content)?;
    let (fields, shown, masked) = view::opened(template, &content, &opened.seal, &ground.visibility)?;
    let reason = row.reason.as_ref().filter(|_| ground.visibility.shows_reasons());
    let reason = reason.map(|sealed| opened.seal.open_text(&reason_at(number), sealed)).transpose()?;
    let message = FileRecordRevision {
        name: revision_name(&opened.record.name(), number),
        revision: number,
        fields,
        masked_fields: masked,
        create_time: Some(micros_to_proto(row.at)),
        author: name::name("persons", row.author),
        changed_paths: changed(&row.changed),
        reason: reason.unwrap_or_default(),
    };
    let (resource, file) = (opened.record.name(), opened.loaded.file.id);
    let leaving = Outgoing { message, resource, file, revision: number, fields: shown, records: Vec::new(), ground };
    reading::release_one(&session, leaving, &request.purpose).await
}

// File, record and number in `files/{uuid}/records/{uuid}/revisions/{n}`.
fn numbered(text: &str) -> Result<((Uuid, Uuid), i64)> {
    let wrong = || Error::violation("name", "must be `files/{uuid}/records/{uuid}/revisions/{n}`");
    let (record, number) = text.rsplit_once("/revisions/").ok_or_else(wrong)?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = number.parse().ok().filter(|number: &i64| digits && *number > 0).ok_or_else(wrong)?;
    Ok((ids("name", record)?, number))
}
