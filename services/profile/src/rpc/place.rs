//! The rpcs of places, and how one is shown (P-09, P-10).

pub mod create;
pub mod get;
pub mod list;
pub mod update;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::time::to_proto;
use dossier_kernel::{etag, name};
use dossier_proto::profile::v1 as wire;

use crate::domain::place::{Place, name_of};
use crate::store::place;
use crate::work::customer_file::session::Session;
use crate::work::place::ways;

/// Places in the words of the contract, without the range of what is in them.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
async fn shown(session: &Session<'_>, tx: &mut Tx, places: &[Place]) -> Result<Vec<wire::Place>> {
    let (org, ids) = (&session.call.org, places.iter().map(|one| one.id).collect());
    let (mut ways, taken) = (ways(tx, org, &ids).await?, place::taken(tx, org, &ids).await?);
    let small = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    let message = |one: &Place| wire::Place {
        name: one.name(),
        kind: one.kind.clone(),
        title: one.title.clone(),
        parent: one.parent.map(name_of).unwrap_or_default(),
        labels: one.labels.clone(),
        capacity: small(one.capacity.unwrap_or_default()),
        item_count: small(taken.get(&one.id).copied().unwrap_or_default()),
        path: ways.remove(&one.id).unwrap_or_default(),
        first_number: String::new(),
        last_number: String::new(),
        closed: one.closed,
        revision: one.version,
        etag: etag::of(one.version),
        create_time: Some(to_proto(one.created_at)),
        update_time: Some(to_proto(one.updated_at)),
        creator: name::name("persons", one.creator),
    };
    Ok(places.iter().map(message).collect())
}

/// As [`shown`], of one.
///
/// # Errors
/// As [`shown`].
async fn shown_one(session: &Session<'_>, tx: &mut Tx, one: &Place) -> Result<wire::Place> {
    let told = shown(session, tx, std::slice::from_ref(one)).await?;
    Ok(told.into_iter().next().unwrap_or_default())
}
