//! Duties that hang on files: first version, completion, review, original into the archive (P-39, P-40, P-46).

use dossier_authority::duty::{self, About};
use dossier_authority::store::duty as store;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::micros;
use dossier_proto::duty::v1::DutyState;
use dossier_regime::{Due, DutyRule, Pack, RecordKind, Scope, Trigger, duty as rules};
use jiff::Timestamp;

use super::session::Session;
use crate::domain::customer_file::{Act, CustomerFile, State};
use crate::domain::fact::{fact_of, hold};

/// The kind of the review's duty where the pack names none.
const REVIEW: &str = "file.review";

/// Opens what is due after `act`, and ends what it did; `fields` says whether it wrote any.
///
/// # Errors
/// `PACK_FAULT` when a due date lies beyond the calendar, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn follow(
    session: &Session<'_>,
    tx: &mut Tx,
    act: Act,
    before: Option<&CustomerFile>,
    after: &CustomerFile,
    fields: bool,
) -> Result<()> {
    contact(session, tx, before, after).await?;
    match act {
        Act::Create | Act::HandOver | Act::Import => {}
        Act::Update | Act::Keep | Act::Release if after.state == State::Active => {
            refreshed(session, tx, after, fields).await?;
        }
        Act::Update | Act::Keep | Act::Release => {}
        Act::Submit => {
            // Handed in is the first version that P-39 asks for.
            end(session, tx, after, &[Trigger::FirstContact]).await?;
            open_review(session, tx, after).await?;
        }
        Act::Accept | Act::SendBack => end(session, tx, after, &[Trigger::FileSubmitted]).await?,
        Act::Establish => {
            // What no review precedes is the first version that P-39 asks for when it is effective.
            end(session, tx, after, &[Trigger::FirstContact]).await?;
            open(session, tx, Trigger::FileActivated, session.call.now, after).await?;
        }
        Act::Activate => open(session, tx, Trigger::FileActivated, session.call.now, after).await?,
        Act::Classify if rose(session.pack(), before, after) => {
            open(session, tx, Trigger::FileClassified, session.call.now, after).await?;
        }
        Act::Classify => {}
        Act::Close | Act::Merge => cancel(session, tx, after).await?,
        Act::Unmerge => {
            let ended = before.and_then(|before| before.closed).unwrap_or(session.call.now);
            duty::reopen(session.base, tx, &session.call.org, after.id, micros(ended)).await?;
        }
    }
    if after.state == State::Active && after.weights.complete {
        end(session, tx, after, &[Trigger::ContractEffective]).await?;
    }
    Ok(())
}

// Deadlines run from the first contact and from the effect of the contract, whenever we learn of them.
async fn contact(
    session: &Session<'_>,
    tx: &mut Tx,
    before: Option<&CustomerFile>,
    after: &CustomerFile,
) -> Result<()> {
    if let Some(at) = after.first_contact.filter(|_| before.is_none()) {
        open(session, tx, Trigger::FirstContact, at, after).await?;
    }
    let known = before.and_then(|before| before.contract_effect);
    if let Some(at) = after.contract_effect.filter(|at| Some(*at) != known) {
        end_as(session, tx, after, &[Trigger::ContractEffective], DutyState::Cancelled).await?;
        open(session, tx, Trigger::ContractEffective, at, after).await?;
    }
    Ok(())
}

// Something about the customer changed (P-46). Who owes the refresh has just done it; from anybody else it is news that they
// have to follow.
async fn refreshed(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile, fields: bool) -> Result<()> {
    let (pack, name, org) = (session.pack(), file.name(), &session.call.org);
    let beyond = |_| Error::new(Reason::PackFault).with("place", &pack.id);
    for due in session.tenant.due(Trigger::CustomerChanged, session.call.now).map_err(beyond)? {
        let unit = (due.scope == Scope::Unit).then_some(file.unit.as_str());
        if session.principal.holds(&due.role, unit) {
            let by = Some(session.principal.person);
            duty::close_for(session.base, tx, org, &[&due.kind], &name, DutyState::Completed, by).await?;
        } else if fields {
            duty::open(session.base, tx, org, &due, &about(&name, file)).await?;
        }
    }
    Ok(())
}

async fn open(session: &Session<'_>, tx: &mut Tx, trigger: Trigger, at: Timestamp, file: &CustomerFile) -> Result<()> {
    let rules = session.pack().duties.iter().filter(|rule| rule.on == trigger);
    for rule in rules.filter(|rule| hold(&rule.when, |fact| fact_of(file, fact))) {
        open_rule(session, tx, rule, at, file).await?;
    }
    Ok(())
}

