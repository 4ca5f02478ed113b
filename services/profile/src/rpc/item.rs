//! The rpcs of items, and how one is shown (P-10).

pub mod get;
pub mod list;

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::store::loan::{self, Lent};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::to_proto;
use dossier_kernel::{name, states};
use dossier_proto::profile::v1 as wire;
use uuid::Uuid;

use crate::domain::customer_file::CustomerFile;
use crate::domain::document::name_of as document_name;
use crate::domain::item::Item;
use crate::domain::place::name_of as place_name;
use crate::domain::record::PART;
use crate::domain::volume::name_of as volume_name;
use crate::store::customer_file;
use crate::work::customer_file::session::Session;
use crate::work::customer_file::ties::seen;
use crate::work::item::{borrowed, ways_to};

/// Items of visible files in the words of the contract.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
async fn shown(session: &Session<'_>, tx: &mut Tx, items: &[Item]) -> Result<Vec<wire::Item>> {
    let files: BTreeSet<_> = items.iter().map(|one| one.file).collect();
    let headers = customer_file::visible_headers(tx, session.viewer(), &files).await?;
    let ways = ways_to(tx, &session.call.org, items.iter()).await?;
    let movers = seen(session, tx, items.iter().map(|one| one.of_file)).await?;
    let loans = loan::of_items(tx, &session.call.org, &items.iter().map(|one| one.id).collect()).await?;
    let told = items.iter().filter_map(|one| Some((one, headers.get(&one.file)?)));
    let told = told.map(|(one, file)| {
        let at = message(one, file, &ways, movers.contains(&one.of_file));
        lent(session, at, loans.get(&one.id))
    });
    Ok(told.collect())
}

fn lent(session: &Session<'_>, at: wire::Item, loan: Option<&Lent>) -> wire::Item {
    let Some(loan) = loan else { return at };
    let (borrower, due_time) = borrowed(session, loan);
    wire::Item { lent: true, borrower, due_time, ..at }
}

fn message(one: &Item, file: &CustomerFile, ways: &BTreeMap<Uuid, Vec<String>>, mover: bool) -> wire::Item {
    let record = || name::below("files", one.of_file, PART, one.record);
    wire::Item {
        name: one.name(),
        kind: states::wire::<wire::ItemKind>(one.kind).into(),
        state: states::wire::<wire::ItemState>(one.state).into(),
        number: file.number.clone().unwrap_or_default(),
        document: one.document().map(|document| document_name(one.file, document)).unwrap_or_default(),
        volume: one.volume().map(|volume| volume_name(one.file, volume)).unwrap_or_default(),
        place: one.place.map(place_name).unwrap_or_default(),
        place_path: one.place.and_then(|place| ways.get(&place).cloned()).unwrap_or_default(),
        holder: one.holder.map(|person| name::name("persons", person)).unwrap_or_default(),
        record: if mover { record() } else { String::new() },
        revision: one.version,
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
        ..wire::Item::default()
    }
}
