use dossier_proto::profile::v1::{CreateCustomerFileRequest, CustomerFile, UpdateCustomerFileRequest};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, TextList};
use prost_types::FieldMask;

use super::*;

const CREATE: &str = "/dossier.profile.v1.CustomerFileService/CreateCustomerFile";
const GET: &str = "/dossier.profile.v1.CustomerFileService/GetCustomerFile";
const UPDATE: &str = "/dossier.profile.v1.CustomerFileService/UpdateCustomerFile";

fn of(key: &str, value: Value) -> CreateCustomerFileRequest {
    let value = FieldValue { value: Some(value), provenance: None };
    let file = CustomerFile { fields: [(key.to_owned(), value)].into(), ..CustomerFile::default() };
    CreateCustomerFileRequest { customer_file: Some(file), request_id: "r".into(), ..Default::default() }
}

fn path(method: &str, message: &impl Message) -> String {
    match check(method, &message.encode_to_vec()) {
        Err(Refused::Text { path, why }) => {
            assert!(why.starts_with("holds "), "{why}");
            path
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_string_is_found_wherever_it_stands_and_told_by_its_path() {
    assert_eq!(path(CREATE, &of("name", Value::Text("a\0".into()))), "customer_file.fields.name.text");
    let items = ["a", "b", "c\u{200b}"].map(str::to_owned).to_vec();
    let list = of("aliases", Value::List(TextList { items }));
    assert_eq!(path(CREATE, &list), "customer_file.fields.aliases.list.items[2]");
    assert_eq!(path(CREATE, &of("na\u{200b}me", Value::Text("a".into()))), "customer_file.fields");
    let paths = ["level", "un\u{ad}it"].map(str::to_owned).to_vec();
    let update = UpdateCustomerFileRequest { update_mask: Some(FieldMask { paths }), ..Default::default() };
    assert_eq!(path(UPDATE, &update), "update_mask.paths[1]");
}

#[test]
fn what_is_in_order_or_of_another_contract_passes() {
    let none = Ok(Vec::new());
    assert_eq!(check(CREATE, &of("name", Value::Text("上海\n公司".into())).encode_to_vec()), none);
    assert_eq!(check("/grpc.health.v1.Health/Check", b"\xff"), none);
    assert_eq!(check(GET, b""), none);
}

// proves: I8
#[test]
fn a_change_without_a_request_id_is_refused_and_a_question_needs_none() {
    for empty in
        [CreateCustomerFileRequest::default(), CreateCustomerFileRequest { reason: "x".into(), ..Default::default() }]
    {
        let told = check(CREATE, &empty.encode_to_vec());
        assert!(matches!(&told, Err(Refused::Text { path, .. }) if path == "request_id"), "{told:?}");
    }
    // The last one counts, as it does for the decoder.
    let given = CreateCustomerFileRequest { request_id: "r".into(), ..Default::default() }.encode_to_vec();
    assert!(check(CREATE, &given).is_ok() && check(CREATE, &[given, vec![0x12, 0]].concat()).is_err());
}

#[test]
fn bytes_that_are_no_message_are_refused_not_passed_over() {
    // A cut length, an endless varint, a group.
    for wrong in [&b"\x0a\x05ab"[..], b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x0b\x0c"] {
        assert_eq!(check(CREATE, wrong), Err(Refused::Malformed), "{wrong:?}");
    }
}

#[test]
fn uuids_in_capitals_are_found_where_they_are_ids_and_nowhere_else() {
    let id = "0190ABCD-0000-7000-8000-00000000ABCD";
    let lowered = |request: &CreateCustomerFileRequest| {
        let mut bytes = request.encode_to_vec();
        for at in check(CREATE, &bytes).unwrap() {
            bytes[at..at + UUID].make_ascii_lowercase();
        }
        CreateCustomerFileRequest::decode(bytes.as_slice()).unwrap()
    };
    let small = id.to_ascii_lowercase();
    let mut request = of("name", Value::Text(id.into()));
    request.request_id = id.into();
    let file = request.customer_file.as_mut().unwrap();
    (file.custodian, file.unit_ref, file.level) = (format!("persons/{id}"), id.to_owned(), format!("A-1/{id}"));
    let found = lowered(&request);
    assert_eq!(found.request_id, small);
    let (found, given) = (found.customer_file.unwrap(), request.customer_file.unwrap());
    assert_eq!(found.custodian, format!("persons/{small}"));
    assert_eq!((&found.unit_ref, &found.level, &found.fields), (&given.unit_ref, &given.level, &given.fields));
}

#[test]
fn every_method_of_the_contract_has_a_plan() {
    assert!(PLAN.requests.len() > 60, "{}", PLAN.requests.len());
    let many = |name: &&str| PLAN.shapes.iter().any(|shape| shape.fields.values().any(|field| field.name == **name));
    assert!(MANY_LINES.iter().all(many));
}

#[test]
fn what_may_have_several_lines_is_in_the_contracts() {
    let set = FileDescriptorSet::decode(dossier_proto::DESCRIPTORS).unwrap();
    let messages = set.file.iter().flat_map(|file| &file.message_type);
    let names: Vec<&str> = messages.flat_map(|message| &message.field).map(|field| field.name()).collect();
    for name in MANY_LINES {
        assert!(names.contains(&name), "no field is called {name} any more");
    }
}
