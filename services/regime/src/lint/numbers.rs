//! Checks of file-number rules: patterns that parse, fit, and cannot give one number twice.

use super::{Context, pack::each_type_once};
use crate::model::{CodeTable, FileKind, NumberRule, Numbering, Pack};
use crate::number::{Pattern, Piece, is_text};

/// Code tables and rules of a pack, for the kinds of file that have none of their own.
pub(super) fn numbering(pack: &Pack, context: &mut Context<'_>) {
    let takes = |kind: &FileKind| kind.numbering.as_ref() == Some(&pack.numbering);
    let taken = pack.files.iter().any(takes);
    if taken || context.says("numbering") {
        let customers = pack.files.iter().any(|kind| !kind.internal && takes(kind));
        rules(pack, &pack.numbering, "numbering", customers, context);
    }
}

/// Code tables and rules of one numbering; with `customers` every customer type must have a rule.
pub(super) fn rules(pack: &Pack, numbering: &Numbering, path: &str, customers: bool, context: &mut Context<'_>) {
    let (codes, rules) = (&numbering.codes, &numbering.rules);
    context.ids(&format!("{path}.codes"), "field", "code table", codes.iter().map(|one| one.field.as_str()));
    for (at, table) in codes.iter().enumerate() {
        check_table(table, &format!("{path}.codes[{at}].codes"), context);
    }
    let list = format!("{path}.rules");
    context.ids(&list, "id", "rule", rules.iter().map(|one| one.id.as_str()));
    if customers {
        let all = pack.customer_types.as_slice();
        let given = rules.iter().map(|one| if one.customer_types.is_empty() { all } else { &one.customer_types });
        each_type_once(pack, &list, "number rule", given, context);
    }
    for (at, rule) in rules.iter().enumerate() {
        let path = format!("{list}[{at}]");
        let same = |other: &&NumberRule| !rule.pattern.is_empty() && other.pattern == rule.pattern;
        if let Some(other) = rules.iter().take(at).find(same) {
            let sentence = format!("rule `{}` has the same pattern, so both could give one number", other.id);
            context.fault(format!("{path}.pattern"), sentence);
        }
        check_rule(numbering, rule, &path, context);
    }
}

/// One code table: each value and each code once, and codes that can be read back.
pub(super) fn check_table(table: &CodeTable, path: &str, context: &mut Context<'_>) {
    context.filled(path, &table.codes, "a code table has at least one code");
    context.ids(path, "value", "value", table.codes.iter().map(|one| one.value.as_str()));
    context.ids(path, "code", "code", table.codes.iter().map(|one| one.code.as_str()));
    for (at, code) in table.codes.iter().enumerate() {
        let strange = |c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit());
        if code.code.contains(strange) || code.code.starts_with(|c: char| c.is_ascii_digit()) {
            context.fault(
                format!("{path}[{at}].code"),
                format!("code `{}` is not A-Z and digits after a letter", code.code),
            );
        }
    }
}

fn check_rule(numbering: &Numbering, rule: &NumberRule, path: &str, context: &mut Context<'_>) {
    if rule.pattern.is_empty() {
        return;
    }
    let pattern = match Pattern::parse(&rule.pattern) {
        Ok(pattern) => pattern,
        Err(sentence) => return context.fault(format!("{path}.pattern"), sentence),
    };
    for piece in pattern.pieces() {
        if let Piece::Code(field) = piece {
            let known = numbering.table(field).is_some();
            context.refers(format!("{path}.pattern"), "code table", field, known);
        }
    }
    check_scope(&rule.scope, &pattern, path, context);
    check_length(numbering, rule, &pattern, path, context);
    if runs_together(numbering, &pattern) {
        context
            .fault(format!("{path}.pattern"), "two parts of varying length touch, so one number could be given twice");
    }
}

/// Every placeholder that begins a series stands in the pattern.
pub(super) fn check_scope(scope: &[String], pattern: &Pattern, path: &str, context: &mut Context<'_>) {
    for (at, name) in scope.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
        let piece = Piece::named(name);
        if matches!(piece, Piece::Seq(_)) || !pattern.pieces().contains(&piece) {
            let sentence =
                format!("`{name}` counts apart but is not in the pattern, so one number could be given twice");
            context.fault(format!("{path}.scope[{at}]"), sentence);
        }
    }
}

fn check_length(numbering: &Numbering, rule: &NumberRule, pattern: &Pattern, path: &str, context: &mut Context<'_>) {
    if context.is_faulty(&format!("{path}.max_length")) {
        return;
    }
    let longest = numbering.fixed_length(rule, pattern) + pattern.seq_width().unwrap_or(1);
    let most = usize::try_from(rule.max_length).unwrap_or(usize::MAX);
    if longest > most {
        let counted = if rule.separators_count { "separators counted" } else { "separators not counted" };
        let sentence =
            format!("`{}` can reach {longest} characters, {counted}; {most} are allowed (P-06)", rule.pattern);
        context.fault(format!("{path}.pattern"), sentence);
    }
}

/// Whether two parts of varying length touch.
pub(super) fn runs_together(numbering: &Numbering, pattern: &Pattern) -> bool {
    let varies = |piece: &Piece| match piece {
        Piece::Seq(width) => width.is_none(),
        Piece::Code(field) => numbering.table(field).map_or(is_text(field), |table| {
            let mut lengths = table.codes.iter().map(|one| one.code.len());
            let first = lengths.next();
            lengths.any(|length| Some(length) != first)
        }),
        Piece::Literal(_) | Piece::Year | Piece::Month | Piece::Day => false,
    };
    pattern.pieces().windows(2).any(|pair| match pair {
        [left, right] => varies(left) && !matches!(right, Piece::Literal(_)),
        _ => false,
    })
}
