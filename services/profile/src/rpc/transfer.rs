//! The rpcs by which whole files leave and come (P-47, P-48).

pub mod export;
pub mod get;
pub mod get_mark;
pub mod import;
mod leaving;
pub mod list;
mod receiving;
pub mod take_back;

use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1 as wire;

use crate::domain::transfer::Batch;

/// A batch in the words of the contract.
fn message(one: &Batch) -> wire::ImportBatch {
    wire::ImportBatch {
        name: one.name(),
        label: one.label.clone(),
        source: one.source.clone(),
        state: states::wire::<wire::ImportBatchState>(one.state).into(),
        files: one.files,
        creator: name("persons", one.creator),
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
    }
}
