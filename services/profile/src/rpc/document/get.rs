//! `GetDocument`: one document with the fields its reader may see, once the journal has it (A-42, I3).

use dossier_authority::Base;
use dossier_authority::reading::purpose;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::GetDocumentRequest;
use dossier_regime::Action;

use super::basic;
use crate::domain::completeness::whole;
use crate::domain::document::{PART, ids};
use crate::rpc::customer_file::reading::{self, Ground, Outgoing};
use crate::rpc::customer_file::view;
use crate::work::customer_file::session::{Session, place};
use crate::work::document::content::hash_of;
use crate::work::document::{Opened, load, sensitivity};
use crate::work::record::template;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: GetDocumentRequest) -> Result<wire::Document> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::FileRead).await?;
    let asked = Asked { name: &request.name, purpose: &request.purpose, place: &request.reading_place };
    let (opened, ground) = asked.open(&session, &mut tx, &mut Faults::default()).await?;
    tx.commit().await?;
    let (template, visibility) = (template(&session, &opened.document.template)?, &ground.visibility);
    let filling = opened.content.filling(template, &opened.seal)?.shown(|key| visibility.shows(template, key));
    let measured = whole(template, opened.loaded.file.customer_type, |key| filling.of(key));
    let (fields, shown, masked) = view::opened(template, &opened.content, &opened.seal, visibility)?;
    let mut message = basic(&opened.loaded, &opened.document);
    let shown_whole = visibility.shows_content(sensitivity(&session, &opened.document));
    if let (Some(told), Some(kept), true) = (&mut message.content, &opened.document.content, shown_whole) {
        told.sha256 = hex::decode(hash_of(opened.document.id, kept, &opened.seal)?).unwrap_or_default();
    }
    let message =
        wire::Document { fields, masked_fields: masked, completeness: Some(view::detailed(&measured)), ..message };
    let (resource, revision, file) = (opened.document.name(), opened.document.version, opened.loaded.file.id);
    let leaving = Outgoing { message, resource, file, revision, fields: shown, records: Vec::new(), ground };
    reading::release_one(&session, leaving, &request.purpose).await
}

/// What a reading of a document says.
pub(super) struct Asked<'r> {
    pub(super) name: &'r str,
    pub(super) purpose: &'r str,
    pub(super) place: &'r str,
}

// === impl Asked ===

impl Asked<'_> {
    /// Opens the document, and gives the ground on which its reader has it; `faults` are those of the rest of the request.
    ///
    /// # Errors
    /// A violation of `name`, `purpose` or `reading_place`, `RESOURCE_NOT_FOUND`, `AUTHORITY_STALE`.
    pub(super) async fn open<'a>(
        &self,
        session: &Session<'a>,
        tx: &mut Tx,
        faults: &mut Faults,
    ) -> Result<(Opened<'a>, Ground)> {
        purpose(session.pack(), self.purpose, faults);
        place(session.pack(), self.place, faults);
        let ids = faults.absorb(ids("name", self.name));
        std::mem::take(faults).finish()?;
        let opened = load(session, tx, ids.unwrap_or_default()).await?;
        let ground = reading::require_ground(session, tx, &opened.loaded, self.purpose, self.place).await?;
        Ok((opened, ground.whole(PART)?))
    }
}
