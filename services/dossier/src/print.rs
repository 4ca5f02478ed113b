//! `dossier print`: a record as it was filled in and signed, or an empty form of the same template, for paper (P-30, P-47).
//!
//! ```text
//! dossier print files/0193.../records/0193... --purpose audit --html complaint.html
//! dossier print templates/complaint_record --html form.html
//! ```
//! A record is read by GetRecord, which is one disclosure in the journal; a form without values discloses nothing.

use dossier_kernel::config::Config;
use dossier_kernel::printed::form::{Filled, masked_note, moment};
use dossier_kernel::printed::{Block, Fact, Printout};
use dossier_proto::Worded as _;
use dossier_proto::profile::v1::record_service_client::RecordServiceClient;
use dossier_proto::profile::v1::template_service_client::TemplateServiceClient;
use dossier_proto::profile::v1::{FileRecord, GetRecordRequest, GetTemplateRequest, RecordSignature, Template};
use jiff::tz::TimeZone;

use crate::Failure;
use crate::client::connection::{Connection, Given};
use crate::client::reference::People;
use crate::client::{fault, reference};
use crate::reading::Reading;
use crate::serve::Which;

/// What `print` takes.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// A record, files/{uuid}/records/{uuid}, or for its empty form a template, templates/{id}
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    reading: Reading,
    #[command(flatten)]
    given: Given,
}

/// Prints it.
///
/// # Errors
/// What profile refuses; when it cannot be reached or the page not be written.
pub async fn run(args: &Args, config: &Config) -> Result<(), Failure> {
    let way = args.given.access()?;
    let access = way.also(Which::Access, config)?;
    let profile = way.connect(Which::Profile, config)?;
    let page = if args.name.starts_with("templates/") {
        empty(&template(&profile, &args.name).await?)
    } else {
        filled(args, &profile, access).await?
    };
    args.reading.write(&page)
}

async fn filled(args: &Args, profile: &Connection, access: Connection) -> Result<Printout, Failure> {
    let (purpose, reading_place) = (args.reading.purpose(access.clone()).await?, args.reading.place().to_owned());
    let request = GetRecordRequest { name: args.name.clone(), purpose, reading_place };
    let answer = RecordServiceClient::new(profile.clone()).get_record(request).await;
    let record = answer.map_err(|status| fault::refused(&status))?.into_inner();
    let template = template(profile, &record.template).await?;
    let signers = record.signatures.iter().map(|one| one.signer.clone());
    let people = reference::named(&signers.chain([record.creator.clone()]).collect(), access).await;
    Ok(page(&record, &template, &people, &TimeZone::system()))
}

async fn template(profile: &Connection, name: &str) -> Result<Template, Failure> {
    let request = GetTemplateRequest { name: name.to_owned(), version: 0 };
    let answer = TemplateServiceClient::new(profile.clone()).get_template(request).await;
    Ok(answer.map_err(|status| fault::refused(&status))?.into_inner())
}

fn page(record: &FileRecord, template: &Template, people: &People, zone: &TimeZone) -> Printout {
    let person = |name: &String| people.get(name).unwrap_or(name).clone();
    let at = |at: &Option<prost_types::Timestamp>| at.as_ref().map(|at| moment(at, zone)).unwrap_or_default();
    let facts = [
        ("编号 Number", record.number.clone()),
        ("状态 State", record.state().word().to_owned()),
        ("阶段 Stage", record.stage.clone()),
        ("密级 Level", record.level.clone()),
        ("登记 Made", format!("{}  {}", at(&record.create_time), person(&record.creator))),
    ];
    let mut page = Printout {
        title: template.display_name.clone(),
        language: "zh-CN".to_owned(),
        // A kind without numbers of its own has none to tell.
        facts: facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(label, value)| Fact::new(label, value))
            .collect(),
        ..Printout::default()
    };
    let (fields, masked) = (&record.fields, record.masked_fields.as_slice());
    let mut form = Filled { template, fields, masked, zone, empty: true }.blocks();
    if !masked.is_empty() {
        form.push(masked_note());
    }
    page.part("内容 Content", form);
    let signed = |one: &RecordSignature| {
        let cells = [&one.slot, &one.stage, &person(&one.signer), &at(&one.sign_time), &hex::encode(&one.digest)];
        cells.map(Clone::clone).to_vec()
    };
    let rows: Vec<_> = record.signatures.iter().map(signed).collect();
    let head = ["签字栏 Slot", "阶段 Stage", "签字人 Signer", "时间 Time", "摘要 Digest"].map(str::to_owned).to_vec();
    page.part("签字 Signatures", (!rows.is_empty()).then_some(Block::Table { head, rows }).into_iter().collect());
    page.foot = vec![format!("{}  r{}", record.name, record.revision)];
    page
}

