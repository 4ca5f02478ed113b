//! What somebody took home: one receipt, two checkpoints.
//!
//! Both come in the form the client prints (the JSON of the rpc's answer) or in the plain form of the formats
//! themselves (a receipt of the journal crate, a C2SP signed note).

use std::path::Path;

use dossier_journal::checkpoint::{Checkpoint, VerifierKey};
use dossier_journal::merkle::Hash;
use dossier_journal::verify::{Receipt, beside, extension, proof_beside};
use dossier_proto::journal::v1;
use dossier_proto::profile::v1::{Disposal, DisposalCertificate};
use serde_json::Value;

use super::{certificate, keys};
use crate::client::json;
use crate::globals::Globals;
use crate::{Failure, out};

/// Verifies one receipt.
pub(super) fn receipt(path: &Path, key: Option<&str>, globals: &Globals) -> Result<(), Failure> {
    let (receipt, beside) = read_receipt(path)?;
    let mut outcome = None;
    for key in keys_for(&receipt.checkpoint, key, globals)? {
        outcome = Some(receipt.verify(&key));
        if let Some(Ok((body, checkpoint))) = &outcome {
            let (seq, size) = (receipt.seq, checkpoint.size);
            out::line(format!(
                "entry {seq} ({}, {}) is in {} of {size} entries: verified",
                body.id, body.action, checkpoint.origin
            ))?;
            return beside.map_or(Ok(()), |shown| certificate::hold(&shown, body));
        }
    }
    match outcome {
        Some(Err(fault)) => Err(Failure::differs(format!("DOES NOT VERIFY: {fault}"))),
        _ => Err(Failure::keys("there is no key: give --key")),
    }
}

/// Verifies that one checkpoint continues another.
pub(super) fn consistency(
    older: &Path,
    newer: &Path,
    proof: Option<&Path>,
    key: Option<&str>,
    globals: &Globals,
) -> Result<(), Failure> {
    let (older, newer) = (note(older)?, note(newer)?);
    let proof = proof.map(|path| hashes(path, &older, &newer)).transpose()?.unwrap_or_default();
    let mut outcome = None;
    for key in keys_for(&older, key, globals)? {
        outcome = Some(extension(&older, &newer, &proof, &key));
        if let Some(Ok((older, newer))) = &outcome {
            let (origin, first, second) = (&newer.origin, older.size, newer.size);
            out::line(format!("{origin} of {second} entries begins with that of {first}: verified"))?;
            return Ok(());
        }
    }
    match outcome {
        Some(Err(fault)) => Err(Failure::differs(format!("DOES NOT VERIFY: {fault}"))),
        _ => Err(Failure::keys("there is no key: give --key")),
    }
}

/// Reads a checkpoint that was kept; its signature is checked with the journal.
pub(super) fn checkpoint(path: &Path) -> Result<Checkpoint, Failure> {
    Checkpoint::parse(&note(path)?).map_err(|fault| at(path, fault.to_string()))
}

fn keys_for(note: &str, key: Option<&str>, globals: &Globals) -> Result<Vec<VerifierKey>, Failure> {
    match key {
        Some(text) => Ok(vec![keys::parse(text)?]),
        None => keys::trusted(Checkpoint::parse(note).ok().map(|known| known.origin), globals),
    }
}

// A receipt, and the destruction that it is shown with where it is the certificate of one.
fn read_receipt(path: &Path) -> Result<(Receipt, Option<Disposal>), Failure> {
    let text = &text(path)?;
    if let Ok(receipt) = serde_json::from_str(text) {
        return Ok((receipt, None));
    }
    // A certificate holds what the answer of GetInclusionProof holds, under the same names.
    let DisposalCertificate { disposal, entry, proof, checkpoint } =
        typed(text, "dossier.profile.v1.DisposalCertificate").map_err(|why| at(path, why))?;
    let answer = v1::GetInclusionProofResponse { entry, proof, checkpoint };
    Ok((Receipt::try_from(answer).map_err(differs)?, disposal))
}

fn hashes(path: &Path, older: &str, newer: &str) -> Result<Vec<Hash>, Failure> {
    let answer: v1::GetConsistencyProofResponse =
        typed(&text(path)?, "dossier.journal.v1.GetConsistencyProofResponse").map_err(|why| at(path, why))?;
    let parse = |note: &str| Checkpoint::parse(note).map_err(|fault| at(path, fault.to_string()));
    proof_beside(answer, &parse(older)?, &parse(newer)?).map_err(differs)
}

fn note(path: &Path) -> Result<String, Failure> {
    let text = text(path)?;
    if !text.starts_with('{') {
        return Ok(text);
    }
    let answer: v1::Checkpoint = typed(&text, "dossier.journal.v1.Checkpoint").map_err(|why| at(path, why))?;
    beside(&answer).map_err(differs)?;
    Ok(answer.note)
}

fn typed<T: prost::Message + Default>(text: &str, message: &str) -> Result<T, String> {
    let value: Value = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
    json::message(message, value)?.transcode_to().map_err(|fault| fault.to_string())
}

fn text(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))
}

pub(super) fn differs(why: impl std::fmt::Display) -> Failure {
    Failure::differs(format!("DOES NOT VERIFY: {why}"))
}

fn at(path: &Path, why: String) -> Failure {
    Failure::config(format!("`{}`: {why}", path.display()))
}
