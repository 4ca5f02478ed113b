//! The copy of access's journal made anew, and what the approvals in it say of what a service asked for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use dossier_journal::recover::Rebuild;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};

use crate::base::Base;
use crate::rebuild::Directory;

/// What a service does with approvals of its own subjects.
#[async_trait]
pub trait Followed: std::fmt::Debug + Send + Sync {
    /// Whether the service asks for subjects of this name.
    fn is_ours(&self, subject: &str) -> bool;

    /// Takes what the journal says of an approval of one.
    async fn hear(&self, tx: &mut Tx, entry: &EntryBody, moved: &ApprovalChanged) -> Result<()>;
}

/// How a service that asks for approvals makes its copy of access's journal anew.
#[derive(Debug)]
pub struct AccessRebuild<F> {
    directory: Directory,
    followed: F,
    // The last entry about each approval of ours. Earlier ones had their effect, or are overtaken.
    approvals: Mutex<BTreeMap<String, EntryBody>>,
}

// === impl AccessRebuild ===

impl<F: Followed> AccessRebuild<F> {
    /// The copy that `base`'s store keeps.
    pub fn new(base: &Base, followed: F) -> Self {
        Self { directory: Directory::new(base.clone()), followed, approvals: Mutex::default() }
    }

    fn take(&self) -> BTreeMap<String, EntryBody> {
        std::mem::take(&mut *self.approvals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl<F: Followed> Rebuild for AccessRebuild<F> {
    async fn forget(&self, tx: &mut Tx, org: &str) -> Result<()> {
        self.take();
        self.directory.forget(tx, org).await
    }

    async fn retell(&self, tx: &mut Tx, entry: &EntryBody) -> Result<()> {
        if let Some(Kind::ApprovalChanged(one)) = entry.event.as_ref().and_then(|event| event.kind.as_ref())
            && self.followed.is_ours(&one.subject)
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
                self.followed.hear(tx, entry, one).await?;
            }
        }
        Ok(())
    }

    async fn said(&self, tx: &mut Tx, org: &str) -> Result<BTreeMap<String, String>> {
        self.directory.said(tx, org).await
    }
}
