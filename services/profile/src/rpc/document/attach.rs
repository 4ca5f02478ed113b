//! `AttachDocumentContent`: what was uploaded becomes the content of its document.

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::fault;
use dossier_kernel::mutate;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::AttachDocumentContentRequest;

use super::act::Asked;
use super::get_upload::{hash, own};
use super::saved;
use crate::domain::document::content::{Kept, Upload, ids};
use crate::rpc::document_service::DocumentRpc;
use crate::store::document::upload;
use crate::work::customer_file::session::Session;
use crate::work::document::again::again;
use crate::work::document::content::Pieces;
use crate::work::document::right::UPLOAD;
use crate::work::document::{Change, save};
use crate::work::record::template;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(rpc: &DocumentRpc, call: &Call, request: AttachDocumentContentRequest) -> Result<wire::Document> {
    let (base, mut attached) = (&rpc.base, None);
    let answer = mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        UPLOAD.require_some(&session)?;
        let (message, upload) = Box::pin(attach(&session, tx, &request)).await?;
        attached = Some(upload);
        Ok(message)
    }, kept => again(base, tx, call, UPLOAD, kept).await)?;
    fault!("content.attached");
    // What a stream that was overtaken has written is of no use; what stays for want of the store is remembered as left over.
    if let Some(upload) = attached.filter(|upload| upload.turn > 1 && !request.validate_only) {
        let _ = Pieces::clear(&rpc.contents, &call.org, &upload.ended(call.now), Some(&upload.place())).await;
    }
    Ok(answer)
}

async fn attach(
    session: &Session<'_>,
    tx: &mut Tx,
    request: &AttachDocumentContentRequest,
) -> Result<(wire::Document, Upload)> {
    let ids = ids("name", &request.name);
    let id = ids.as_ref().map(|(_, _, id)| *id).unwrap_or_default();
    let (etag, reason) = (&request.etag, &request.reason);
    let named = ids.map(|(file, document, _)| (file, document));
    let asked = Asked { right: UPLOAD, ids: named, etag, reason, must_say: false, more: |_, _, _| Ok(()) };
    let (mut opened, reason) = asked.open(session, tx).await?;
    let one = own(session, tx, (opened.document.id, id), &request.name).await?;
    opened.document.require_empty()?;
    let sealed = one.require_checked()?.to_vec();
    let found = hash(&one, &opened.seal)?;
    if !request.sha256.is_empty() && hex::encode(&request.sha256) != found {
        return Err(Error::new(Reason::ContentMismatch).with("resource", &request.name).with("sha256", "another"));
    }
    if !upload::end(tx, &session.call.org, &one, session.call.now).await? {
        return Err(Error::new(Reason::ConflictRetry).transient());
    }
    let (size, media_type) = (one.size, one.media_type.clone());
    opened.document.content = Some(Kept { size, media_type, place: one.place(), hash: hex::encode(sealed) });
    let template = template(session, &opened.document.template)?;
    let change = Change::new(opened, "document.attached", reason, &request.request_id);
    let mut change = Change { attached: Some(found), ..change };
    save(session, tx, template, &mut change).await?;
    Ok((saved(&change, template)?, one))
}
