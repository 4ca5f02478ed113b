//! `CompareCopy`: where a copy and its owner find out that one of them is not what it was; and `GetJournal`.

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::{fault, name};
use dossier_proto::journal::v1::{CompareCopyRequest, CompareCopyResponse, GetJournalRequest, Journal};

use super::{JournalRpc, Reader, convert, list};
use crate::checkpoint::{Origin, VerifierKey};
use crate::doubt::Doubt;
use crate::merkle::{Frontier, Hash, empty_root};
use crate::place::{self, Place};
use crate::store;

/// What a service's journal is called below its name.
const JOURNAL: &str = "journal";

// === impl JournalRpc ===

impl JournalRpc {
    pub(super) async fn compare(&self, call: &Call, request: CompareCopyRequest) -> Result<CompareCopyResponse> {
        let mut tx = self.db.read().await?;
        // Only Dossier's own services keep copies; who else could say so could stop the journal.
        if self.gate.admit(&mut tx, call).await? != Reader::Service {
            return Err(Error::new(Reason::PermissionDenied));
        }
        self.require_parent(&request.parent)?;
        let seq = convert::not_negative("seq", request.seq)?;
        let root = root(&request.root_hash)?;
        let end = place::end(&mut tx, &call.org).await?;
        let there = place::at(&mut tx, &call.org, seq).await?;
        let waiting = store::entry::oldest_waiting(&mut tx, &call.org).await?;
        let contained = there.as_ref().is_some_and(|there| root.is_none_or(|root| root == there.root()));
        // A copy of an era that has ended was put back itself: that says nothing of this journal.
        let eras = store::era::all(&mut tx, &call.org).await?;
        let ended = request.era != end.era && (request.era.is_empty() || eras.contains(&request.era));
        drop(tx);
        if !contained && !ended && !fault::weakened("contains") {
            let told_by = call.subject.clone();
            let doubt = Doubt { source: self.service.to_owned(), seq, told_by };
            self.doubts.raise(&self.db, &call.org, doubt).await?;
        }
        Ok(answer(&end, there.as_ref(), waiting.map(|since| list::age(call, since))))
    }

    pub(super) async fn journal(&self, call: &Call, request: &GetJournalRequest) -> Result<Journal> {
        let unknown = || Error::new(Reason::OrgUnknown);
        if !self.gate.knows(&call.org) {
            return Err(unknown());
        }
        name::require_service("name", self.service, JOURNAL, &request.name)?;
        let origin = Origin::new(&call.org, self.service).map_err(|_| unknown())?;
        let key = |key| VerifierKey::new(origin.clone(), key).to_string();
        let verifier_keys = self.keys.iter().copied().map(key).collect();
        let era = store::era::current(&mut self.db.read().await?, &call.org).await?;
        Ok(Journal { name: name::collection(self.service, JOURNAL), origin: origin.to_string(), verifier_keys, era })
    }
}

fn answer(end: &Place, there: Option<&Frontier>, waiting_age: Option<prost_types::Duration>) -> CompareCopyResponse {
    CompareCopyResponse {
        last_seq: end.seq,
        root_hash: end.root().unwrap_or_else(empty_root).to_vec(),
        waiting_age,
        era: end.era.clone(),
        peak_hashes: convert::hashes(there.map(|there| there.peaks().to_vec()).unwrap_or_default()),
    }
}

fn root(bytes: &[u8]) -> Result<Option<Hash>> {
    match bytes {
        [] => Ok(None),
        bytes => bytes.try_into().map(Some).map_err(|_| Error::violation("root_hash", "must have 32 bytes")),
    }
}
