//! `OpenPromises`: what an entry promised without saying it, shown to whoever may know it (I9, A-42).

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::open_promises_request::Entry as Asked;
use dossier_proto::journal::v1::{EntryBody, OpenPromisesRequest, OpenPromisesResponse};
use prost::Message;

use super::{JournalRpc, Reader, Seen, Wanted, about_file, convert};
use crate::store::entry::Row;
use crate::store::inconsistent;

/// Who asks.
struct Opener {
    reader: Reader,
    /// Without the right to read the journal: only what they did themselves.
    alone: bool,
}

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn open(&self, call: &Call, request: OpenPromisesRequest) -> Result<OpenPromisesResponse> {
        let showing = self.gate.showing(call);
        let mut tx = self.db.read().await?;
        let opener = self.opener(&mut tx, call).await?;
        self.require_parent(&request.parent)?;
        let wanted = wanted(&request)?;
        let seen = self.opened(&mut tx, call, &opener, &wanted).await?;
        let seen = seen.ok_or_else(|| convert::no_entry(&wanted, 0))?;
        let own = opener.is(&seen.row.actor);
        let body = EntryBody::decode(&seen.row.body[..]).map_err(|_| inconsistent("journal_entry", "body"))?;
        let promises = showing.open(tx, &body, own, &request).await?;
        Ok(OpenPromisesResponse { entry: Some(convert::entry(seen, false)?), promises })
    }

    async fn opener(&self, tx: &mut Tx, call: &Call) -> Result<Opener> {
        match self.gate.admit(tx, call).await {
            // What they said themselves is theirs to see again.
            Err(fault) if fault.reason() == Reason::PermissionDenied => {
                Ok(Opener { reader: Reader::Person(self.gate.author(tx, call).await?), alone: true })
            }
            admitted => Ok(Opener { reader: admitted?, alone: false }),
        }
    }

    /// The entry, if its promises may be opened.
    async fn opened(&self, tx: &mut Tx, call: &Call, opener: &Opener, wanted: &Wanted) -> Result<Option<Seen>> {
        if opener.alone && matches!(wanted, Wanted::Seq(_)) {
            // Places tell how many entries there are.
            return Ok(None);
        }
        let found = self.found(tx, call, wanted).await?.filter(|row| opener.may_open(row));
        let seen = self.seen(tx, call, &opener.reader, found.into_iter().collect()).await?.pop();
        let shown = |mut seen: Seen| {
            seen.row.seq = if opener.alone { 0 } else { seen.row.seq };
            seen
        };
        Ok(seen.filter(|seen| seen.whole).map(shown))
    }
}

// === impl Opener ===

impl Opener {
    fn is(&self, actor: &str) -> bool {
        matches!(&self.reader, Reader::Person(one) | Reader::Auditor(one) if one == actor)
    }

    /// What was said about nobody's file is for its author, and for who answers for the whole journal.
    fn may_open(&self, row: &Row) -> bool {
        let answers = matches!(self.reader, Reader::Service | Reader::Auditor(_));
        self.is(&row.actor) || (!self.alone && (answers || about_file(row)))
    }
}

fn wanted(request: &OpenPromisesRequest) -> Result<Wanted> {
    match &request.entry {
        Some(Asked::Seq(seq)) => Ok(Wanted::Seq(*seq)),
        Some(Asked::EntryId(id)) => Ok(Wanted::EntryId(id.clone())),
        None => Err(Error::violation("entry", "must be given by seq or by entry_id")),
    }
}
