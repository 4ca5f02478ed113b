//! Duties that hang on records: a stage starts them, does them, or takes them back (P-39, P-47, P-54, P-79).

use dossier_authority::duty::{self, About};
use dossier_authority::store::duty as store;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::duty::v1::DutyState;
use dossier_regime::{Due, DutyRule, Trigger, When};
use jiff::Timestamp;

use super::{CREATED, Change, Opened};
use crate::domain::fact::{fact_of, hold};
use crate::domain::form::path;
use crate::domain::record::State;
use crate::work::customer_file::session::Session;

/// The stage of a record that was made, as packs name it.
const MADE: &str = "created";

/// Opens what is due after a change of a record, ends what it did, and takes back what it left.
///
/// # Errors
/// `PACK_FAULT` beyond the calendar, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn follow(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let (opened, one) = (&change.opened, &change.opened.record);
    let entered = one.steps.iter().filter(|step| step.revision == one.version).map(|step| step.stage.as_str());
    let made = (change.action == CREATED).then_some(MADE);
    for stage in made.into_iter().chain(entered) {
        for rule in &session.pack().duties {
            let starts = rule.starts_at(&one.kind, stage) && holds(opened, &rule.when);
            if rule.is_done_at(&one.kind, stage) {
                done(session, tx, opened, rule, starts).await?;
            }
            if starts {
                start(session, tx, opened, rule).await?;
            }
        }
    }
    take_back(session, tx, change).await
}

async fn start(session: &Session<'_>, tx: &mut Tx, opened: &Opened<'_>, rule: &DutyRule) -> Result<()> {
    let (file, one) = (&opened.loaded.file, &opened.record);
    let assignee = rule.who.and_then(|who| who.of(one.creator, file.custodian));
    let name = one.name();
    for due in dues(session, rule, since(session, opened, rule), rule.from.as_deref())? {
        let about = About { subject: &name, file: Some(file.id), unit: &file.unit, assignee };
        duty::open(session.base, tx, &session.call.org, &due, &about).await?;
    }
    Ok(())
}

// The term begins on the day that a field names, or now.
fn since(session: &Session<'_>, opened: &Opened<'_>, rule: &DutyRule) -> Timestamp {
    let day = rule.from.as_ref().and_then(|field| known(opened, field)).and_then(|day| day.parse().ok());
    let zone = session.pack().time_zone.rules().clone();
    let begins = day.and_then(|day: jiff::civil::Date| day.to_zoned(zone).ok()).map(|day| day.timestamp());
    begins.unwrap_or(session.call.now)
}

// The earliest that is open counts as done: about what this record belongs to, or else about its file or unit. Of a cycle the same
// duty is owed again, unless this record starts one of its own.
async fn done(session: &Session<'_>, tx: &mut Tx, opened: &Opened<'_>, rule: &DutyRule, starts: bool) -> Result<()> {
    let (org, by) = (&session.call.org, Some(session.principal.person));
    let Some(subject) = owed_about(session, tx, opened, rule).await? else { return Ok(()) };
    let about = (rule.kind.as_str(), subject.as_str());
    let Some(closed) = duty::close_one(session.base, tx, org, about, DutyState::Completed, by).await? else {
        return Ok(());
    };
    let of_file = rule.on.is_of_files() && !hold(&rule.when, |fact| fact_of(&opened.loaded.file, fact));
    if rule.every.is_none() || starts || of_file {
        return Ok(());
    }
    let about = About { subject: &closed.subject, file: closed.file, unit: &closed.unit, assignee: closed.assignee };
    for due in dues(session, rule, session.call.now, None)? {
        duty::open(session.base, tx, org, &due, &about).await?;
    }
    Ok(())
}

/// What the duty is about that a record does; nothing: none is open.
pub(super) async fn owed_about(
    session: &Session<'_>,
    tx: &mut Tx,
    opened: &Opened<'_>,
    rule: &DutyRule,
) -> Result<Option<String>> {
    let (org, file, one) = (&session.call.org, &opened.loaded.file, &opened.record);
    let above = session.pack().record(&one.kind).and_then(|kind| kind.of.as_deref());
    Ok(match (rule.on, rule.starter()) {
        (Trigger::Calendar, _) => store::first_of(tx, org, &rule.kind, &file.unit).await?,
        // A kind that starts what it does itself does that of the one before.
        (Trigger::Record, Some(kind)) if kind == one.kind && rule.at != rule.done_by => Some(one.name()),
        (Trigger::Record, kind) if kind.is_some() && kind == above => Some(one.of_name()),
        (Trigger::Record | Trigger::DocumentFiled | Trigger::DocumentLapses, _) => {
            store::first_in(tx, org, &rule.kind, file.id).await?
        }
        _ => Some(file.name()),
    })
}

// What is due; a day of the form that lies too far away names its field.
fn dues(session: &Session<'_>, rule: &DutyRule, at: Timestamp, from: Option<&str>) -> Result<Vec<Due>> {
    session.tenant.dues(rule, at).map_err(|_| match from {
        Some(field) => Error::violation(path(field), "lies too far away for what is due after it"),
        None => Error::new(Reason::PackFault).with("place", &session.pack().id),
    })
}

async fn take_back(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let one = &change.opened.record;
    let void = one.state == State::Void;
    let left = |rule: &&DutyRule| match rule.starter() {
        Some(kind) if void => kind == one.kind,
        Some(kind) => change.left.iter().any(|stage| kind == one.kind && rule.starts_at(kind, stage)),
        None => false,
    };
    let kinds: Vec<_> = session.pack().duties.iter().filter(left).map(|rule| rule.kind.as_str()).collect();
    let by = Some(session.principal.person);
    duty::close_for(session.base, tx, &session.call.org, &kinds, &one.name(), DutyState::Cancelled, by).await
}

fn holds(opened: &Opened<'_>, when: &When) -> bool {
    hold(when, |fact| known(opened, fact).or_else(|| fact_of(&opened.loaded.file, fact)))
}

// Facts are fields that stand in clear; what does not open says nothing.
fn known(opened: &Opened<'_>, field: &str) -> Option<String> {
    opened.content.text(&opened.seal, field).ok().flatten()
}
