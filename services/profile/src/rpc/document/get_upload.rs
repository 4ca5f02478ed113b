//! `GetDocumentUpload`: how far an upload has come, for who began it.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_proto::profile::v1::{DocumentUpload, GetDocumentUploadRequest};
use uuid::Uuid;

use super::shown;
use crate::content::Seal;
use crate::domain::document::content::{Upload, hash_at, ids};
use crate::store::document::upload;
use crate::work::customer_file::session::Session;
use crate::work::document::load;
use crate::work::document::right::UPLOAD;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetDocumentUploadRequest) -> Result<DocumentUpload> {
    let mut tx = base.db.read().await?;
    let session = Session::enter(base, &mut tx, call).await?;
    UPLOAD.require_some(&session)?;
    let (file, document, id) = ids("name", &request.name)?;
    let opened = load(&session, &mut tx, (file, document)).await?;
    UPLOAD.require_part(&session, &opened)?;
    let one = own(&session, &mut tx, (document, id), &request.name).await?;
    Ok(shown(&one, &hash(&one, &opened.seal)?))
}

/// The caller's upload of a document.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, for one of somebody else too.
pub(super) async fn own(
    session: &Session<'_>,
    tx: &mut Tx,
    (document, id): (Uuid, Uuid),
    name: &str,
) -> Result<Upload> {
    let found = upload::lookup(tx, &session.call.org, id).await?;
    let own = found.filter(|one| one.document == document && one.person == session.principal.person);
    own.ok_or_else(|| Error::missing(Missing::DocumentUpload, name))
}

/// The hash of an upload that was read back; empty before.
///
/// # Errors
/// `SEAL_BROKEN`.
pub(super) fn hash(one: &Upload, seal: &Seal<'_>) -> Result<String> {
    match &one.hash {
        Some(sealed) => seal.open_text(&hash_at(one.document, one.id), sealed),
        None => Ok(String::new()),
    }
}
