//! The flags of a request, made from its fields, and the request that flags make.

use std::io::Read;

use clap::builder::{PossibleValue, PossibleValuesParser};
use clap::{Arg, ArgAction, ArgMatches};
use dossier_kernel::call::Providers;
use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use super::catalogue::Behavior;
use super::{catalogue, example, json, value};

/// The field that every mutation has; a fresh one is made if none is given.
const REQUEST_ID: &str = "request_id";

/// Flags that mean something else on every command.
const TAKEN: [&str; 12] = [
    "json",
    "output",
    "raw",
    "columns",
    "timeout",
    "address",
    "token",
    "token-file",
    "config",
    "data-dir",
    "set",
    "help",
];

/// One flag for each field of a request.
pub fn of(request: MessageDescriptor) -> Vec<Arg> {
    request.fields().map(|field| flag(&field)).collect()
}

/// The request that the flags and `--json` make.
///
/// # Errors
/// What cannot be read, by flag.
pub fn request(
    message: MessageDescriptor,
    matches: &ArgMatches,
    providers: &Providers,
) -> Result<DynamicMessage, String> {
    let mut request = match matches.get_one::<String>("json") {
        Some(text) => {
            let document = document("json", text)?;
            let document = serde_json::from_str(&document).map_err(|fault| format!("--json: {fault}"))?;
            json::read(&message, document).map_err(|why| format!("--json: {why}"))?
        }
        None => DynamicMessage::new(message.clone()),
    };
    for field in message.fields() {
        let Some(texts) = matches.get_many::<String>(&id(&field)) else { continue };
        let flag = long(&field);
        let texts = texts.map(|text| read(&flag, text)).collect::<Result<Vec<_>, _>>()?;
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let value = value::parse(&field, &texts).map_err(|why| format!("--{flag}: {why}"))?;
        request.set_field(&field, value);
    }
    fill_request_id(&mut request, providers);
    Ok(request)
}

fn fill_request_id(request: &mut DynamicMessage, providers: &Providers) {
    let Some(field) = request.descriptor().get_field_by_name(REQUEST_ID) else { return };
    if request.get_field(&field).as_str() == Some("") {
        request.set_field(&field, Value::String(providers.ids.uuid().to_string()));
    }
}

// The value of a flag: as it stands, or of a file without the line end that editors leave.
fn read(flag: &str, text: &str) -> Result<String, String> {
    match text.strip_prefix("@@") {
        Some(rest) => Ok(format!("@{rest}")),
        None if text.starts_with('@') => {
            document(flag, text).map(|text| text.trim_end_matches(['\n', '\r']).to_owned())
        }
        None => Ok(text.to_owned()),
    }
}

/// The text itself, or of `@FILE`, or of standard input for `@-`.
fn document(flag: &str, text: &str) -> Result<String, String> {
    match text.strip_prefix('@') {
        None => Ok(text.to_owned()),
        Some("-") => {
            let mut read = String::new();
            std::io::stdin().read_to_string(&mut read).map_err(|fault| format!("--{flag}: {fault}"))?;
            Ok(read)
        }
        Some(path) => std::fs::read_to_string(path).map_err(|fault| format!("--{flag}: `{path}`: {fault}")),
    }
}

// No id of clap's own or of the other flags has a dot.
fn id(field: &FieldDescriptor) -> String {
    format!("field.{}", field.name())
}

fn long(field: &FieldDescriptor) -> String {
    let name = field.name().replace('_', "-");
    if TAKEN.contains(&name.as_str()) { format!("field-{name}") } else { name }
}

