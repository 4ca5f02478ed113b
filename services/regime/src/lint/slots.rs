//! Checks of the slots of a record kind: the hands that sign it.

use super::records::readers;
use super::{Context, authority::check_posts};
use crate::model::{Field, FieldType, Pack, RecordKind, Template};

/// As many people as an approval keeps from deciding.
const MOST: usize = 20;

/// What stands for the file among those who keep a copy.
const FILE: &str = "file";

/// Every slot can be filled by somebody and is asked for by a stage; copies are kept by slots or in the file.
pub(super) fn check(pack: &Pack, kind: &RecordKind, path: &str, context: &mut Context<'_>) {
    let list = format!("{path}.slots");
    context.ids(&list, "", "slot", kind.slots.keys().map(String::as_str));
    if kind.slots.len() > MOST {
        context.fault(&list, format!("at most {MOST} hands sign a record: no more can be kept from deciding on it"));
    }
    for (id, slot) in &kind.slots {
        let at = format!("{list}.{id}");
        check_posts(pack, &format!("{at}.posts"), &slot.posts, context);
        readers(pack, &format!("{at}.posts"), &slot.posts, context);
        match (slot.posts.is_empty(), slot.who) {
            (true, None) => {
                context.fault(&at, format!("nobody can fill slot `{id}`: it has neither `posts` nor `who`"))
            }
            (false, Some(_)) => context.fault(&at, format!("slot `{id}` has `posts` and `who`; one of them says it")),
            _ => {}
        }
        if !kind.stages.iter().any(|stage| stage.sign.contains(id)) {
            context.warn(&at, format!("no stage asks slot `{id}` to sign"));
        }
    }
    for (at, holder) in kind.copies.iter().enumerate() {
        let known = holder == FILE || kind.slots.contains_key(holder);
        context.refers(format!("{path}.copies[{at}]"), "slot", holder, known);
    }
}

/// Nobody signs what they are not shown: whoever may fill a slot reads every field that the form asks for.
pub(super) fn cleared(pack: &Pack, kind: &RecordKind, form: &Template, path: &str, context: &mut Context<'_>) {
    // What is only shown is no content, and nobody signs it.
    let hidden = |grade| move |field: &&Field| field.kind != FieldType::Shown && field.sensitivity > grade;
    for (id, slot) in &kind.slots {
        for (at, post) in slot.posts.iter().enumerate() {
            let Some(grade) = pack.post(post).map(|post| post.grade) else { continue };
            let Some(field) = form.fields.iter().find(hidden(grade)) else { continue };
            let sentence = format!(
                "post `{post}` reads up to {grade}, and field `{}` of template `{}` is {}: once it is filled in, its holders cannot \
                 sign as `{id}`",
                field.id,
                form.id,
                field.sensitivity.as_str(),
                grade = grade.as_str()
            );
            context.warn(format!("{path}.slots.{id}.posts[{at}]"), sentence);
        }
    }
}
