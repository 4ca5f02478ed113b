//! One entry with its proof: what somebody takes home, and checks without us.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dossier_kernel::time::from_proto;
use dossier_proto::journal::v1::{EntryBody, GetConsistencyProofResponse, GetInclusionProofResponse};
use prost::Message;
use serde::{Deserialize, Serialize};

use super::{Cause, Fault, Place};
use crate::checkpoint::{Checkpoint, VerifierKey};
use crate::merkle::{Hash, ProofError, leaf_hash, verify_consistency, verify_inclusion};

/// A receipt of one entry, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The number of the entry.
    pub seq: i64,
    /// The stored bytes of the entry, base64.
    pub body: String,
    /// The inclusion proof, hexadecimal hashes from the leaf's sibling upwards.
    pub proof: Vec<String>,
    /// The signed note it is proved against.
    pub checkpoint: String,
}

// === impl Receipt ===

impl TryFrom<GetInclusionProofResponse> for Receipt {
    type Error = Fault;

    /// The receipt of an answer, if all that the answer says beside entry and note agrees with them: whoever reads the
    /// answer believes those figures too.
    fn try_from(answer: GetInclusionProofResponse) -> Result<Self, Fault> {
        let (entry, proof) = (answer.entry.unwrap_or_default(), answer.proof.unwrap_or_default());
        let checkpoint = answer.checkpoint.unwrap_or_default();
        let place = Place::seq(entry.seq);
        let fault = |cause| at(place.clone(), cause);
        let size = beside(&checkpoint).map_err(fault)?.size;
        let figures = [
            ("entry.leaf_hash", entry.leaf_hash[..] == leaf_hash(&entry.body)[..]),
            ("proof.leaf_index", entry.seq.checked_sub(1) == Some(proof.leaf_index)),
            ("proof.tree_size", u64::try_from(proof.tree_size) == Ok(size)),
        ];
        agree(&figures).map_err(fault)?;
        let hashes = proof.hashes.iter().map(hex::encode).collect();
        Ok(Self { seq: entry.seq, body: STANDARD.encode(entry.body), proof: hashes, checkpoint: checkpoint.note })
    }
}

/// The checkpoint in the note of an answer, if what the answer says beside the note agrees with it. Who signed it is not
/// looked at.
///
/// # Errors
/// [`Cause::Note`], [`Cause::Beside`].
pub fn beside(answer: &dossier_proto::journal::v1::Checkpoint) -> Result<Checkpoint, Cause> {
    let note = Checkpoint::parse(&answer.note).map_err(|fault| Cause::Note { size: answer.tree_size, fault })?;
    let time = answer.sign_time.as_ref().and_then(|time| from_proto("sign_time", time).ok());
    agree(&[
        ("checkpoint.origin", answer.origin == note.origin.as_str()),
        ("checkpoint.tree_size", u64::try_from(answer.tree_size) == Ok(note.size)),
        ("checkpoint.root_hash", answer.root_hash[..] == note.root[..]),
        ("checkpoint.sign_time", time == Some(note.time)),
    ])?;
    Ok(note)
}

/// The hashes of an answer with a consistency proof, if what the answer says beside them agrees with the two notes.
///
/// # Errors
/// [`Cause::Note`], [`Cause::Beside`], [`Cause::Malformed`].
pub fn proof_beside(
    answer: GetConsistencyProofResponse,
    older: &Checkpoint,
    newer: &Checkpoint,
) -> Result<Vec<Hash>, Cause> {
    if let Some(checkpoint) = &answer.checkpoint {
        let covering = beside(checkpoint)?;
        agree(&[
            ("checkpoint.origin", covering.origin == newer.origin),
            ("checkpoint.tree_size", covering.size == newer.size),
            ("checkpoint.root_hash", covering.root == newer.root),
        ])?;
    }
    let proof = answer.proof.unwrap_or_default();
    agree(&[
        ("proof.first_tree_size", u64::try_from(proof.first_tree_size) == Ok(older.size)),
        ("proof.second_tree_size", u64::try_from(proof.second_tree_size) == Ok(newer.size)),
    ])?;
    proof.hashes.into_iter().map(|hash| hash.try_into().map_err(|_| Cause::Malformed)).collect()
}

fn agree(figures: &[(&'static str, bool)]) -> Result<(), Cause> {
    match figures.iter().find(|(_, agrees)| !agrees) {
        Some((figure, _)) => Err(Cause::Beside(figure)),
        None => Ok(()),
    }
}

impl Receipt {
    /// Checks that the entry is in the journal that `key` signed; gives the entry and the checkpoint.
    ///
    /// # Errors
    /// A [`Fault`] that names the entry.
    pub fn verify(&self, key: &VerifierKey) -> Result<(EntryBody, Checkpoint), Fault> {
        let seq = self.seq;
        let bytes = STANDARD.decode(&self.body).map_err(|_| at(Place::seq(seq), Cause::Malformed))?;
        let body = EntryBody::decode(&bytes[..]).map_err(|_| at(Place::seq(seq), Cause::Body))?;
        let place = Place::entry(seq, &body.id);
        let fault = |cause| at(place.clone(), cause);
        if body.org != key.origin().org() || body.service != key.origin().service() {
            return Err(fault(Cause::ForeignEntry));
        }
        let checkpoint = note(&self.checkpoint, key).map_err(&fault)?;
        let index = seq.checked_sub(1).and_then(|index| u64::try_from(index).ok());
        let index = index.ok_or_else(|| fault(ProofError::Range.into()))?;
        let proof = self.proof.iter().map(|text| hash(text)).collect::<Option<Vec<_>>>();
        let proof = proof.ok_or_else(|| fault(Cause::Malformed))?;
        verify_inclusion(&leaf_hash(&bytes), index, checkpoint.size, &proof, &checkpoint.root)
            .map_err(|wrong| fault(wrong.into()))?;
        Ok((body, checkpoint))
    }
}

/// Checks that the journal of the `newer` note continues that of the `older`: nothing was rewritten.
///
/// # Errors
/// A [`Fault`].
pub fn extension(
    older: &str,
    newer: &str,
    proof: &[Hash],
    key: &VerifierKey,
) -> Result<(Checkpoint, Checkpoint), Fault> {
    let fault = |cause| at(Place::default(), cause);
    let (older, newer) = (note(older, key).map_err(fault)?, note(newer, key).map_err(fault)?);
    verify_consistency(older.size, &older.root, newer.size, &newer.root, proof).map_err(|wrong| fault(wrong.into()))?;
    Ok((older, newer))
}

fn at(place: Place, cause: Cause) -> Fault {
    Fault { place, cause }
}

fn note(text: &str, key: &VerifierKey) -> Result<Checkpoint, Cause> {
    let size = || Checkpoint::parse(text).ok().and_then(|checkpoint| i64::try_from(checkpoint.size).ok()).unwrap_or(0);
    Checkpoint::verify(text, key).map_err(|fault| Cause::Note { size: size(), fault })
}

fn hash(text: &str) -> Option<Hash> {
    hex::decode(text).ok().filter(|bytes| hex::encode(bytes) == text)?.try_into().ok()
}
