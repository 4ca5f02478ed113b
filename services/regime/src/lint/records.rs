//! Checks of record kinds.

use super::{Context, authority::check_posts};
use crate::lint::Paper;
use crate::model::{Action, Index, Pack, RecordKind, Template};

/// Every kind: its form, its stages, and that somebody makes it.
pub(super) fn kinds(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("records", "id", "record kind", pack.records.iter().map(|one| one.id.as_str()));
    for (at, kind) in pack.records.iter().enumerate() {
        let path = format!("records[{at}]");
        if let Some(templates) = templates {
            let known = templates.iter().any(|one| one.content.id == kind.template);
            context.refers(format!("{path}.template"), "template", &kind.template, known);
            let form = templates.iter().map(|one| &one.content).find(|one| one.id == kind.template);
            form.into_iter().for_each(|form| fields(form, &path, context));
        }
        check_posts(pack, &format!("{path}.create"), &kind.create, context);
        check_posts(pack, &format!("{path}.edit"), &kind.edit, context);
        readers(pack, &format!("{path}.create"), &kind.create, context);
        readers(pack, &format!("{path}.edit"), &kind.edit, context);
        context.filled(&format!("{path}.create"), &kind.create, "somebody must make such records (P-47)");
        stages(kind, &path, context);
    }
}

// Nothing is filled in by the service in a record, and records are found by their file.
fn fields(form: &Template, path: &str, context: &mut Context<'_>) {
    for field in form.fields.iter().filter(|field| field.output_only || field.indexed != Index::None) {
        let sentence =
            format!("field `{}` of template `{}` is filled or indexed in the form of a file alone", field.id, form.id);
        context.fault(format!("{path}.template"), sentence);
    }
}

// Whoever writes into a file must see it.
fn readers(pack: &Pack, path: &str, posts: &[String], context: &mut Context<'_>) {
    for (at, id) in posts.iter().enumerate() {
        if pack.post(id).is_some_and(|post| !post.can(Action::FileRead)) {
            context.fault(format!("{path}[{at}]"), format!("post `{id}` writes records but may not `file.read`"));
        }
    }
}

fn stages(kind: &RecordKind, path: &str, context: &mut Context<'_>) {
    let list = format!("{path}.stages");
    context.filled(&list, &kind.stages, "a record stands in a stage");
    context.ids(&list, "id", "stage", kind.stages.iter().map(|one| one.id.as_str()));
    if kind.stages.len() > 1 {
        context.fault(format!("{list}[1]"), "nothing advances a record yet: a kind has one stage");
    }
}
