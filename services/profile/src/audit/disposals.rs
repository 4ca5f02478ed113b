//! What an entry says of the row of a destruction, all of it, and that nothing is left of what was destroyed (I7).

use std::collections::HashSet;

use dossier_authority::audit::key;
use dossier_authority::disposal::State;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Findings, Told, instant};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::DisposalChanged;
use uuid::Uuid;

use crate::domain::record::ids;
use crate::store::audit;

/// The tables in which a file has rows of its own.
const OF_FILES: [&str; 8] =
    ["customer_file", "record", "record_signature", "document", "item", "hold", "volume", "volume_document"];

/// Tells the row of the destruction, and of one that was done which rows are gone.
pub(super) fn tell(told: &mut Told, one: &DisposalChanged) {
    let key = key(&one.disposal);
    // Two replicas may commit in another order than they are numbered: what has ended does not come back.
    if told.overtaken("disposal", &key, i64::from(one.end_time.is_some())) {
        return;
    }
    let ended = one.end_time.is_some() && !one.record.is_empty();
    let (list, record) = ids("record", &one.record).ok().unzip();
    let _ = told
        .row("disposal", key)
        .says("file", Value::name(&one.file))
        .says("number", &one.file_number)
        .says("state", &one.state)
        .says("record", record)
        .says("of_file", list)
        .says("announcer", Value::name(&one.announcer))
        .says("announced_at", instant(one.announce_time.as_ref()))
        .says("ender", Value::name(&one.ender))
        .says("ended_at", instant(one.end_time.as_ref()))
        .says("root", Value::name(&one.key_version))
        .says("version", if ended { 2 } else { 1 });
    if one.state == State::Destroyed.as_str()
        && let Value::Id(file) = Value::name(&one.file)
    {
        told.erase(file, &OF_FILES);
    }
}

/// Leaves those of `said` out whose file was destroyed with all that it had, and counts them.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn living<T>(
    tx: &mut Tx,
    org: &str,
    said: Vec<T>,
    file: impl Fn(&T) -> Uuid,
    findings: &mut Findings,
) -> Result<Vec<T>> {
    let gone: HashSet<_> = audit::erased(tx, org, &said.iter().map(&file).collect()).await?;
    let (dead, living): (Vec<_>, Vec<_>) = said.into_iter().partition(|one| gone.contains(&file(one)));
    findings.erased += dead.len() as u64;
    Ok(living)
}
