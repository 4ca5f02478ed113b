//! Checks of templates, and the merging of parents into them.

use super::{Context, Paper, Readable, unique};
use crate::fault::Fault;
use crate::model::{Field, FieldType, IdentifierKind, Index, Personal, Sensitivity, Template};

/// What a field's key is made of.
const KEY: &str = "words of lower-case letters and digits that begin with a letter, joined by `_`";

/// Checks every template and gives those that extend another the parent's sections and fields.
pub(crate) fn templates(papers: &mut [Paper<Template>], readable: Readable, faults: &mut Vec<Fault>) {
    unique(papers, "template", "id", |template| &template.id, faults);
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
        check_field(field, &path, context);
    }
}

fn check_field(field: &Field, path: &str, context: &mut Context<'_>) {
    let id = format!("{path}.id");
    if !is_key(&field.id) && !context.is_faulty(&id) {
        context.fault(id, format!("`{}` is no key of a field: {KEY}", field.id));
    }
    check_values(field, path, context);
    if field.weight == 0 && !context.is_faulty(&format!("{path}.weight")) {
        context
            .fault(format!("{path}.weight"), "a weight is at least 1; a field that does not count is `required: no`");
    }
    if field.max_length == 0 && !context.is_faulty(&format!("{path}.max_length")) {
        context.fault(format!("{path}.max_length"), "a value has at least one character");
    }
    let text = matches!(field.kind, FieldType::Text);
    if field.identifier != IdentifierKind::None && !text {
        context.fault(format!("{path}.identifier"), format!("an identifier is `text`, not `{}`", field.kind));
    }
    if field.identifier != IdentifierKind::None && field.max_length < 18 {
        context.fault(format!("{path}.max_length"), "an identifier has 18 characters");
    }
    if field.indexed == Index::Name && !text {
        context.fault(format!("{path}.indexed"), format!("only `text` is searched by name, not `{}`", field.kind));
    }
    if field.pi != Personal::No && field.sensitivity == Sensitivity::Public {
        context.fault(format!("{path}.sensitivity"), "personal data is never public");
    }
}

// The JSON of a FieldMask writes `_x` as `X` and back, so only these come back as they were.
fn is_key(id: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    id.split('_').all(word)
}

fn check_values(field: &Field, path: &str, context: &mut Context<'_>) {
    let path = format!("{path}.values");
    let is_enum = field.kind == FieldType::Enum;
    if is_enum && field.values.is_empty() && !context.is_faulty(&path) {
        context.fault(&path, format!("field `{}` is an enum without values", field.id));
    }
    if !is_enum && !field.values.is_empty() {
        context.fault(&path, format!("only an enum has values, not `{}`", field.kind));
    }
    context.ids(&path, "value", "value", field.values.iter().map(|one| one.value.as_str()));
}
