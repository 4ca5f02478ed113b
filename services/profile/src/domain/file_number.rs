//! Numbers of files and records: making the next one, and recognising the one that somebody wants voided (P-05, P-06, I11).

use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::number::{NumberFault, NumberInput, Pattern, Piece, is_text, parts};
use dossier_regime::{CustomerType, NumberRule, Numbering, Pack, RecordNumber};
use jiff::civil::Date;

use super::completeness::incomplete;
use super::customer_file::CustomerFile;

/// The series of customer numbers.
pub const CUSTOMER_SERIES: &str = "customer_number";

/// The series of numbers that another house issued, for files that came from there. Each has its place in the order in which it came.
pub const ELSEWHERE: &str = "issued_elsewhere";

/// What a number is made from, ready to take the next of its series.
#[derive(Clone, Debug)]
pub struct Series<'a> {
    numbering: &'a Numbering,
    rule: &'a NumberRule,
    /// Key of the series in the register.
    pub key: String,
}

// === impl Series ===

impl<'a> Series<'a> {
    /// The series a file of this customer type, or of none, draws its number from.
    ///
    /// # Errors
    /// `FILE_INCOMPLETE` when a field that the number is made of is empty or has no code.
    pub fn of(
        numbering: &'a Numbering,
        customer: impl Into<Option<CustomerType>>,
        file: &str,
        input: NumberInput<'_>,
    ) -> Result<Self> {
        Self::by(numbering, numbering.rule_for(customer), input).map_err(|fault| refusal(fault, file))
    }

    /// The series that a record draws its number from, by the numbering of its kind.
    ///
    /// # Errors
    /// Which part of the number has no value.
    pub fn of_record(numbering: &'a Numbering, input: NumberInput<'_>) -> std::result::Result<Self, NumberFault> {
        Self::by(numbering, numbering.rules.first(), input)
    }

    fn by(
        numbering: &'a Numbering,
        rule: Option<&'a NumberRule>,
        input: NumberInput<'_>,
    ) -> std::result::Result<Self, NumberFault> {
        let rule = rule.ok_or_else(|| NumberFault::Pattern("a customer type has no rule".to_owned()))?;
        let key = numbering.scope_key(rule, input)?;
        // A field outside the series may be empty as well: better known before a number is taken.
        numbering.render(rule, input, 1)?;
        Ok(Self { numbering, rule, key })
    }

    /// The number with place `sequence`.
    ///
    /// # Errors
    /// `NUMBERS_EXHAUSTED` when it does not fit the pattern.
    pub fn number(&self, sequence: i64, file: &str, input: NumberInput<'_>) -> Result<String> {
        let sequence = u64::try_from(sequence).unwrap_or(u64::MAX);
        self.numbering.render(self.rule, input, sequence).map_err(|fault| refusal(fault, file))
    }
}

fn refusal(fault: NumberFault, file: &str) -> Error {
    match fault {
        NumberFault::MissingValue { field } | NumberFault::NoCode { field } => incomplete(file, &[field]),
        NumberFault::Overflow { scope, .. } => Error::new(Reason::NumbersExhausted).with("series", scope),
        NumberFault::Pattern(_) => Error::new(Reason::PackFault).because("a number pattern is faulty"),
    }
}

/// What of a record's number has no value: a field or axis without one or without a code for it, or `file` while its file has no number.
/// `field` knows the fields of the record.
pub fn lacking(number: &RecordNumber, kind: &str, file: &CustomerFile, field: &Field<'_>) -> Option<String> {
    // On any day alike: a date has no part without a value.
    let input = NumberInput { date: Date::constant(2000, 1, 1), value: &|part| of_record(file, part, field) };
    match Series::of_record(&number.numbering(kind), input) {
        Err(NumberFault::MissingValue { field } | NumberFault::NoCode { field }) => Some(field),
        Ok(_) | Err(NumberFault::Overflow { .. } | NumberFault::Pattern(_)) => None,
    }
}

/// What the fields of a record say.
pub type Field<'a> = dyn Fn(&str) -> Option<String> + Sync + 'a;

/// What a part of a record's number is made from.
pub fn of_record(file: &CustomerFile, part: &str, field: &Field<'_>) -> Option<String> {
    match part {
        "file" => file.number.clone(),
        "unit" => Some(file.unit.clone()),
        _ => field(part).or_else(|| file.classification.get(part).cloned()),
    }
}

/// How many customer numbers there are.
pub const CUSTOMER_NUMBERS: u64 = 100_000_000;

