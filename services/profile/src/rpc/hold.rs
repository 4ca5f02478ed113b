//! The rpcs of holds, and how a hold is shown (C-06).

pub mod get;
pub mod list;

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1 as wire;
use dossier_regime::Pack;
use uuid::Uuid;

use crate::domain::hold::Hold;
use crate::domain::record::Record;
use crate::store::record;

/// The holds as they are shown, in their order.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
async fn shown(tx: &mut Tx, org: &str, pack: &Pack, holds: &[Hold]) -> Result<Vec<wire::Hold>> {
    let grounds = record::each(tx, org, &holds.iter().map(|one| one.record).collect()).await?;
    Ok(holds.iter().map(|one| message(pack, one, &grounds)).collect())
}

fn message(pack: &Pack, one: &Hold, grounds: &BTreeMap<Uuid, Record>) -> wire::Hold {
    wire::Hold {
        name: one.name(),
        state: states::wire::<wire::HoldState>(one.state()).into(),
        record: one.record_name(),
        kind: one.kind.clone(),
        display_name: pack.record(&one.kind).map(|kind| kind.label.clone()).unwrap_or_default(),
        record_number: grounds.get(&one.record).and_then(|record| record.number.clone()).unwrap_or_default(),
        placer: name("persons", one.placer),
        place_time: Some(to_proto(one.placed_at)),
        releaser: one.releaser.map(|person| name("persons", person)).unwrap_or_default(),
        release_time: one.released_at.map(to_proto),
        releasing_record: one.releasing_name(),
        etag: etag::of(one.version),
        update_time: Some(to_proto(one.released_at.unwrap_or(one.placed_at))),
    }
}
