//! `GetCheckpoint`, `GetInclusionProof`, `GetConsistencyProof`: answers that are checked offline, without us.

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::journal::v1::{
    Checkpoint, ConsistencyProof, GetCheckpointRequest, GetConsistencyProofRequest, GetConsistencyProofResponse,
    GetInclusionProofRequest, GetInclusionProofResponse, InclusionProof,
};
use uuid::Uuid;

use super::{JournalRpc, Reader, Seen, Wanted, convert};
use crate::merkle::Plan;
use crate::store;
use crate::store::counted;
use crate::store::entry::{Filter, Row};

/// Nothing that has a receipt is done to one thing more often.
const FEW: i64 = 100;

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
        let (size, checkpoint) = at(&mut tx, &call.org, "tree_size", request.tree_size).await?;
        // An entry that the reader may not see is answered like one that does not exist.
        let found = found.filter(|row| !matches!(&reader, Reader::Person(person) if row.actor != *person));
        let seen = self.seen(&mut tx, call, &reader, found.into_iter().collect()).await?;
        let seen = seen.into_iter().next().ok_or_else(missing)?;
        let proof = included(&mut tx, &call.org, seen.row.seq, size).await?.ok_or_else(missing)?;
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
        let (size, checkpoint) = at(&mut tx, &call.org, "second_tree_size", request.second_tree_size).await?;
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
}

/// The receipt of the newest entry that `action` was done to `subject`, for a service that hands out what proves its own doing; `None`
/// while none has its number. Whether the reader may see the entry whole is not asked here.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn receipt(tx: &mut Tx, org: &str, subject: &str, action: &str) -> Result<Option<GetInclusionProofResponse>> {
    let about = Filter { subject: Some(subject.to_owned()), action: Some(action.to_owned()), ..Filter::all() };
    let Some(row) = store::entry::list(tx, org, 0, FEW, &about).await?.pop() else { return Ok(None) };
    let (size, checkpoint) = at(tx, org, "tree_size", 0).await?;
    let proof = included(tx, org, row.seq, size).await?;
    let entry = Some(convert::entry(Seen { row, whole: true }, false)?);
    Ok(proof.map(|proof| GetInclusionProofResponse { entry, proof: Some(proof), checkpoint: Some(checkpoint) }))
}

/// That the entry `seq` is in the tree of `size`; `None` when it came later.
async fn included(tx: &mut Tx, org: &str, seq: i64, size: i64) -> Result<Option<InclusionProof>> {
    let index = seq - 1;
    let Some(plan) = Plan::inclusion(counted(index), counted(size)) else { return Ok(None) };
    let hashes = convert::hashes(store::node::resolve(tx, org, &plan).await?);
    Ok(Some(InclusionProof { leaf_index: index, tree_size: size, hashes }))
}

/// The checkpoint of exactly this size; the latest for 0.
async fn at(tx: &mut Tx, org: &str, field: &str, size: i64) -> Result<(i64, Checkpoint)> {
    let found = match convert::not_negative(field, size)? {
        0 => store::checkpoint::latest(tx, org).await?,
        size => store::checkpoint::of_size(tx, org, size).await?.map(|note| (size, note)),
    };
    let (size, note) = found.ok_or_else(|| convert::no_checkpoint(size))?;
    Ok((size, convert::checkpoint(note)?))
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
