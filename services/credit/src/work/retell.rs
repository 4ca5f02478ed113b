//! The copy of access's journal made anew, and what the approvals in it say of limits that wait for them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use dossier_authority::Base;
use dossier_authority::rebuild::Directory;
use dossier_journal::recover::Rebuild;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::journal::v1::EntryBody;
use dossier_proto::journal::v1::event::Kind;

use super::follow;

/// What credit does to make its copy of access's journal anew.
#[derive(Debug)]
pub(crate) struct AccessRebuild {
    base: Base,
    directory: Directory,
    // The last entry about each approval of a limit. Earlier ones had their effect, or are overtaken.
    approvals: Mutex<BTreeMap<String, EntryBody>>,
}

// === impl AccessRebuild ===

impl AccessRebuild {
    /// The copy that `base`'s store keeps.
    pub(crate) fn new(base: &Base) -> Self {
        Self { base: base.clone(), directory: Directory::new(base.clone()), approvals: Mutex::default() }
    }

    fn take(&self) -> BTreeMap<String, EntryBody> {
        std::mem::take(&mut *self.approvals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Rebuild for AccessRebuild {
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()> {
        self.take();
        self.directory.forget(tx, org).await
    }

    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()> {
        if let Some(Kind::ApprovalChanged(one)) = entry.event.as_ref().and_then(|event| event.kind.as_ref())
            && name::id("subject", "limits", &one.subject).is_ok()
        {
            let mut approvals = self.approvals.lock().unwrap_or_else(PoisonError::into_inner);
            approvals.insert(one.approval.clone(), entry.clone());
        }
        self.directory.retell(tx, entry).await
    }

    async fn conclude(&self, tx: &mut Tx, org: &str) -> Result<()> {
        self.directory.conclude(tx, org).await?;
        for entry in self.take().values() {
            if let Some(Kind::ApprovalChanged(one)) = entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
                follow::approval(&self.base, tx, entry, one).await?;
            }
        }
        Ok(())
    }

    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>> {
        self.directory.said(tx, org).await
    }
}
