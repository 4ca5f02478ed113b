//! The rpcs of destructions, and how one is shown.

pub mod get;
pub mod list;

use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::etag;
use dossier_kernel::name::name;
use dossier_kernel::states;
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1 as wire;
use uuid::Uuid;

use crate::domain::disposal::{Answers, Disposal};
use crate::store::disposal;

/// A destruction as it is shown, with what the others have said to it.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
async fn shown(tx: &mut Tx, org: &str, one: &Disposal) -> Result<wire::Disposal> {
    let answers = disposal::answers(tx, org, one.id).await?;
    Ok(message(one, answers))
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
