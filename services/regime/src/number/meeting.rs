//! Whether two patterns can give one number: what each can give is compared character by character.

use super::{Pattern, Piece};
use crate::model::Numbering;

/// A stretch of what a pattern gives.
#[derive(Clone, Debug)]
pub(crate) enum Stretch {
    /// One character.
    One(Class),
    /// One or more of them.
    Many(Class),
    /// One of several.
    OneOf(Vec<Vec<Stretch>>),
}

/// Which characters.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Class {
    This(char),
    Digit,
    Any,
}

/// What `pattern` can give; `files` is what `{file}` can be.
pub(crate) fn forms(numbering: &Numbering, pattern: &Pattern, files: &[Vec<Stretch>]) -> Vec<Stretch> {
    let digits = |count: usize| vec![Stretch::One(Class::Digit); count];
    let of = |piece: &Piece| match piece {
        Piece::Literal(text) => letters(text),
        Piece::Year => digits(4),
        Piece::Month | Piece::Day => digits(2),
        Piece::Seq(Some(width)) => digits(*width),
        Piece::Seq(None) => vec![Stretch::Many(Class::Digit)],
        Piece::Code(field) => match numbering.table(field) {
            Some(table) => vec![Stretch::OneOf(table.codes.iter().map(|one| letters(&one.code)).collect())],
            None if field == "file" => vec![Stretch::OneOf(files.to_vec())],
            None => vec![Stretch::Many(Class::Any)],
        },
    };
    pattern.pieces().iter().flat_map(of).collect()
}

/// Whether both can give one text.
pub(crate) fn meet(one: &[Stretch], other: &[Stretch]) -> bool {
    use Stretch::{Many, One, OneOf};
    let (Some((first, rest)), Some((second, more))) = (one.split_first(), other.split_first()) else {
        return one.is_empty() && other.is_empty();
    };
    match (first, second) {
        (OneOf(all), _) => all.iter().any(|form| meet(&[form, rest].concat(), other)),
        (_, OneOf(_)) => meet(other, one),
        (One(a) | Many(a), One(b) | Many(b)) if !both(*a, *b) => false,
        (One(_), One(_)) => meet(rest, more),
        (Many(_), One(_)) => meet(rest, more) || meet(one, more),
        (One(_), Many(_)) => meet(rest, more) || meet(rest, other),
        (Many(_), Many(_)) => meet(rest, more) || meet(one, more) || meet(rest, other),
    }
}

fn letters(text: &str) -> Vec<Stretch> {
    text.chars().map(|letter| Stretch::One(Class::This(letter))).collect()
}

// Whether some character is of both.
fn both(one: Class, other: Class) -> bool {
    match (one, other) {
        (Class::Any, _) | (_, Class::Any) | (Class::Digit, Class::Digit) => true,
        (Class::This(letter), Class::Digit) | (Class::Digit, Class::This(letter)) => letter.is_ascii_digit(),
        (Class::This(a), Class::This(b)) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Code, CodeTable};

    fn numbering() -> Numbering {
        let code = |code: &str| Code { value: code.to_lowercase(), code: code.into(), label: code.into() };
        let codes = vec![CodeTable { field: "industry".into(), codes: vec![code("GY"), code("FWX")] }];
        Numbering { codes, rules: Vec::new() }
    }

    fn form(pattern: &str, files: &[Vec<Stretch>]) -> Vec<Stretch> {
        forms(&numbering(), &Pattern::parse(pattern).unwrap(), files)
    }

    #[test]
    fn patterns_meet_where_one_text_fits_both() {
        let can = |one: &str, other: &str| meet(&form(one, &[]), &form(other, &[]));
        for (one, other) in [
            ("KH-{year}-{seq:4}", "KH-{seq:4}-{month}{day}"),
            ("{industry}-{seq:3}", "FWX-{seq}"),
            ("A{seq}", "A1{seq}"),
            ("{unit}-{seq:2}", "north-{year}-{seq:2}"),
        ] {
            assert!(can(one, other) && can(other, one), "{one} and {other}");
        }
        for (one, other) in [
            ("KH-{year}-{seq:4}", "TS-{year}-{seq:4}"),
            ("KH-{year}-{seq:4}", "KH-{year}-{seq:5}"),
            ("{industry}-{seq:3}", "GX-{seq}"),
            ("A{seq}", "A{seq}B"),
        ] {
            assert!(!can(one, other) && !can(other, one), "{one} and {other}");
        }
    }

    #[test]
    fn the_number_of_a_file_is_what_files_are_numbered_by() {
        let files = [form("KH-{year}-{seq:5}", &[])];
        assert!(!meet(&form("{file}-{seq:5}", &files), &files[0]), "no file is called KH-2026");
        assert!(meet(&form("{file}-{seq:2}", &files), &form("KH-{year}-{seq:5}-{month}", &[])));
    }
}
