//! Verifies a journal where it lies: bodies, numbers, the columns beside them, tree, head and checkpoints.

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Reason, Result};
use dossier_proto::journal::v1::EntryBody;
use prost::Message;
use uuid::Uuid;

use super::audit::Audit;
use super::{Cause, Place, Report, Trust};
use crate::checkpoint::VerifierKey;
use crate::entry::Columns;
use crate::merkle::{Hash, NodeId, leaf_hash};
use crate::store;
use crate::store::entry::Full;

const PAGE: i64 = 500;

/// Verifies the journal of the key's org as one transaction sees it, waiting entries included. Of `trust` the other keys and
/// the known checkpoints count.
///
/// # Errors
/// Only when the store does not answer; everything that is wrong with what it holds is in the report.
pub async fn store(tx: &mut Tx, key: &VerifierKey, trust: &Trust) -> Result<Report> {
    let mut walk = Walk { tx, org: key.origin().org().to_owned(), audit: Audit::new(key.clone(), trust) };
    let last = walk.extent().await?;
    let mut seq = 0;
    while seq < last {
        let end = last.min(seq + PAGE);
        walk.page(seq, end).await?;
        seq = end;
    }
    walk.beyond(last).await?;
    walk.waiting().await?;
    walk.head().await?;
    Ok(walk.audit.finish())
}

struct Walk<'a> {
    tx: &'a mut Tx,
    org: String,
    audit: Audit,
}

// === impl Walk ===

