//! Items at work: what the archive accepts, lays elsewhere and gives out, with its entry; and where the paper of files is (P-10, P-106).

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::Effect;
use dossier_authority::store::loan::{self, Lent};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::time::{from_micros, micros_to_proto};
use dossier_kernel::{name, states};
use dossier_proto::journal::v1::ItemChanged;
use dossier_proto::journal::v1::event::Kind as Event;
use dossier_proto::profile::v1 as wire;
use dossier_regime::Action;
use uuid::Uuid;

use super::customer_file::session::Session;
use super::place::{Way, ways};
use crate::domain::customer_file::CustomerFile;
use crate::domain::document::{self as rule, Carrier, State as DocumentState};
use crate::domain::item::{By, Ground, Item, Kind, ids, name_of, refused, require_fit, require_hands};
use crate::domain::place::{PLACES, Place};
use crate::domain::record;
use crate::domain::volume::{self as volume_rule, State};
use crate::store::customer_file::Loaded;
use crate::store::{customer_file, document, item, place, volume};

/// What is to move.
#[derive(Clone, Debug)]
pub struct Thing {
    /// Its file.
    pub file: CustomerFile,
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: Kind,
    /// The kind of document in the pack; empty: it is the paper of the file.
    pub document_kind: String,
    /// What the archive knows of it; `None`: it was never accepted.
    pub item: Option<Item>,
}

/// Where it goes.
#[derive(Clone, Debug)]
pub enum Goal {
    /// Into the archive, and there into a place, if one is named.
    Accepted(Option<Place>),
    /// Into another place.
    Placed(Place),
    /// To somebody.
    Released(Uuid),
}

/// The paper of a file.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn paper(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<Thing> {
    let item = item::lookup(tx, &session.call.org, file.id, file.id).await?;
    Ok(Thing { file: file.clone(), id: file.id, kind: Kind::Paper, document_kind: String::new(), item })
}

/// What a document, a volume or an item names by `text`, in `own` or in another file that the caller works on: one that they see by standing access,
/// which nobody changes until the transaction ends.
///
/// # Errors
/// A violation of `field`; `RESOURCE_NOT_FOUND`, the same for what is invisible and what is not there (I10); `PERMISSION_DENIED`,
/// `CUSTODY_REFUSED` for what is not on paper, lies in a volume, or is a volume that is open, `AUTHORITY_STALE`.
pub async fn thing(session: &Session<'_>, tx: &mut Tx, own: &Loaded, (field, text): (&str, &str)) -> Result<Thing> {
    let (file, id) = rule::ids(field, text).or_else(|_| volume_rule::ids(field, text)).or_else(|_| ids(field, text))?;
    let file = match file == own.file.id {
        true => own.file.clone(),
        false => elsewhere(session, tx, file).await?,
    };
    if id == file.id {
        return paper(session, tx, &file).await;
    }
    let item = item::lookup(tx, &session.call.org, file.id, id).await?;
    if let Some(volume) = volume::lookup(tx, &session.call.org, file.id, id).await? {
        return match volume.state {
            State::Closed => Ok(Thing { file, id, kind: Kind::Volume, document_kind: String::new(), item }),
            State::Open => Err(refused(&name_of(file.id, id), Ground::NotClosed)),
        };
    }
    let found = document::lookup(tx, &session.call.org, file.id, id).await?;
    let one = found
        .filter(|one| one.state != DocumentState::Void)
        .ok_or_else(|| Error::missing(Missing::Document, rule::name_of(file.id, id)))?;
    if !one.carrier.is_paper() {
        return Err(refused(&name_of(file.id, id), Ground::NotOnPaper));
    }
    if volume::around(tx, &session.call.org, file.id, id).await?.is_some() {
        return Err(refused(&name_of(file.id, id), Ground::Bound));
    }
    let valuable = session.pack().document(&one.kind).is_some_and(|kind| kind.valuable);
    let kind = if valuable && one.carrier == Carrier::Original { Kind::Valuable } else { Kind::Document };
    // What was deposited by three hands stays what it is, whatever the rules say since.
    let kind = item.as_ref().map_or(kind, |known| known.kind);
    Ok(Thing { file, id, kind, document_kind: one.kind, item })
}

