//! The records of a file that comes: history, frozen, with the signatures of the house that they come from (A-40, P-47).

use std::collections::BTreeMap;

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::time::{kept_from_proto, micros};
use dossier_proto::profile::v1 as wire;
use dossier_regime::{RecordKind, Template};
use uuid::Uuid;

use super::versions::{Said, Written, weights};
use super::{Brings, mark};
use crate::content::{Content, Seal};
use crate::domain::record::{PART, Record, State, Step, kind as kind_of, require_kind};
use crate::domain::transfer::parcel::Sheaf;
use crate::domain::{text, transfer};
use crate::store::record as rows;
use crate::store::transfer as store;
use crate::work::number::{Holder, enter_elsewhere};
use crate::work::record::{Change, Opened, keep, rules, template};

/// The action of a record that came from elsewhere.
const IMPORTED: &str = "record.imported";
/// Most stages that one has entered.
const MOST_STEPS: usize = 1_000;

/// What lies in a file, by the key that it had.
pub(super) type Keys = BTreeMap<String, Uuid>;

/// Brings them, the first first.
///
/// # Errors
/// Everything that is at fault, under its record; `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn bring(brings: &Brings<'_>, tx: &mut Tx) -> Result<Keys> {
    let mut keys = Keys::new();
    for (at, sheaf) in brings.coming.parcel.records.iter().enumerate() {
        let one = Box::pin(one(brings, tx, sheaf, &keys)).await;
        let (key, id) = one.map_err(|fault| fault.under(&format!("records.{at}")))?;
        if keys.insert(key, id).is_some() {
            return Err(Error::violation(format!("records.{at}.name"), "is that of another record of the file"));
        }
    }
    Ok(keys)
}

async fn one(brings: &Brings<'_>, tx: &mut Tx, sheaf: &Sheaf<wire::FileRecord>, keys: &Keys) -> Result<(String, Uuid)> {
    let (session, given, loaded) = (brings.session, &sheaf.head, brings.loaded);
    let mut faults = Faults::default();
    let key = transfer::key("name", &given.name, &mut faults);
    let kind = kind_of(session.pack(), &given.kind, &mut faults);
    let kind = faults.finish_with(kind)?;
    require_kind(kind, &loaded.file.unit_kind)?;
    let form = template(session, &kind.template)?;
    let id = session.base.providers.ids.uuid();
    let (seal, sealed_key) = brings.seal.begin_part(PART, id)?;
    let versions = said(brings, sheaf, form, &seal)?;
    let record = stands(brings, (id, sealed_key), given, (kind, form), keys)?;
    let mut opened = Opened { loaded: loaded.clone(), record, content: Content::default(), seal };
    opened.record.weights = weights(&versions, form, brings.loaded.file.customer_type, &opened.seal)?;
    if let Some(number) = &opened.record.number {
        let holder = Holder { file: loaded.file.id, record: Some(id), name: opened.record.name() };
        if !enter_elsewhere(session, tx, number, holder).await? {
            return Err(Error::violation("number", "is in the register already"));
        }
    }
    for (at, one) in versions.into_iter().enumerate() {
        match at {
            // Its place is its own: it takes that of no other.
            0 => rows::insert(tx, &session.call.org, &opened.record).await.map(drop)?,
            _ => rows::update(tx, &session.call.org, &mut opened.record).await?,
        }
        opened.content = one.content;
        let mut change = Change::new(opened, IMPORTED, one.reason, "");
        change.writing = one.writing;
        keep(session, tx, &change).await?;
        opened = change.opened;
    }
    let told = opened.seal.close(
        mark::PLACE,
        &mark::of_part(&key, (&given.creator, given.create_time), &sheaf.versions, &given.signatures),
    )?;
    store::keep_part(tx, &session.call.org, (loaded.file.id, id), &told).await?;
    Ok((key, id))
}

/// What each version of a form writes, and why it was made; the last is checked.
///
/// # Errors
/// Everything that is at fault, under its version.
pub(super) fn said<M>(brings: &Brings<'_>, sheaf: &Sheaf<M>, form: &Template, seal: &Seal<'_>) -> Result<Vec<Said>> {
    let mut written = Written::new(rules(brings.session, brings.loaded, form), seal);
    let mut found = Vec::new();
    if sheaf.versions.is_empty() {
        return Err(Error::violation("versions", "must be one at least"));
    }
    for (at, one) in sheaf.versions.iter().enumerate() {
        let newest = at + 1 == sheaf.versions.len();
        let under = |fault: Error| fault.under(&format!("versions.{at}"));
        let (writing, content) = written.next(&one.fields, newest).map_err(under)?;
        let reason = text::reason(&one.reason, false).map_err(under)?;
        found.push(Said { writing, content, reason });
    }
    Ok(found)
}

fn stands(
    brings: &Brings<'_>,
    (id, sealed_key): (Uuid, Vec<u8>),
    given: &wire::FileRecord,
    (kind, form): (&RecordKind, &Template),
    keys: &Keys,
) -> Result<Record> {
    let (session, mut faults) = (brings.session, Faults::default());
    let of = match given.of.as_str() {
        "" => None,
        of => keys.get(of).copied().or_else(|| {
            faults.add("of", "names no record of the file that came before");
            None
        }),
    };
    if !given.stage.is_empty() && kind.stage(&given.stage).is_none() {
        faults.add("stage", one_of(kind.stages.iter().map(|stage| stage.id.as_str())));
    }
    let state = transfer::state::<wire::RecordState, _>(given.state, State::Open, &mut faults);
    let number = faults.absorb(transfer::number("number", &given.number)).filter(|number| !number.is_empty());
    let steps = steps(&given.steps, &mut faults);
    faults.finish()?;
    let (now, who) = (session.call.now, session.principal.person);
    let new = Record::new(id, brings.loaded.file.id, kind, form, who, (now, session.tenant.day(now)));
    let (stage, slot) = (given.stage.clone(), id.to_string());
    Ok(Record { of, slot, state, stage, steps, number, sealed_key, imported: true, ..new })
}

// The stages that it entered there, when it did.
fn steps(given: &[wire::RecordStep], faults: &mut Faults) -> Vec<Step> {
    if given.len() > MOST_STEPS {
        faults.add("steps", format!("must be at most {MOST_STEPS}"));
        return Vec::new();
    }
    let mut found = Vec::new();
    for (at, one) in given.iter().enumerate() {
        if !text::is_label(&one.stage) {
            faults.add(format!("steps.{at}.stage"), "must be a label");
        }
        let time = one.enter_time.as_ref().map(|time| kept_from_proto(&format!("steps.{at}.enter_time"), time));
        let entered = time.and_then(|time| faults.absorb(time)).map(micros).unwrap_or_default();
        found.push(Step { stage: one.stage.clone(), at: entered, revision: one.revision, round: 0 });
    }
    found
}
