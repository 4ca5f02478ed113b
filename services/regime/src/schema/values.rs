//! The schema of the values of a template: of `fields` as the JSON of the contract carries it, whole and in the
//! spelling in which the services answer. A file or record that is accepted and lacks nothing keeps to it.

use super::DIALECT;
use super::json::{Json, map, text};
use crate::bound::{Bound, Bounds};
use crate::model::{Column, CustomerType, Field, FieldType, Required, Target, Template};

/// Longest text, whatever the template says.
const LONGEST: u32 = 4_000;
/// Most items of a list.
const MOST_ITEMS: u32 = 100;
const LONGEST_REFERENCE: u32 = 500;

const WHOLE: &str = "^-?(0|[1-9][0-9]{0,18})$";
const DECIMAL: &str = r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$";
const DAY: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$";
const MONTH: &str = "^[0-9]{4}-(0[1-9]|1[0-2])$";
const PHONE: &str = r"^([^0-9]*[0-9]){3,20}[^0-9]*$";
const EMAIL: &str = r"^\S+@[^\s@.]+(\.[^\s@.]+)+$";
const URL: &str = r"^https?://[^/\s]\S*$";
const ACCOUNT: &str = "^[0-9]{8,34}$";
const SECRET: &str = r"^(vault|secret):[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*(#[A-Za-z0-9._-]+)?$";
const ROW: &str = "^([0-9]{1,36}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z][a-z0-9]*(_[a-z][a-z0-9]*)*)$";
const UUID: &str = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

/// The schema of the values of a template as JSON, indented: of a file of this customer type, or of any (P-30, X-37).
pub fn values_schema(template: &Template, customer: Option<CustomerType>) -> String {
    let applies = |field: &&Field| field.is_written() && customer.is_none_or(|customer| field.applies_to(customer));
    let fields: Vec<&Field> = template.fields.iter().filter(applies).collect();
    let must = fields.iter().filter(|field| must(field, customer));
    let provenance = map([("Provenance", provenance())]);
    let root = map([
        ("$schema", text(DIALECT)),
        ("title", text(&template.label)),
        ("description", text(&format!("Values of templates/{}, version {}.", template.id, template.version))),
        ("type", text("object")),
        ("properties", properties(fields.iter().map(|field| (field.id.as_str(), value(field))))),
        ("required", Json::List(must.map(|field| text(&field.id)).collect())),
        ("additionalProperties", Json::Flag(false)),
        ("$defs", provenance),
    ]);
    format!("{root:#}\n")
}

// Of any customer only what every customer owes.
fn must(field: &Field, customer: Option<CustomerType>) -> bool {
    match customer {
        Some(customer) => field.is_required_for(customer),
        None => CustomerType::ALL.iter().all(|customer| field.is_required_for(*customer)),
    }
}

fn properties<'f>(entries: impl Iterator<Item = (&'f str, Json)>) -> Json {
    Json::Map(entries.map(|(key, value)| (key.to_owned(), value)).collect())
}

// A FieldValue: the part that carries the type, and where it comes from.
fn value(field: &Field) -> Json {
    let (carrier, form) = carried(field);
    let provenance = map([("$ref", text("#/$defs/Provenance"))]);
    let parts = object([(carrier, form), ("provenance", provenance)], &[carrier]);
    let numbers = field.numbers.iter().map(|(source, number)| format!("{source} {number}"));
    let numbers = numbers.collect::<Vec<_>>().join(", ");
    let comment = (!numbers.is_empty()).then(|| ("$comment", text(&numbers)));
    map([("title", text(&field.label)), ("description", text(&field.english()))]).with(comment).and(parts)
}

fn carried(field: &Field) -> (&'static str, Json) {
    match field.kind {
        FieldType::Int => ("integer", whole(&field.bounds())),
        FieldType::Bool => ("boolean", map([("type", text("boolean"))])),
        FieldType::Date => ("date", pattern(DAY).with([("format", text("date"))])),
        FieldType::Datetime => ("timestamp", map([("type", text("string")), ("format", text("date-time"))])),
        FieldType::Decimal | FieldType::Percent => ("decimal", decimal(&field.bounds())),
        FieldType::Money => ("money", money(&field.bounds())),
        FieldType::YearMonth => ("yearMonth", pattern(MONTH)),
        FieldType::DateRange => ("dateRange", days()),
        FieldType::Enum => ("choice", choice(field)),
        FieldType::ListEnum => ("choices", choices(field)),
        FieldType::Ref => ("reference", reference(field.to)),
        FieldType::ListRef if field.to.is_some() => ("references", items(reference(field.to), MOST_ITEMS)),
        FieldType::ListRef | FieldType::ListAttachment => ("references", items(line(field), MOST_ITEMS)),
        FieldType::ListText => ("list", items(line(field), MOST_ITEMS)),
        FieldType::Group => ("rows", rows(field)),
        _ => ("text", line(field).with(form(field.kind))),
    }
}

fn form(kind: FieldType) -> Vec<(&'static str, Json)> {
    let pattern = match kind {
        FieldType::Phone => PHONE,
        FieldType::Email => EMAIL,
        FieldType::Url => URL,
        FieldType::BankAccount => ACCOUNT,
        FieldType::SecretRef => SECRET,
        _ => return Vec::new(),
    };
    vec![("pattern", text(pattern))]
}

