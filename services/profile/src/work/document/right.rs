//! Who may do what with documents: the lists of their kinds are the rights.

use dossier_kernel::error::{Error, Result};
use dossier_regime::DocumentKind;

use super::Opened;
use crate::domain::document::denied;
use crate::store::customer_file::Loaded;
use crate::work::customer_file::session::Session;

/// A right about documents.
#[derive(Clone, Copy, Debug)]
pub struct Right(&'static str);

/// To file them.
pub const FILE: Right = Right("document.file");
/// To change what is said of them.
pub const UPDATE: Right = Right("document.update");
/// To bring in their content.
pub const UPLOAD: Right = Right("document.upload");
/// To put another in their place.
pub const SUPERSEDE: Right = Right("document.supersede");
/// To end them.
pub const VOID: Right = Right("document.void");

// === impl Right ===

impl Right {
    /// Demands that some kind gives it to the caller, before anything of the request is looked at.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_some(self, session: &Session<'_>) -> Result<()> {
        let held = |post: &String| session.principal.holds(post, None);
        let mut posts = session.pack().documents.iter().flat_map(|kind| kind.create.iter().chain(&kind.edit));
        if posts.any(held) { Ok(()) } else { Err(self.denied()) }
    }

    /// Demands that `kind` lets the caller file documents in the unit of the file, which they see by standing access.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_in(self, session: &Session<'_>, loaded: &Loaded, kind: &DocumentKind) -> Result<()> {
        let may = loaded.standing && session.holds_in(&kind.create, &loaded.file.unit);
        if may { Ok(()) } else { Err(self.denied()) }
    }

    /// Demands that the document is the caller's to change: they see its file by standing access, and filed it or hold a post under
    /// `edit`. One of a kind that the pack has no more is nobody's.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_part(self, session: &Session<'_>, opened: &Opened<'_>) -> Result<()> {
        let (loaded, one) = (&opened.loaded, &opened.document);
        let kind = session.pack().document(&one.kind).filter(|_| loaded.standing).ok_or_else(|| self.denied())?;
        let unit = &loaded.file.unit;
        let filed = one.creator == session.principal.person && session.holds_in(&kind.create, unit);
        if filed || session.holds_in(&kind.edit, unit) { Ok(()) } else { Err(self.denied()) }
    }

    /// Demands that documents of its kind are changed at all after they were filed.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_changeable(self, session: &Session<'_>, opened: &Opened<'_>) -> Result<()> {
        let fixed = session.pack().document(&opened.document.kind).is_none_or(|kind| kind.fixed);
        if fixed { Err(self.denied()) } else { Ok(()) }
    }

    /// Demands a post under `edit`, or that the caller filed it and it has no content yet: what was filed in error may be taken back. One
    /// that took the place of another may not: nothing would hold then.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_to_end(self, session: &Session<'_>, opened: &Opened<'_>) -> Result<()> {
        self.require_part(session, opened)?;
        let kind = session.pack().document(&opened.document.kind);
        let edits = kind.is_some_and(|kind| session.holds_in(&kind.edit, &opened.loaded.file.unit));
        let alone = opened.document.content.is_none() && opened.document.replaced().is_none();
        if edits || alone { Ok(()) } else { Err(self.denied()) }
    }

    /// The refusal for want of it.
    pub fn denied(self) -> Error {
        denied(self.0)
    }
}
