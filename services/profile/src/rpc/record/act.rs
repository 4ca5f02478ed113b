//! What acts on records have in common: who acts, on which version, why.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1::FileRecord;
use dossier_regime::Template;

use super::{saved, staged};
use crate::domain::changed::Writing;
use crate::domain::record::Record;
use crate::domain::{record as rule, text};
use crate::work::customer_file::session::Session;
use crate::work::record::around::Around;
use crate::work::record::right::{Part, Right};
use crate::work::record::{self, Change, Decided, Opened, Signing};

/// What a call that acts on a record says.
pub(super) struct Asked<'r> {
    pub(super) right: Right,
    pub(super) name: &'r str,
    pub(super) etag: &'r str,
    pub(super) reason: &'r str,
    /// Whether it must say why.
    pub(super) must_say: bool,
    /// How the record must stand.
    pub(super) stands: fn(&Record) -> Result<()>,
}

/// A record that the caller acts on, with what is known around it; nobody else changes any of it until the transaction ends.
pub(super) struct Acting<'a> {
    pub(super) opened: Opened<'a>,
    pub(super) part: Part,
    pub(super) around: Around<'a>,
    /// The stages that it leaves.
    pub(super) left: Vec<String>,
    /// The approval whose outcome moves it.
    pub(super) decided: Decided,
    pub(super) reason: String,
    template: &'a Template,
}

// === impl Asked ===

impl Asked<'_> {
    /// Opens the record for the act.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`, a violation of `name`, `etag` or `reason`, `RESOURCE_NOT_FOUND`, `WRONG_STATE`, `ETAG_STALE`,
    /// `CONFLICT_RETRY`.
    pub(super) async fn open<'a>(&self, session: &Session<'a>, tx: &mut Tx) -> Result<Acting<'a>> {
        self.look(session, tx, true).await
    }

    /// As [`open`](Self::open); without `lock` somebody else may change it meanwhile.
    pub(super) async fn look<'a>(&self, session: &Session<'a>, tx: &mut Tx, lock: bool) -> Result<Acting<'a>> {
        let mut faults = Faults::default();
        let ids = faults.absorb(rule::ids("name", self.name));
        let reason = faults.absorb(text::reason(self.reason, self.must_say)).unwrap_or_default();
        faults.finish()?;
        let opened = record::load(session, tx, ids.unwrap_or_default()).await?;
        let part = self.right.require_part(session, &opened)?;
        opened.record.require_etag(self.etag)?;
        record::require_living(session, &opened.loaded.file, &opened.record.kind)?;
        (self.stands)(&opened.record)?;
        if lock {
            record::lock(session, tx, &opened.loaded).await?;
        }
        let template = record::template(session, &opened.record.template)?;
        let around = Around::gather(session, tx, &opened, template).await?;
        Ok(Acting { opened, part, around, left: Vec::new(), decided: Decided::default(), reason, template })
    }
}

// === impl Acting ===

impl<'a> Acting<'a> {
    /// The form of the record.
    pub(super) const fn template(&self) -> &'a Template {
        self.template
    }

    /// Answers with the record as it stands, unchanged.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub(super) async fn unchanged(self, session: &Session<'_>, tx: &mut Tx) -> Result<FileRecord> {
        staged(session, tx, &self.opened, self.template).await
    }

    /// The change that makes the record what it is now, and its form.
    pub(super) fn changing(
        self,
        (action, request_id): (&'static str, &'a str),
        writing: Writing,
    ) -> (Change<'a>, &'a Template) {
        let Self { opened, left, decided, reason, template, .. } = self;
        (Change { writing, left, decided, ..Change::new(opened, action, reason, request_id) }, template)
    }

    /// Saves the record as it is now, and answers.
    ///
    /// # Errors
    /// As [`record::save`].
    pub(super) async fn save(
        self,
        session: &Session<'_>,
        tx: &mut Tx,
        (action, request_id): (&'static str, &'a str),
        signing: Option<Signing>,
    ) -> Result<FileRecord> {
        let (change, template) = self.changing((action, request_id), Writing::default());
        let mut change = Change { signing, ..change };
        record::save(session, tx, template, &mut change).await?;
        saved(session, tx, &change, template).await
    }
}
