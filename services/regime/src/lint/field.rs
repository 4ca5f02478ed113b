//! Checks of one field of a template, and of the columns of a group.

use super::Context;
use crate::bound;
use crate::model::{Field, FieldType, IdentifierKind, Index, Personal, Required, Sensitivity};

/// What a field's key is made of.
const KEY: &str = "words of lower-case letters and digits that begin with a letter, joined by `_`";
/// Most rows of a group.
const MOST_ROWS: u32 = 1_000;
/// Most columns of a group: a thousand rows of them still pass as one request.
const MOST_COLUMNS: usize = 50;
/// Most characters of a number in a source.
const LONGEST_NUMBER: usize = 16;

/// Every key of a field, and that each stands where it says something.
pub(super) fn check(field: &Field, path: &str, context: &mut Context<'_>) {
    common(field, path, context);
    if field.weight == 0 && !context.is_faulty(&format!("{path}.weight")) {
        context
            .fault(format!("{path}.weight"), "a weight is at least 1; a field that does not count is `required: no`");
    }
    searched(field, path, context);
    group(field, path, context);
    shown(field, path, context);
}

// What fields and columns have in common.
fn common(one: &Field, path: &str, context: &mut Context<'_>) {
    let id = format!("{path}.id");
    if !is_key(&one.id) && !context.is_faulty(&id) {
        context.fault(id, format!("`{}` is no key of a field: {KEY}", one.id));
    }
    values(one, path, context);
    if one.max_length == 0 && !context.is_faulty(&format!("{path}.max_length")) {
        context.fault(format!("{path}.max_length"), "a value has at least one character");
    }
    if one.pi != Personal::No && one.sensitivity == Sensitivity::Public {
        context.fault(format!("{path}.sensitivity"), "personal data is never public");
    }
    bounds(one, path, context);
    if one.to.is_some() && !matches!(one.kind, FieldType::Ref | FieldType::ListRef) {
        context.fault(format!("{path}.to"), format!("only a `ref` or several point to something, not `{}`", one.kind));
    }
    numbers(one, path, context);
}

// The JSON of a FieldMask writes `_x` as `X` and back, so only these come back as they were.
fn is_key(id: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    id.split('_').all(word)
}

fn values(one: &Field, path: &str, context: &mut Context<'_>) {
    let path = format!("{path}.values");
    let is_enum = matches!(one.kind, FieldType::Enum | FieldType::ListEnum);
    if is_enum && one.values.is_empty() && !context.is_faulty(&path) {
        context.fault(&path, format!("field `{}` is an enum without values", one.id));
    }
    if !is_enum && !one.values.is_empty() {
        context.fault(&path, format!("only an enum has values, not `{}`", one.kind));
    }
    context.ids(&path, "value", "value", one.values.iter().map(|one| one.value.as_str()));
}

fn bounds(one: &Field, path: &str, context: &mut Context<'_>) {
    let mut read = Vec::new();
    for (key, text) in [("min", &one.min), ("max", &one.max)] {
        let path = format!("{path}.{key}");
        let Some(text) = text.as_deref().filter(|_| !context.is_faulty(&path)) else { continue };
        if !bound::is_bounded(one.kind) {
            context.fault(path, format!("only numbers and amounts have bounds, not `{}`", one.kind));
            continue;
        }
        match bound::read(one.kind, text) {
            Ok(bound) => read.push(bound),
            Err(form) => context.fault(path, format!("the bound of a `{}` is {form}", one.kind)),
        }
    }
    let [min, max] = read.as_slice() else { return };
    if min.currency != max.currency {
        context.fault(format!("{path}.max"), "both bounds have one currency");
    } else if min.number > max.number {
        context.fault(format!("{path}.max"), format!("nothing lies between {min} and {max}"));
    }
}

