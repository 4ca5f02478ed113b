//! Holds at work: placed and released by what stages of records do, each with its entry in the journal (C-06).

use dossier_authority::Effect;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::name;
use dossier_kernel::time::to_proto;
use dossier_proto::journal::v1::HoldChanged;
use dossier_proto::journal::v1::event::Kind;

use super::customer_file::session::Session;
use crate::domain::hold::{Hold, Placed};
use crate::domain::record::Record;
use crate::store::hold;

/// Holds the file of `record`; what the record holds already it goes on holding.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn place(session: &Session<'_>, tx: &mut Tx, record: &Record, request_id: &str) -> Result<()> {
    let id = session.base.providers.ids.uuid();
    let one = Hold::placed(id, record, session.principal.person, session.call.now);
    match hold::insert(tx, &session.call.org, &one).await? {
        true => journal(session, tx, &one, ("hold.placed", request_id)).await,
        false => Ok(()),
    }
}

/// Releases what `placed` says, by `record`. Nothing may be left to release: another record was first, and the paper still says so.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn release(
    session: &Session<'_>,
    tx: &mut Tx,
    (record, placed): (&Record, Placed<'_>),
    request_id: &str,
) -> Result<()> {
    let org = &session.call.org;
    for one in hold::open_of(tx, org, record.file, placed).await? {
        let mut one = one.released(record, session.principal.person, session.call.now);
        hold::update(tx, org, &mut one).await?;
        journal(session, tx, &one, ("hold.released", request_id)).await?;
    }
    Ok(())
}

async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    one: &Hold,
    (action, request_id): (&'static str, &str),
) -> Result<()> {
    let (subject, event) = (one.name(), Kind::HoldChanged(event(one)));
    let effect = Effect { request_id, ..Effect::new(action, &subject, event) };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

fn event(one: &Hold) -> HoldChanged {
    HoldChanged {
        hold: one.name(),
        file: name::name("files", one.file),
        record: one.record_name(),
        kind: one.kind.clone(),
        placer: name::name("persons", one.placer),
        place_time: Some(to_proto(one.placed_at)),
        releaser: one.releaser.map(|person| name::name("persons", person)).unwrap_or_default(),
        release_time: one.released_at.map(to_proto),
        releasing_record: one.releasing_name(),
    }
}
