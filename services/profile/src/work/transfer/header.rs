//! Where a file that comes will stand: its kind, its unit, its level, the files that it names, its numbers (P-02, P-03, P-05).

use std::collections::BTreeSet;
use std::sync::Arc;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_kernel::time::kept_from_proto;
use dossier_proto::profile::v1 as wire;
use dossier_regime::{Action, FileKind, Template};
use jiff::Timestamp;
use uuid::Uuid;

use super::{Coming, known};
use crate::content::unit_token;
use crate::domain::classification::{self, Labels};
use crate::domain::custody::Custody;
use crate::domain::customer_file::{CustomerFile, State, Weights};
use crate::domain::ties::{MOST, Ties};
use crate::domain::{header, kind, transfer};
use crate::store::customer_file::{self, CustomerUnit, Loaded};
use crate::work::customer_file::save::NewUnit;
use crate::work::customer_file::session::Session;
use crate::work::number::{Holder, customer_elsewhere, enter_elsewhere, issue};

/// What was found right of where a file will stand.
pub struct Head<'a> {
    /// The file, but for the numbers that it still has to get.
    pub file: CustomerFile,
    /// Its kind.
    pub kind: &'a FileKind,
    /// Its template.
    pub template: Arc<Template>,
    /// What identifies it.
    pub unit: NewUnit,
    /// The number that it had; empty: none.
    pub number: String,
    /// The number that its customer had; empty: none.
    pub customer_number: String,
}

/// Checks where the file will stand.
///
/// # Errors
/// Everything that is at fault in it; `PERMISSION_DENIED`, `APPROVAL_MISSING`, `RESOURCE_NOT_FOUND`.
pub async fn checked<'a>(session: &Session<'a>, tx: &mut Tx, coming: &Coming<'_>) -> Result<Head<'a>> {
    let given = &coming.parcel.file;
    header::require_unit(session.tenant, &given.unit)?;
    session.require_in(Action::FileImport, &given.unit)?;
    session.require_raise(&given.level, &given.unit)?;
    let mut faults = Faults::default();
    let kind = kind::file_kind(session.tenant, &given.file_kind)?;
    let parent = faults.absorb(parent(session, tx, coming, kind).await).flatten();
    let taken = parent.as_ref().and_then(|parent| parent.customer_type);
    let customer = kind::customer_of(session.tenant, kind, given.customer_type, taken, &mut faults);
    let clear = header::unit_ref(&given.unit_ref, &mut faults);
    let token = unit_token(&session.base.vault, &session.call.org, &clear)?.unwrap_or_default();
    if token.is_empty() && !clear.is_empty() {
        faults.add("unit_ref", "holds nothing that counts");
    }
    // A form of another version is followed in the newest: what it no longer has stays in the versions before.
    let newest = wire::CustomerFile { template_version: 0, ..given.clone() };
    let template = faults.absorb(kind::template(session.tenant, kind, &newest, customer));
    let number = faults.absorb(transfer::number("number", &given.number)).unwrap_or_default();
    let customer_number =
        faults.absorb(transfer::number("customer_number", &given.customer_number)).unwrap_or_default();
    let mut file = stands(session, coming, kind, &mut faults);
    file.customer_type = customer;
    file.ties.of = parent.as_ref().map(|parent| parent.id);
    file.ties.links = faults.absorb(links(session, tx, coming, kind).await).unwrap_or_default();
    file.classification = labels(session, &file, &given.classification, &mut faults);
    file.custodian = custodian(session, tx, &file, &given.custodian, &mut faults).await?;
    let template = faults.finish_with(template)?;
    let mut faults = Faults::default();
    kind::fits(kind, customer, &template.id, &mut faults);
    faults.finish()?;
    file.template.clone_from(&template.id);
    file.template_version = i64::from(template.version);
    Ok(Head { file, kind, template, unit: NewUnit { clear, token }, number, customer_number })
}

// All that is said of it in clear, but for what hangs on other files and people.
fn stands(session: &Session<'_>, coming: &Coming<'_>, kind: &FileKind, faults: &mut Faults) -> CustomerFile {
    let (given, tenant, now) = (&coming.parcel.file, session.tenant, session.call.now);
    let state = state(given.state, faults);
    let first = given.first_contact_time.as_ref();
    let mut past = |field: &str, time: Option<&prost_types::Timestamp>| {
        let time = faults.absorb(kept_from_proto(field, time?))?;
        if time > now {
            faults.add(field, "lies in the future");
        }
        Some(time)
    };
    let activated = past("activate_time", given.activate_time.as_ref());
    let closed = past("close_time", given.close_time.as_ref());
    CustomerFile {
        id: coming.drawn.file,
        number: None,
        customer_number: None,
        customer_type: None,
        unit_kind: kind.id.clone(),
        ties: Ties::default(),
        template: String::new(),
        template_version: 0,
        level: header::level(tenant, &given.level, faults),
        unit: given.unit.clone(),
        custodian: None,
        custody: Custody::Given,
        state,
        classification: Labels::new(),
        first_contact: first.and_then(|given| header::first_contact(tenant, kind, Some(given), now, faults)),
        contract_effect: header::contract_effect(kind, given.contract_effect_time.as_ref(), faults),
        revision: i64::try_from(coming.parcel.revisions.len()).unwrap_or(i64::MAX),
        created: now,
        updated: now,
        creator: session.principal.person,
        activated: effective(state, activated, now),
        closed: closed.or(Some(now)).filter(|_| state == State::Closed),
        keep_until: None,
        weights: Weights::default(),
    }
}