fn object<const N: usize>(parts: [(&'static str, Json); N], required: &[&str]) -> Json {
    map([
        ("type", text("object")),
        ("properties", map(parts)),
        ("required", Json::List(required.iter().map(|key| text(key)).collect())),
        ("additionalProperties", Json::Flag(false)),
    ])
}

fn pattern(pattern: &str) -> Json {
    map([("type", text("string")), ("pattern", text(pattern))])
}

fn line(field: &Field) -> Json {
    let longest = field.max_length.clamp(1, LONGEST);
    map([("type", text("string")), ("minLength", Json::whole(1)), ("maxLength", Json::whole(longest))])
}

fn list(item: Json, most: u32) -> Json {
    map([("type", text("array")), ("minItems", Json::whole(1)), ("maxItems", Json::whole(most)), ("items", item)])
}

fn items(item: Json, most: u32) -> Json {
    object([("items", list(item, most))], &["items"])
}

// A whole number of 64 bits is a text in the JSON of the contract, and may be given as a number.
fn whole(bounds: &Bounds) -> Json {
    let number = map([("type", text("integer"))]).with(limits(bounds, |bound| Json::Number(bound.number.to_string())));
    map([("anyOf", Json::List(vec![number, pattern(WHOLE).with(remarks(bounds))]))])
}

// A decimal number is a text, so that it stays exact: no keyword compares it, and its bounds are told beside it.
fn decimal(bounds: &Bounds) -> Json {
    pattern(DECIMAL).with([("maxLength", Json::whole(30))]).with(remarks(bounds))
}

fn limits(bounds: &Bounds, write: impl Fn(&Bound) -> Json) -> Vec<(&'static str, Json)> {
    let least = bounds.min.as_ref().map(|bound| ("minimum", write(bound)));
    least.into_iter().chain(bounds.max.as_ref().map(|bound| ("maximum", write(bound)))).collect()
}

fn remarks(bounds: &Bounds) -> Vec<(&'static str, Json)> {
    let least = bounds.min.as_ref().map(|bound| format!("at least {bound}"));
    let most = bounds.max.as_ref().map(|bound| format!("at most {bound}"));
    let told: Vec<_> = least.into_iter().chain(most).collect();
    if told.is_empty() { Vec::new() } else { vec![("description", text(&told.join(", ")))] }
}

fn money(bounds: &Bounds) -> Json {
    let currency = bounds.min.iter().chain(&bounds.max).find_map(|bound| bound.currency.as_deref());
    let code = currency.map_or_else(|| pattern("^[A-Z]{3}$"), |code| map([("const", text(code))]));
    let minor = whole(&Bounds::default());
    object([("minorUnits", minor), ("currencyCode", code)], &["currencyCode"]).with(remarks(bounds))
}

fn days() -> Json {
    let day = || pattern(DAY).with([("format", text("date"))]);
    object([("startDate", day()), ("endDate", day())], &[]).with([("minProperties", Json::whole(1))])
}

fn choice(field: &Field) -> Json {
    let ids = field.values.iter().map(|one| text(&one.value)).collect();
    object([("id", map([("enum", Json::List(ids))])), ("label", map([("type", text("string"))]))], &["id"])
}

fn choices(field: &Field) -> Json {
    let most = u32::try_from(field.values.len()).unwrap_or(u32::MAX);
    let several = list(choice(field), most).with([("uniqueItems", Json::Flag(true))]);
    object([("items", several)], &["items"])
}

fn reference(to: Option<Target>) -> Json {
    let longest = || {
        map([("type", text("string")), ("minLength", Json::whole(1)), ("maxLength", Json::whole(LONGEST_REFERENCE))])
    };
    let names = |form: &str| pattern(&format!("^{}$", form.replace("{}", UUID)));
    match to {
        None => longest(),
        Some(Target::Person) => names("persons/{}"),
        Some(Target::File) => names("files/{}"),
        Some(Target::Record) => names("files/{}/records/{}"),
        Some(Target::Document) => names("files/{}(/records/{})?/documents/{}"),
        Some(Target::Item) => names("(files/{}/)?items/{}"),
        Some(Target::Place) => names("places/{}"),
        Some(Target::Volume) => names("files/{}/volumes/{}"),
    }
}

fn rows(group: &Field) -> Json {
    let cells = map([
        ("type", text("object")),
        ("properties", properties(group.columns.iter().map(|column| (column.id.as_str(), value(&column.field()))))),
        ("required", Json::List(group.columns.iter().filter(is_owed).map(|column| text(&column.id)).collect())),
        ("minProperties", Json::whole(1)),
        ("additionalProperties", Json::Flag(false)),
    ]);
    let id = pattern(ROW).with([("maxLength", Json::whole(36))]);
    let row = object([("id", id), ("cells", cells)], &["id", "cells"]);
    object([("rows", list(row, group.most_rows()))], &["rows"])
}

fn is_owed(column: &&Column) -> bool {
    column.required == Required::Yes
}

fn provenance() -> Json {
    let line = || map([("type", text("string"))]);
    object(
        [
            ("sourceNote", line()),
            ("collectDate", pattern(DAY)),
            ("collector", reference(Some(Target::Person))),
            ("channel", line()),
            ("checkDigitWaived", map([("type", text("boolean"))])),
        ],
        &[],
    )
}
