use proptest::prelude::*;
use uuid::Uuid;

use super::*;

crate::states! {
    enum Loaned {
        Out = "out",
        Returned = "returned",
    }
}

crate::states! {
    enum Ended {
        Returned = "returned",
    }
}

const FIELDS: [Field; 6] = [
    Field::name("borrower", "persons"),
    Field::text("classification.*"),
    Field::state("state", Loaned::WORDS),
    Field::time("due_time"),
    Field::flag("active"),
    Field::number("seq"),
];

fn found(text: &str) -> Result<Found> {
    Filter::parse(text)?.against(&FIELDS)
}

fn position(text: &str) -> String {
    let fault = found(text).unwrap_err();
    assert_eq!((fault.reason(), fault.violations()[0].field.as_str()), (Reason::FilterInvalid, "filter"), "{text}");
    fault.metadata("position").unwrap().to_owned()
}

#[test]
fn each_condition_comes_back_in_the_type_of_its_field() {
    let (id, name) = (Uuid::from_u128(7), crate::name::name("persons", Uuid::from_u128(7)));
    let text = format!(
        r#"borrower = "{name}" AND state=OUT AND active = false AND classification.industry = "制\"造" AND seq >= -2 AND seq<9"#
    );
    let found = found(&text).unwrap();
    assert_eq!(
        (found.id("borrower"), found.state("state"), found.flag("active")),
        (Some(id), Some("out"), Some(false))
    );
    assert_eq!(found.below("classification").collect::<Vec<_>>(), [("industry", "制\"造")]);
    assert_eq!(found.range("seq"), Range { from: -2, until: 9 });
    assert_eq!(found.range("due_time"), Range::ALL);
    assert_eq!(found.one("state").unwrap(), Some(Loaned::Out));
    assert_eq!(found.one::<Loaned>("active").unwrap(), None, "the filter says no state of it");
    assert!(found.one::<Ended>("state").is_err(), "a condition does not vanish");
    assert_eq!(Filter::parse("  ").unwrap(), Filter::default());
    let capitals = r#"borrower = "persons/0190A5D2-0000-7000-8000-00000000000A""#;
    let id = self::found(capitals).unwrap().id("borrower").unwrap();
    assert_eq!(id.to_string(), "0190a5d2-0000-7000-8000-00000000000a");
    assert_eq!(said(&text, "borrower"), name);
    assert_eq!((said(&text, "state"), said("borrower =", "borrower")), (String::new(), String::new()));
}

