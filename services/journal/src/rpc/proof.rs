//! `GetCheckpoint`, `GetInclusionProof`, `GetConsistencyProof`: answers that are checked offline, without us.

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::{
    Checkpoint, ConsistencyProof, GetCheckpointRequest, GetConsistencyProofRequest, GetConsistencyProofResponse,
    GetInclusionProofRequest, GetInclusionProofResponse, InclusionProof,
};
use uuid::Uuid;

use super::{JournalRpc, Reader, Wanted, convert};
use crate::merkle::Plan;
use crate::store;
use crate::store::counted;
use crate::store::entry::Row;

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn checkpoint(&self, call: &Call, request: &GetCheckpointRequest) -> Result<Checkpoint> {
        let mut tx = self.db.read().await?;
        require_whole(&self.gate.admit(&mut tx, call).await?)?;
        self.require_parent(&request.parent)?;
        let found = match convert::not_negative("tree_size", request.tree_size)? {
            0 => store::checkpoint::latest(&mut tx, &call.org).await?,
            size => store::checkpoint::covering(&mut tx, &call.org, size).await?,
        };
        let (_, note) = found.ok_or_else(|| convert::no_checkpoint(request.tree_size))?;
        convert::checkpoint(note)
    }

    pub(super) async fn inclusion(
        &self,
        call: &Call,
        request: GetInclusionProofRequest,
    ) -> Result<GetInclusionProofResponse> {
        let mut tx = self.db.read().await?;
        let reader = self.gate.admit(&mut tx, call).await?;
        self.require_parent(&request.parent)?;
        let wanted = request.entry.ok_or_else(|| Error::violation("entry", "must be given by seq or by entry_id"))?;
        let found = self.found(&mut tx, call, &wanted).await?;
        let missing = || convert::no_entry(&wanted, request.tree_size);
        let (size, checkpoint) = self.at(&mut tx, call, "tree_size", request.tree_size).await?;
        // An entry that the reader may not see is answered like one that does not exist.
        let found = found.filter(|row| !matches!(&reader, Reader::Person(person) if row.actor != *person));
        let seen = self.seen(&mut tx, call, &reader, found.into_iter().collect()).await?;
        let seen = seen.into_iter().next().ok_or_else(missing)?;
        let index = seen.row.seq - 1;
        let plan = Plan::inclusion(counted(index), counted(size)).ok_or_else(missing)?;
        let hashes = convert::hashes(store::node::resolve(&mut tx, &call.org, &plan).await?);
        let proof = InclusionProof { leaf_index: index, tree_size: size, hashes };
        Ok(GetInclusionProofResponse {
            entry: Some(convert::entry(seen, false)?),
            proof: Some(proof),
            checkpoint: Some(checkpoint),
        })
    }

    pub(super) async fn consistency(
        &self,
        call: &Call,
        request: &GetConsistencyProofRequest,
    ) -> Result<GetConsistencyProofResponse> {
        let mut tx = self.db.read().await?;
        require_whole(&self.gate.admit(&mut tx, call).await?)?;
        self.require_parent(&request.parent)?;
        let first = positive("first_tree_size", request.first_tree_size)?;
        let (size, checkpoint) = self.at(&mut tx, call, "second_tree_size", request.second_tree_size).await?;
        let plan = Plan::consistency(counted(first), counted(size));
        let plan = plan.ok_or_else(|| Error::violation("first_tree_size", "must not be greater than the second"))?;
        let hashes = convert::hashes(store::node::resolve(&mut tx, &call.org, &plan).await?);
        let proof = ConsistencyProof { first_tree_size: first, second_tree_size: size, hashes };
        Ok(GetConsistencyProofResponse { proof: Some(proof), checkpoint: Some(checkpoint) })
    }

    /// The entry at this place or with this identity, whoever asks.
    pub(super) async fn found(&self, tx: &mut Tx, call: &Call, wanted: &Wanted) -> Result<Option<Row>> {
        match wanted {
            Wanted::Seq(seq) => store::entry::by_seq(tx, &call.org, positive("seq", *seq)?).await,
            Wanted::EntryId(id) => store::entry::by_id(tx, &call.org, entry_id(id)?).await,
        }
    }

    /// The checkpoint of exactly this size; the latest for 0.
    async fn at(&self, tx: &mut Tx, call: &Call, field: &str, size: i64) -> Result<(i64, Checkpoint)> {
        let found = match convert::not_negative(field, size)? {
            0 => store::checkpoint::latest(tx, &call.org).await?,
            size => store::checkpoint::of_size(tx, &call.org, size).await?.map(|note| (size, note)),
        };
        let (size, note) = found.ok_or_else(|| convert::no_checkpoint(size))?;
        Ok((size, convert::checkpoint(note)?))
    }
}

/// Sizes and roots count every act: who sees only a part of the journal has no part in them but with their own receipts.
fn require_whole(reader: &Reader) -> Result<()> {
    match reader {
        Reader::Service | Reader::Auditor(_) => Ok(()),
        Reader::Person(_) => Err(Error::new(Reason::PermissionDenied).with("action", "journal.read")),
    }
}

fn positive(field: &str, value: i64) -> Result<i64> {
    if value < 1 { Err(Error::violation(field, "must be at least 1")) } else { Ok(value) }
}

fn entry_id(id: &str) -> Result<Uuid> {
    Uuid::try_parse(id).map_err(|_| Error::violation("entry_id", "must be a UUID"))
}
