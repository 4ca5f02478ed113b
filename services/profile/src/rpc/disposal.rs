//! The rpcs of destructions, and how one is shown.

pub mod certificate;
pub mod get;
pub mod list;

use dossier_authority::disposal::DISPOSALS;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Result};
use dossier_kernel::etag;
use dossier_kernel::name::{self, name};
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1 as wire;
use uuid::Uuid;

use crate::domain::disposal::{Answers, Disposal};
use crate::store::disposal;
use crate::work::customer_file::session::Session;

/// A destruction as it is shown, with what the others have said to it.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
async fn shown(tx: &mut Tx, org: &str, one: &Disposal) -> Result<wire::Disposal> {
    let answers = disposal::answers(tx, org, one.id).await?;
    Ok(message(one, answers))
}

/// The destruction of this name, for who sees the file of its record.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
async fn seen(session: &Session<'_>, tx: &mut Tx, name: &str) -> Result<Disposal> {
    let id = name::id("name", DISPOSALS, name)?;
    let missing = || Error::missing(Missing::Disposal, name::name(DISPOSALS, id));
    let found = disposal::visible(tx, session.viewer(), id).await?.ok_or_else(missing)?;
    let list = found.of_file.ok_or_else(missing)?;
    // What is not seen is the destruction: the file of its list is named by nobody.
    let unseen = |fault: Error| if fault.is_missing().is_some() { missing() } else { fault };
    session.load(tx, list).await.map_err(unseen)?;
    Ok(found)
}

fn message(one: &Disposal, answers: Answers) -> wire::Disposal {
    let person = |person: Option<Uuid>| person.map(|person| name("persons", person)).unwrap_or_default();
    let ground = |ground| i32::from(states::wire::<wire::DispositionGround>(ground));
    wire::Disposal {
        name: one.name(),
        file: name("files", one.file),
        file_number: one.number.clone(),
        state: states::wire::<wire::DisposalState>(one.state).into(),
        record: one.record_name(),
        announcer: person(one.announcer),
        announce_time: Some(to_proto(one.announced_at)),
        answers: answers
            .into_iter()
            .map(|(service, said)| wire::DisposalAnswer {
                service,
                cleared: said.cleared,
                grounds: said.grounds.into_iter().map(ground).collect(),
            })
            .collect(),
        ender: person(one.ender),
        end_time: one.ended_at.map(to_proto),
        key_version: one.root.map(|root| root.to_string()).unwrap_or_default(),
        etag: etag::of(one.version),
        update_time: Some(to_proto(one.ended_at.unwrap_or(one.announced_at))),
    }
}
