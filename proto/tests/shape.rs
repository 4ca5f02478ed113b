//! What the contracts promise whoever generates code from them: names that every language can say, and one form of each thing.

#![expect(clippy::unwrap_used, reason = "what is no contract stops the test")]

use prost::Message;
use prost_types::field_descriptor_proto::Type;
use prost_types::method_options::IdempotencyLevel;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodOptions};

/// Words that are no names in Python, which has no way to say them otherwise; the other languages rename theirs.
const PYTHON: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What the contracts before had, by their words.
const GONE: [&str; 39] = [
    "Medium",
    "MediumRule",
    "ReturnInspection",
    "ERROR_REASON_MEDIUM_NOT_ALLOWED",
    "show_inactive",
    "show_ended",
    "due_before",
    "from_time",
    "until_time",
    "unit_kind",
    "out_time",
    "loan_term",
    "ERROR_REASON_FILE_NOT_FOUND",
    "ApproveRequest",
    "RejectRequest",
    "ResubmitRequest",
    "WithdrawRequest",
    "ExplainRequest",
    "ExplainResponse",
    "WatchRequest",
    "CheckOutRequest",
    "RenewRequest",
    "RecallRequest",
    "ReserveRequest",
    "CommitRequest",
    "ReleaseRequest",
    "EvaluateRequest",
    "ApprovalServiceReturnRequest",
    "LoanServiceReturnRequest",
    "ERROR_REASON_LOAN_NOT_FOUND",
    "ERROR_REASON_GRANT_NOT_FOUND",
    "ERROR_REASON_LIMIT_NOT_FOUND",
    "ERROR_REASON_DUTY_NOT_FOUND",
    "DismissPersonRequest",
    "MissingField",
    "correction_mask",
    "duty_kind",
    "reason_min_length",
    "regime_version",
];

fn files() -> Vec<FileDescriptorProto> {
    let set = FileDescriptorSet::decode(dossier_proto::DESCRIPTORS).unwrap();
    set.file.into_iter().filter(|file| file.package().starts_with("dossier.")).collect()
}

fn messages() -> Vec<DescriptorProto> {
    files().into_iter().flat_map(|file| file.message_type).collect()
}

fn enums() -> Vec<EnumDescriptorProto> {
    files().into_iter().flat_map(|file| file.enum_type).collect()
}

fn words(name: &str) -> usize {
    name.chars().filter(char::is_ascii_uppercase).count()
}

#[test]
fn every_rpc_is_a_verb_with_its_noun_and_has_a_request_of_its_name() {
    let mut seen = 0;
    for file in files() {
        for method in file.service.iter().flat_map(|service| &service.method) {
            assert!(words(method.name()) >= 2, "{} has no noun", method.name());
            let request = format!(".{}.{}Request", file.package(), method.name());
            assert_eq!(method.input_type(), request, "{}", method.name());
            if method.server_streaming() {
                assert!(method.output_type().ends_with("Response"), "{} streams what cannot grow", method.name());
            }
            seen += 1;
        }
    }
    assert!(seen > 60, "only {seen} rpcs found");
}

#[test]
fn every_list_is_asked_alike() {
    let shape = [("page_size", 2), ("page_token", 3), ("filter", 4), ("order_by", 5)];
    let mut seen = 0;
    for list in messages().iter().filter(|one| one.name().starts_with("List") && one.name().ends_with("Request")) {
        let number = |name: &str| list.field.iter().find(|field| field.name() == name).map(|field| field.number());
        assert!(number("parent").is_none_or(|number| number == 1), "{}", list.name());
        for (name, at) in shape {
            assert_eq!(number(name), Some(at), "{}.{name}", list.name());
        }
        seen += 1;
    }
    assert!(seen > 15, "only {seen} lists found");
}

#[test]
fn no_field_is_a_word_that_python_keeps_for_itself() {
    for message in messages() {
        for field in &message.field {
            assert!(!PYTHON.contains(&field.name()), "{}.{}", message.name(), field.name());
            // A length of time is a duration; a term is what a rule book states.
            let length = field.r#type() == Type::Message && field.type_name() == ".google.protobuf.Duration";
            assert!(!length || !field.name().contains("term"), "{}.{}", message.name(), field.name());
        }
    }
}

#[test]
fn every_file_says_its_package_in_each_language() {
    for file in files() {
        let options = file.options.as_ref().unwrap();
        let part = file.package().split('.').nth(1).unwrap();
        assert_eq!(options.java_package(), file.package(), "{}", file.name());
        assert!(options.java_multiple_files(), "{}", file.name());
        assert_eq!(options.go_package(), format!("dossier/{part}/v1;{part}v1"), "{}", file.name());
        let space = options.csharp_namespace();
        assert!(space.starts_with("Dossier.") && space.ends_with(".V1"), "{space}");
        assert!(!space.split('.').any(|part| ["Type", "System"].contains(&part)), "{space} hides what C# needs");
    }
}

#[test]
fn every_enum_begins_with_what_was_not_said() {
    for one in enums() {
        let first = &one.value[0];
        assert!(first.number() == 0 && first.name().ends_with("_UNSPECIFIED"), "{}", one.name());
    }
}

#[test]
fn every_method_says_whether_it_may_be_repeated() {
    let requests: Vec<DescriptorProto> = messages();
    for file in files() {
        for method in file.service.iter().flat_map(|service| &service.method) {
            let request =
                requests.iter().find(|one| method.input_type().ends_with(&format!(".{}", one.name()))).unwrap();
            let has = |name: &str| request.field.iter().any(|field| field.name() == name);
            let level =
                method.options.as_ref().map_or(IdempotencyLevel::IdempotencyUnknown, MethodOptions::idempotency_level);
            // What gives content writes a disclosure each time, and may use up a right: neither without effect nor the same.
            let discloses = has("reading_place") && has("purpose") && !has("request_id") && !has("kind");
            // Pieces of content are kept, and the caller says which: no id stands for the whole of a stream.
            let discloses = discloses || method.client_streaming();
            // Whole files leave for a purpose, and are read in no place.
            let discloses = discloses || (method.server_streaming() && method.name().starts_with("ExportCustomer"));
            // A copy that is further than its owner stops the owner's journal.
            let discloses = discloses || method.name() == "CompareCopy";
            let expected = match (has("request_id"), discloses) {
                (true, _) => IdempotencyLevel::Idempotent,
                (false, true) => IdempotencyLevel::IdempotencyUnknown,
                (false, false) => IdempotencyLevel::NoSideEffects,
            };
            assert_eq!(level, expected, "{}", method.name());
        }
    }
}

#[test]
fn nothing_of_the_names_before_is_left() {
    let text = format!("{:?}", files());
    for gone in GONE {
        assert!(!text.contains(&format!("\"{gone}\"")), "{gone}");
    }
    assert!(text.contains("\"WatchEntriesRequest\""), "the text has the form that is looked for");
}
