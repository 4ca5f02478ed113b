//! Checks of facts: what conditions may ask about, so that their answer betrays nothing that is not seen.

use super::Context;
use crate::model::{CustomerType, Expected, Field, FieldType, Pack, RecordKind, Sensitivity, Template, When};

/// Conditions of a kind with this form.
pub(super) fn check(
    pack: &Pack,
    kind: &RecordKind,
    form: &Template,
    when: &When,
    path: &str,
    context: &mut Context<'_>,
) {
    for (fact, expected) in when {
        let at = format!("{path}.{fact}");
        let slot = fact.strip_suffix(".post");
        match (form.field(fact), slot) {
            (Some(field), _) => of_field(form, field, expected, &at, context),
            (None, Some(slot)) => {
                context.refers(&at, "slot", slot, kind.slots.contains_key(slot));
                named(expected, "post", |id| pack.post(id).is_some(), &at, context);
            }
            (None, None) => general(pack, fact, expected, &at, context),
        }
    }
}

/// Fields that decide on a stage or a slot stand in a section that a stage fills: others can be written until the end.
pub(super) fn settled(kind: &RecordKind, form: &Template, when: &When, path: &str, context: &mut Context<'_>) {
    for field in when.keys().filter_map(|fact| form.field(fact)).filter(|field| !kind.is_staged(&field.section)) {
        let sentence =
            format!("no stage fills section `{}`, so `{}` can be changed afterwards", field.section, field.id);
        context.warn(format!("{path}.{}", field.id), sentence);
    }
}

/// Fields that must say something, of a form.
pub(super) fn values(form: &Template, values: &When, path: &str, context: &mut Context<'_>) {
    for (key, expected) in values {
        let at = format!("{path}.{key}");
        match form.field(key) {
            Some(field) => of_field(form, field, expected, &at, context),
            None => context.refers(&at, "field", key, false),
        }
    }
}

pub(super) fn of_field(form: &Template, field: &Field, expected: &Expected, at: &str, context: &mut Context<'_>) {
    if field.sensitivity > Sensitivity::Internal {
        let sentence = format!("field `{}` is {}: who does not see it would learn of it", field.id, field.sensitivity);
        context.fault(at, sentence);
    }
    if field.kind == FieldType::Enum {
        named(expected, "choice", |id| field.values.iter().any(|one| one.value == id), at, context);
    }
    for bound in [&expected.below, &expected.above].into_iter().flatten() {
        let other = form.field(bound);
        let literal = bound.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase() || c == '-');
        context.refers(at, "number, sum, date or field", bound, literal || other.is_some());
        if let Some(other) = other.filter(|other| other.sensitivity > Sensitivity::Internal) {
            let sentence = format!("field `{bound}` is {}: who does not see it would learn of it", other.sensitivity);
            context.fault(at, sentence);
        }
    }
}

/// Conditions that hang on a file alone.
pub(super) fn general_all(pack: &Pack, when: &When, path: &str, context: &mut Context<'_>) {
    for (fact, expected) in when {
        general(pack, fact, expected, &format!("{path}.{fact}"), context);
    }
}

fn general(pack: &Pack, fact: &str, expected: &Expected, at: &str, context: &mut Context<'_>) {
    match fact {
        "customer_type" => named(expected, "customer type", |id| CustomerType::parse(id).is_some(), at, context),
        "level" => named(expected, "level", |id| pack.level(id).is_some(), at, context),
        _ => match fact.strip_prefix("class.") {
            Some(axis) => axis_values(pack, axis, expected, at, context),
            None => context.fault(at, format!("there is no fact `{fact}`")),
        },
    }
}

fn axis_values(pack: &Pack, axis: &str, expected: &Expected, at: &str, context: &mut Context<'_>) {
    let mut axes = pack.classification.axes.iter().filter(|one| one.field == axis).peekable();
    context.refers(at, "axis", axis, axes.peek().is_some());
    let axes: Vec<_> = axes.collect();
    if !axes.is_empty() {
        named(expected, "class", |id| axes.iter().any(|axis| axis.allows(id)), at, context);
    }
}

pub(super) fn named(
    expected: &Expected,
    what: &str,
    known: impl Fn(&str) -> bool,
    at: &str,
    context: &mut Context<'_>,
) {
    for id in &expected.any_of {
        context.refers(at, what, id, known(id));
    }
    if expected.below.is_some() || expected.above.is_some() {
        context.fault(at, format!("a {what} is neither below nor above anything"));
    }
}
