//! Following profile's journal: the copy of each file, and what a rise of its level ends.

use async_trait::async_trait;
use dossier_authority::{Base, feed, store as shared};
use dossier_journal::Apply;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::time::micros;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileChanged, FileDisclosed};
use uuid::Uuid;

use super::{Cause, revoke_by};
use crate::domain::grant::State;
use crate::rpc::{access_request, loan};
use crate::store;

/// What access does with profile's entries.
#[derive(Clone, Debug)]
pub struct ProfileFeed(pub Base);

// === impl ProfileFeed ===

impl ProfileFeed {
    /// The file may have risen above what was granted, asked or lent: all of that ends in this transaction.
    pub(super) async fn changed(&self, tx: &mut Tx, org: &str, event: &FileChanged) -> Result<()> {
        let base = &self.0;
        let file = id("files", &event.file)?;
        store::grant::put_template(tx, org, file, &event.template).await?;
        let grants = store::grant::unended_of_file(tx, org, file).await?;
        let requests = store::access_request::open_of_file(tx, org, file).await?;
        if grants.is_empty() && requests.is_empty() && store::loan::open_of_file(tx, org, file).await?.is_none() {
            return Ok(());
        }
        // No call began this, and the transaction is open: another connection would wait for one that waits for this.
        let cause = Cause::rule(org, micros(tx.now(&*base.providers.clock).await?));
        for mut grant in grants {
            if self.risen(org, &grant.level, &event.level)? && grant.state(cause.now) == State::Active {
                revoke_by(base, tx, &cause, None, &[], &mut grant).await?;
            }
        }
        access_request::close_above(base, tx, &cause, requests, &event.level).await?;
        if let Some(out) = store::loan::open_of_file(tx, org, file).await?
            && self.risen(org, &out.level, &event.level)?
        {
            loan::recall_by_rule(base, tx, &cause, out).await?;
        }
        Ok(())
    }

    // A level that the pack no longer knows stands above every other: nothing granted under it holds.
    fn risen(&self, org: &str, from: &str, to: &str) -> Result<bool> {
        let pack = self.0.pack(org)?;
        let rank = |level: &str| pack.rank(level).unwrap_or(i64::MAX);
        let closed = pack.level(to).is_none_or(|level| level.closed);
        Ok(closed || rank(to) > rank(from))
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
            _ => Ok(()),
        }
    }
}

pub(super) fn id(collection: &str, text: &str) -> Result<Uuid> {
    let malformed = |_| Error::new(Reason::JournalCorrupt).because("an event is malformed");
    name::id("event", collection, text).map_err(malformed)
}
