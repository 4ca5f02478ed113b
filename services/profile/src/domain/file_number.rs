//! File numbers: making the next one, and recognising the one that somebody wants voided (P-05, P-06, I11).

use dossier_kernel::error::{Error, Reason, Result};
use dossier_regime::number::{NumberFault, NumberInput, Pattern, Piece};
use dossier_regime::{CustomerType, NumberRule, Numbering, Pack};

use super::completeness::incomplete;

/// The series of customer numbers.
pub const CUSTOMER_SERIES: &str = "customer_number";

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
        let rule = numbering.rule_for(customer);
        let rule =
            rule.ok_or_else(|| Error::new(Reason::PackFault).because("a customer type without a number rule"))?;
        let key = numbering.scope_key(rule, input).map_err(|fault| refusal(fault, file))?;
        // A field outside the series may be empty as well: better known before a number is taken.
        numbering.render(rule, input, 1).map_err(|fault| refusal(fault, file))?;
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

/// How many customer numbers there are.
pub const CUSTOMER_NUMBERS: u64 = 100_000_000;

/// The customer number of this lot below [`CUSTOMER_NUMBERS`]: `C` and eight digits, within the ten characters of P-06.
pub fn customer_number(lot: i64) -> String {
    format!("C{lot:08}")
}

/// The place that `number` would have in `series`, if it is a number of that series at all.
pub fn place(pack: &Pack, series: &str, number: &str) -> Option<i64> {
    let mut parts = series.split('/');
    let (numbering, rule) = rule(pack, parts.next()?)?;
    let filled: Vec<(&str, &str)> = rule.scope.iter().map(String::as_str).zip(parts).collect();
    if filled.len() != rule.scope.len() {
        return None;
    }
    let pattern = Pattern::parse(&rule.pattern).ok()?;
    let reader = Reader { numbering, filled };
    reader.read(pattern.pieces(), number, None)
}

/// The last place of the series that still fits its pattern; `None` for a series the pack does not know.
pub fn last(pack: &Pack, series: &str) -> Option<i64> {
    let (numbering, rule) = rule(pack, series.split('/').next()?)?;
    numbering.last(rule).ok().map(|last| i64::try_from(last).unwrap_or(i64::MAX))
}

fn rule<'p>(pack: &'p Pack, id: &str) -> Option<(&'p Numbering, &'p NumberRule)> {
    let numbering = pack.numbering_of(id)?;
    numbering.rules.iter().find(|rule| rule.id == id).map(|rule| (numbering, rule))
}

/// Reads numbers along their pattern; codes are few, so trying each of them is cheap.
struct Reader<'a> {
    numbering: &'a Numbering,
    /// What the series fills in: placeholder and text.
    filled: Vec<(&'a str, &'a str)>,
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
                None => self.numbering.table(name)?.codes.iter().find_map(|code| behind(&code.code)),
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
    use dossier_regime::{Code, CodeTable};
    use jiff::civil::{Date, date};
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
