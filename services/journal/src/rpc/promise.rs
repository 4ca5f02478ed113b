//! `OpenPromises`: what an entry promised without saying it, shown to whoever may know it (I9, A-42).

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::open_promises_request::Entry as Asked;
use dossier_proto::journal::v1::{EntryBody, OpenPromisesRequest, OpenPromisesResponse};
use prost::Message;

use super::{JournalRpc, Reader, Wanted, convert};
use crate::store::inconsistent;

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn open(&self, call: &Call, request: OpenPromisesRequest) -> Result<OpenPromisesResponse> {
        let showing = self.gate.showing(call);
        let mut tx = self.db.read().await?;
        let (reader, alone) = match self.gate.admit(&mut tx, call).await {
            // What they said themselves is theirs to see again.
            Err(fault) if fault.reason() == Reason::PermissionDenied => {
                (Reader::Person(self.gate.author(&mut tx, call).await?), true)
            }
            admitted => (admitted?, false),
        };
        self.require_parent(&request.parent)?;
        let wanted = match &request.entry {
            Some(Asked::Seq(seq)) => Wanted::Seq(*seq),
            Some(Asked::EntryId(id)) => Wanted::EntryId(id.clone()),
            None => return Err(Error::violation("entry", "must be given by seq or by entry_id")),
        };
        let found = self.found(&mut tx, call, &wanted).await?;
        let own = |actor: &str| matches!(&reader, Reader::Person(one) | Reader::Auditor(one) if one == actor);
        let found = found.filter(|row| !alone || own(&row.actor)).into_iter().collect();
        let seen = self.seen(&mut tx, call, &reader, found).await?.pop().filter(|seen| seen.whole);
        let seen = seen.ok_or_else(|| convert::no_entry(&wanted, 0))?;
        let body = EntryBody::decode(&seen.row.body[..]).map_err(|_| inconsistent("journal_entry", "body"))?;
        let promises = showing.open(tx, &body, own(&body.actor), &request).await?;
        Ok(OpenPromisesResponse { entry: Some(convert::entry(seen)?), promises })
    }
}