fn flag(field: &FieldDescriptor) -> Arg {
    let comment = catalogue::comment(&field.parent_file(), field.path());
    let many = field.is_list() || field.is_map();
    let arg = Arg::new(id(field)).long(long(field)).help(catalogue::first_sentence(&comment));
    let required = if catalogue::says(field, Behavior::Required) { " Required." } else { "" };
    let arg = arg.long_help(comment + required + &hint(field));
    let arg = arg.action(if many { ArgAction::Append } else { ArgAction::Set }).value_name(form(field));
    match field.kind() {
        Kind::Bool if !many => arg.num_args(0..=1).require_equals(true).default_missing_value("true"),
        Kind::Enum(of) => {
            let values = of.values().filter(|one| one.number() != 0 || of.values().len() == 1);
            let values = values.map(|one| {
                let mut names = value::spellings(&of, one.name()).into_iter();
                let shown = PossibleValue::new(names.next().unwrap_or_default());
                shown.aliases(names.flat_map(hyphened)).alias(one.name().to_owned())
            });
            arg.value_parser(PossibleValuesParser::new(values)).ignore_case(true)
        }
        // A negative number is a value, not a flag.
        _ => arg.allow_negative_numbers(true),
    }
}

// Natural-person is as good as natural_person.
fn hyphened(name: String) -> [String; 2] {
    [name.replace('_', "-"), name]
}

// How a value is written that is more than a word.
fn hint(field: &FieldDescriptor) -> String {
    let name = long(field);
    match field.kind() {
        Kind::Message(of) if !field.is_map() && form(field) == "JSON" => {
            let sample = example::of(&of);
            let sample = if field.is_list() { serde_json::json!([sample]) } else { sample };
            format!("\n\nFor example, or @FILE with the same:\n--{name} '{sample}'")
        }
        _ if field.is_map() => {
            format!("\n\n--{name} KEY=VALUE for each entry, or all of them as a JSON object, or @FILE.")
        }
        _ if field.is_list() => format!("\n\n--{name} for each, or all of them as a JSON array, or @FILE."),
        _ => String::new(),
    }
}

/// What the help shows as the form of a value.
fn form(field: &FieldDescriptor) -> String {
    if field.is_map() {
        let Kind::Message(entry) = field.kind() else { return "KEY=VALUE".to_owned() };
        return format!("KEY={}", kind(&entry.map_entry_value_field().kind()));
    }
    kind(&field.kind()).to_owned()
}

