//! Checks of a pack as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{
    Context, Paper, Readable, acts, authority, carried, documents, duties, facts, files, idle, numbers, places,
    records, recurring, registers, retention, roles, unused, visibility, volumes,
};
use crate::calendar::Calendar;
use crate::fault::Fault;
use crate::model::{Axis, CustomerType, FieldType, FileKind, Pack, Template};

/// Checks every pack and gives its posts the actions of their roles.
pub(crate) fn packs(
    papers: &mut [Paper<Pack>],
    templates: &[Paper<Template>],
    calendars: &BTreeMap<String, Arc<Calendar>>,
    readable: Readable,
    faults: &mut Vec<Fault>,
) {
    let mut inherited = Vec::new();
    versions(papers, faults);
    for paper in papers {
        let before = faults.len();
        let mut context = Context { root: &paper.root, faults };
        roles::spread(&mut paper.content, &mut context);
        files::kinds(&paper.content, readable.templates.then_some(templates), &mut context);
        paper.content.spread_file_kinds();
        let pack = &paper.content;
        let calendar = &pack.calendar.name;
        context.refers("calendar.name", "calendar", calendar, calendars.contains_key(calendar) || !readable.calendars);
        identity(pack, &mut context);
        if readable.templates {
            forms(pack, templates, &mut context);
            completeness(pack, templates, &mut context);
        }
        authority::levels(pack, &mut context);
        authority::posts(pack, &mut context);
        authority::plans(pack, &mut context);
        acts::rules(pack, &mut context);
        visibility::people(pack, &mut context);
        numbers::numbering(pack, &mut context);
        documents::kinds(pack, readable.templates.then_some(templates), &mut context);
        places::kinds(pack, &mut context);
        volumes::rules(pack, readable.templates.then_some(templates), &mut context);
        records::kinds(pack, readable.templates.then_some(templates), &mut context);
        registers::registers(pack, readable.templates.then_some(templates), &mut context);
        registers::statistics(pack, readable.templates.then_some(templates), &mut context);
        duties::rules(pack, &mut context);
        retention::classes(pack, readable.templates.then_some(templates), &mut context);
        recurring::rules(pack, readable.templates.then_some(templates), &mut context);
        idle::mechanisms(pack, &mut context);
        unused::things(pack, &mut context);
        carried::requirements(pack, &mut context);
        let mine = |fault: &Fault| fault.file == paper.file;
        let (own, above): (Vec<_>, Vec<_>) = faults.split_off(before).into_iter().partition(mine);
        faults.extend(own);
        inherited.extend(above.into_iter().map(|fault| (fault, pack.id.clone())));
    }
    follow(inherited, faults);
}

// Versions of one pack follow each other in time as they do in number.
fn versions(papers: &[Paper<Pack>], faults: &mut Vec<Fault>) {
    for paper in papers {
        let own = &paper.content;
        let earlier = papers.iter().map(|one| &one.content).filter(|one| one.id == own.id && one.version < own.version);
        let Some(before) = earlier.max_by_key(|one| one.version) else { continue };
        if own.effective_from <= before.effective_from {
            let sentence = format!(
                "version {} must hold from a later day on than version {}, which does from {}",
                own.version, before.version, before.effective_from
            );
            Context::of(paper, faults).fault("effective_from", sentence);
        }
        for lost in lost(before, own) {
            let sentence =
                format!("version {} has no {lost} any more: what was made with it is there still", own.version);
            Context::of(paper, faults).warn("version", sentence);
        }
    }
}

