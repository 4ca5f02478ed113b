//! Checks of stages: each can be reached, and what it asks for can come about.

use std::collections::BTreeSet;

use super::{Context, documents, facts};
use crate::model::{ALL, Pack, RecordKind, Sensitivity, Stage, Template};

/// Every stage of a kind with this form; without one its fields are not judged.
pub(super) fn check(pack: &Pack, kind: &RecordKind, form: Option<&Template>, path: &str, context: &mut Context<'_>) {
    let list = format!("{path}.stages");
    context.filled(&list, &kind.stages, "a record stands in a stage");
    context.ids(&list, "id", "stage", kind.stages.iter().map(|one| one.id.as_str()));
    let reached = reached(kind, None);
    for (at, stage) in kind.stages.iter().enumerate() {
        let path = format!("{list}[{at}]");
        order(kind, at, stage, &path, context);
        if !reached.contains(stage.id.as_str()) && !stage.id.is_empty() {
            context.fault(&path, format!("no way leads to stage `{}`", stage.id));
        }
        needs(pack, kind, stage, &path, context);
        approval(pack, kind, stage, &path, context);
        if let Some(form) = form {
            contents(pack, kind, form, stage, &path, context);
        }
    }
}

// The stages that a record may come from: of those that may be passed over, the ones before them too.
fn before<'k>(kind: &'k RecordKind, at: usize, stage: &'k Stage) -> Vec<&'k str> {
    if let Some(from) = &stage.from {
        return from.iter().map(String::as_str).collect();
    }
    let mut found = Vec::new();
    for stage in kind.stages[..at].iter().rev() {
        found.push(stage.id.as_str());
        if stage.when.is_empty() {
            return found;
        }
    }
    found.push("");
    found
}

/// The stages that records come to; with `past`, those that one comes to which never entered that stage, and was refused nothing.
pub(super) fn reached<'k>(kind: &'k RecordKind, past: Option<&str>) -> BTreeSet<&'k str> {
    let mut reached = BTreeSet::from([""]);
    for _ in &kind.stages {
        for (at, stage) in kind.stages.iter().enumerate().filter(|(_, stage)| past != Some(&stage.id)) {
            if before(kind, at, stage).iter().any(|one| reached.contains(one)) {
                reached.insert(&stage.id);
                let refused = stage.approval.iter().filter(|_| past.is_none());
                reached.extend(refused.map(|one| one.rejected_to.as_str()));
            }
        }
    }
    reached
}

// Where a decision leads: back to what the record has entered, or to a stage that nothing else leads to.
fn approval(pack: &Pack, kind: &RecordKind, stage: &Stage, path: &str, context: &mut Context<'_>) {
    let Some(one) = &stage.approval else { return };
    let path = format!("{path}.approval");
    context.refers(format!("{path}.matter"), "matter", &one.matter, pack.matter(&one.matter).is_some());
    let at = kind.stages.iter().position(|other| other.id == stage.id).unwrap_or_default();
    let back = |id: &str| kind.stages[..at].iter().any(|other| other.id == id);
    let aside = |id: &str| kind.stage(id).is_some_and(|other| other.from.as_ref().is_some_and(Vec::is_empty));
    let refused = &one.rejected_to;
    let what = "stage before it, or with `from: []`, called";
    context.refers(format!("{path}.rejected_to"), what, refused, back(refused) || aside(refused));
    if let Some(returned) = &one.returned_to {
        context.refers(format!("{path}.returned_to"), "stage before it called", returned, back(returned));
    }
}

fn order(kind: &RecordKind, at: usize, stage: &Stage, path: &str, context: &mut Context<'_>) {
    for (place, from) in stage.from.iter().flatten().enumerate() {
        // A record goes back by a return alone: what it enters twice would be signed once.
        let known = kind.stages[..at].iter().any(|one| one.id == *from);
        context.refers(format!("{path}.from[{place}]"), "stage before it called", from, known);
    }
    let ended = before(kind, at, stage).into_iter().filter_map(|id| kind.stage(id)).find(|one| one.is_final);
    if let Some(ended) = ended {
        context.fault(path, format!("stage `{}` comes after `{}`, which is final", stage.id, ended.id));
    }
}

