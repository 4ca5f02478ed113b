//! What is told to who repeats a call that made or changed a record before: what they may see now.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::profile::v1::FileRecord;

use super::right::Right;
use super::{load, template};
use crate::domain::record::ids;
use crate::work::customer_file::again::reshow;
use crate::work::customer_file::session::Session;

/// Gives a kept reply again to who may still write such records and sees the file by standing access, with what they may be shown of it
/// now; to others only that the call had its effect.
///
/// # Errors
/// `PERSON_UNKNOWN`, `PERMISSION_DENIED`, `AUTHORITY_STALE`, `JOURNAL_FAULT`.
pub async fn again(base: &Base, tx: &mut Tx, call: &Call, right: Right, mut kept: FileRecord) -> Result<FileRecord> {
    let session = Session::enter(base, tx, call).await?;
    right.require_some(&session)?;
    let opened = match load(&session, tx, ids("name", &kept.name)?).await {
        Err(fault) if fault.is_missing().is_some() => return Ok(silent(kept)),
        opened => opened?,
    };
    if right.require_again(&session, &opened).is_err() {
        return Ok(silent(kept));
    }
    let form = (&opened.loaded.file, template(&session, &opened.record.template)?);
    reshow(&session, tx, form, (&kept.name, kept.revision), &mut kept.fields).await?;
    Ok(kept)
}

fn silent(kept: FileRecord) -> FileRecord {
    FileRecord { name: kept.name, revision: kept.revision, etag: kept.etag, ..FileRecord::default() }
}
