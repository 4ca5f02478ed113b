//! Checks of record kinds.

use super::{Context, authority::check_posts, effects, facts, record_numbers, slots, stages};
use crate::lint::Paper;
use crate::model::{Action, Index, Pack, RecordKind, Template};

/// Every kind: its form, its slots, its stages, and that somebody makes it.
pub(super) fn kinds(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("records", "id", "record kind", pack.records.iter().map(|one| one.id.as_str()));
    for (at, kind) in pack.records.iter().enumerate() {
        let path = format!("records[{at}]");
        let form = templates.map(|templates| form(templates, &kind.template, &path, context));
        for (key, posts) in [("create", &kind.create), ("edit", &kind.edit)] {
            let list = format!("{path}.{key}");
            check_posts(pack, &list, posts, context);
            readers(pack, &list, posts, context);
        }
        context.filled(&format!("{path}.create"), &kind.create, "somebody must make such records (P-47)");
        parent(pack, kind, &path, context);
        dispute(kind, &path, context);
        for (at, file) in kind.files.iter().enumerate() {
            context.refers(format!("{path}.in[{at}]"), "kind of file", file, pack.file_kind(file).is_some());
        }
        slots::check(pack, kind, &path, context);
        // A form that is not there is told once; what hangs on its fields cannot be judged without it.
        if let Some(form) = form {
            stages::check(pack, kind, form, &path, context);
            record_numbers::check(pack, kind, form, &path, context);
            if let Some(given) = form.zip(templates) {
                effects::check(pack, kind, given, &path, context);
            }
            form.into_iter().for_each(|form| slots::cleared(pack, kind, form, &path, context));
            let slots = form.into_iter().flat_map(|form| kind.slots.iter().map(move |slot| (form, slot)));
            for (form, (id, slot)) in slots {
                let when = format!("{path}.slots.{id}.when");
                facts::check(pack, kind, form, &slot.when, &when, context);
                facts::settled(kind, form, &slot.when, &when, context);
            }
        }
    }
    effects::establishing(pack, context);
}

/// The form `id` of what lies in files, or a fault.
pub(super) fn form<'t>(
    templates: &'t [Paper<Template>],
    id: &str,
    path: &str,
    context: &mut Context<'_>,
) -> Option<&'t Template> {
    let form = templates.iter().map(|one| &one.content).find(|one| one.id == id);
    context.refers(format!("{path}.template"), "template", id, form.is_some());
    form.into_iter().for_each(|form| fields(form, path, context));
    form
}

// Nothing is filled in by the service in what lies in a file, and that is found by its file.
fn fields(form: &Template, path: &str, context: &mut Context<'_>) {
    for field in form.fields.iter().filter(|field| field.output_only || field.indexed != Index::None) {
        let sentence =
            format!("field `{}` of template `{}` is filled or indexed in the form of a file alone", field.id, form.id);
        context.fault(format!("{path}.template"), sentence);
    }
}

/// Whoever writes into a file, or signs in it, must see it.
pub(super) fn readers(pack: &Pack, path: &str, posts: &[String], context: &mut Context<'_>) {
    for (at, id) in posts.iter().enumerate() {
        if pack.post(id).is_some_and(|post| !post.can(Action::FileRead)) {
            context.fault(format!("{path}[{at}]"), format!("post `{id}` writes records but may not `file.read`"));
        }
    }
}

// A claim that never ends would keep its file for ever (C-06).
fn dispute(kind: &RecordKind, path: &str, context: &mut Context<'_>) {
    if kind.dispute && !kind.ends() {
        context.fault(format!("{path}.dispute"), format!("`{}` has no final stage, so no dispute ever ends", kind.id));
    }
}

// The kind that it belongs to is there, and does not belong to it in turn.
fn parent(pack: &Pack, kind: &RecordKind, path: &str, context: &mut Context<'_>) {
    let Some(of) = &kind.of else { return };
    context.refers(format!("{path}.of"), "record kind", of, pack.record(of).is_some());
    let mut above = Some(of);
    for _ in &pack.records {
        if above == Some(&kind.id) {
            return context.fault(format!("{path}.of"), format!("`{}` would belong to itself", kind.id));
        }
        above = above.and_then(|id| pack.record(id)).and_then(|kind| kind.of.as_ref());
    }
}
