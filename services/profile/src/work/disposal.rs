//! The destruction of files at work: announced by a record, answered by the other services, done or given up by a record.
//!
//! All that is destroyed goes in the transaction that enters the stage: the rows, the key, and the entry that says so. What is sealed in
//! the other services and in backups falls with the key; [`bury`] writes it down beside the keyring before anybody is told.

use std::time::Duration;

use dossier_authority::disposal::{DISPOSALS, State};
use dossier_authority::{Base, Effect, feed};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_kernel::states::State as _;
use dossier_kernel::time::to_proto;
use dossier_kernel::transact;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{DisposalAnswered, DisposalChanged, EntryBody};
use dossier_regime::EffectKind;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::customer_file::retention;
use super::customer_file::session::Session;
use super::disposition;
use crate::domain::arbiter::{Facts, Ground, Ruling, judge};
use crate::domain::disposal::{Answer, Disposal, against_announcing, against_destroying, require_none};
use crate::domain::record::{PART, Record};
use crate::store::customer_file::{self, Loaded};
use crate::store::disposal::{self as store, Unsaid};

/// How long the job waits between two looks.
const PACE: Duration = Duration::from_secs(60);
/// What the entry calls it that destroys a file.
pub const DESTROYED: &str = "disposal.destroyed";
/// What the entry calls it that says so anew, in the journal of a store that was put back.
pub const DESTROYED_BEFORE: &str = "disposal.destroyed_before";
/// The state of a file whose destruction nobody announced.
const NOT_ANNOUNCED: &str = "not_announced";

/// Does what an effect says to a file and to those that were merged into it, which go or stay with it: announces their destruction,
/// gives that up, or destroys them, their rows and their keys, for good.
///
/// # Errors
/// `DISPOSAL_REFUSED` with every ground that keeps the file, `not_told` among them while a service has not answered; `WRONG_STATE` when it
/// is announced already, or when this record, or the one that it belongs to, announced nothing; `CONFLICT_RETRY`, `JOURNAL_FAULT`,
/// `PACK_FAULT` for another effect.
pub async fn act(
    session: &Session<'_>,
    tx: &mut Tx,
    does: EffectKind,
    (record, loaded): (&Record, &Loaded),
    request_id: &str,
) -> Result<()> {
    for one in with_merged(session, tx, loaded).await? {
        let both = (&one, loaded);
        match does {
            EffectKind::DisposalAnnounce => announce(session, tx, record, both, request_id).await?,
            EffectKind::DisposalKeep => {
                let announced = announced(session, tx, record, one.file.id).await?;
                keep(session, tx, announced, request_id).await?;
            }
            EffectKind::DisposalDestroy => destroy(session, tx, record, both, request_id).await?,
            _ => return Err(Error::new(Reason::PackFault).with("place", PART)),
        }
    }
    Ok(())
}

async fn announce(
    session: &Session<'_>,
    tx: &mut Tx,
    record: &Record,
    (one, whole): (&Loaded, &Loaded),
    request_id: &str,
) -> Result<()> {
    let ruling = ruling(session, tx, one, whole).await?;
    require_none(whole.file.id, &against_announcing(&ruling))?;
    let id = session.base.providers.ids.uuid();
    let new = Disposal::announced(id, &one.file, record, session.principal.person, session.call.now);
    if !store::insert(tx, &session.call.org, &new).await? {
        return Err(wrong_state(whole.file.id, State::Announced.as_str(), NOT_ANNOUNCED));
    }
    journal(session, tx, &new, ("disposal.announced", request_id)).await
}

async fn keep(session: &Session<'_>, tx: &mut Tx, one: Disposal, request_id: &str) -> Result<()> {
    let mut kept = one.ended(State::Kept, session.principal.person, session.call.now);
    store::update(tx, &session.call.org, &mut kept).await?;
    journal(session, tx, &kept, ("disposal.given_up", request_id)).await
}