#[test]
fn a_time_bound_holds_to_the_microsecond() {
    let range = |text: &str| found(text).unwrap().range("due_time");
    let (second, whole) = (1_775_030_400_000_000, r#""2026-04-01T08:00:00Z""#);
    for (op, from, until) in [
        ("=", second, second + 1),
        ("<", i64::MIN, second),
        ("<=", i64::MIN, second + 1),
        (">", second + 1, i64::MAX),
        (">=", second, i64::MAX),
    ] {
        assert_eq!(range(&format!("due_time {op} {whole}")), Range { from, until }, "{op}");
    }
    // Between two microseconds: nothing equals it, and both sides of it are told apart.
    let between = r#""2026-04-01T16:00:00.0000005+08:00""#;
    assert_eq!(range(&format!("due_time = {between}")), Range { from: second + 1, until: second + 1 });
    assert_eq!(range(&format!("due_time < {between}")), Range { from: i64::MIN, until: second + 1 });
    assert_eq!(range(&format!("due_time > {between}")), Range { from: second + 1, until: i64::MAX });
    let empty = format!(r#"due_time > {whole} AND due_time < "1969-12-31T23:59:59.999999Z""#);
    assert_eq!(range(&empty), Range { from: second + 1, until: -1 });
}

#[test]
fn what_no_filter_may_say_is_told_by_its_place() {
    for (text, at) in [
        ("state", "5"),
        ("state == OUT", "7"),
        ("state != OUT", "6"),
        ("state : OUT", "6"),
        ("NOT state = OUT", "0"),
        ("-state = OUT", "0"),
        ("(state = OUT)", "0"),
        ("state = OUT OR active = true", "12"),
        ("state = OUT, active = true", "11"),
        ("state = OUT active = true", "12"),
        ("state = OUT AND", "15"),
        ("state = OUT AND ", "16"),
        ("state = OUT ANDactive = true", "12"),
        (r#"state = "OUT"#, "12"),
        (r#"state = "a\n""#, "11"),
        ("seq = now()", "9"),
        ("state = OUT()", "11"),
        ("seq = 1.5", "6"),
        ("seq = 007", "6"),
        ("seq = 99999999999999999999", "6"),
        ("address_2 = 1", "0"),
        ("= OUT", "0"),
        ("OUT", "0"),
        ("state = OUT AND = 7", "16"),
    ] {
        assert_eq!(position(text), at, "{text}");
    }
    assert!(Filter::parse(&" ".repeat(1_000)).is_ok());
    assert_eq!(position(&" ".repeat(1_001)), "1000");
}

#[test]
fn what_a_list_does_not_have_is_told_with_the_field() {
    let name = crate::name::name("persons", Uuid::from_u128(7));
    for (text, at, field, expected) in [
        ("colour = RED", "0", "colour", "one of the fields borrower, classification.*, state"),
        ("classification = RED", "0", "classification", "one of the fields"),
        ("state > OUT", "0", "state", "`state =`: of the fields of this list, due_time, seq have ranges"),
        (r#"state = "OUT""#, "8", "state", "without quotes"),
        ("state = out", "8", "state", "OUT"),
        ("state = LOAN_STATE_OUT", "8", "state", "OUT"),
        (r#"borrower = "persons/7""#, "11", "borrower", "`persons/{uuid}`"),
        (r#"borrower = "files/00000000-0000-0000-0000-000000000007""#, "11", "borrower", "`persons/{uuid}`"),
        ("active = 1", "9", "active", "true or false"),
        (r#"seq = "1""#, "6", "seq", "a whole number"),
        ("due_time > 7", "11", "due_time", "RFC 3339"),
        (r#"due_time > "2026-04-01""#, "11", "due_time", "RFC 3339"),
        (r#"due_time > "2026-04-01 08:00:00Z""#, "11", "due_time", "RFC 3339"),
        (r#"due_time > "2026-04-01T08:00:00""#, "11", "due_time", "RFC 3339"),
        (r#"due_time > "2026-02-30T08:00:00Z""#, "11", "due_time", "RFC 3339"),
        (r#"due_time > "2026-04-01T08:00:00Z[UTC]""#, "11", "due_time", "RFC 3339"),
        ("state = OUT AND state = OUT", "16", "state", "`state` once"),
        ("seq > 1 AND seq >= 2", "12", "seq", "`seq` once"),
        ("seq = 1 AND seq < 2", "12", "seq", "`seq` once"),
        (&format!(r#"borrower = "{name}" AND borrower = "{name}""#), "62", "borrower", "`borrower` once"),
    ] {
        assert_eq!(position(text), at, "{text}");
        let fault = found(text).unwrap_err();
        assert_eq!(fault.metadata("field"), Some(field), "{text}");
        assert!(fault.metadata("expected").unwrap().contains(expected), "{text}: {fault:?}");
    }
    let none = Filter::parse("state = OUT").unwrap().against(&[]).unwrap_err();
    assert_eq!(none.metadata("expected"), Some("the end: this list has no conditions"));
}

proptest! {
    #[test]
    fn what_is_written_is_read(field in "[a-z]{1,8}(\\.[a-z]{1,8})?", text in "\\PC{0,20}") {
        let filter = Filter::parse(&format!("{field}={}", quoted(&text))).unwrap();
        prop_assert_eq!(&filter.conditions()[0].value, &Value::Text(text));
        prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
    }
}
