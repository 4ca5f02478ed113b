//! `UpdateDocument`: what is said of a document; the version before stays (P-28, P-48).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::UpdateDocumentRequest;

use super::act::Asked;
use super::saved;
use crate::domain::changed::of_update;
use crate::domain::document::{ids, said};
use crate::domain::field_visibility::FieldVisibility;
use crate::work::customer_file::session::Session;
use crate::work::document::again::again;
use crate::work::document::right::{Right, UPDATE};
use crate::work::document::{Change, UPDATED, save};
use crate::work::record::{rules, template};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: UpdateDocumentRequest) -> Result<wire::Document> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        UPDATE.require_some(&session)?;
        Box::pin(update(&session, tx, &request)).await
    }, kept => again(base, tx, call, UPDATE, kept).await)
}

async fn update(session: &Session<'_>, tx: &mut Tx, request: &UpdateDocumentRequest) -> Result<wire::Document> {
    let given = request.document.as_ref().ok_or_else(|| Error::violation("document", "is required"))?;
    let paths = request.update_mask.as_ref().map(|mask| mask.paths.as_slice()).unwrap_or_default();
    let (parts, fields) = said::mask(paths)?;
    let (etag, reason) = (&given.etag, &request.reason);
    let asked = Asked {
        right: UPDATE,
        ids: ids("document.name", &given.name),
        etag,
        reason,
        must_say: false,
        more: Right::require_changeable,
    };
    let (mut opened, reason) = asked.open(session, tx).await?;
    let kind = session.pack().document(&opened.document.kind).ok_or_else(|| UPDATE.denied())?;
    let template = template(session, &opened.document.template)?;
    let rules = rules(session, &opened.loaded, template);
    let (present, visibility) = (opened.content.keys(), FieldVisibility::standing(session.grade()));
    let mut faults = Faults::default();
    let writing = of_update(rules, &fields, &given.fields, &present, &visibility, &mut faults)?;
    let expired = opened.document.said.expire_date.clone();
    opened.document.said = opened.document.said.after((kind, opened.document.carrier), given, &parts, &mut faults);
    let writing = writing.checked(faults)?;
    opened.document.require_current()?;
    let lapses_otherwise = opened.document.said.expire_date != expired;
    let mut change = Change { writing, lapses_otherwise, ..Change::new(opened, UPDATED, reason, &request.request_id) };
    save(session, tx, template, &mut change).await?;
    saved(&change, template)
}
