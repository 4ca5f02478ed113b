//! Checks of the numbers of records: each is drawn, can be read back, and is nobody else's.

use super::numbers::{check_scope, check_table, runs_together};
use super::{Context, stages};
use crate::model::{FileKind, NumberRule, Numbering, Pack, RecordKind, RecordNumber, Sensitivity, Template};
use crate::number::meeting::{Stretch, forms, meet};
use crate::number::{Pattern, Piece, is_text};

/// The number of a kind with this form; without one its fields are not judged.
pub(super) fn check(pack: &Pack, kind: &RecordKind, form: Option<&Template>, path: &str, context: &mut Context<'_>) {
    let Some(number) = &kind.number else { return };
    let path = format!("{path}.number");
    drawn(kind, number, &path, context);
    context.ids(&format!("{path}.codes"), "field", "code table", number.codes.iter().map(|one| one.field.as_str()));
    for (at, table) in number.codes.iter().enumerate() {
        check_table(table, &format!("{path}.codes[{at}].codes"), context);
        if let Some(form) = form {
            source(pack, form, &table.field, &format!("{path}.codes[{at}].field"), context);
        }
    }
    if number.pattern.is_empty() {
        return;
    }
    match Pattern::parse(&number.pattern) {
        Ok(pattern) => {
            made(kind, number, &pattern, &path, context);
            alone(pack, kind, &pattern, &path, context);
        }
        Err(sentence) => context.fault(format!("{path}.pattern"), sentence),
    }
}

// The stage that draws it is there, and every record comes through it.
fn drawn(kind: &RecordKind, number: &RecordNumber, path: &str, context: &mut Context<'_>) {
    let stage = kind.stage(&number.at);
    context.refers(format!("{path}.at"), "stage", &number.at, stage.is_some());
    let Some(stage) = stage else { return };
    let passed = stages::reached(kind, Some(&stage.id));
    let mut later = kind.stages.iter().skip_while(|one| one.id != stage.id).skip(1);
    let past = later.find(|one| passed.contains(one.id.as_str()));
    if !stage.when.is_empty() {
        let sentence =
            format!("`{}` is passed over where its `when` does not hold: such records get no number", stage.id);
        context.warn(format!("{path}.at"), sentence);
    } else if let Some(past) = past {
        let sentence = format!("a way to `{}` leads past `{}`: records that take it get no number", past.id, stage.id);
        context.warn(format!("{path}.at"), sentence);
    }
}

// What a code table has codes of: whoever sees that there is a record is told its number.
fn source(pack: &Pack, form: &Template, field: &str, path: &str, context: &mut Context<'_>) {
    let axis = pack.classification.axes.iter().any(|axis| axis.field == field);
    let found = form.field(field);
    context.refers(path, "field or axis", field, found.is_some() || axis || field == "unit");
    if let Some(found) = found.filter(|found| found.sensitivity > Sensitivity::Internal) {
        let sentence = format!("field `{}` is {}: the number would tell it", field, found.sensitivity);
        context.fault(path, sentence);
    }
}

fn made(kind: &RecordKind, number: &RecordNumber, pattern: &Pattern, path: &str, context: &mut Context<'_>) {
    let (numbering, at) = (number.numbering(&kind.id), format!("{path}.pattern"));
    for piece in pattern.pieces() {
        if let Piece::Code(field) = piece {
            context.refers(&at, "code table", field, numbering.table(field).is_some() || is_text(field));
        }
    }
    check_scope(&number.scope, pattern, path, context);
    if pattern.seq_width().is_none() {
        context.fault(&at, "the sequence of a record's number says its width, such as `{seq:4}`");
    }
    let of_any_length = |piece: &&Piece| matches!(piece, Piece::Code(name) if numbering.table(name).is_none());
    if runs_together(&numbering, pattern) || pattern.pieces().iter().filter(of_any_length).count() > 1 {
        context.fault(&at, "two parts of varying length make one number of two, so one number could be given twice");
    }
}

// No file, and no record of a kind before it, can get a number that it could give.
fn alone(pack: &Pack, kind: &RecordKind, pattern: &Pattern, path: &str, context: &mut Context<'_>) {
    let own = kind.number.as_ref().map(|one| given(pack, kind, one, pattern)).unwrap_or_default();
    let files = pack.files.iter().filter_map(|one| one.numbering.as_ref()).chain([&pack.numbering]);
    let mut rules = files.flat_map(|numbering| numbering.rules.iter().map(move |rule| (numbering, rule)));
    let rival = rules.find(|(numbering, rule)| of_rule(numbering, rule).is_some_and(|it| meet(&own, &it)));
    let mut before = pack.records.iter().take_while(|other| other.id != kind.id);
    let other = before.find(|other| {
        let theirs = other.number.as_ref().and_then(|one| Some((one, Pattern::parse(&one.pattern).ok()?)));
        theirs.is_some_and(|(one, pattern)| meet(&own, &given(pack, other, one, &pattern)))
    });
    if let Some((_, rule)) = rival {
        let sentence = format!("it could give a number that files get by rule `{}`", rule.id);
        context.fault(format!("{path}.pattern"), sentence);
    } else if let Some(other) = other {
        let sentence = format!("it could give a number that records of `{}` get", other.id);
        context.fault(format!("{path}.pattern"), sentence);
    }
}

fn given(pack: &Pack, kind: &RecordKind, number: &RecordNumber, pattern: &Pattern) -> Vec<Stretch> {
    let held = pack.files.iter().filter(|file| kind.is_in(&file.id));
    let numbered = held.filter_map(|file: &FileKind| file.numbering.as_ref());
    let files = numbered.flat_map(|numbering| numbering.rules.iter().filter_map(move |rule| of_rule(numbering, rule)));
    forms(&number.numbering(&kind.id), pattern, &files.collect::<Vec<_>>())
}

fn of_rule(numbering: &Numbering, rule: &NumberRule) -> Option<Vec<Stretch>> {
    Some(forms(numbering, &Pattern::parse(&rule.pattern).ok()?, &[]))
}
