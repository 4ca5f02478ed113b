use dossier_kernel::printed::{html, screen};
use dossier_proto::credit::v1::{Exposure, Rating};
use dossier_proto::duty::v1::Duty;
use dossier_proto::profile::v1::{Completeness, OverviewKind, TemplateField, TemplateSection};
use dossier_proto::types::{FieldValue, UnmetCondition};

use super::*;

fn text(text: &str) -> FieldValue {
    FieldValue { value: Some(Value::Text(text.into())), provenance: None }
}

fn overview() -> CustomerOverview {
    let field =
        |key: &str, label: &str| TemplateField { key: key.into(), display_name: label.into(), ..Default::default() };
    let fields = vec![field("name", "客户名称"), field("phone", "电话"), field("fax", "传真")];
    let sections = vec![TemplateSection {
        id: "identity".into(),
        display_name: "基本信息".into(),
        fields,
        ..TemplateSection::default()
    }];
    let missing = UnmetCondition { what: Some(What::Field("fax".into())), required: true, ..Default::default() };
    let file = CustomerFile {
        name: "files/1".into(),
        number: "KH-2026-00001".into(),
        level: "confidential".into(),
        template: "templates/t".into(),
        fields: [("name".to_owned(), text("<海岳>"))].into_iter().collect(),
        masked_fields: vec!["phone".into()],
        completeness: Some(Completeness { basis_points: 6_650, missing: vec![missing], ..Default::default() }),
        ..CustomerFile::default()
    };
    let form = Template { name: "templates/t".into(), sections, ..Template::default() };
    let record = |name: &str, said: &str| FileRecord {
        name: name.into(),
        template: "templates/t".into(),
        fields: [("name".to_owned(), text(said))].into_iter().collect(),
        ..FileRecord::default()
    };
    let told =
        |kind: &str, record| OverviewRecord { kind_label: kind.into(), record: Some(record), ..Default::default() };
    let duty = Duty { kind: "file.refresh".into(), post: "sales_staff".into(), ..Duty::default() };
    CustomerOverview {
        customer_file: Some(file),
        level_label: "秘密".into(),
        templates: vec![form],
        last_contact: Some(told("交流记录", record("r/1", "王经理来电"))),
        kinds: vec![OverviewKind {
            kind: "complaint".into(),
            label: "客户投诉".into(),
            open_count: 1,
            ..Default::default()
        }],
        open_records: vec![told("客户投诉", record("r/2", "到货破损"))],
        newest_records: vec![told("交流记录", record("r/1", "王经理来电"))],
        duties: vec![OverviewDuty {
            duty: Some(duty),
            post_label: "业务员".into(),
            overdue: true,
            ..Default::default()
        }],
        ..CustomerOverview::default()
    }
}

fn elsewhere() -> Elsewhere {
    Elsewhere {
        loans: Ok(vec![Loan { borrower: "persons/7".into(), ..Loan::default() }]),
        exposure: Ok(Exposure { limit: "limits/1".into(), ..Exposure::default() }),
        rating: Ok(Some(Rating { score: "512".into(), card: "german".into(), version: 1, ..Rating::default() })),
    }
}

fn page(overview: &CustomerOverview, elsewhere: &Elsewhere) -> Printout {
    let people = [("persons/7".to_owned(), "李四".to_owned())].into_iter().collect();
    Seen { overview, elsewhere, people: &people, zone: &TimeZone::UTC, purpose: "audit" }.page()
}

#[test]
fn all_that_is_seen_stands_on_one_page_in_the_words_of_the_company() {
    let told = screen(&page(&overview(), &elsewhere()));
    for words in [
        "KH-2026-00001  <海岳>\n",
        "密级 Level  秘密",
        "电话      ＊＊＊",
        "王经理来电",
        "到货破损",
        "客户投诉 1",
        "66.50 %",
        "必填 Required    传真",
        "file.refresh  业务员",
        "已逾期 overdue",
        "李四",
        "512  (german v1",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert_eq!(told.matches("王经理来电").count(), 1, "the last contact is told once");
}

#[test]
fn what_is_left_out_says_why_and_nothing_is_said_to_lie_in_the_archive_that_is_not_known() {
    let parts = [OverviewPart::Records, OverviewPart::Duties, OverviewPart::OtherLoans].map(Into::into).to_vec();
    let file = overview().customer_file;
    let overview = CustomerOverview { customer_file: file, left_out: parts, ..CustomerOverview::default() };
    let closed = Err("left out: credit does not answer".to_owned());
    let elsewhere = Elsewhere { loans: Ok(Vec::new()), exposure: closed.clone(), rating: closed.map(|_| None) };
    let told = screen(&page(&overview, &elsewhere));
    assert_eq!(told.matches("right is one to some fields").count(), 3, "{told}");
    assert!(told.contains("do not open duties") && told.contains("your own loans alone"), "{told}");
    assert!(!told.contains("not lent") && told.matches("credit does not answer").count() == 1, "{told}");
}

#[test]
fn on_paper_no_value_is_markup() {
    let told = html(&page(&overview(), &elsewhere()));
    assert!(told.contains("&lt;海岳&gt;") && !told.contains("<海岳>"), "{told}");
}
