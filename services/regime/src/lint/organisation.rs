//! Checks of organisation files against their packs.

use std::collections::BTreeMap;

use super::{Context, Paper, Readable, groups, unique};
use crate::fault::Fault;
use crate::model::{Action, Organisation, Pack, Template};

/// Checks every organisation file.
pub(crate) fn organisations(
    papers: &[Paper<Organisation>],
    packs: &[Paper<Pack>],
    bases: &[&str],
    templates: &[Paper<Template>],
    readable: Readable,
    faults: &mut Vec<Fault>,
) {
    unique(papers, "organisation", "org", |organisation| &organisation.org, faults);
    for paper in papers {
        let organisation = &paper.content;
        let of_it = packs.iter().map(|paper| &paper.content).filter(|pack| pack.id == organisation.pack);
        // One version that lies there twice is a fault of its own.
        let versions: BTreeMap<_, _> = of_it.rev().map(|pack| (pack.version, pack)).collect();
        let mut context = Context::of(paper, faults);
        let base = bases.contains(&organisation.pack.as_str());
        if base {
            let sentence =
                format!("pack `{}` is abstract; an organisation lives under one that extends it", organisation.pack);
            context.fault("pack", sentence);
        }
        context.refers("pack", "pack", &organisation.pack, base || !versions.is_empty() || !readable.packs);
        check(organisation, &mut context);
        for (at, id) in organisation.extra_templates.iter().enumerate() {
            let known = templates.iter().any(|paper| paper.content.id == *id);
            context.refers(format!("extra_templates[{at}]"), "template", id, known || !readable.templates);
        }
        for pack in versions.into_values() {
            people(organisation, pack, &mut context);
            groups::approvals(organisation, pack, &mut context);
            groups::reviews(organisation, pack, &mut context);
            groups::duties(organisation, pack, &mut context);
        }
    }
}

fn check(organisation: &Organisation, context: &mut Context<'_>) {
    let strange = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if organisation.org.len() > 32 || organisation.org.contains(strange) {
        context.fault("org", format!("`{}` is not 1 to 32 of a-z, 0-9 and -", organisation.org));
    }
    context.ids("units", "id", "unit", organisation.units.iter().map(|one| one.id.as_str()));
    context.filled("units", &organisation.units, "an organisation has at least one unit");
    units(organisation, context);
    context.ids("people", "subject", "subject", organisation.people.iter().map(|one| one.subject.as_str()));
    context.ids("extra_templates", "", "template", organisation.extra_templates.iter().map(String::as_str));
    for (at, person) in organisation.people.iter().enumerate() {
        if person.subject.chars().any(|c| !c.is_ascii_graphic()) {
            let why = "the subject is not of ASCII letters, digits and signs: it can look like another one";
            context.warn(format!("people[{at}].subject"), why);
        }
        let path = format!("people[{at}].appointments");
        context.filled(&path, &person.appointments, "somebody without a post may do nothing");
        for (place, one) in person.appointments.iter().enumerate() {
            let known = organisation.unit(&one.unit).is_some();
            context.refers(format!("{path}[{place}].unit"), "unit", &one.unit, known);
            if person.appointments.iter().take(place).any(|earlier| earlier == one) {
                context.fault(format!("{path}[{place}]"), format!("post `{}` is given twice in one unit", one.post));
            }
        }
    }
}

fn units(organisation: &Organisation, context: &mut Context<'_>) {
    for (at, unit) in organisation.units.iter().enumerate() {
        let path = format!("units[{at}].parent");
        if let Some(parent) = &unit.parent {
            context.refers(&path, "unit", parent, organisation.unit(parent).is_some());
        }
        if organisation.above(&unit.id).iter().any(|above| above.id == unit.id) {
            context.fault(&path, format!("unit `{}` stands below itself", unit.id));
        }
    }
}

fn people(organisation: &Organisation, pack: &Pack, context: &mut Context<'_>) {
    let mut managed = false;
    for (at, person) in organisation.people.iter().enumerate() {
        for (place, one) in person.appointments.iter().enumerate() {
            let path = format!("people[{at}].appointments[{place}].post");
            context.refers(
                path,
                &format!("post in pack `{}` named", pack.id),
                &one.post,
                pack.post(&one.post).is_some(),
            );
            managed |= pack.can(&one.post, Action::DirectoryManage);
        }
    }
    if !managed && !organisation.people.is_empty() {
        context.warn("people", "nobody may manage the directory, so nobody else can ever be appointed");
    }
}
