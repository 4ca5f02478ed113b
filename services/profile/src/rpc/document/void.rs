//! `VoidDocument`: a document that was filed in error ends, with a reason, and stays readable.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::mutate;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::VoidDocumentRequest;

use super::act::Asked;
use super::saved;
use crate::domain::document::{State, ids};
use crate::work::customer_file::session::Session;
use crate::work::document::again::again;
use crate::work::document::right::{Right, VOID};
use crate::work::document::{Change, VOIDED, save};
use crate::work::record::template;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: VoidDocumentRequest) -> Result<wire::Document> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        VOID.require_some(&session)?;
        Box::pin(void(&session, tx, &request)).await
    }, kept => again(base, tx, call, VOID, kept).await)
}

async fn void(session: &Session<'_>, tx: &mut Tx, request: &VoidDocumentRequest) -> Result<wire::Document> {
    let (etag, reason) = (&request.etag, &request.reason);
    let asked = Asked {
        right: VOID,
        ids: ids("name", &request.name),
        etag,
        reason,
        must_say: true,
        more: Right::require_to_end,
    };
    let (mut opened, reason) = asked.open(session, tx).await?;
    opened.document.require_current()?;
    opened.document.state = State::Void;
    let template = template(session, &opened.document.template)?;
    let mut change = Change::new(opened, VOIDED, reason, &request.request_id);
    save(session, tx, template, &mut change).await?;
    saved(&change, template)
}