// What files and records of the version before stand on, and the next has not.
fn lost(before: &Pack, now: &Pack) -> Vec<String> {
    fn gone<'p>(what: &str, before: impl Iterator<Item = &'p str>, has: impl Fn(&str) -> bool) -> Vec<String> {
        before.filter(|id| !has(id)).map(|id| format!("{what} `{id}`")).collect()
    }
    let kinds = before.records.iter().map(|one| one.id.as_str());
    let mut lost = gone("level", before.levels.iter().map(|one| one.id.as_str()), |id| now.rank(id).is_some());
    lost.extend(gone("post", before.posts.iter().map(|one| one.id.as_str()), |id| now.post(id).is_some()));
    lost.extend(gone("kind of file", before.files.iter().map(|one| one.id.as_str()), |id| now.file_kind(id).is_some()));
    lost.extend(gone("record kind", kinds, |id| now.record(id).is_some()));
    for kind in &before.records {
        let Some(then) = now.record(&kind.id) else { continue };
        let stages = kind.stages.iter().map(|stage| stage.id.as_str());
        lost.extend(gone(&format!("stage of `{}`,", kind.id), stages, |id| then.stage(id).is_some()));
    }
    lost
}

// What is wrong with a line where it was written is told once. What only its heir makes wrong names the heir.
fn follow(inherited: Vec<(Fault, String)>, faults: &mut Vec<Fault>) {
    for (mut fault, heir) in inherited {
        let place = |one: &Fault| (one.file.clone(), one.line, one.sentence.clone());
        if !faults.iter().any(|one| place(one) == place(&fault)) {
            fault.sentence.push_str(&format!(", as pack `{heir}` inherits it"));
            faults.push(fault);
        }
    }
}

/// The template paper of an id.
pub(super) fn template<'t>(templates: &'t [Paper<Template>], id: &str) -> Option<&'t Template> {
    templates.iter().map(|paper| &paper.content).find(|template| template.id == id)
}

fn identity(pack: &Pack, context: &mut Context<'_>) {
    if !pack.id.is_empty() && !super::is_id(&pack.id) {
        context.fault("id", format!("`{}` is no id: letters, digits, `_`, `-` and `.`, at most 64", pack.id));
    }
    if pack.version == 0 && !context.is_faulty("version") {
        context.fault("version", "versions count from 1");
    }
    context.filled("sources", &pack.sources, "a pack names the text it is taken from (X-37)");
    context.filled("customer_types", &pack.customer_types, "a pack allows at least one customer type (P-04)");
    context.ids("customer_types", "", "customer type", pack.customer_types.iter().map(|one| one.as_str()));
    context.filled("channels", &pack.channels, "a pack names its lawful channels (P-19)");
    context.ids("channels", "", "channel", pack.channels.iter().map(|one| one.as_str()));
}

fn forms(pack: &Pack, templates: &[Paper<Template>], context: &mut Context<'_>) {
    for (at, one) in pack.templates.iter().enumerate() {
        let known = template(templates, &one.template).is_some();
        context.refers(format!("templates[{at}].template"), "template", &one.template, known);
    }
    for (at, id) in pack.other_templates.iter().enumerate() {
        context.refers(format!("other_templates[{at}]"), "template", id, template(templates, id).is_some());
    }
    // A kind of file that names no form takes the pack's, and then every customer type has one.
    let takes = |kind: &FileKind| !kind.internal && kind.template.is_none() && kind.templates == pack.templates;
    let taken = pack.files.iter().any(takes);
    if taken || context.says("templates") {
        let given = pack.templates.iter().map(|one| one.customer_types.as_slice());
        each_type_once(pack, "templates", "template", given, context);
    }
    for (at, axis) in pack.classification.axes.iter().enumerate() {
        check_axis(pack, axis, &format!("classification.axes[{at}]"), templates, context);
    }
}

/// Every customer type allowed is served by exactly one record of a list, and no other type is.
pub(super) fn each_type_once<'p>(
    pack: &Pack,
    list: &str,
    what: &str,
    given: impl Iterator<Item = &'p [CustomerType]>,
    context: &mut Context<'_>,
) {
    let mut seen: Vec<CustomerType> = Vec::new();
    for (at, types) in given.enumerate() {
        for one in types {
            let path = format!("{list}[{at}].customer_types");
            if seen.contains(one) {
                context.fault(path, format!("customer type `{one}` has a {what} already"));
            } else if !pack.customer_types.contains(one) {
                context.fault(path, format!("customer type `{one}` is not allowed by this pack"));
            }
            seen.push(*one);
        }
    }
    for one in pack.customer_types.iter().filter(|one| !seen.contains(one)) {
        context.fault(list, format!("customer type `{one}` has no {what}"));
    }
}