fn needs(pack: &Pack, kind: &RecordKind, stage: &Stage, path: &str, context: &mut Context<'_>) {
    for (at, slot) in stage.sign.iter().enumerate() {
        context.refers(format!("{path}.sign[{at}]"), "slot", slot, kind.slots.contains_key(slot));
    }
    documents::needs(pack, &stage.documents, &kind.files, &format!("{path}.documents"), context);
    for (at, need) in stage.records.iter().enumerate() {
        let (other, goal) = need.parts();
        let known = pack.record(other).is_some_and(|other| other.stage(goal).is_some());
        let path = format!("{path}.records[{at}]");
        context.refers(format!("{path}.at"), "stage of a record kind", &need.at, known);
        if other == kind.id {
            context.fault(format!("{path}.at"), format!("`{other}` would wait for itself"));
        }
    }
    for (at, other) in stage.none_open.iter().enumerate() {
        let known = pack.record(other).is_some() && *other != kind.id;
        context.refers(format!("{path}.none_open[{at}]"), "other record kind", other, known);
    }
    if let Some(one) = &stage.consulted {
        context.refers(format!("{path}.consulted.by"), "slot", &one.by, kind.slots.contains_key(&one.by));
        // A slot with a post is known by who signs; one that a person holds, at any time.
        let known = kind.slots.get(&one.by).is_none_or(|slot| slot.who.is_some());
        if !known && !stage.sign.contains(&one.by) {
            let sentence =
                format!("slot `{}` does not sign for this stage, so nobody knows who must have read", one.by);
            context.fault(format!("{path}.consulted.by"), sentence);
        }
    }
    if let Some(gate) = &stage.gate {
        context.refers(format!("{path}.gate"), "gate", gate, pack.completeness.gate(gate).is_some());
    }
}

fn contents(pack: &Pack, kind: &RecordKind, form: &Template, stage: &Stage, path: &str, context: &mut Context<'_>) {
    let section = |id: &str| form.sections.iter().any(|one| one.id == id);
    for (at, id) in stage.fills.iter().enumerate() {
        context.refers(format!("{path}.fills[{at}]"), "section", id, id == ALL || section(id));
    }
    for (id, percent) in &stage.percent {
        context.refers(format!("{path}.percent.{id}"), "section", id, section(id));
        if *percent > 100 {
            context.fault(format!("{path}.percent.{id}"), "a percentage is at most 100");
        }
    }
    facts::check(pack, kind, form, &stage.when, &format!("{path}.when"), context);
    facts::settled(kind, form, &stage.when, &format!("{path}.when"), context);
    for (at, need) in stage.records.iter().enumerate() {
        facts::check(pack, kind, form, &need.when, &format!("{path}.records[{at}].when"), context);
    }
    for (at, need) in stage.documents.iter().enumerate() {
        facts::check(pack, kind, form, &need.when, &format!("{path}.documents[{at}].when"), context);
    }
    facts::values(form, &stage.values, &format!("{path}.values"), context);
    for (at, text) in stage.equal.iter().enumerate() {
        equation(form, text, &format!("{path}.equal[{at}]"), context);
    }
}

fn equation(form: &Template, text: &str, path: &str, context: &mut Context<'_>) {
    let Some((left, right)) = text.split_once('=') else {
        return context.fault(path, format!("`{text}` is no equation such as `pages = counted`"));
    };
    let (left, right) = (left.trim(), right.trim());
    let group = |side: &str| side.split_once('.').map(|(group, _)| group.to_owned());
    if group(left) != group(right) {
        context.fault(path, format!("`{text}` is of two fields, or of two columns of one group"));
    }
    for side in [left, right] {
        let (key, column) = side.split_once('.').map_or((side, None), |(group, column)| (group, Some(column)));
        let field = form.field(key);
        let known = field.is_some_and(|field| column.is_none_or(|id| field.columns.iter().any(|one| one.id == id)));
        context.refers(path, "field", side, known);
        if let Some(field) = field.filter(|field| field.sensitivity > Sensitivity::Internal) {
            context.fault(
                path,
                format!("field `{}` is {}: who does not see it would learn of it", key, field.sensitivity),
            );
        }
    }
}