/// The customer number of this lot below [`CUSTOMER_NUMBERS`]: `C` and eight digits, within the ten characters of P-06.
pub fn customer_number(lot: i64) -> String {
    format!("C{lot:08}")
}

/// The place that `number` would have in `series`, if it is a number of that series at all.
pub fn place(pack: &Pack, series: &str, number: &str) -> Option<i64> {
    let mut parts = parts(series);
    let id = parts.next()?;
    let numbering = pack.numbering_of(&id)?;
    let rule = numbering.rule(&id)?;
    let filled: Vec<(&str, String)> = rule.scope.iter().map(String::as_str).zip(parts).collect();
    if filled.len() != rule.scope.len() {
        return None;
    }
    let pattern = Pattern::parse(&rule.pattern).ok()?;
    let reader = Reader { numbering: &numbering, filled };
    reader.read(pattern.pieces(), number, None)
}

/// The last place of the series that still fits its pattern; `None` for a series the pack does not know.
pub fn last(pack: &Pack, series: &str) -> Option<i64> {
    let id = parts(series).next()?;
    let numbering = pack.numbering_of(&id)?;
    numbering.last(numbering.rule(&id)?).ok().map(|last| i64::try_from(last).unwrap_or(i64::MAX))
}

/// Reads numbers along their pattern; codes are few, so trying each of them is cheap.
struct Reader<'a> {
    numbering: &'a Numbering,
    /// What the series fills in: placeholder and text.
    filled: Vec<(&'a str, String)>,
}

// === impl Reader ===

impl Reader<'_> {
    fn read(&self, pieces: &[Piece], rest: &str, sequence: Option<i64>) -> Option<i64> {
        let Some((piece, more)) = pieces.split_first() else { return sequence.filter(|_| rest.is_empty()) };
        let behind = |text: &str| self.read(more, rest.strip_prefix(text)?, sequence);
        match (piece, named(piece)) {
            (Piece::Literal(text), _) => behind(text),
            (Piece::Seq(width), _) => {
                let (sequence, after) = rest.split_at_checked(width.unwrap_or_else(|| digits(rest)))?;
                let sequence = sequence.parse().ok().filter(|_| digits(sequence) == sequence.len())?;
                self.read(more, after, Some(sequence))
            }
            (_, Some((name, width))) => match self.filled.iter().find(|(field, _)| *field == name) {
                Some((_, text)) => behind(text),
                None if width > 0 => behind(rest.get(..width).filter(|part| digits(part) == width)?),
                None => match self.numbering.table(name) {
                    Some(table) => table.codes.iter().find_map(|code| behind(&code.code)),
                    None if is_text(name) => (1..=rest.len()).filter_map(|end| rest.get(..end)).find_map(behind),
                    None => None,
                },
            },
            (_, None) => None,
        }
    }
}

// How many digits the text begins with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