/// Gives up what `record` announced and did not end: those files stay.
///
/// # Errors
/// `CONFLICT_RETRY`, `JOURNAL_FAULT`.
pub async fn give_up(session: &Session<'_>, tx: &mut Tx, record: &Record, request_id: &str) -> Result<()> {
    for one in store::open_of(tx, &session.call.org, record.id).await? {
        keep(session, tx, one, request_id).await?;
    }
    Ok(())
}

async fn destroy(
    session: &Session<'_>,
    tx: &mut Tx,
    record: &Record,
    (one, whole): (&Loaded, &Loaded),
    request_id: &str,
) -> Result<()> {
    let (org, now, vault) = (&session.call.org, session.call.now, &session.base.vault);
    let announced = announced(session, tx, record, one.file.id).await?;
    let ruling = ruling(session, tx, one, whole).await?;
    let answers = store::answers(tx, org, announced.id).await?;
    require_none(whole.file.id, &against_destroying(&ruling, &answers))?;
    let root = vault.root_of(tx, org, one.file.id).await?;
    let mut gone = Disposal { root, ..announced.ended(State::Destroyed, session.principal.person, now) };
    store::update(tx, org, &mut gone).await?;
    store::erase(tx, org, gone.file).await?;
    vault.destroy_key(tx, org, gone.file, now).await?;
    journal(session, tx, &gone, (DESTROYED, request_id)).await
}

/// Writes the keys that were destroyed down beside the keyring: after the commit of work that may have destroyed some, and before its
/// answer. Nothing to do where no pack destroys.
///
/// # Errors
/// `KEY_UNAVAILABLE`, `STORE_UNAVAILABLE`: then nobody is told yet that anything was destroyed; the call is made again.
pub async fn bury(base: &Base, org: &str) -> Result<()> {
    let destroys = base.pack(org)?.records.iter().any(|kind| kind.does(EffectKind::DisposalDestroy));
    if destroys {
        base.vault.bury(&base.db).await?;
    }
    Ok(())
}

/// Keeps what a service says to an announced destruction.
///
/// # Errors
/// `JOURNAL_CORRUPT` for an answer that is malformed, `STORE_UNAVAILABLE`.
pub async fn hear(tx: &mut Tx, entry: &EntryBody, said: &DisposalAnswered) -> Result<()> {
    let malformed = || Error::new(Reason::JournalCorrupt).because("an event is malformed");
    let id = name::id("event", DISPOSALS, &said.disposal).map_err(|_| malformed())?;
    let ground = |word: &String| Ground::of_word(word).ok_or_else(malformed);
    let grounds = said.grounds.iter().map(ground).collect::<Result<_>>()?;
    store::put_answer(tx, &entry.org, id, (&entry.service, &Answer { cleared: said.cleared, grounds })).await
}

/// Journals what a store that was put back has lost, as soon as it is believed; once, since nothing is lost while a process runs.
pub async fn run(base: Base, stop: CancellationToken) {
    let mut untold = base.orgs();
    while !untold.is_empty() && stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_some() {
        let mut left = Vec::new();
        for org in untold {
            match note_risen(&base, &org).await {
                Ok(Some(_)) => {}
                Ok(None) => left.push(org),
                Err(fault) => {
                    tracing::warn!(org, ?fault, "files that were destroyed before cannot be journaled");
                    left.push(org);
                }
            }
        }
        untold = left;
    }
}

/// Takes the rows of files away that were destroyed and that a store which was put back has again, before anybody is served; gives how
/// many. No entry says so yet: the journal of such a store takes none before it is recovered, [`note_risen`] does later.
///
/// # Errors
/// `STORE_UNAVAILABLE`; what was done before stays done.
pub async fn erase_risen(base: &Base, org: &str) -> Result<usize> {
    let risen = store::risen(&mut base.db.read().await?, org).await?;
    for file in &risen {
        transact!(base.db, tx => store::erase(tx, org, *file).await)?;
    }
    Ok(risen.len())
}

