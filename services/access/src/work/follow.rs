//! Following profile's journal: the copy of each file, what a rise of its level ends, and the uses of grants.

use async_trait::async_trait;
use dossier_authority::{Base, disposal, feed, store as shared};
use dossier_journal::Apply;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileChanged, FileDisclosed};
use uuid::Uuid;

use super::disposal::Keeping;
use super::ending::risen;
use crate::store;

/// What access does with profile's entries.
#[derive(Clone, Debug)]
pub(crate) struct ProfileFeed(pub Base);

// === impl ProfileFeed ===

impl ProfileFeed {
    /// Keeps what a file is now, and ends what its level ends.
    pub(super) async fn changed(&self, tx: &mut Tx, org: &str, event: &FileChanged) -> Result<()> {
        let file = id("files", &event.file)?;
        store::grant::put_template(tx, org, file, &event.template).await?;
        risen(&self.0, tx, org, file, &event.level).await
    }

    /// A reading on a grant is a use of it.
    async fn disclosed(&self, tx: &mut Tx, org: &str, event: &FileDisclosed) -> Result<()> {
        if event.grant.is_empty() {
            return Ok(());
        }
        shared::grant::spend(tx, org, id("grants", &event.grant)?).await.map(drop)
    }
}

#[async_trait]
impl Apply for ProfileFeed {
    async fn apply(&self, tx: &mut Tx, _seq: i64, entry: &EntryBody) -> Result<()> {
        // Access is the owner of what else the shared tables hold; from profile it takes the files.
        match entry.event.as_ref().and_then(|event| event.kind.as_ref()) {
            Some(Kind::FileChanged(event)) => {
                feed::apply(tx, self.0.pack(&entry.org)?, entry).await?;
                self.changed(tx, &entry.org, event).await
            }
            Some(Kind::NumberChanged(_)) => feed::apply(tx, self.0.pack(&entry.org)?, entry).await,
            Some(Kind::FileDisclosed(event)) => self.disclosed(tx, &entry.org, event).await,
            Some(Kind::DisposalChanged(_)) => {
                feed::apply(tx, self.0.pack(&entry.org)?, entry).await?;
                disposal::follow(&self.0, tx, &Keeping(&self.0), entry).await
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn id(collection: &str, text: &str) -> Result<Uuid> {
    let malformed = |_| Error::new(Reason::JournalCorrupt).because("an event is malformed");
    name::id("event", collection, text).map_err(malformed)
}