// The name of a placeholder, and its width where it has one.
fn named(piece: &Piece) -> Option<(&str, usize)> {
    match piece {
        Piece::Year => Some(("year", 4)),
        Piece::Month => Some(("month", 2)),
        Piece::Day => Some(("day", 2)),
        Piece::Code(field) => Some((field, 0)),
        Piece::Literal(_) | Piece::Seq(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use dossier_regime::RecordKind;
    use dossier_regime::{Code, CodeTable};
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const DAY: Date = date(2026, 11, 3);

    fn numbering(pattern: &str, scope: &[&str]) -> Numbering {
        let code = |value: &str, code: &str| Code { value: value.into(), code: code.into(), label: value.into() };
        let codes = vec![
            CodeTable { field: "industry".into(), codes: vec![code("manufacturing", "GY"), code("services", "FW")] },
            CodeTable { field: "region".into(), codes: vec![code("shanghai", "SH"), code("beijing", "BJ")] },
        ];
        let rule = NumberRule {
            id: "rule".into(),
            customer_types: vec![CustomerType::Company],
            pattern: pattern.into(),
            max_length: 12,
            separators_count: false,
            scope: scope.iter().map(|name| (*name).into()).collect(),
        };
        Numbering { codes, rules: vec![rule] }
    }

    fn pack(numbering: Numbering) -> Pack {
        Pack { numbering, ..Pack::default() }
    }

    fn value(field: &str) -> Option<String> {
        match field {
            "industry" => Some("manufacturing".into()),
            "region" => Some("shanghai".into()),
            _ => None,
        }
    }

    #[test]
    fn a_number_is_made_and_recognised() {
        let numbering = numbering("{industry}-{region}-{seq:3}", &["industry", "region"]);
        let pack = pack(numbering.clone());
        let input = NumberInput { date: DAY, value: &value };
        let series = Series::of(&numbering, CustomerType::Company, "files/1", input).unwrap();
        assert_eq!(series.key, "rule/GY/SH");
        assert_eq!(series.number(1, "files/1", input).unwrap(), "GY-SH-001");
        assert_eq!(place(&pack, "rule/GY/SH", "GY-SH-012"), Some(12));
        for wrong in ["GY-BJ-012", "GY-SH-12", "GY-SH-0123", "GY-SH-", ""] {
            assert_eq!(place(&pack, "rule/GY/SH", wrong), None, "{wrong}");
        }
        assert_eq!(place(&pack, "other/GY/SH", "GY-SH-012"), None);
        let fault = series.number(1000, "files/1", input).unwrap_err();
        assert_eq!((fault.reason(), fault.metadata("series")), (Reason::NumbersExhausted, Some("rule/GY/SH")));
        assert_eq!(last(&pack, "rule/GY/SH"), Some(999));
    }

    #[test]
    fn placeholders_outside_the_series_may_vary() {
        let pack = pack(numbering("KH-{year}{month}-{seq:4}{region}", &["year"]));
        assert_eq!(place(&pack, "rule/2026", "KH-202611-0007BJ"), Some(7));
        assert_eq!(place(&pack, "rule/2026", "KH-202511-0007BJ"), None);
        assert_eq!(place(&pack, "rule/2026", "KH-202611-0007XX"), None);
    }

    // proves: P-07
    #[test]
    fn a_number_after_that_of_its_file_is_recognised_in_its_series() {
        let number = RecordNumber {
            at: "signed".into(),
            pattern: "{file}-{seq:2}".into(),
            scope: vec!["file".into()],
            codes: Vec::new(),
        };
        let numbering = number.numbering("contract");
        let kind = RecordKind { id: "contract".into(), number: Some(number), ..RecordKind::default() };
        let pack = Pack { records: vec![kind], ..Pack::default() };
        let value = |part: &str| (part == "file").then(|| "KH/2026%-7".to_owned());
        let series = Series::of_record(&numbering, NumberInput { date: DAY, value: &value }).unwrap();
        assert_eq!(series.key, "record:contract/KH%2F2026%25-7", "what parts a key is not taken for one of its parts");
        let made = series.number(3, "", NumberInput { date: DAY, value: &value }).unwrap();
        assert_eq!((made.as_str(), place(&pack, &series.key, &made)), ("KH/2026%-7-03", Some(3)));
        assert_eq!(place(&pack, &series.key, "KH/2026%-8-03"), None);
        assert_eq!(last(&pack, &series.key), Some(99));
        assert_eq!(last(&pack, "record:visit/2026"), None, "a kind without numbers has no series");
    }

    #[test]
    fn a_part_of_any_length_is_read_over_where_it_begins_no_series() {
        let number = RecordNumber { pattern: "{unit}-{seq:3}".into(), ..RecordNumber::default() };
        let kind = RecordKind { id: "visit".into(), number: Some(number), ..RecordKind::default() };
        let pack = Pack { records: vec![kind], ..Pack::default() };
        assert_eq!(place(&pack, "record:visit", "华北-1-012"), Some(12));
        assert_eq!(place(&pack, "record:visit", "-012"), None);
    }

    #[test]
    fn an_empty_field_of_the_number_is_named() {
        let numbering = numbering("{industry}-{seq:3}", &["industry"]);
        let input = NumberInput { date: DAY, value: &|_| None };
        let fault = Series::of(&numbering, CustomerType::Company, "files/1", input).unwrap_err();
        assert_eq!((fault.reason(), fault.metadata("missing")), (Reason::FileIncomplete, Some("industry")));
    }

    proptest! {
        #[test]
        fn every_number_is_recognised_at_its_place(
            sequence in 1..999_i64,
            pattern in prop::sample::select(vec!["{year}-{month}-{seq:3}", "{region}{seq:3}", "N{seq:3}.{day}"]),
        ) {
            let scope: &[&str] = if pattern.contains("year") { &["year", "month"] } else { &[] };
            let numbering = numbering(pattern, scope);
            let input = NumberInput { date: DAY, value: &value };
            let series = Series::of(&numbering, CustomerType::Company, "files/1", input).unwrap();
            let number = series.number(sequence, "files/1", input).unwrap();
            prop_assert_eq!(place(&pack(numbering.clone()), &series.key, &number), Some(sequence));
        }
    }
}
