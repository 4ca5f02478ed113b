//! Checks of templates, and the merging of parents into them.

use super::{Context, Paper, Readable, field, unique};
use crate::fault::Fault;
use crate::model::{Field, Template};

/// Checks every template and gives those that extend another the parent's sections and fields.
pub(crate) fn templates(papers: &mut [Paper<Template>], readable: Readable, faults: &mut Vec<Fault>) {
    unique(papers, "template", "id", |template| &template.id, faults);
    for paper in papers.iter_mut() {
        paper.content.fields.iter_mut().for_each(Field::settle);
    }
    let written: Vec<Template> = papers.iter().map(|paper| paper.content.clone()).collect();
    for paper in papers {
        let mut context = Context { root: &paper.root, faults };
        let parent = inherited(&paper.content, &written, readable, &mut context);
        check(&paper.content, parent.as_ref(), &mut context);
        if let Some(parent) = &parent {
            merge(&mut paper.content, parent);
        }
    }
}

// The sections and fields that a template gets from its parents, the eldest's first.
fn inherited(own: &Template, written: &[Template], readable: Readable, context: &mut Context<'_>) -> Option<Template> {
    let mut line: Vec<&Template> = Vec::new();
    let mut next = own.extends.as_ref();
    while let Some(id) = next {
        let found = written.iter().find(|one| one.id == *id);
        if line.is_empty() {
            context.refers("extends", "template", id, found.is_some() || !readable.templates);
        }
        let Some(parent) = found else { break };
        if parent.id == own.id {
            let round: Vec<&str> = line.iter().map(|one| one.id.as_str()).chain([own.id.as_str()]).collect();
            let round = round.join(" extends ");
            context.fault("extends", format!("the template extends itself: {} extends {round}", own.id));
        }
        // A round is told to those who are in it.
        if parent.id == own.id || line.iter().any(|one| one.id == parent.id) {
            break;
        }
        line.push(parent);
        next = parent.extends.as_ref();
    }
    line.into_iter().rev().cloned().reduce(|elder, mut younger| {
        merge(&mut younger, &elder);
        younger
    })
}

fn merge(template: &mut Template, parent: &Template) {
    let own = std::mem::take(&mut template.sections);
    template.sections.clone_from(&parent.sections);
    template.sections.extend(own);
    let own = std::mem::take(&mut template.fields);
    template.fields.clone_from(&parent.fields);
    template.fields.extend(own);
}

fn check(template: &Template, parent: Option<&Template>, context: &mut Context<'_>) {
    context.ids("sections", "id", "section", template.sections.iter().map(|one| one.id.as_str()));
    context.ids("fields", "id", "field", template.fields.iter().map(|one| one.id.as_str()));
    context.filled("fields", &template.fields, "a template has at least one field");
    if template.version == 0 && !context.is_faulty("version") {
        context.fault("version", "versions count from 1");
    }
    if let Some(parent) = parent {
        for (at, section) in template.sections.iter().enumerate() {
            if parent.sections.iter().any(|one| one.id == section.id) {
                context.fault(format!("sections[{at}].id"), format!("section `{}` is given by a parent", section.id));
            }
        }
    }
    for (at, field) in template.fields.iter().enumerate() {
        let path = format!("fields[{at}]");
        if parent.is_some_and(|parent| parent.field(&field.id).is_some()) {
            context.fault(format!("{path}.id"), format!("field `{}` is given by a parent", field.id));
        }
        let sections = template.sections.iter().chain(parent.iter().flat_map(|one| &one.sections));
        let known = sections.into_iter().any(|section| section.id == field.section);
        context.refers(format!("{path}.section"), "section", &field.section, known);
        field::check(field, &path, context);
    }
}