// One that is effective became so at some time, at the latest now.
fn effective(state: State, told: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    match state {
        State::Active => told.or(Some(now)),
        State::Closed => told,
        State::Draft | State::Submitted | State::Reviewed => None,
    }
}

/// The state that is told; none told is a draft.
pub(super) fn state(given: i32, faults: &mut Faults) -> State {
    transfer::state::<wire::CustomerFileState, _>(given, State::Draft, faults)
}

/// The labels that are told, as far as they are labels of the pack; its own customer type stands in every file.
pub(super) fn labels(session: &Session<'_>, file: &CustomerFile, given: &Labels, faults: &mut Faults) -> Labels {
    let given: Labels =
        given.iter().filter(|(_, label)| !label.is_empty()).map(|(a, b)| (a.clone(), b.clone())).collect();
    classification::check(session.pack(), file.customer_type, &given, faults);
    classification::merged(session.pack(), file.customer_type, &Labels::new(), &given)
}

// Nobody in particular, unless somebody is named who may keep it here.
async fn custodian(
    session: &Session<'_>,
    tx: &mut Tx,
    file: &CustomerFile,
    given: &str,
    faults: &mut Faults,
) -> Result<Option<Uuid>> {
    if given.is_empty() {
        return Ok(None);
    }
    let Some(person) = faults.absorb(name::id("custodian", "persons", given)) else { return Ok(None) };
    session.require_person(tx, person).await?;
    if !session.may_keep(tx, person, &file.level, &file.unit).await? {
        faults.add("custodian", "may keep no file of this level in this unit");
    }
    Ok(Some(person))
}

async fn parent(
    session: &Session<'_>,
    tx: &mut Tx,
    coming: &Coming<'_>,
    kind: &FileKind,
) -> Result<Option<CustomerFile>> {
    let given = &coming.parcel.file.of;
    let Some(of) = &kind.of else {
        return match given.is_empty() {
            true => Ok(None),
            false => Err(Error::violation("of", "must be empty: files of this kind belong to no other")),
        };
    };
    let parent = named(session, tx, coming, "of", given).await?;
    match parent.unit_kind == *of {
        true => Ok(Some(parent)),
        false => Err(Error::violation("of", format!("must be a file of kind {of}"))),
    }
}

async fn links(
    session: &Session<'_>,
    tx: &mut Tx,
    coming: &Coming<'_>,
    kind: &FileKind,
) -> Result<BTreeSet<(String, Uuid)>> {
    let (given, mut links) = (&coming.parcel.file.links, BTreeSet::new());
    if given.len() > MOST {
        return Err(Error::violation("links", format!("must be at most {MOST}")));
    }
    for (at, one) in given.iter().enumerate() {
        let rule = kind.link(&one.link);
        let known = || one_of(kind.links.iter().map(|link| link.id.as_str()));
        let rule = rule.ok_or_else(|| Error::violation(format!("links.{at}.link"), known()))?;
        let field = format!("links.{at}.file");
        let other = named(session, tx, coming, &field, &one.file).await?;
        if !rule.to.contains(&other.unit_kind) {
            return Err(Error::violation(field, "is none of the files that this link leads to"));
        }
        links.insert((one.link.clone(), other.id));
    }
    Ok(links)
}

// Another file, by its key at the same source, or by its name here if the caller sees it.
async fn named(
    session: &Session<'_>,
    tx: &mut Tx,
    coming: &Coming<'_>,
    field: &str,
    given: &str,
) -> Result<CustomerFile> {
    let lost = || Error::violation(field, "names no file that came from this source before, and none here");
    if let Some(one) = known(session, tx, coming.batch, given).await? {
        let found = customer_file::regardless(tx, session.viewer(), one.file).await?;
        return found.map(|loaded| loaded.file).ok_or_else(lost);
    }
    let id = name::id(field, "files", given).map_err(|_| lost())?;
    let found = customer_file::visible(tx, session.viewer(), id).await?;
    found.map(|loaded| loaded.file).filter(|file| session.admits(&file.level)).ok_or_else(lost)
}

/// The file with its numbers: those that it had enter the register as issued elsewhere, an effective one without gets its own.
///
/// # Errors
/// A violation of `file.number` when the register has it; `NUMBERS_EXHAUSTED`, `JOURNAL_FAULT`, and what the pattern demands.
pub async fn numbered(session: &Session<'_>, tx: &mut Tx, head: &Head<'_>, mut loaded: Loaded) -> Result<Loaded> {
    let (id, name) = (loaded.file.id, loaded.file.name());
    if !head.number.is_empty() {
        let holder = Holder { file: id, record: None, name };
        if !enter_elsewhere(session, tx, &head.number, holder).await? {
            return Err(Error::violation("file.number", "is in the register already"));
        }
        loaded.file.number = Some(head.number.clone());
    } else if loaded.file.state == State::Active {
        // What its number may be made of.
        let given = issue(session, tx, &loaded, &loaded.file, "").await.map_err(|fault| fault.under("file"))?;
        loaded.file.number = Some(given.number);
    }
    let effective = loaded.file.state == State::Active || !head.customer_number.is_empty();
    if effective && loaded.file.customer_type.is_some() {
        let unit = match loaded.file.ties.of {
            Some(parent) => customer_file::customer_unit(tx, &session.call.org, parent).await?,
            None => CustomerUnit {
                kind: head.kind.id.clone(),
                token: head.unit.token.clone(),
                customer_type: loaded.file.customer_type,
            },
        };
        loaded.file.customer_number = Some(customer_elsewhere(session, tx, &unit, &head.customer_number).await?);
    }
    Ok(loaded)
}