// The form with lines to write on.
fn empty(template: &Template) -> Printout {
    let (fields, zone) = (std::collections::BTreeMap::new(), TimeZone::UTC);
    let form = Filled { template, fields: &fields, masked: &[], zone: &zone, empty: true };
    let (title, language) = (template.display_name.clone(), "zh-CN".to_owned());
    let mut page = Printout { title, language, ..Printout::default() };
    page.part("内容 Content", form.blocks());
    page.foot = vec![format!("{}  v{}", template.name, template.version)];
    page
}

#[cfg(test)]
mod tests {
    use dossier_kernel::printed::form::MASKED;
    use dossier_kernel::printed::{html, screen};
    use dossier_proto::profile::v1::{TemplateField, TemplateSection};
    use dossier_proto::types::FieldValue;
    use dossier_proto::types::field_value::Value;

    use super::*;

    fn template() -> Template {
        let field = |key: &str, label: &str| TemplateField {
            key: key.into(),
            display_name: label.into(),
            ..TemplateField::default()
        };
        let fields = vec![field("content", "投诉内容"), field("result", "处理结果")];
        let sections = vec![TemplateSection {
            id: "complaint".into(),
            display_name: "投诉".into(),
            fields,
            ..TemplateSection::default()
        }];
        Template {
            name: "templates/t".into(),
            version: 2,
            display_name: "客户投诉记录".into(),
            sections,
            ..Template::default()
        }
    }

    // proves: P-30
    #[test]
    fn an_empty_form_has_every_field_and_a_line_to_write_on() {
        let told = html(&empty(&template()));
        assert_eq!(told.matches("<dd class=\"open\"></dd>").count(), 2, "{told}");
        assert!(
            told.contains("客户投诉记录") && told.contains("处理结果") && told.contains("templates/t  v2"),
            "{told}"
        );
    }

    // proves: P-30, A-40
    #[test]
    fn a_record_is_printed_with_who_signed_what_and_when() {
        let signature = RecordSignature {
            slot: "handler".into(),
            stage: "handled".into(),
            signer: "persons/1".into(),
            sign_time: Some(prost_types::Timestamp { seconds: 60, nanos: 0 }),
            digest: vec![0xab, 0xcd],
            ..RecordSignature::default()
        };
        let said = FieldValue { value: Some(Value::Text("到货<破损>".into())), provenance: None };
        let record = FileRecord {
            fields: [("content".to_owned(), said)].into_iter().collect(),
            masked_fields: vec!["result".into()],
            signatures: vec![signature],
            ..FileRecord::default()
        };
        let people = [("persons/1".to_owned(), "李四".to_owned())].into_iter().collect();
        let page = page(&record, &template(), &people, &TimeZone::UTC);
        let told = screen(&page);
        for words in ["到货<破损>", MASKED, "handler", "李四", "1970-01-01 00:01", "abcd"] {
            assert!(told.contains(words), "{words}\n{told}");
        }
        assert!(html(&page).contains("到货&lt;破损&gt;"));
    }
}
