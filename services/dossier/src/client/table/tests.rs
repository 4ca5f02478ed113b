use serde_json::json;

use super::*;
use crate::client::json;

fn table(name: &str, document: serde_json::Value) -> String {
    render(&json::message(name, document).unwrap(), &Look::default()).unwrap()
}

#[test]
fn a_list_has_a_row_for_each_item_and_a_column_for_each_field_in_use() {
    let text = table(
        "dossier.access.v1.ListPersonsResponse",
        json!({ "persons": [{ "name": "persons/1", "displayName": "陈立远" }, { "name": "persons/22", "displayName": "x" }], "nextPageToken": "t" }),
    );
    let expected = "NAME        DISPLAY_NAME\npersons/1   陈立远\npersons/22  x\nnext_page_token  t\n";
    assert_eq!(text, expected);
    assert_eq!(table("dossier.access.v1.ListPersonsResponse", json!({})), "no persons\n");
}

#[test]
fn one_resource_has_a_row_for_each_field() {
    let text = table(
        "dossier.profile.v1.CustomerFile",
        json!({
            "name": "files/1", "state": "ACTIVE", "fields": { "b": { "integer": 5 }, "a": { "text": "x" } },
            "createTime": "2026-04-01T00:00:00Z", "completeness": { "complete": true },
        }),
    );
    let lines: Vec<_> = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let expected = [
        "name files/1",
        "state ACTIVE",
        "fields.a x",
        "fields.b 5",
        "create_time 2026-04-01T00:00:00Z",
        "completeness.complete true",
    ];
    let told: Vec<_> = lines.iter().filter(|line| !line.ends_with(" 0") && !line.ends_with(" false")).collect();
    assert_eq!(told, expected.iter().collect::<Vec<_>>(), "{lines:?}");
    assert!(lines.contains(&"revision 0".to_owned()), "{lines:?}");
}

#[test]
fn entries_of_a_journal_say_who_did_what_on_what() {
    use dossier_proto::journal::v1::{Entry, EntryBody, ListEntriesResponse};
    use prost::Message;
    let body = EntryBody {
        actor: "persons/1".into(),
        action: "file.closed".into(),
        subject: "files/2".into(),
        ..EntryBody::default()
    };
    let entry =
        Entry { seq: 7, body: body.encode_to_vec(), leaf_hash: vec![0xab; 32], abridged: false, ..Default::default() };
    let list = ListEntriesResponse {
        entries: vec![entry.clone()],
        last_seq: 7,
        waiting_age: Some(prost_types::Duration::default()),
        ..Default::default()
    };
    let list_of =
        crate::client::catalogue::pool().get_message_by_name("dossier.journal.v1.ListEntriesResponse").unwrap();
    let list = DynamicMessage::decode(list_of, list.encode_to_vec().as_slice()).unwrap();
    let of = crate::client::catalogue::pool().get_message_by_name(shown::ENTRY).unwrap();
    let entry = DynamicMessage::decode(of, entry.encode_to_vec().as_slice()).unwrap();
    let lines = |text: String| {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(render(&list, &Look::default()).unwrap())[..2],
        ["SEQ TIME ACTOR ACTION SUBJECT EVENT", "7 persons/1 file.closed files/2"]
    );
    let alone = lines(render(&entry, &Look::default()).unwrap());
    assert!(alone.contains(&"body.action file.closed".to_owned()), "{alone:?}");
    assert!(alone.contains(&format!("leaf_hash {}", "ab".repeat(32))), "{alone:?}");
}

#[test]
fn amounts_and_durations_are_shown_as_people_write_them() {
    let text = table("dossier.credit.v1.CheckCreditRequest", json!({ "amount": "CNY -0.05" }));
    assert_eq!(text, "amount  CNY -0.05\n");
    let text = table("dossier.access.v1.RequestAccessRequest", json!({ "duration": "4h", "kind": "VIEW" }));
    assert_eq!(text, "kind           VIEW\nduration       4h\nvalidate_only  false\nfile_revision  0\n");
}

#[test]
fn long_cells_are_cut_and_wide_characters_counted() {
    assert_eq!(width("中a"), 3);
    let cut = cut(&"中".repeat(60));
    assert!(width(&cut) <= WIDEST && cut.ends_with('…'));
}

fn files() -> DynamicMessage {
    let file = |n: u32, name: &str| {
        json!({
            "name": format!("files/{n}"), "number": format!("KH-{n}"), "customerNumber": "C1", "templateVersion": 1,
            "level": "none", "unit": "sales", "custodian": "persons/1", "state": "ACTIVE", "etag": "r1",
            "fields": { "address": { "text": "上海" }, "name": { "text": name } },
        })
    };
    let files = json!({ "customerFiles": [file(1, "客甲"), file(2, "客乙")] });
    json::message("dossier.profile.v1.ListCustomerFilesResponse", files).unwrap()
}

#[test]
fn files_are_listed_by_what_people_look_for() {
    let people = [("persons/1".to_owned(), "许知夏 (sales-1)".to_owned())].into();
    let text = render(&files(), &Look { people, ..Look::default() }).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split("  ").map(str::trim).collect()).collect();
    let cells = |at: usize| lines[at].iter().filter(|cell| !cell.is_empty()).copied().collect::<Vec<_>>();
    let head = ["NAME", "NUMBER", "FIELDS.NAME", "FIELDS.ADDRESS", "LEVEL", "UNIT", "CUSTODIAN", "STATE"];
    assert_eq!(cells(0), head);
    assert_eq!(cells(1), ["files/1", "KH-1", "客甲", "上海", "none", "sales", "许知夏 (sales-1)", "ACTIVE"]);
}

#[test]
fn columns_are_chosen_by_path() {
    let look = |columns: &[&str]| {
        let columns = columns.iter().map(|&column| column.to_owned()).collect();
        render(&files(), &Look { columns, ..Look::default() })
    };
    let text = look(&["fields.name", "number", "fields.phone"]).unwrap();
    assert_eq!(text, "FIELDS.NAME  NUMBER  FIELDS.PHONE\n客甲         KH-1\n客乙         KH-2\n");
    assert!(look(&["colour"]).unwrap_err().starts_with("--columns: there is no `colour`; there are name, number,"));
    assert!(look(&["number.x"]).unwrap_err().contains("nothing stands behind"));
}
