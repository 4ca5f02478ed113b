//! What was told of a file, a record or a document where it came from: sealed with it, and evidence of that house alone.

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_proto::profile::v1 as wire;
use prost::Message as _;

use super::{Coming, told};
use crate::content::Seal;
use crate::store::customer_file::inconsistent;
use crate::store::transfer as store;
use uuid::Uuid;

/// The place at which it is sealed.
pub const PLACE: &str = "imported";
/// Longest name of a person elsewhere that is kept, in characters.
pub(super) const LONGEST: usize = 200;
/// Most signatures that are kept.
const MOST_SIGNATURES: usize = 1_000;

/// That of a file.
pub(super) fn of_file(coming: &Coming<'_>, key: &str) -> Vec<u8> {
    let (file, revisions) = (&coming.parcel.file, &coming.parcel.revisions);
    let told = |(at, one): (usize, &wire::CustomerFileRevision)| told(at, &one.author, one.create_time);
    wire::ImportMark {
        batch: String::new(),
        key: key.to_owned(),
        creator: file.creator.chars().take(LONGEST).collect(),
        create_time: file.create_time,
        revisions: revisions.iter().enumerate().map(told).collect(),
        signatures: Vec::new(),
    }
    .encode_to_vec()
}

/// That of a record or a document.
pub(super) fn of_part(
    key: &str,
    (creator, time): (&str, Option<prost_types::Timestamp>),
    versions: &[wire::FileRecordRevision],
    signatures: &[wire::RecordSignature],
) -> Vec<u8> {
    let told = |(at, one): (usize, &wire::FileRecordRevision)| told(at, &one.author, one.create_time);
    wire::ImportMark {
        batch: String::new(),
        key: key.to_owned(),
        creator: creator.chars().take(LONGEST).collect(),
        create_time: time,
        revisions: versions.iter().enumerate().map(told).collect(),
        signatures: signatures.iter().take(MOST_SIGNATURES).cloned().collect(),
    }
    .encode_to_vec()
}

/// What was told of a file; nothing when it was made here.
///
/// # Errors
/// `SEAL_BROKEN`, `STORE_UNAVAILABLE`.
pub async fn file(tx: &mut Tx, org: &str, id: Uuid, seal: &Seal<'_>) -> Result<Option<wire::ImportMark>> {
    let Some(row) = store::of_file(tx, org, id).await? else { return Ok(None) };
    let mark = open(seal, &row.told)?;
    Ok(Some(wire::ImportMark { batch: name::name("importBatches", row.batch), ..mark }))
}

/// What was told of a record or a document, by its own seal; nothing when it was made here.
///
/// # Errors
/// `SEAL_BROKEN`, `STORE_UNAVAILABLE`.
pub async fn part(tx: &mut Tx, org: &str, ids: (Uuid, Uuid), seal: &Seal<'_>) -> Result<Option<wire::ImportMark>> {
    let told = store::of_part(tx, org, ids).await?;
    told.map(|told| open(seal, &told)).transpose()
}

fn open(seal: &Seal<'_>, told: &[u8]) -> Result<wire::ImportMark> {
    let bytes = seal.open(PLACE, told)?;
    wire::ImportMark::decode(bytes.as_slice()).map_err(|_| inconsistent("imported_file", "told"))
}
