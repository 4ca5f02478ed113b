//! Checks of document kinds: their form, that somebody files them, and that what asks for one can have it.

use super::{Context, Paper, authority::check_posts, records};
use crate::model::{Carrier, DocumentKind, DocumentNeed, Lend, MEDIA_TYPES, Pack, Template};

/// Every kind.
pub(super) fn kinds(pack: &Pack, templates: Option<&[Paper<Template>]>, context: &mut Context<'_>) {
    context.ids("documents", "id", "document kind", pack.documents.iter().map(|one| one.id.as_str()));
    for (at, kind) in pack.documents.iter().enumerate() {
        let path = format!("documents[{at}]");
        templates.into_iter().for_each(|templates| {
            records::form(templates, &kind.template, &path, context);
        });
        for (key, posts) in [("create", &kind.create), ("edit", &kind.edit)] {
            let list = format!("{path}.{key}");
            check_posts(pack, &list, posts, context);
            records::readers(pack, &list, posts, context);
        }
        context.filled(&format!("{path}.create"), &kind.create, "somebody must file such documents (P-37)");
        for (at, file) in kind.files.iter().enumerate() {
            context.refers(format!("{path}.in[{at}]"), "kind of file", file, pack.file_kind(file).is_some());
        }
        carrying(kind, &path, context);
    }
}

// What is asked of paper, or of content, is asked of a carrier that has any.
fn carrying(kind: &DocumentKind, path: &str, context: &mut Context<'_>) {
    context.ids(&format!("{path}.carriers"), "", "carrier", kind.carriers.iter().map(|one| one.as_str()));
    let paper = kind.carriers.is_empty() || kind.carriers.iter().any(|one| one.is_paper());
    let asks = !kind.accept.paper.is_empty() || !kind.accept.ink.is_empty();
    if asks && !paper {
        context.fault(format!("{path}.accept"), "paper and ink are asked of originals and copies, and it is neither");
    }
    if kind.lend == Lend::Never && !paper {
        context.fault(format!("{path}.lend"), "only what is on paper is lent, and it is never on any");
    }
    for (at, one) in kind.types.iter().enumerate() {
        let known = MEDIA_TYPES.contains(&one.as_str());
        context.refers(format!("{path}.types[{at}]"), "type of content that is taken, as", one, known);
    }
}

/// Documents that a stage or a gate asks for, of files of these kinds; none: of any.
pub(super) fn needs(pack: &Pack, needs: &[DocumentNeed], files: &[String], path: &str, context: &mut Context<'_>) {
    for (at, need) in needs.iter().enumerate() {
        let path = format!("{path}[{at}]");
        let kind = pack.document(&need.kind);
        context.refers(format!("{path}.kind"), "document kind", &need.kind, kind.is_some());
        let Some(kind) = kind else { continue };
        if need.least == 0 {
            context.fault(format!("{path}.least"), "asks for none");
        }
        if need.carrier.is_some_and(|one| !kind.carriers.is_empty() && !kind.carriers.contains(&one)) {
            let on = need.carrier.map(Carrier::as_str).unwrap_or_default();
            context.fault(format!("{path}.carrier"), format!("documents of kind `{}` are never `{on}`", kind.id));
        }
        if let Some(file) = files.iter().find(|file| !kind.is_in(file)) {
            context.fault(format!("{path}.kind"), format!("files of kind `{file}` hold no `{}`", kind.id));
        }
    }
}
