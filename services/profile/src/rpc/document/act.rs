//! What acts on documents have in common: who acts, on which version, why.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use uuid::Uuid;

use crate::domain::text;
use crate::work::customer_file::session::Session;
use crate::work::document::right::Right;
use crate::work::document::{Opened, load};

/// What a call that acts on a document says.
pub(super) struct Asked<'r> {
    pub(super) right: Right,
    /// The ids in the name of the document, read.
    pub(super) ids: Result<(Uuid, Uuid)>,
    pub(super) etag: &'r str,
    pub(super) reason: &'r str,
    /// Whether it must say why.
    pub(super) must_say: bool,
    /// What is demanded of the caller beside a part in the document.
    pub(super) more: fn(Right, &Session<'_>, &Opened<'_>) -> Result<()>,
}

// === impl Asked ===

impl Asked<'_> {
    /// Opens the document for the act, and gives the reason.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`, a violation of `name`, `etag` or `reason`, `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `ETAG_STALE`.
    pub(super) async fn open<'a>(self, session: &Session<'a>, tx: &mut Tx) -> Result<(Opened<'a>, String)> {
        let mut faults = Faults::default();
        let ids = faults.absorb(self.ids);
        let reason = faults.absorb(text::reason(self.reason, self.must_say)).unwrap_or_default();
        faults.finish()?;
        let opened = load(session, tx, ids.unwrap_or_default()).await?;
        self.right.require_part(session, &opened)?;
        (self.more)(self.right, session, &opened)?;
        opened.document.require_etag(self.etag)?;
        opened.loaded.file.require_open()?;
        Ok((opened, reason))
    }
}
