//! Between rows and contract, and the checks of single fields.

use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::time::to_proto;
use dossier_proto::journal::v1::{Checkpoint, Entry, EntryBody};
use prost::Message;

use super::{Seen, Wanted};
use crate::checkpoint;
use crate::merkle::Hash;
use crate::store::stored;

/// The entries as their reader gets them, decoded for who asked for that.
///
/// # Errors
/// `STORE_INCONSISTENT` when an entry that must be cut or decoded cannot be read.
pub(super) fn entries(seen: Vec<Seen>, decode: bool) -> Result<Vec<Entry>> {
    seen.into_iter().map(|one| entry(one, decode)).collect()
}

/// An entry as its reader gets it.
///
/// # Errors
/// As [`entries`].
pub(super) fn entry(seen: Seen, decode: bool) -> Result<Entry> {
    let Seen { row, whole } = seen;
    let body = if whole { row.body } else { abridged(&row.body)? };
    let decoded = decode.then(|| decoded(&body)).transpose()?;
    Ok(Entry { seq: row.seq, body, leaf_hash: row.leaf_hash, abridged: !whole, decoded })
}

fn decoded(body: &[u8]) -> Result<EntryBody> {
    EntryBody::decode(body).map_err(|_| crate::store::inconsistent("journal_entry", "body"))
}

/// Who did what, when and on which name, without content.
fn abridged(body: &[u8]) -> Result<Vec<u8>> {
    let EntryBody { id, org, service, time, actor, action, subject, edition, .. } = decoded(body)?;
    Ok(EntryBody { id, org, service, time, actor, action, subject, edition, ..EntryBody::default() }.encode_to_vec())
}

/// # Errors
/// `STORE_INCONSISTENT` when the stored note is no checkpoint.
pub(super) fn checkpoint(note: String) -> Result<Checkpoint> {
    let parsed = checkpoint::Checkpoint::parse(&note);
    let parsed = parsed.map_err(|_| crate::store::inconsistent("journal_checkpoint", "note"))?;
    Ok(Checkpoint {
        origin: parsed.origin.to_string(),
        tree_size: stored(parsed.size),
        root_hash: parsed.root.to_vec(),
        sign_time: Some(to_proto(parsed.time)),
        note,
    })
}

pub(super) fn hashes(hashes: Vec<Hash>) -> Vec<Vec<u8>> {
    hashes.into_iter().map(Vec::from).collect()
}

/// # Errors
/// A violation of `field` when it is negative.
pub(super) fn not_negative(field: &str, value: i64) -> Result<i64> {
    if value < 0 { Err(Error::violation(field, "must not be negative")) } else { Ok(value) }
}

/// A text condition of at most 200 bytes; empty asks for any.
///
/// # Errors
/// A violation of `field` when it is longer.
pub(super) fn condition(field: &str, value: &str) -> Result<Option<String>> {
    match value.len() {
        0 => Ok(None),
        1..=200 => Ok(Some(value.to_owned())),
        _ => Err(Error::violation(field, "must not be longer than 200 bytes")),
    }
}

/// No checkpoint of this size was signed; 0 asked for the latest.
pub(super) fn no_checkpoint(tree_size: i64) -> Error {
    Error::missing(Missing::Checkpoint, tree_size.to_string())
}

/// There is no such entry for this reader, in a tree of this size; the same whether they may not see it or it does not exist.
pub(super) fn no_entry(wanted: &Wanted, tree_size: i64) -> Error {
    let name = match wanted {
        Wanted::Seq(seq) => seq.to_string(),
        Wanted::EntryId(id) => id.clone(),
    };
    Error::missing(Missing::Entry, name).with("tree_size", tree_size.to_string())
}
