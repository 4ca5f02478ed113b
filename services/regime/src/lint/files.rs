//! Checks of kinds of file: what each is about, and that it has a form and a number.

use super::authority::check_posts;
use super::{Context, Paper, numbers, pack};
use crate::model::{Action, FileKind, LinkRule, Pack, Template};

/// Every kind as it was written, before the pack fills in what it leaves out.
pub(super) fn kinds(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("files", "id", "kind of file", pack.files.iter().map(|one| one.id.as_str()));
    match &pack.unit_kind {
        Some(id) if pack.files.iter().all(|kind| kind.id != *id) => {
            lawful("unit_kind", &FileKind { id: id.clone(), ..FileKind::default() }, context);
        }
        None if pack.files.is_empty() => {
            context.fault("files", "a pack keeps at least one kind of file (P-02)");
        }
        _ => {}
    }
    for (at, kind) in pack.files.iter().enumerate() {
        let path = format!("files[{at}]");
        belonging(pack, kind, &path, context);
        kind.links.iter().enumerate().for_each(|(at, link)| {
            link_rule(pack, link, &format!("{path}.links[{at}]"), context);
        });
        context.ids(&format!("{path}.links"), "id", "link", kind.links.iter().map(|one| one.id.as_str()));
        forms(pack, kind, &path, templates, context);
        numbers(pack, kind, &path, context);
        retention(pack, kind, &path, context);
        writers(pack, kind, &path, context);
        lawful(&path, kind, context);
    }
}

fn find<'p>(pack: &'p Pack, id: &str) -> Option<&'p FileKind> {
    pack.files.iter().find(|kind| kind.id == id)
}

fn is_kind(pack: &Pack, id: &str) -> bool {
    find(pack, id).is_some() || pack.unit_kind.as_deref() == Some(id)
}

// A file belongs to one with a customer, in the end.
fn belonging(pack: &Pack, kind: &FileKind, path: &str, context: &mut Context<'_>) {
    let Some(of) = &kind.of else { return };
    let path = format!("{path}.of");
    if kind.internal {
        return context.fault(path, format!("kind `{}` is internal, so its files belong to no customer's", kind.id));
    }
    context.refers(&path, "kind of file", of, is_kind(pack, of));
    let mut seen = vec![kind.id.as_str()];
    let mut next = Some(of.as_str());
    while let Some(id) = next {
        if seen.contains(&id) {
            return context.fault(path, format!("kind `{}` belongs to itself: {}", kind.id, seen.join(" of ")));
        }
        seen.push(id);
        let above = find(pack, id);
        if above.is_some_and(|above| above.internal) {
            return context.fault(path, format!("files of kind `{id}` have no customer"));
        }
        next = above.and_then(|above| above.of.as_deref());
    }
}

fn link_rule(pack: &Pack, link: &LinkRule, path: &str, context: &mut Context<'_>) {
    let to = format!("{path}.to");
    context.filled(&to, &link.to, "a link names the kinds of file that it leads to");
    context.ids(&to, "", "kind of file", link.to.iter().map(String::as_str));
    for (at, id) in link.to.iter().enumerate() {
        context.refers(format!("{to}[{at}]"), "kind of file", id, is_kind(pack, id));
    }
}

fn forms(pack: &Pack, kind: &FileKind, path: &str, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    let list = format!("{path}.templates");
    if kind.template.is_some() && !kind.templates.is_empty() {
        context.fault(&list, "`template` is for all customer types, so `templates` has none left");
    } else if kind.internal && !kind.templates.is_empty() {
        context
            .fault(&list, format!("kind `{}` is internal and has no customer types: it has one `template`", kind.id));
    } else if kind.internal && kind.template.is_none() {
        context.fault(
            path,
            format!("kind `{}` is internal: it takes no form by customer type, and has no `template`", kind.id),
        );
    } else if !kind.templates.is_empty() {
        let given = kind.templates.iter().map(|one| one.customer_types.as_slice());
        pack::each_type_once(pack, &list, "template", given, context);
    }
    let Some(templates) = templates else { return };
    let known = |id: &str| templates.iter().any(|one| one.content.id == id);
    if let Some(id) = &kind.template {
        context.refers(format!("{path}.template"), "template", id, known(id));
    }
    for (at, one) in kind.templates.iter().enumerate() {
        context.refers(format!("{list}[{at}].template"), "template", &one.template, known(&one.template));
    }
    for (at, id) in kind.other_templates.iter().enumerate() {
        context.refers(format!("{path}.other_templates[{at}]"), "template", id, known(id));
    }
}

fn numbers(pack: &Pack, kind: &FileKind, path: &str, context: &mut Context<'_>) {
    let numbering = kind.numbering.as_ref().unwrap_or(&pack.numbering);
    if kind.internal && numbering.rule_for(None).is_none() {
        let sentence = format!("kind `{}` is internal, and every number rule is for customer types", kind.id);
        return context.fault(path, sentence);
    }
    let Some(own) = &kind.numbering else { return };
    let path = format!("{path}.numbering");
    numbers::rules(pack, own, &path, !kind.internal, context);
    let others = pack.files.iter().take_while(|other| other.id != kind.id).filter_map(|other| other.numbering.as_ref());
    let others: Vec<_> = others.chain([&pack.numbering]).flat_map(|numbering| &numbering.rules).collect();
    for (at, rule) in own.rules.iter().enumerate() {
        if others.iter().any(|other| !rule.id.is_empty() && other.id == rule.id) {
            let sentence = format!("number rule `{}` is given twice, and its counter would be one", rule.id);
            context.fault(format!("{path}.rules[{at}].id"), sentence);
        } else if others.iter().any(|other| !rule.pattern.is_empty() && other.pattern == rule.pattern) {
            let sentence = "another kind has the same pattern, so both could give one number";
            context.fault(format!("{path}.rules[{at}].pattern"), sentence);
        }
    }
}

fn retention(pack: &Pack, kind: &FileKind, path: &str, context: &mut Context<'_>) {
    let Some(class) = &kind.retention else { return };
    let known = pack.retention.classes.iter().any(|one| one.id == *class);
    context.refers(format!("{path}.retention"), "retention class", class, known);
}

// Who writes must be able to, and one of them must begin.
fn writers(pack: &Pack, kind: &FileKind, path: &str, context: &mut Context<'_>) {
    let Some(posts) = &kind.write else { return };
    let path = format!("{path}.write");
    context.filled(&path, posts, "somebody must write such files");
    check_posts(pack, &path, posts, context);
    let known = || posts.iter().filter_map(|id| pack.post(id));
    for post in known().filter(|post| !post.can(Action::FileUpdate)) {
        context.fault(&path, format!("post `{}` writes files but may not `file.update`", post.id));
    }
    if known().next().is_some() && !known().any(|post| post.can(Action::FileCreate)) {
        context.fault(&path, format!("nobody who writes files of kind `{}` may `file.create`", kind.id));
    }
}

// Not yet a fault: the shipped rule books name neither.
fn lawful(path: &str, kind: &FileKind, context: &mut Context<'_>) {
    let missing: Vec<_> = [("purpose", &kind.purpose), ("legal_basis", &kind.legal_basis)]
        .into_iter()
        .filter_map(|(key, given)| given.is_none().then_some(format!("`{key}`")))
        .collect();
    if !missing.is_empty() {
        let sentence = format!("files of kind `{}` are kept without {} (X-01)", kind.id, missing.join(" and "));
        context.warn(path, sentence);
    }
}
