//! What anybody opens the system for: one customer at a glance (P-31, P-47).

use dossier_kernel::call::Providers;
use dossier_kernel::printed::{Block, Fact, Part, Printout};
use dossier_kernel::time::to_proto;
use dossier_proto::profile::v1::{CreateRecordRequest, FileRecord};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, FieldValue};

use super::client::{People, fresh_id};
use super::stage::given;
use super::{Stage, applicants, must};
use crate::Failure;
use crate::serve::Which;
use crate::show::{self, Ways};

/// Most signs of a line.
const WIDEST: usize = 100;

/// Opens the file of the first applicant, notes a talk with them, and shows them.
pub(super) async fn run(stage: &mut Stage, people: &People) -> Result<(), Failure> {
    stage.chapter("One customer at a glance (dossier show)");
    let file = stage.step("a salesman opens the file of a first applicant", applicants::first_file(people)).await?;
    stage.step("and notes what was said on the telephone", talk(people, &file)).await?;
    let page = stage
        .step("one call shows all that they may see, and is one entry in the journal", look(people, &file))
        .await?;
    for line in lines(&page) {
        stage.say(format_args!("                {line}"));
    }
    must(lines(&page).iter().any(|line| line.contains("分期还款")), "the last contact must be told")
}

async fn talk(people: &People, file: &str) -> Result<(), Failure> {
    let fields = [
        ("held_at", Value::Timestamp(to_proto(Providers::system().clock.now()))),
        ("channel", Value::Choice(Choice { id: "telephone".to_owned(), label: String::new() })),
        ("contact_person", Value::Text("本人".to_owned())),
        ("needs", Value::Text("咨询分期还款".to_owned())),
    ];
    let of = |(key, value): (&str, Value)| (key.to_owned(), FieldValue { value: Some(value), provenance: None });
    let fields = fields.into_iter().map(of).collect();
    let request = CreateRecordRequest {
        parent: file.to_owned(),
        record: Some(FileRecord { kind: "communication".to_owned(), fields, ..FileRecord::default() }),
        request_id: fresh_id(),
        ..CreateRecordRequest::default()
    };
    given(people.records("sales-1")?.create_record(request).await).map(drop)
}

async fn look(people: &People, file: &str) -> Result<Printout, Failure> {
    let ways = Ways {
        profile: people.line(Which::Profile, "sales-1")?,
        access: people.line(Which::Access, "sales-1")?,
        credit: people.line(Which::Credit, "sales-1")?,
    };
    show::overview(&ways, file, "customer_service", "").await
}

// Each part in one line.
fn lines(page: &Printout) -> Vec<String> {
    let title = [page.title.clone()].into_iter();
    title.chain(page.parts.iter().map(|part| cut(&format!("{}: {}", part.heading, said(part))))).collect()
}

fn said(part: &Part) -> String {
    let fact = |fact: &Fact| format!("{} {}", fact.label, fact.value);
    let block = |block: &Block| match block {
        Block::Heading(text) | Block::Note(text) => text.clone(),
        Block::Facts(facts) => facts.iter().map(fact).collect::<Vec<_>>().join(", "),
        Block::Table { rows, .. } => rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>().join("; "),
    };
    if part.blocks.is_empty() {
        "–".to_owned()
    } else {
        part.blocks.iter().map(block).collect::<Vec<_>>().join(" | ")
    }
}

fn cut(line: &str) -> String {
    let short: String = line.chars().take(WIDEST).collect();
    if short.len() < line.len() { short + "…" } else { short }
}
