//! `ListEntries`: the audit trail by file, person and period, and what consumers catch up from.

use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::{Field, Found};
use dossier_kernel::list::List;
use dossier_kernel::page::Page;
use dossier_proto::journal::v1::{ListEntriesRequest, ListEntriesResponse};

use super::{JournalRpc, Reader, Seen, convert};
use crate::store;
use crate::store::entry::Filter;

const ENTRIES: List = List {
    fields: &[
        Field::text("subject"),
        Field::text("actor"),
        Field::text("action"),
        Field::time("time"),
        Field::number("seq"),
    ],
    orders: &["seq"],
};

/// Looks at the store for one page: behind them the page ends early, with a token to go on.
const LOOKS: usize = 20;

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn list(&self, call: &Call, request: &ListEntriesRequest) -> Result<ListEntriesResponse> {
        let mut tx = self.db.read().await?;
        let reader = self.gate.admit(&mut tx, call).await?;
        self.require_parent(&request.parent)?;
        let (asked, page) = ENTRIES.read(call, &asked!(request, parent))?;
        let (filter, first) = (filter(&asked), asked.range("seq").from.max(1) - 1);
        let filter = self.whole_trail(&mut tx, call, &reader, &filter).await?;
        let (rows, next_page_token) = self.page(&mut tx, call, &reader, &page, first, &filter).await?;
        let waiting_age = match &reader {
            Reader::Service => store::entry::oldest_waiting(&mut tx, &call.org).await?.map(|since| age(call, since)),
            Reader::Person(_) | Reader::Auditor(_) => None,
        };
        let last_seq = match &reader {
            Reader::Service | Reader::Auditor(_) => {
                store::head::get(&mut tx, &call.org).await?.map_or(0, |head| head.frontier.size())
            }
            // A person does not learn how many entries there are that they cannot see.
            Reader::Person(_) => store::counted(rows.last().map_or(first, |seen| seen.row.seq)),
        };
        let entries = convert::entries(rows, request.decode)?;
        Ok(ListEntriesResponse { entries, next_page_token, last_seq: store::stored(last_seq), waiting_age })
    }

    /// The rows of one page and the token of the next.
    async fn page(
        &self,
        tx: &mut Tx,
        call: &Call,
        reader: &Reader,
        page: &Page,
        first: i64,
        filter: &Filter,
    ) -> Result<(Vec<Seen>, String)> {
        let (mut rows, mut after) = (Vec::new(), page.after_number(first)?);
        for _ in 0..LOOKS {
            let found = store::entry::list(tx, &call.org, after, page.size + 1, filter).await?;
            let ended = store::stored(found.len() as u64) <= page.size;
            after = found.last().map_or(after, |row| row.seq);
            rows.extend(self.seen(tx, call, reader, found).await?);
            if ended || store::stored(rows.len() as u64) > page.size {
                let token = page.cut(&mut rows, |seen| seen.row.seq.to_string());
                return Ok((rows, token));
            }
        }
        Ok((rows, page.token(&after.to_string())))
    }
}

pub(super) fn age(call: &Call, since: i64) -> prost_types::Duration {
    let micros = call.micros().saturating_sub(since).max(0);
    let nanos = i32::try_from(micros % 1_000_000 * 1000).unwrap_or(0);
    prost_types::Duration { seconds: micros / 1_000_000, nanos }
}

fn filter(asked: &Found) -> Filter {
    let text = |path: &str| asked.text(path).map(str::to_owned);
    let time = asked.range("time");
    Filter {
        subject: text("subject"),
        also: None,
        actor: text("actor"),
        action: text("action"),
        from: time.from,
        until: time.until,
        before: asked.range("seq").until,
    }
}
