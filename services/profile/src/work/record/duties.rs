//! Duties that hang on records: a stage starts them, does them, or takes them back (P-39, P-47, P-54, P-79).

use dossier_authority::duty::{self, About};
use dossier_authority::store::duty as store;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::duty::v1::DutyState;
use dossier_regime::{DutyRule, SlotHolder, Trigger, When};
use jiff::Timestamp;

use super::{CREATED, Change, Opened};
use crate::domain::fact::{fact_of, hold};
use crate::domain::record::State;
use crate::work::customer_file::duties::open_rule;
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
            if rule.is_done_at(&one.kind, stage) {
                done(session, tx, opened, rule).await?;
            }
            if rule.starts_at(&one.kind, stage) && holds(opened, &rule.when) {
                start(session, tx, opened, rule).await?;
            }
        }
    }
    take_back(session, tx, change).await
}

async fn start(session: &Session<'_>, tx: &mut Tx, opened: &Opened<'_>, rule: &DutyRule) -> Result<()> {
    let (file, one) = (&opened.loaded.file, &opened.record);
    let assignee = match rule.who {
        Some(SlotHolder::Creator) => Some(one.creator),
        Some(SlotHolder::Custodian) => file.custodian,
        None => None,
    };
    let beyond = |_| Error::new(Reason::PackFault).with("place", &session.pack().id);
    let name = one.name();
    for due in session.tenant.dues(rule, since(session, opened, rule)).map_err(beyond)? {
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

// The earliest that is open counts as done: about what this record belongs to, or else about its file or unit. A cycle begins anew.
async fn done(session: &Session<'_>, tx: &mut Tx, opened: &Opened<'_>, rule: &DutyRule) -> Result<()> {
    let (org, file, one) = (&session.call.org, &opened.loaded.file, &opened.record);
    let above = session.pack().record(&one.kind).and_then(|kind| kind.of.as_deref());
    let subject = match (rule.on, rule.starter()) {
        (Trigger::Calendar, _) => store::first_of(tx, org, &rule.kind, &file.unit).await?,
        (Trigger::Record, Some(kind)) if kind == one.kind => Some(one.name()),
        (Trigger::Record, kind) if kind.is_some() && kind == above => Some(one.of_name()),
        (Trigger::Record, _) => store::first_in(tx, org, &rule.kind, file.id).await?,
        _ => Some(file.name()),
    };
    let Some(subject) = subject else { return Ok(()) };
    let by = Some(session.principal.person);
    duty::close_for(session.base, tx, org, &[&rule.kind], &subject, DutyState::Completed, by).await?;
    match rule.every {
        Some(_) if rule.on == Trigger::Record => start(session, tx, opened, rule).await,
        Some(_) => open_rule(session, tx, rule, session.call.now, file).await,
        None => Ok(()),
    }
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
