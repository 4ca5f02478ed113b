//! What an entry says of the row of a hold: all of it.

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Told, instant};
use dossier_proto::journal::v1::HoldChanged;

use crate::domain::record::ids;

/// Tells the row of the hold.
pub(super) fn tell(told: &mut Told, one: &HoldChanged) {
    let record = |name: &str| ids("record", name).map_or(Value::Nothing, |(_, record)| Value::Id(record));
    let ended = one.release_time.is_some();
    let _ = told
        .row("hold", key(&one.hold))
        .says("file", Value::name(&one.file))
        .says("record", record(&one.record))
        .says("kind", &one.kind)
        .says("placer", Value::name(&one.placer))
        .says("placed_at", instant(one.place_time.as_ref()))
        .says("releaser", Value::name(&one.releaser))
        .says("released_at", instant(one.release_time.as_ref()))
        .says("releasing", record(&one.releasing_record))
        .says("version", if ended { 2 } else { 1 });
}