impl Walk<'_> {
    /// The number to walk to: one forged number, however large, neither lengthens the walk nor cuts it short.
    async fn extent(&mut self) -> Result<i64> {
        let size =
            lenient(store::head::get(self.tx, &self.org).await)?.flatten().map_or(0, |head| head.frontier.size());
        let (count, max) = lenient(store::entry::extent(self.tx, &self.org).await)?.unwrap_or((0, i64::MAX));
        Ok(store::stored(size).max(count).min(max))
    }

    /// The entries `after < seq <= end` and the checkpoints behind them.
    async fn page(&mut self, after: i64, end: i64) -> Result<()> {
        let mut sizes = store::checkpoint::sizes(self.tx, &self.org, after, end).await?.into_iter().peekable();
        let mut completed = Vec::new();
        for (seq, row) in (after + 1..).zip(self.rows(after, end).await?) {
            match row {
                Err(cause) => self.audit.unreadable(Place::seq(seq), cause),
                Ok(row) => completed.extend(self.entry(&row, seq)),
            }
            while sizes.next_if(|size| *size <= seq).is_some() {
                self.checkpoint(seq).await?;
            }
        }
        self.nodes(&completed).await
    }

    /// A row or the reason why there is none, for each number of `after < seq <= end`.
    async fn rows(&mut self, after: i64, end: i64) -> Result<Vec<Result<Full, Cause>>> {
        let whole = lenient(store::entry::full(self.tx, &self.org, after, end).await)?.unwrap_or_default();
        if store::counted(end - after) == whole.len() as u64 {
            return Ok(whole.into_iter().map(Ok).collect());
        }
        // Something is wrong with this page: each row alone, so that the broken one has a name.
        let mut rows = Vec::new();
        for seq in after + 1..=end {
            let row = lenient(store::entry::full(self.tx, &self.org, seq - 1, seq).await)?;
            let row = row.ok_or(Cause::Unreadable);
            rows.push(row.and_then(|rows| rows.into_iter().next().ok_or(Cause::Gap { expected: seq })));
        }
        Ok(rows)
    }

    fn entry(&mut self, row: &Full, seq: i64) -> Vec<(NodeId, Hash)> {
        let (id, place) = (row.id.to_string(), Place::entry(seq, row.id));
        self.columns(row, &place);
        self.audit.entry(&place, seq, &id, &row.body, &row.leaf_hash)
    }

    /// The columns beside the body.
    fn columns(&mut self, row: &Full, place: &Place) {
        let Ok(body) = EntryBody::decode(&row.body[..]) else { return };
        let Ok(columns) = Columns::of(&body) else { return self.audit.fault(place.clone(), Cause::Body) };
        let compared = [
            ("time", row.time == columns.time),
            ("actor", row.actor == body.actor),
            ("action", row.action == body.action),
            ("subject", row.subject == body.subject),
            ("topic", row.topic == columns.topic),
        ];
        for (column, _) in compared.into_iter().filter(|(_, same)| !same) {
            self.audit.fault(place.clone(), Cause::Column(column));
        }
    }

    async fn checkpoint(&mut self, size: i64) -> Result<()> {
        let place = Place::seq(size);
        match lenient(store::checkpoint::of_size(self.tx, &self.org, size).await)?.flatten() {
            Some(note) => self.audit.checkpoint(&place, size, &note),
            None => self.audit.fault(place, Cause::Unreadable),
        }
        Ok(())
    }

    /// Entries and checkpoints with numbers beyond the end.
    async fn beyond(&mut self, last: i64) -> Result<()> {
        for (seq, body) in store::entry::after(self.tx, &self.org, last, PAGE).await? {
            let id = EntryBody::decode(&body[..]).map(|body| body.id).unwrap_or_default();
            self.audit.fault(Place::entry(seq, id), Cause::Gap { expected: last + 1 });
        }
        for size in store::checkpoint::sizes(self.tx, &self.org, last, i64::MAX).await? {
            self.audit.fault(Place::seq(size), Cause::CheckpointPlace { size });
        }
        Ok(())
    }

    /// The stored inner nodes against those that the leaves give.
    async fn nodes(&mut self, completed: &[(NodeId, Hash)]) -> Result<()> {
        let mut levels: BTreeMap<u32, Vec<(u64, Hash)>> = BTreeMap::new();
        for (id, hash) in completed.iter().filter(|(id, _)| id.level > 0) {
            levels.entry(id.level).or_default().push((id.index, *hash));
        }
        for (level, nodes) in levels {
            let (Some((from, _)), Some((to, _))) = (nodes.first(), nodes.last()) else { continue };
            let stored = lenient(store::node::range(self.tx, &self.org, level, *from, *to).await)?.unwrap_or_default();
            for (index, hash) in nodes {
                if stored.get(&index).is_none_or(|stored| stored[..] != hash[..]) {
                    let last = i64::try_from((index + 1) << level).unwrap_or(i64::MAX);
                    self.audit.fault(Place::seq(last), Cause::node(NodeId { level, index }));
                }
            }
        }
        Ok(())
    }

    /// Entries that have no number yet: their bodies and columns.
    async fn waiting(&mut self) -> Result<()> {
        let mut after = Uuid::nil();
        loop {
            let rows = store::entry::full_waiting(self.tx, &self.org, after, PAGE).await;
            let Some(rows) = lenient(rows)? else {
                self.audit.fault(Place::default(), Cause::Unreadable);
                return Ok(());
            };
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id;
            for row in &rows {
                let place = Place { id: Some(row.id.to_string()), ..Place::default() };
                self.columns(row, &place);
                self.audit.body(&place, &row.id.to_string(), &row.body);
                if leaf_hash(&row.body)[..] != row.leaf_hash[..] {
                    self.audit.fault(place, Cause::LeafHash);
                }
            }
        }
    }

    async fn head(&mut self) -> Result<()> {
        let size = self.audit.size();
        let nodes = size - u64::from(size.count_ones());
        let found = store::node::count(self.tx, &self.org).await?;
        if found != nodes {
            self.audit.fault(Place::default(), Cause::NodeCount { expected: nodes, found });
        }
        let head = match store::head::get(self.tx, &self.org).await {
            Err(fault) if fault.reason() == Reason::StoreInconsistent => {
                self.audit.fault(Place::default(), Cause::Head("peaks"));
                return Ok(());
            }
            head => head?,
        };
        let frontier = self.audit.frontier();
        let wrong = match head {
            None if size == 0 => None,
            None => Some("size"),
            Some(head) if head.frontier.size() != size => Some("size"),
            Some(head) if head.frontier != *frontier => Some("peaks"),
            Some(head) if head.root != frontier.root() => Some("root"),
            Some(_) => None,
        };
        if let Some(wrong) = wrong {
            self.audit.fault(Place::default(), Cause::Head(wrong));
        }
        Ok(())
    }
}

/// A row that cannot be decoded is a finding; a store that does not answer is an error.
fn lenient<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(fault) if fault.reason() == Reason::StoreUnavailable => Err(fault),
        Err(_) => Ok(None),
    }
}
