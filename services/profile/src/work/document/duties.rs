//! Duties that hang on documents: what is owed when one is filed, and before one lapses (P-28, P-113).

use dossier_authority::duty::{self, About};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::duty::v1::DutyState;
use dossier_regime::{Due, DutyRule, Trigger};

use super::{Change, FILED};
use crate::domain::document::{Document, State, said};
use crate::domain::fact::{fact_of, hold};
use crate::work::customer_file::session::Session;

/// Opens what is due after a change of a document, and ends what hangs on one that holds no more.
///
/// # Errors
/// `PACK_FAULT` beyond the calendar, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn follow(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>) -> Result<()> {
    let one = &change.opened.document;
    let rules = session.pack().duties.iter().filter(|rule| rule.starts_of_document(&one.kind));
    let rules: Vec<_> = rules.collect();
    let kinds: Vec<_> = rules.iter().map(|rule| rule.kind.as_str()).collect();
    let ended = match one.state {
        State::Current if change.lapses_otherwise => Some(DutyState::Cancelled),
        State::Current => None,
        State::Superseded => Some(DutyState::Completed),
        State::Void => Some(DutyState::Cancelled),
    };
    if let Some(state) = ended {
        let kinds: Vec<_> = match one.state {
            // What was owed at its filing is owed still.
            State::Current => lapsing(&rules).map(|rule| rule.kind.as_str()).collect(),
            _ => kinds,
        };
        let (base, org, by) = (session.base, &session.call.org, Some(session.principal.person));
        for kind in kinds {
            // All of several: what the successor does, it does for every time that was allowed.
            while duty::close_one(base, tx, org, (kind, &one.name()), state, by).await?.is_some() {}
        }
    }
    let new = change.action == FILED;
    if one.state == State::Current && (new || change.lapses_otherwise) {
        for rule in rules.iter().filter(|rule| new || rule.on == Trigger::DocumentLapses) {
            open(session, tx, change, rule).await?;
        }
    }
    Ok(())
}

fn lapsing<'r>(rules: &'r [&'r DutyRule]) -> impl Iterator<Item = &'r DutyRule> {
    rules.iter().copied().filter(|rule| rule.on == Trigger::DocumentLapses)
}

async fn open(session: &Session<'_>, tx: &mut Tx, change: &Change<'_>, rule: &DutyRule) -> Result<()> {
    let (file, one) = (&change.opened.loaded.file, &change.opened.document);
    if !hold(&rule.when, |fact| fact_of(file, fact)) {
        return Ok(());
    }
    let assignee = rule.who.and_then(|who| who.of(one.creator, file.custodian));
    let name = one.name();
    for due in dues(session, rule, one)? {
        let about = About { subject: &name, file: Some(file.id), unit: &file.unit, assignee };
        duty::open(session.base, tx, &session.call.org, &due, &about).await?;
    }
    Ok(())
}

fn dues(session: &Session<'_>, rule: &DutyRule, one: &Document) -> Result<Vec<Due>> {
    let beyond = |_| Error::new(Reason::PackFault).with("place", &session.pack().id);
    match rule.on {
        Trigger::DocumentLapses if one.said.expire_date.is_empty() => Ok(Vec::new()),
        Trigger::DocumentLapses => {
            let day = said::day("document.expire_date", &one.said.expire_date)?;
            session.tenant.before(rule, day).map_err(beyond)
        }
        _ => session.tenant.dues(rule, session.call.now).map_err(beyond),
    }
}