fn numbers(one: &Field, path: &str, context: &mut Context<'_>) {
    for (source, number) in &one.numbers {
        let path = format!("{path}.numbers.{source}");
        if !super::is_id(source) {
            context.fault(&path, format!("`{source}` is no id of a source: letters, digits, `_`, `-` and `.`"));
        }
        if number.chars().count() > LONGEST_NUMBER {
            context.fault(path, format!("a number in a source has at most {LONGEST_NUMBER} characters"));
        }
    }
}

fn searched(field: &Field, path: &str, context: &mut Context<'_>) {
    let text = field.kind == FieldType::Text;
    if field.identifier != IdentifierKind::None && !text {
        context.fault(format!("{path}.identifier"), format!("an identifier is `text`, not `{}`", field.kind));
    }
    if field.identifier != IdentifierKind::None && field.max_length < 18 {
        context.fault(format!("{path}.max_length"), "an identifier has 18 characters");
    }
    if field.indexed == Index::Name && !text {
        context.fault(format!("{path}.indexed"), format!("only `text` is searched by name, not `{}`", field.kind));
    } else if field.indexed == Index::Exact && !is_searched(field.kind) {
        context.fault(format!("{path}.indexed"), format!("a `{}` is not searched", field.kind));
    }
}

// What has parts, or compares otherwise than by its text, has no place in an index of texts.
const fn is_searched(kind: FieldType) -> bool {
    use FieldType::*;
    !matches!(kind, Decimal | Percent | YearMonth | DateRange | SecretRef | Ref | ListEnum | Group | Shown)
}

fn group(field: &Field, path: &str, context: &mut Context<'_>) {
    let columns = format!("{path}.columns");
    let is_group = field.kind == FieldType::Group;
    if let Some(rows) = field.rows.filter(|_| !context.is_faulty(&format!("{path}.rows"))) {
        if !is_group {
            context.fault(format!("{path}.rows"), format!("only a group has rows, not `{}`", field.kind));
        } else if !(1..=MOST_ROWS).contains(&rows) {
            context.fault(format!("{path}.rows"), format!("a group has 1 to {MOST_ROWS} rows"));
        }
    }
    if !is_group && !field.columns.is_empty() {
        context.fault(&columns, format!("only a group has columns, not `{}`", field.kind));
        return;
    }
    if is_group {
        context.filled(&columns, &field.columns, "a group has at least one column");
    }
    if field.columns.len() > MOST_COLUMNS {
        context.fault(&columns, format!("a group has at most {MOST_COLUMNS} columns"));
    }
    context.ids(&columns, "id", "column", field.columns.iter().map(|one| one.id.as_str()));
    for (at, one) in field.columns.iter().enumerate() {
        let path = format!("{columns}[{at}]");
        if matches!(one.kind, FieldType::Group | FieldType::Shown) {
            context.fault(format!("{path}.type"), format!("a column is no `{}`: rows have one level", one.kind));
        }
        common(&one.field(), &path, context);
    }
}

// What is shown is stored elsewhere, and demanded there: by a gate or a stage.
fn shown(field: &Field, path: &str, context: &mut Context<'_>) {
    let shows = format!("{path}.shows");
    let is_shown = field.kind == FieldType::Shown;
    if let Some(said) = field.shows.as_ref().filter(|_| !context.is_faulty(&shows)) {
        if !is_shown {
            context.fault(&shows, format!("only a `shown` field shows something, not `{}`", field.kind));
        } else if said.said().count() != 1 {
            context.fault(&shows, "a field shows one thing: a slot, a stage or a document");
        }
    }
    if !is_shown {
        return;
    }
    if field.shows.is_none() {
        context.fault(&shows, "what is shown is said: a slot, a stage or a document");
    }
    let demanded = matches!(field.required, Required::Yes | Required::Cond);
    for (key, given) in [("required", demanded), ("critical", field.critical), ("output_only", field.output_only)] {
        if given {
            context.fault(format!("{path}.{key}"), "what is shown is not filled in here, so it is never missing");
        }
    }
}
