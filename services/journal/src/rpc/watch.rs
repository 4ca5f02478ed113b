//! `WatchEntries`: the journal from a place onwards, in order, waiting for more.
//!
//! What is sent comes from the store; the bus only says when to look again. The right to read is asked anew with every
//! look, so a dismissal ends the watch.

use std::time::Duration;

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::{WatchEntriesRequest, WatchEntriesResponse};
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{JournalRpc, convert};
use crate::publish::stream;
use crate::store;
use crate::store::entry::Filter;

/// Most entries of one message.
const BATCH: i64 = 100;
/// How long to wait for the bus before looking anyway.
const IDLE: Duration = Duration::from_secs(1);
/// How long to wait when there is no bus.
const PAUSE: Duration = Duration::from_millis(200);

struct Watch {
    rpc: JournalRpc,
    call: Call,
    filter: Filter,
    after: i64,
}

type Answers = mpsc::Sender<Result<WatchEntriesResponse, Status>>;

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn watch(
        &self,
        call: Call,
        request: WatchEntriesRequest,
    ) -> Result<std::pin::Pin<Box<dyn Stream<Item = Result<WatchEntriesResponse, Status>> + Send>>> {
        self.gate.admit(&mut self.db.read().await?, &call).await?;
        let after = convert::not_negative("after_seq", request.after_seq)?;
        let filter = Filter { subject: convert::condition("subject", &request.subject)?, ..Filter::all() };
        let (answers, stream) = mpsc::channel(4);
        tokio::spawn(Watch { rpc: self.clone(), call, filter, after }.run(answers));
        Ok(Box::pin(ReceiverStream::new(stream)))
    }
}

// === impl Watch ===

impl Watch {
    async fn run(mut self, answers: Answers) {
        let stop = self.rpc.stop.clone();
        let end = tokio::select! {
            () = answers.closed() => return,
            () = stop.cancelled() => Error::new(Reason::Stopping),
            fault = self.follow(&answers) => fault,
        };
        // A caller who is gone needs no reason.
        let _ = answers.try_send(Err(end.into()));
    }

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
        self.call.now = rpc.providers.clock.now();
        let mut tx = rpc.db.read().await?;
        let reader = rpc.gate.admit(&mut tx, &self.call).await?;
        let found = store::entry::list(&mut tx, &self.call.org, self.after, BATCH, &self.filter).await?;
        let Some(last) = found.last().map(|row| row.seq) else { return Ok(false) };
        let rows = rpc.seen(&mut tx, &self.call, &reader, found).await?;
        drop(tx);
        self.after = last;
        if !rows.is_empty() {
            let entries = rows.into_iter().map(convert::entry).collect();
            let sent = answers.send(Ok(WatchEntriesResponse { entries })).await;
            sent.map_err(|_| Error::new(Reason::Cancelled))?;
        }
        Ok(true)
    }

    async fn wait(&self) {
        // Entries that the filter leaves out wake it too; it then looks and waits again.
        let stream = stream(&self.call.org, self.rpc.service);
        let head = match self.rpc.db.read().await {
            Ok(mut tx) => store::head::get(&mut tx, &self.call.org).await.ok().flatten(),
            Err(_) => None,
        };
        let after = head.map_or(self.after, |head| self.after.max(store::stored(head.frontier.size())));
        if self.rpc.bus.read(&stream, after, 1, IDLE).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