async fn elsewhere(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<CustomerFile> {
    let loaded = session.load_to_change(tx, file, Action::FileRead).await?;
    customer_file::lock(tx, &session.call.org, &loaded.file).await?;
    Ok(loaded.file)
}

/// Moves it, with its entry.
///
/// # Errors
/// `WRONG_STATE`, `CUSTODY_REFUSED`, `ORIGINAL_OUT`, `RESOURCE_NOT_FOUND` for what the archive never accepted, `CONFLICT_RETRY`,
/// `JOURNAL_FAULT`.
pub async fn move_to(
    session: &Session<'_>,
    tx: &mut Tx,
    thing: Thing,
    goal: Goal,
    (by, request_id): (By, &str),
) -> Result<()> {
    let name = name_of(thing.file.id, thing.id);
    let (before, org) = (thing.item.as_ref().and_then(|item| item.place), &session.call.org);
    require_there(tx, org, &thing).await?;
    if let Goal::Accepted(Some(place)) | Goal::Placed(place) = &goal {
        require_fit(&name, thing.kind, &thing.file, place, session.pack().place(&place.kind))?;
    }
    let known = || thing.item.clone().ok_or_else(|| Error::missing(Missing::Item, &name));
    let (mut after, action) = match &goal {
        Goal::Accepted(place) => {
            require_hands(&name, thing.kind, by)?;
            let place = place.as_ref().map(|place| place.id);
            let after = match thing.item.clone() {
                Some(item) => item.accept(place, by)?,
                None => Item::accepted((thing.id, thing.file.id), thing.kind, place, by),
            };
            (after, "item.accepted")
        }
        Goal::Placed(place) => (known()?.placed(place.id, by)?, "item.placed"),
        Goal::Released(holder) => {
            require_hands(&name, thing.kind, by)?;
            (known()?.released(*holder, by)?, "item.released")
        }
    };
    room(tx, org, &after, before).await?;
    match thing.item {
        Some(_) => item::update(tx, org, &mut after).await?,
        None => item::insert(tx, org, &after).await?,
    }
    let effect =
        Effect { request_id, ..Effect::new(action, &name, Event::ItemChanged(event(&after, thing.document_kind))) };
    session.base.record(tx, session.call, &session.principal.name(), effect).await.map(drop)
}

// What is out on a loan lies nowhere, until it is back.
async fn require_there(tx: &mut Tx, org: &str, thing: &Thing) -> Result<()> {
    if thing.item.is_none() {
        return Ok(());
    }
    match loan::of_items(tx, org, &BTreeSet::from([thing.id])).await?.remove(&thing.id) {
        None => Ok(()),
        Some(out) => Err(Error::new(Reason::OriginalOut)
            .with("file", thing.file.name())
            .with("item", name_of(thing.file.id, thing.id))
            .with("due_time", from_micros(out.due_at).to_string())),
    }
}

// The place it leaves has room again before the one it comes to is asked for some.
async fn room(tx: &mut Tx, org: &str, after: &Item, before: Option<Uuid>) -> Result<()> {
    if before == after.place {
        return Ok(());
    }
    if let Some(before) = before {
        place::leave(tx, org, before).await?;
    }
    let Some(coming) = after.place else { return Ok(()) };
    match place::enter(tx, org, coming).await? {
        true => Ok(()),
        false => Err(refused(&after.name(), Ground::PlaceFull).with("place", name::name(PLACES, coming))),
    }
}

fn event(one: &Item, document_kind: String) -> ItemChanged {
    ItemChanged {
        item: one.name(),
        file: name::name("files", one.file),
        kind: one.kind.as_str().to_owned(),
        state: one.state.as_str().to_owned(),
        place: one.place.map(|place| name::name(PLACES, place)).unwrap_or_default(),
        holder: one.holder.map(|person| name::name("persons", person)).unwrap_or_default(),
        record: name::below("files", one.of_file, record::PART, one.record),
        revision: one.version,
        document_kind,
    }
}

/// The ways to the places of items.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn ways_to<'i>(tx: &mut Tx, org: &str, items: impl Iterator<Item = &'i Item>) -> Result<BTreeMap<Uuid, Way>> {
    ways(tx, org, &items.filter_map(|item| item.place).collect()).await
}

/// Tells in each message of a file where its paper is, where the organisation keeps places at all (P-10).
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`.
pub async fn tell<'m>(
    session: &Session<'_>,
    tx: &mut Tx,
    messages: impl IntoIterator<Item = (Uuid, &'m mut wire::CustomerFile)>,
) -> Result<()> {
    if session.pack().places.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = messages.into_iter().collect();
    let (org, wanted): (_, BTreeSet<_>) = (&session.call.org, messages.iter().map(|(file, _)| *file).collect());
    let items = item::each(tx, org, &wanted).await?;
    let ways = ways_to(tx, org, items.values()).await?;
    // The paper of a file has the file's id; what else of it is lent is told of the item.
    let loans = loan::of_items(tx, org, &wanted).await?;
    for (file, message) in messages {
        let at = items.get(&file).map(|item| whereabouts(item, &ways)).unwrap_or_default();
        message.whereabouts = Some(lent(session, at, loans.get(&file)));
    }
    Ok(())
}

// Who has it out, for who may know.
fn lent(session: &Session<'_>, at: wire::Whereabouts, loan: Option<&Lent>) -> wire::Whereabouts {
    let Some(loan) = loan else { return at };
    let (borrower, due_time) = borrowed(session, loan);
    wire::Whereabouts { lent: true, borrower, due_time, ..at }
}

/// Who has an item out, and until when, for who may know: the borrower, and who may read loans of others.
pub fn borrowed(session: &Session<'_>, loan: &Lent) -> (String, Option<prost_types::Timestamp>) {
    let all = session.principal.can(session.pack(), Action::LoanReadAll);
    match all || loan.borrower == session.principal.person {
        true => (name::name("persons", loan.borrower), Some(micros_to_proto(loan.due_at))),
        false => (String::new(), None),
    }
}

fn whereabouts(item: &Item, ways: &BTreeMap<Uuid, Way>) -> wire::Whereabouts {
    wire::Whereabouts {
        state: states::wire::<wire::ItemState>(item.state).into(),
        place: item.place.map(|place| name::name(PLACES, place)).unwrap_or_default(),
        place_path: item.place.and_then(|place| ways.get(&place).cloned()).unwrap_or_default(),
        holder: item.holder.map(|person| name::name("persons", person)).unwrap_or_default(),
        ..wire::Whereabouts::default()
    }
}