fn check_axis(pack: &Pack, axis: &Axis, path: &str, templates: &[Paper<Template>], context: &mut Context<'_>) {
    if !(1..=3).contains(&axis.tier) && !context.is_faulty(&format!("{path}.tier")) {
        context.fault(format!("{path}.tier"), "tiers are 1, 2 and 3 (P-16)");
    }
    context.filled(&format!("{path}.values"), &axis.values, "an axis has at least one value");
    context.ids(&format!("{path}.values"), "value", "value", axis.values.iter().map(|one| one.value.as_str()));
    let applies = |one: &&CustomerType| axis.customer_types.is_empty() || axis.customer_types.contains(one);
    for customer in pack.customer_types.iter().filter(applies) {
        let forms = pack.files.iter().filter(|kind| kind.has_own_customer());
        let forms: Vec<_> = forms.filter_map(|kind| form(kind, *customer, templates)).collect();
        let Some(first) = forms.first() else { continue };
        let Some((form, field)) = forms.iter().find_map(|form| Some((form, form.field(&axis.field)?))) else {
            let what = format!("field in template `{}` named", first.id);
            context.refers(format!("{path}.field"), &what, &axis.field, false);
            break;
        };
        if !matches!(field.kind, FieldType::Text | FieldType::Enum) {
            let sentence = format!("an axis is held by `text` or an enum, not by `{}` of `{}`", field.kind, form.id);
            context.fault(format!("{path}.field"), sentence);
            break;
        }
        for (at, value) in axis.values.iter().enumerate().filter(|_| field.kind == FieldType::Enum) {
            if !value.value.is_empty() && !field.values.iter().any(|one| one.value == value.value) {
                let sentence = format!("field `{}` of template `{}` has no value `{}`", field.id, form.id, value.value);
                context.fault(format!("{path}.values[{at}].value"), sentence);
            }
        }
    }
}

fn form<'t>(kind: &FileKind, customer: CustomerType, templates: &'t [Paper<Template>]) -> Option<&'t Template> {
    kind.templates_for(Some(customer)).first().and_then(|id| template(templates, id))
}

fn completeness(pack: &Pack, templates: &[Paper<Template>], context: &mut Context<'_>) {
    let given = || pack.files.iter().flat_map(FileKind::given_templates);
    if given().any(|id| template(templates, id).is_none()) {
        // What a missing template would hold is unknown, and that it is missing has been said.
        return;
    }
    let forms = || given().filter_map(|id| template(templates, id));
    for (at, id) in pack.completeness.never_empty.iter().enumerate() {
        let known = forms().any(|form| form.field(id).is_some());
        context.refers(format!("completeness.never_empty[{at}]"), "field in the pack's templates named", id, known);
    }
    let gates = &pack.completeness.gates;
    context.ids("completeness.gates", "purpose", "gate", gates.iter().map(|one| one.purpose.as_str()));
    for (at, gate) in gates.iter().enumerate() {
        let path = format!("completeness.gates[{at}]");
        if gate.percent > 100 {
            context.fault(format!("{path}.percent"), "completeness is at most 100 percent");
        }
        documents::needs(pack, &gate.documents, &[], &format!("{path}.documents"), context);
        for (place, need) in gate.documents.iter().enumerate() {
            facts::general_all(pack, &need.when, &format!("{path}.documents[{place}].when"), context);
        }
        for (place, id) in gate.sections.iter().enumerate() {
            let known = forms().any(|form| form.sections.iter().any(|section| section.id == *id));
            context.refers(format!("{path}.sections[{place}]"), "section in the pack's templates named", id, known);
        }
    }
}
