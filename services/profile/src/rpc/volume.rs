//! The rpcs of volumes, and how one is shown (P-92 to P-98).

pub mod compose;
pub mod create;
pub mod get;
pub mod list;
pub mod move_document;
pub mod render;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::time::to_proto;
use dossier_kernel::{name, states};
use dossier_proto::profile::v1 as wire;
use dossier_regime::Action;
use uuid::Uuid;

use crate::domain::document::name_of as document_name;
use crate::domain::record::PART;
use crate::domain::volume::order::Numbers;
use crate::domain::volume::why::Why;
use crate::domain::volume::{Line, Volume, name_of};
use crate::rpc::customer_file::reading;
use crate::store::customer_file::Loaded;
use crate::store::{customer_file, volume};
use crate::work::customer_file::session::Session;
use crate::work::volume::gather::higher;

/// A volume in a visible file. Its level is that of what lies in it, which is at least that of the file.
fn shown(session: &Session<'_>, loaded: &Loaded, one: &Volume) -> wire::Volume {
    wire::Volume {
        name: one.name(),
        number: one.number,
        rule: one.rule.clone(),
        year: one.year.and_then(|year| i32::try_from(year).ok()).unwrap_or_default(),
        retention_class: one.class.clone(),
        apart: one.apart,
        state: states::wire::<wire::VolumeState>(one.state).into(),
        level: higher(session, &loaded.file.level, &one.level).to_owned(),
        documents: one.contents.iter().map(|line| laid(one.file, line)).collect(),
        sheets: one.sheets,
        pages: one.pages,
        record: one.record.map(|record| name::below("files", one.file, PART, record)).unwrap_or_default(),
        revision: one.version,
        etag: one.etag(),
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
        close_time: one.closed_at.map(to_proto),
        creator: name::name("persons", one.creator),
    }
}

fn laid(file: Uuid, line: &Line) -> wire::VolumeDocument {
    let numbers = Numbers { first: line.first, last: line.last };
    document(file, line.document, &line.why, numbers)
}

fn document(file: Uuid, id: Uuid, why: &[Why], numbers: Numbers) -> wire::VolumeDocument {
    let reason = |one: &Why| wire::VolumeReason {
        ground: states::wire::<wire::VolumeGround>(one.ground).into(),
        document: one.other.map(|other| document_name(file, other)).unwrap_or_default(),
    };
    wire::VolumeDocument {
        document: document_name(file, id),
        reasons: why.iter().map(reason).collect(),
        first_number: numbers.first,
        last_number: numbers.last,
    }
}

/// The volume in a file that the caller sees as a whole.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, the same for what is invisible, of a file of which the caller sees some fields, and not there (I10);
/// `AUTHORITY_STALE`.
async fn find(session: &Session<'_>, tx: &mut Tx, (file, id): (Uuid, Uuid)) -> Result<(Loaded, Volume)> {
    let missing = || Error::missing(Missing::Volume, name_of(file, id));
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    let loaded = session.load(tx, file).await.map_err(unseen)?;
    let found = volume::lookup(tx, &session.call.org, file, id).await?.ok_or_else(missing)?;
    // A right to some fields opens no documents, and tells of none.
    match reading::reaches_all(session, tx, &loaded).await? {
        true => Ok((loaded, found)),
        false => Err(missing()),
    }
}

/// The file whose papers the caller binds, which nobody else changes until the transaction ends.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`, `PERMISSION_DENIED`, `AUTHORITY_STALE`, `WRONG_STATE`, `CONFLICT_RETRY`.
async fn binding(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<Loaded> {
    let loaded = session.load_to_change(tx, file, Action::VolumeCompose).await?;
    session.require_in(Action::VolumeCompose, &loaded.file.unit)?;
    loaded.file.require_open()?;
    customer_file::lock(tx, &session.call.org, &loaded.file).await?;
    Ok(loaded)
}