// Opens what `rule` says is due about a file because it was started at `at`.
async fn open_rule(
    session: &Session<'_>,
    tx: &mut Tx,
    rule: &DutyRule,
    at: Timestamp,
    file: &CustomerFile,
) -> Result<()> {
    let assignee = rule.who.and_then(|who| who.of(file.creator, file.custodian));
    let beyond = |_| Error::new(Reason::PackFault).with("place", &session.pack().id);
    let name = file.name();
    for due in session.tenant.dues(rule, at).map_err(beyond)? {
        let about = About { assignee, ..about(&name, file) };
        duty::open(session.base, tx, &session.call.org, &due, &about).await?;
    }
    Ok(())
}

// Every pack has a review with a term; not every pack lists it among its duties.
async fn open_review(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<()> {
    if session.pack().duties.iter().any(|rule| rule.on == Trigger::FileSubmitted) {
        let (at, name) = (session.call.now, file.name());
        return duty::open_for(session.base, tx, session.call, Trigger::FileSubmitted, at, &about(&name, file)).await;
    }
    let (pack, calendar) = (session.pack(), session.tenant.calendar());
    let beyond = |_| Error::new(Reason::PackFault).with("place", &pack.id);
    let end = rules::review_due(pack, calendar, session.call.now).map_err(beyond)?;
    let due = Due {
        at: end.at,
        role: pack.review.posts.first().cloned().unwrap_or_default(),
        scope: pack.review.scope,
        kind: REVIEW.to_owned(),
        label: String::new(),
        window: 0,
        calendar_version: calendar.version(),
        provisional: end.provisional,
        requirements: vec!["P-40".to_owned()],
    };
    duty::open(session.base, tx, &session.call.org, &due, &about(&file.name(), file)).await
}

async fn end(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile, triggers: &[Trigger]) -> Result<()> {
    end_as(session, tx, file, triggers, DutyState::Completed).await
}

async fn end_as(
    session: &Session<'_>,
    tx: &mut Tx,
    file: &CustomerFile,
    triggers: &[Trigger],
    state: DutyState,
) -> Result<()> {
    let mut kinds = kinds(session.pack(), |on| triggers.contains(&on));
    if state == DutyState::Completed {
        // What a record does, nothing else does.
        let rules = session.pack().duties.iter().filter(|rule| rule.done_by.is_some());
        let by_records: Vec<_> = rules.map(|rule| rule.kind.as_str()).collect();
        kinds.retain(|kind| !by_records.contains(kind));
    }
    let by = Some(session.principal.person);
    duty::close_for(session.base, tx, &session.call.org, &kinds, &file.name(), state, by).await
}

async fn cancel(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<()> {
    let (kinds, by, name) = (kinds(session.pack(), Trigger::is_of_files), Some(session.principal.person), file.name());
    let org = &session.call.org;
    duty::close_for(session.base, tx, org, &kinds, &name, DutyState::Cancelled, by).await?;
    // What lies in the file is owed no more either, but for what goes on in a closed one.
    let below = store::open_below(tx, org, file.id, &name).await?;
    for (kind, subject) in below.into_iter().filter(|(kind, _)| !outlives(session.pack(), kind)) {
        duty::close_for(session.base, tx, org, &[&kind], &subject, DutyState::Cancelled, by).await?;
    }
    Ok(())
}

// Whether duties of this kind hang on records that go on in a closed file.
fn outlives(pack: &Pack, kind: &str) -> bool {
    let rule = pack.duties.iter().find(|rule| rule.kind == kind);
    rule.and_then(DutyRule::starter).and_then(|id| pack.record(id)).is_some_and(RecordKind::outlives)
}

// Kinds of the pack that hang on these triggers; the review has one even where the pack lists none.
fn kinds(pack: &Pack, wanted: impl Fn(Trigger) -> bool) -> Vec<&str> {
    let listed = pack.duties.iter().filter(|rule| wanted(rule.on)).map(|rule| rule.kind.as_str());
    let mut kinds: Vec<_> = listed.collect();
    if wanted(Trigger::FileSubmitted) && !kinds.contains(&REVIEW) {
        kinds.push(REVIEW);
    }
    kinds
}

fn about<'a>(subject: &'a str, file: &'a CustomerFile) -> About<'a> {
    About { subject, file: Some(file.id), unit: &file.unit, assignee: None }
}

// Whether the file came up to a level whose originals belong in the archive room (P-112).
fn rose(pack: &Pack, before: Option<&CustomerFile>, after: &CustomerFile) -> bool {
    let deposits = |level: &str| pack.level(level).is_some_and(|level| level.original_in_archive);
    deposits(&after.level) && before.is_none_or(|before| !deposits(&before.level))
}
