//! What is heard of limits when the copy of access's journal is made anew.

use async_trait::async_trait;
use dossier_authority::Base;
use dossier_authority::approvals::Followed;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};

use super::follow;

/// The limits that wait for approvals.
#[derive(Debug)]
pub(crate) struct Limits(pub(crate) Base);

#[async_trait]
impl Followed for Limits {
    fn is_ours(&self, subject: &str) -> bool {
        name::id("subject", "limits", subject).is_ok()
    }

    async fn hear(&self, tx: &mut Tx, entry: &EntryBody, moved: &ApprovalChanged) -> Result<()> {
        follow::approval(&self.0, tx, entry, moved).await
    }
}