fn kind(kind: &Kind) -> &'static str {
    match kind {
        Kind::Bool => "true|false",
        Kind::String => "TEXT",
        Kind::Bytes => "HEX or BASE64",
        Kind::Double | Kind::Float => "NUMBER",
        Kind::Enum(_) => "NAME",
        Kind::Message(of) => match of.full_name() {
            value::TIMESTAMP => "TIME",
            value::DURATION => "DURATION",
            value::FIELD_MASK => "PATH,...",
            value::MONEY => "CURRENCY AMOUNT",
            value::SCOPE => "whole_file|FIELD,...",
            _ => "JSON",
        },
        _ => "INTEGER",
    }
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    fn build(message: &str, line: &[&str]) -> Result<serde_json::Value, String> {
        let message = catalogue::pool().get_message_by_name(message).unwrap();
        let command = of(message.clone()).into_iter().fold(Command::new("rpc"), Command::arg);
        let command = command.arg(Arg::new("json").long("json"));
        let matches = command.try_get_matches_from(["rpc"].iter().chain(line)).map_err(|fault| fault.to_string())?;
        json::value(&request(message, &matches, &Providers::system())?)
    }

    #[test]
    fn flags_become_fields() {
        let built = build(
            "dossier.profile.v1.ClassifyCustomerFileRequest",
            &[
                "--name",
                "files/1",
                "--classification",
                "stage=signed",
                "--classification",
                "industry=",
                "--validate-only",
            ],
        );
        let mut built = built.unwrap();
        let id = built.as_object_mut().unwrap().remove("requestId").unwrap();
        assert_eq!(id.as_str().unwrap().parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
        let expected = r#"{"name":"files/1","classification":{"industry":"","stage":"signed"},"validateOnly":true}"#;
        assert_eq!(built.to_string(), expected);
    }

    #[test]
    fn enums_durations_and_amounts_are_written_as_people_do() {
        let built = build(
            "dossier.access.v1.RequestAccessRequest",
            &["--file", "files/1", "--kind", "original", "--duration", "4h", "--scope", "a,b", "--request-id", "x"],
        );
        let expected = r#"{"file":"files/1","kind":"ACCESS_KIND_ORIGINAL","scope":{"fieldSet":{"fields":["a","b"]}},"duration":"14400s","requestId":"x"}"#;
        assert_eq!(built.unwrap().to_string(), expected);
        let whole = build("dossier.access.v1.CheckAccessRequest", &["--scope", "whole_file"]).unwrap();
        assert_eq!(whole.to_string(), r#"{"scope":{"wholeFile":{}}}"#);
        let built = build("dossier.credit.v1.CheckCreditRequest", &["--amount", "CNY 1234.5"]).unwrap();
        assert_eq!(built["amount"].to_string(), r#"{"minorUnits":"123450","currencyCode":"CNY"}"#);
    }

    #[test]
    fn json_is_the_request_and_flags_win() {
        let text =
            r#"{"customer_file": {"unit": "sales", "customerType": "COMPANY"}, "reason": "one", "request_id": "r"}"#;
        let built =
            build("dossier.profile.v1.CreateCustomerFileRequest", &["--json", text, "--reason", "two"]).unwrap();
        let expected = r#"{"customerFile":{"customerType":"CUSTOMER_TYPE_COMPANY","unit":"sales"},"requestId":"r","reason":"two"}"#;
        assert_eq!(built.to_string(), expected);
    }

    #[test]
    fn a_wrong_value_names_its_flag() {
        let wrong = |line: &[&str]| build("dossier.profile.v1.GetCustomerFileRevisionRequest", line).unwrap_err();
        assert!(wrong(&["--as-of-time", "noon"]).starts_with("--as-of-time: "));
        assert!(wrong(&["--json", "{\"nme\": 1}"]).contains("nme"));
        assert!(wrong(&["--json", "{"]).starts_with("--json: "));
        let search = ["--conditions", r#"{"field": "phone", "valu": "1"}"#];
        let search = build("dossier.profile.v1.SearchCustomerFilesRequest", &search).unwrap_err();
        assert_eq!(search, "--conditions: valu: there is no such field; there are field, value");
        let list = build("dossier.profile.v1.ListCustomerFilesRequest", &["--page-size", "ten"]).unwrap_err();
        assert_eq!(list, "--page-size: must be a whole number");
    }

    #[test]
    fn lists_and_maps_are_given_one_by_one_or_at_once() {
        let conditions = [r#"{"field":"phone","value":"1"}"#, r#"{"field":"email","value":"2"}"#];
        let message = "dossier.profile.v1.SearchCustomerFilesRequest";
        let apart = build(message, &["--conditions", conditions[0], "--conditions", conditions[1]]);
        let together = format!("[{},{}]", conditions[0], conditions[1]);
        assert_eq!(apart, build(message, &["--conditions", &together]));
        let message = "dossier.profile.v1.BatchGetCustomerFilesRequest";
        assert_eq!(build(message, &["--names", "a", "--names", "b"]), build(message, &["--names", r#"["a","b"]"#]));
        let message = "dossier.profile.v1.ClassifyCustomerFileRequest";
        let line = |text: &'static str| build(message, &["--request-id", "x", "--classification", text]).unwrap();
        assert_eq!(line("stage=signed"), line(r#"{"stage":"signed"}"#));
    }

    #[test]
    fn every_flag_takes_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "工作需要\n").unwrap();
        let at = format!("@{}", file.path().display());
        let built = build("dossier.profile.v1.CloseCustomerFileRequest", &["--reason", &at, "--name", "@@x"]).unwrap();
        assert_eq!((&built["reason"], &built["name"]), (&"工作需要".into(), &"@x".into()));
        let none = build("dossier.profile.v1.CloseCustomerFileRequest", &["--reason", "@/nowhere"]).unwrap_err();
        assert!(none.starts_with("--reason: `/nowhere`"), "{none}");
    }

    #[test]
    fn the_help_of_a_message_shows_an_example() {
        let message = catalogue::pool().get_message_by_name("dossier.profile.v1.CreateCustomerFileRequest").unwrap();
        let mut command = of(message).into_iter().fold(Command::new("rpc"), Command::arg);
        let help = command.render_long_help().to_string();
        assert!(help.contains("--customer-file '{") && help.contains("\"customer_type\":"), "{help}");
    }
}