/// Journals the destruction of files whose entry a store that was put back has lost; gives how many, and `None` while that store is not
/// believed.
///
/// # Errors
/// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; what was done before stays done.
pub async fn note_risen(base: &Base, org: &str) -> Result<Option<usize>> {
    if base.doubts.any(org) {
        return Ok(None);
    }
    let unsaid = store::unsaid(&mut base.db.read().await?, org).await?;
    for dead in &unsaid {
        transact!(base.db, tx => note(base, tx, org, dead).await)?;
    }
    if !unsaid.is_empty() {
        base.wake.ring();
    }
    Ok(Some(unsaid.len()))
}

async fn note(base: &Base, tx: &mut Tx, org: &str, dead: &Unsaid) -> Result<()> {
    let gone = match store::announced(tx, org, dead.file).await? {
        // The store was put back to between announcement and end.
        Some(one) => {
            let ended = dead.at.max(one.announced_at);
            let mut gone = Disposal { state: State::Destroyed, ended_at: Some(ended), ..one };
            store::update(tx, org, &mut gone).await?;
            gone
        }
        None => {
            let id = base.providers.ids.uuid();
            let gone = Disposal::again(id, dead.file, dead.number.clone(), dead.at);
            if !store::insert(tx, org, &gone).await? {
                return Ok(());
            }
            gone
        }
    };
    let subject = gone.name();
    let effect = Effect::new(DESTROYED_BEFORE, &subject, Kind::DisposalChanged(event(&gone)));
    let entry = base.record_work(tx, org, effect).await?;
    feed::apply(tx, base.pack(org)?, &entry).await
}

// What was merged into a file goes with it (P-02), whatever depth it came from.
async fn with_merged(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<Vec<Loaded>> {
    let (mut all, mut at) = (vec![loaded.clone()], 0);
    while at < all.len() {
        for id in all[at].file.ties.merged.clone() {
            if let Some(one) = customer_file::regardless(tx, session.viewer(), id).await? {
                customer_file::lock(tx, &session.call.org, &one.file).await?;
                all.push(one);
            }
        }
        at += 1;
    }
    Ok(all)
}

// Of one that was merged into `whole`, that it goes with it is no ground to keep it, and the term is that of the whole.
async fn ruling(session: &Session<'_>, tx: &mut Tx, one: &Loaded, whole: &Loaded) -> Result<Ruling> {
    let mut facts = disposition::facts(session, tx, one, true).await?;
    if one.file.id != whole.file.id {
        let term = retention::term(session, &whole.file, &whole.content, &session.seal(whole)?)?;
        facts = Facts { merged: false, term, ..facts };
    }
    Ok(judge(&facts, session.tenant.day(session.call.now)))
}

async fn announced(session: &Session<'_>, tx: &mut Tx, record: &Record, file: Uuid) -> Result<Disposal> {
    let found = store::announced(tx, &session.call.org, file).await?.filter(|one| one.is_of(record));
    found.ok_or_else(|| wrong_state(file, NOT_ANNOUNCED, State::Announced.as_str()))
}

fn wrong_state(file: Uuid, state: &str, allowed: &str) -> Error {
    Error::wrong_state(name::name("files", file), state, &[allowed])
}

async fn journal(
    session: &Session<'_>,
    tx: &mut Tx,
    one: &Disposal,
    (action, request_id): (&'static str, &str),
) -> Result<()> {
    let (subject, event) = (one.name(), Kind::DisposalChanged(event(one)));
    let effect = Effect { request_id, ..Effect::new(action, &subject, event) };
    let entry = session.base.record(tx, session.call, &session.principal.name(), effect).await?;
    // The shared tables here learn of it as those of the other services do.
    feed::apply(tx, session.pack(), &entry).await
}

fn event(one: &Disposal) -> DisposalChanged {
    let person = |person: Option<Uuid>| person.map(|person| name::name("persons", person)).unwrap_or_default();
    DisposalChanged {
        disposal: one.name(),
        file: name::name("files", one.file),
        file_number: one.number.clone(),
        state: one.state.as_str().to_owned(),
        record: one.record_name(),
        announcer: person(one.announcer),
        announce_time: Some(to_proto(one.announced_at)),
        ender: person(one.ender),
        end_time: one.ended_at.map(to_proto),
        key_version: one.root.map(|root| root.to_string()).unwrap_or_default(),
    }
}
