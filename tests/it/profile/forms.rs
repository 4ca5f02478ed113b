//! Forms with rows and the newer types: what is kept, sealed, masked, counted and promised (P-30, P-31, P-78).

use std::collections::BTreeMap;
use std::fs;

use dossier_proto::profile::v1::{
    Completeness, CustomerFile, FileRecord, GetCustomerFileRevisionRequest, GetTemplateRequest,
    UpdateCustomerFileRequest,
};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::unmet_condition::What;
use dossier_proto::types::{Choice, FieldValue, Row, RowList};
use dossier_tests::rules::Rules;
use dossier_tests::scene::company;
use prost_types::FieldMask;

use crate::prelude::*;

fn bare(value: Value) -> FieldValue {
    FieldValue { value: Some(value), provenance: None }
}

fn child(id: &str, name: Option<&str>, age: i64) -> Row {
    let name = name.map(|name| ("name".to_owned(), text(name)));
    let cells = [("age".to_owned(), bare(Value::Integer(age)))].into_iter().chain(name).collect();
    Row { id: id.to_owned(), cells }
}

fn children(rows: Vec<Row>) -> FieldValue {
    bare(Value::Rows(RowList { rows }))
}

fn form(n: u32, more: &[(&str, FieldValue)]) -> CustomerFile {
    let mut file = CustomerFile { template: "templates/example_form".into(), ..company(n) };
    file.fields.insert("title".to_owned(), text("家庭情况"));
    file.fields.extend(more.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    file
}

fn missing(file: &CustomerFile) -> Vec<String> {
    lacking(file.completeness.as_ref().unwrap())
}

fn lacking(completeness: &Completeness) -> Vec<String> {
    let named = |what: &Option<What>| match what {
        Some(What::Field(path)) => path.clone(),
        _ => String::new(),
    };
    completeness.missing.iter().filter(|one| one.required).map(|one| named(&one.what)).collect()
}

async fn rewrite(world: &World, subject: &str, file: &CustomerFile, value: FieldValue) -> CustomerFile {
    let fields = BTreeMap::from([("children".to_owned(), value)]);
    let request = UpdateCustomerFileRequest {
        customer_file: Some(CustomerFile { name: file.name.clone(), fields, ..CustomerFile::default() }),
        update_mask: Some(FieldMask { paths: vec!["fields.children".to_owned()] }),
        request_id: world.request_id(),
        ..UpdateCustomerFileRequest::default()
    };
    world.profile(subject).files.update_customer_file(request).await.good()
}

async fn rows_are_read_changed_and_kept_by_version(world: &World) {
    let given = vec![child("7", Some("小明"), 9), child("8", None, 4)];
    let made = world.create(&mut world.profile("sales-1"), form(1, &[("children", children(given))])).await.good();
    assert_eq!(missing(&made), ["children.8.name"], "who wrote the rows is told what they lack");
    let read = world.read("archivist", &made.name).await.good();
    let Some(Value::Rows(list)) = &read.fields["children"].value else { panic!("rows: {read:?}") };
    assert_eq!(list.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["7", "8"]);
    assert_eq!(list.rows[0].cells["age"].value, Some(Value::Integer(9)));
    assert_eq!(missing(&read), ["children.8.name"]);
    let whole = rewrite(world, "archivist", &made, children(vec![child("8", Some("小红"), 5)])).await;
    assert!(missing(&whole).is_empty() && whole.completeness.as_ref().unwrap().complete);
    let (name, purpose) = (format!("{}/revisions/1", made.name), "customer_service".to_owned());
    let request = GetCustomerFileRevisionRequest { name, purpose, ..GetCustomerFileRevisionRequest::default() };
    let before = world.profile("archivist").files.get_customer_file_revision(request).await.good();
    assert_eq!(before.customer_file.unwrap().fields["children"].value, read.fields["children"].value);
    world.submit(&made.name).await.good();
}

async fn a_group_is_sealed_and_masked_as_a_whole(world: &World) {
    let given = children(vec![child("younger_son", None, 4)]);
    let made = world.create(&mut world.profile("sales-1"), form(1, &[("children", given)])).await.good();
    let read = world.read("sales-2", &made.name).await.good();
    assert!(!read.fields.contains_key("children") && read.masked_fields.contains(&"children".to_owned()));
    assert_eq!(missing(&read), ["children"], "no row is named to who may not see the group");
    let refused = world.submit(&made.name).await.refused(Reason::FileIncomplete);
    assert_eq!(refused.unmet, [("FIELD".to_owned(), "children".to_owned())]);
    let mut tx = world.db(Which::Profile).read().await.unwrap();
    let mut bytes = Vec::new();
    for text in ["SELECT content FROM customer_file_revision", "SELECT body FROM journal_entry"] {
        bytes.extend(sql!(&mut tx, fetch_all as (Vec<u8>,), text).unwrap().into_iter().flat_map(|(bytes,)| bytes));
    }
    let lies_open = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    assert!(lies_open("家庭情况") && !lies_open("younger_son"));
}

async fn what_a_field_does_not_take_is_refused_by_its_path(world: &World) {
    let wrong = [
        ("children", children(vec![child("7", Some("x"), 121)]), "fields.children.7.age"),
        ("children", children(vec![child("7", None, 1), child("7", None, 2)]), "fields.children.7"),
        ("children", children((0..21).map(|at| child(&at.to_string(), None, 1)).collect()), "fields.children"),
        ("portal_login", text("hunter2"), "fields.portal_login"),
        ("approved_by", text("gm"), "fields.approved_by"),
        ("influence", bare(Value::Decimal("101".into())), "fields.influence"),
        ("founded_month", bare(Value::YearMonth("2026-13".into())), "fields.founded_month"),
        ("account", text("1234"), "fields.account"),
        ("manager", bare(Value::Reference("files/x".into())), "fields.manager"),
    ];
    for (key, value, at) in wrong {
        let outcome = world.create(&mut world.profile("sales-1"), form(1, &[(key, value)])).await;
        let refused = outcome.refused(Reason::FieldViolation);
        assert!(refused.names(at), "{refused:?}");
        assert!(!format!("{refused:?}").contains("hunter2"));
    }
}

async fn the_form_and_its_values_are_told_by_their_types(world: &World) {
    let request = GetTemplateRequest { name: "templates/example_form".into(), version: 0 };
    let told = world.profile("sales-1").templates.get_template(request).await.good();
    let fields: Vec<_> = told.sections.iter().flat_map(|section| &section.fields).collect();
    let field = |key: &str| fields.iter().find(|field| field.key == key).unwrap();
    assert_eq!((field("children").max_rows, field("children").columns.len()), (20, 5));
    assert_eq!(field("title").numbers["R02"], "1");
    let given = [
        ("account", text("6222 0000 1234")),
        ("portal_login", text("vault:dealers/7#password")),
        ("height_m", bare(Value::Decimal("1.750".into()))),
        ("founded_month", bare(Value::YearMonth("1998-05".into()))),
        ("manager", bare(Value::Reference(world.who("sales-1").await))),
    ];
    let made = world.create(&mut world.profile("sales-1"), form(1, &given)).await.good();
    let read = world.read("archivist", &made.name).await.good();
    assert_eq!(read.fields["account"].value, text("622200001234").value);
    for (key, value) in given.iter().filter(|(key, _)| *key != "account") {
        assert_eq!(read.fields[*key].value, value.value, "{key}");
    }
    let one = Choice { id: "net".into(), label: "网络".into() };
    let chosen = dossier_proto::types::ChoiceList { items: vec![Choice { label: String::new(), ..one.clone() }] };
    let more = form(2, &[("channels_used", bare(Value::Choices(chosen)))]);
    let made = world.create(&mut world.profile("sales-1"), more).await.good();
    let Some(Value::Choices(list)) = &made.fields["channels_used"].value else { panic!("choices: {made:?}") };
    assert_eq!(list.items, [one]);
}

/// A record form with rows, in the place of that of communications.
const MINUTES: &str = "id: minutes
version: 1
label: 会议纪要
sections: [{id: talk, label: 会议}]
fields:
  - id: points
    label: 议题
    section: talk
    type: group
    required: yes
    sensitivity: internal
    columns:
      - {id: point, label: 议题, type: text, required: yes, sensitivity: confidential}
      - {id: until, label: 期限, type: date, sensitivity: internal}
";

async fn the_rows_of_a_record_count_like_those_of_a_file(world: &World) {
    let file = world.active(1).await.name;
    let until = || ("until".to_owned(), bare(Value::Date("2026-05-01".into())));
    let row =
        |id: &str, cells: Vec<(String, FieldValue)>| Row { id: id.to_owned(), cells: cells.into_iter().collect() };
    let points = |rows: Vec<Row>| children(rows);
    let open = points(vec![row("1", vec![until(), ("point".to_owned(), text("交货"))]), row("2", vec![until()])]);
    let fields = BTreeMap::from([("points".to_owned(), open)]);
    let record = FileRecord { kind: "communication".into(), fields, ..FileRecord::default() };
    let made = world.note("sales-1", &file, record).await.good();
    let of = |record: &FileRecord| lacking(record.completeness.as_ref().unwrap());
    assert_eq!(of(&made), ["points.2.point"]);
    assert_eq!(made.completeness.as_ref().unwrap().basis_points, 0, "a weight of 1 is gained by all of its rows");
    assert_eq!(of(&world.read_record("sales-2", &made.name).await.good()), ["points.2.point"]);
    let whole = points(vec![row("2", vec![("point".to_owned(), text("付款"))])]);
    let changed = world.rewrite("sales-1", &made, "points", Some(whole)).await.good();
    assert!(of(&changed).is_empty() && changed.completeness.as_ref().unwrap().complete);
    let read = world.read_record("archivist", &made.name).await.good();
    let Some(Value::Rows(list)) = &read.fields["points"].value else { panic!("rows: {read:?}") };
    assert_eq!((list.rows.len(), list.rows[0].cells["point"].value.clone()), (1, text("付款").value));
}

async fn walk(store: Store) {
    if !store.available() {
        return dossier_tests::world::skipped("forms");
    }
    let rules = Rules::shipped();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/example-template.yaml");
    fs::copy(example, rules.folder().join("regimes/templates/example.yaml")).unwrap();
    let demo = "organisations/demo.yaml";
    rules.spoil(demo, "[german_credit_applicant]", "[german_credit_applicant, example_form]");
    fs::write(rules.folder().join("regimes/templates/minutes.yaml"), MINUTES).unwrap();
    rules.spoil("regimes/R36.yaml", "    template: communication", "    template: minutes");
    let options = rules.options();
    let options: Vec<_> = options.iter().map(|(key, value)| (*key, value.as_str())).collect();
    macro_rules! each {
        ($($behaviour:ident),+) => {$(
            let world = World::with(store, 7, &options).await;
            $behaviour(&world).await;
            check::holds(&world).await;
            world.end().await;
        )+};
    }
    each![
        rows_are_read_changed_and_kept_by_version,
        a_group_is_sealed_and_masked_as_a_whole,
        what_a_field_does_not_take_is_refused_by_its_path,
        the_rows_of_a_record_count_like_those_of_a_file,
        the_form_and_its_values_are_told_by_their_types
    ];
}

// proves: P-30, P-31, P-59, P-78, A-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_with_rows_and_every_type_hold_on_sqlite() {
    Box::pin(walk(Store::Sqlite)).await;
}

// proves: P-30, P-31, P-59, P-78, A-02
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_with_rows_and_every_type_hold_on_postgres() {
    Box::pin(walk(Store::Postgres)).await;
}
