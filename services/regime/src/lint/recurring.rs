//! Checks of duties that hang on records: what starts them, what does them, and that a cycle can go on.

use super::{Context, facts};
use crate::lint::Paper;
use crate::model::{DutyRule, Field, FieldType, Pack, RecordKind, Sensitivity, Template, Term, TermUnit, Trigger};

/// How `at` names a record that was made, whatever stage it stands in.
const CREATED: &str = "@created";

/// The duties of a pack, as far as they hang on records.
pub(super) fn rules(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    for (at, duty) in pack.duties.iter().enumerate() {
        let path = format!("duties[{at}]");
        terms(duty, &path, context);
        starts(pack, duty, &path, context);
        done(pack, duty, &path, context);
        if let Some(templates) = templates {
            asks(pack, templates, duty, &path, context);
        }
    }
}

fn terms(duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    let said = [duty.due.is_some(), !duty.windows.is_empty(), duty.every.is_some()];
    if said.iter().filter(|said| **said).count() > 1 {
        context.fault(path, "`due`, `windows` and `every` say the same thing; one of them says it");
    }
    if duty.every.is_some() && duty.done_by.is_none() {
        context.fault(format!("{path}.every"), "a cycle goes on where `done_by` says what does it");
    }
    if duty.on == Trigger::Calendar && (duty.every.is_some() || !duty.windows.is_empty()) {
        context.fault(path, "a calendar duty is due by its schedule, not by a term");
    }
}

fn starts(pack: &Pack, duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    match (duty.on == Trigger::Record, &duty.at) {
        (true, None) => context.fault(path, "`on: record` says with `at` which kind and stage"),
        (false, Some(kind)) if duty.on.is_of_documents() => of_document(pack, duty, kind, path, context),
        (false, Some(_)) => context.fault(format!("{path}.at"), "only `on: record` starts at a stage"),
        (true, Some(at)) => {
            let known = stage(pack, at) || at.strip_suffix(CREATED).is_some_and(|kind| pack.record(kind).is_some());
            context.refers(format!("{path}.at"), "stage of a record kind", at, known);
        }
        (false, None) => {}
    }
    let plain = matches!(duty.on, Trigger::FileSubmitted | Trigger::CustomerChanged);
    if plain && (!duty.when.is_empty() || duty.who.is_some() || !duty.windows.is_empty() || duty.every.is_some()) {
        let sentence =
            format!("`{}` takes no `when`, `who`, `windows` or `every`: it is done by what it asks for", duty.on);
        context.fault(path, sentence);
    }
    lapses(duty, path, context);
    if duty.who.is_some() && !is_about_files(duty) {
        context.fault(format!("{path}.who"), "only a duty about a file or a record is owed by one person");
    }
}

// A duty about a file, or about something that lies in it.
fn is_about_files(duty: &DutyRule) -> bool {
    duty.on.is_of_files() || duty.on.is_of_documents() || duty.on == Trigger::Record
}

fn of_document(pack: &Pack, duty: &DutyRule, kind: &str, path: &str, context: &mut Context<'_>) {
    let found = pack.document(kind);
    context.refers(format!("{path}.at"), "document kind", kind, found.is_some());
    if found.is_some_and(|kind| duty.on == Trigger::DocumentLapses && !kind.expires) {
        context.warn(format!("{path}.at"), format!("documents of kind `{kind}` need not say when they lapse"));
    }
}

// Counted back from a day there are no hours and no working days.
fn lapses(duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    let countable = |term: &Term| !matches!(term.unit, TermUnit::Hours | TermUnit::WorkingDays);
    if duty.on == Trigger::DocumentLapses && !duty.terms().iter().flatten().all(countable) {
        context.fault(path, "what lapses is due days, weeks, months or years before: hours and working days are not");
    }
}

fn done(pack: &Pack, duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    let Some(done) = &duty.done_by else { return };
    context.refers(format!("{path}.done_by"), "stage of a record kind", done, stage(pack, done));
    if !(is_about_files(duty) || duty.on == Trigger::Calendar) {
        context.fault(format!("{path}.done_by"), format!("what `{}` starts is done where that is kept", duty.on));
    }
}

fn asks(pack: &Pack, templates: &[Paper<Template>], duty: &DutyRule, path: &str, context: &mut Context<'_>) {
    let kind = duty.starter().and_then(|kind| pack.record(kind));
    let form = kind.and_then(|kind| templates.iter().map(|one| &one.content).find(|one| one.id == kind.template));
    let (none, blank) = (RecordKind::default(), Template::default());
    if !duty.when.is_empty() && !is_about_files(duty) {
        context.fault(format!("{path}.when"), "only a duty about a file or a record asks for facts of it");
    }
    let when = format!("{path}.when");
    facts::check(pack, kind.unwrap_or(&none), form.unwrap_or(&blank), &duty.when, &when, context);
    if let Some(signed) = duty.when.keys().find(|fact| fact.ends_with(".post")) {
        context.fault(format!("{when}.{signed}"), "a duty does not ask who signed");
    }
    let Some(from) = &duty.from else { return };
    let begins = |field: &Field| field.kind == FieldType::Date && field.sensitivity <= Sensitivity::Internal;
    let known = form.and_then(|form| form.field(from)).is_some_and(begins);
    context.refers(format!("{path}.from"), "day, internal or public, of the record", from, known);
}

fn stage(pack: &Pack, text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(kind, stage)| pack.record(kind).is_some_and(|kind| kind.stage(stage).is_some()))
}
