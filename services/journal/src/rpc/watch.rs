//! `WatchEntries`: the journal from a place onwards, in order, waiting for more.
//!
//! What is sent comes from the store; one look at the journal's end for all watchers of an org says when to look again
//! ([`Tails`](super::tail::Tails)). The right to read is asked anew with every look, so a dismissal ends the watch.

use std::time::Duration;

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::slots::Slot;
use dossier_kernel::streamed::{self, Streamed, streamed};
use dossier_proto::journal::v1::{WatchEntriesRequest, WatchEntriesResponse};
use tokio::sync::watch;

use super::{JournalRpc, convert};
use crate::store;
use crate::store::entry::Filter;

/// Most entries of one message.
const BATCH: i64 = 100;
/// Most open watches of one caller.
pub(super) const MOST: usize = 64;
/// How long a watch that hears nothing waits before it asks whether its caller may still watch.
const LOOK: Duration = Duration::from_secs(5);

struct Watch {
    rpc: JournalRpc,
    call: Call,
    filter: Filter,
    after: i64,
    decode: bool,
    size: watch::Receiver<i64>,
    _slot: Slot,
}

type Answers = streamed::Answers<WatchEntriesResponse>;

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn watch(
        &self,
        call: Call,
        request: WatchEntriesRequest,
    ) -> Result<Streamed<WatchEntriesResponse>> {
        self.gate.admit(&mut self.db.read().await?, &call).await?;
        self.require_parent(&request.parent)?;
        let after = convert::not_negative("after_seq", request.after_seq)?;
        let filter = Filter { subject: convert::condition("subject", &request.subject)?, ..Filter::all() };
        let slot = self.watches.take(&call)?;
        let size = self.tails.of(&self.db, &self.bus, self.service, &call.org);
        let decode = request.decode;
        let mut watch = Watch { rpc: self.clone(), call, filter, after, decode, size, _slot: slot };
        Ok(streamed(&self.stop, 4, |answers| async move { Err(watch.follow(&answers).await.into()) }))
    }
}

// === impl Watch ===

impl Watch {
    async fn follow(&mut self, answers: &Answers) -> Error {
        loop {
            match self.look(answers).await {
                Ok(true) => {}
                Ok(false) => self.wait().await,
                Err(fault) => return fault,
            }
        }
    }

    /// Sends what is new; whether there was anything.
    async fn look(&mut self, answers: &Answers) -> Result<bool> {
        let rpc = &self.rpc;
        // The right is asked as of now, not as of the beginning of the watch.
        self.call.look(rpc.gate.providers().clock.now())?;
        // Before the store is asked: what comes after that wakes the watch.
        self.size.borrow_and_update();
        let mut tx = rpc.db.read().await?;
        let reader = rpc.gate.admit(&mut tx, &self.call).await?;
        let filter = rpc.whole_trail(&mut tx, &self.call, &reader, &self.filter).await?;
        let found = store::entry::list(&mut tx, &self.call.org, self.after, BATCH, &filter).await?;
        let Some(last) = found.last().map(|row| row.seq) else { return Ok(false) };
        let rows = rpc.seen(&mut tx, &self.call, &reader, found).await?;
        drop(tx);
        self.after = last;
        if !rows.is_empty() {
            let entries = convert::entries(rows, self.decode)?;
            let sent = answers.send(Ok(WatchEntriesResponse { entries })).await;
            sent.map_err(|_| Error::new(Reason::Cancelled))?;
        }
        Ok(true)
    }

    /// Waits until there is more, or until it is time to ask again whether the caller may watch.
    async fn wait(&mut self) {
        // Entries that the filter leaves out wake it too; it then looks and waits again.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK, self.size.changed()).await {
            tokio::time::sleep(LOOK).await;
        }
    }
}
