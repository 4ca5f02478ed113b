//! The lines of an archive as files: each line a file of one version, its attachments its documents, its history its records.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Path, PathBuf};

use dossier_kernel::sheet::decode;
use dossier_proto::profile::v1::transfer_part::Part;
use dossier_proto::profile::v1::{
    CustomerFile, CustomerFileRevision, CustomerFileState, Document, DocumentCarrier, DocumentContent, FileRecord,
    FileRecordRevision, RecordState, TransferEnd,
};
use dossier_proto::types::{CustomerType, FieldValue};
use jiff::tz::TimeZone;

use super::bring::{Item, Source};
use super::mapping::{Attachments, History, Mapping, Said, text};
use super::results::Unsent;
use super::wrong::{Wrong, filled};
use crate::client::connection::Connection;
use crate::import::lines::{Broken, Format, Lines, Record};
use crate::import::options::encoding;
use crate::import::plan::Plan;
use crate::import::{Options, customer_type, plan_of};
use crate::{Failure, content, out};

/// An archive that is being read.
pub(super) struct Archive {
    mapping: Mapping,
    zone: TimeZone,
    lines: Lines,
    plan: Plan,
    history: Vec<(History, Plan, HashMap<String, Vec<Record>>)>,
    waiting: VecDeque<Item>,
    done: u64,
    of: u64,
}

type Parts = Result<VecDeque<Item>, Vec<Unsent>>;

// === impl Archive ===

impl Archive {
    /// Opens the table and what the mapping names beside it.
    ///
    /// # Errors
    /// What cannot be read; a template, a column or a field that is not there.
    pub(super) async fn open(table: &Path, mapping: &Path, connection: &Connection) -> Result<Self, Failure> {
        let mapping = Mapping::open(mapping)?;
        let (lines, of) = opened(table, mapping.encoding.as_deref())?;
        require_columns(table, &lines, &mapping.columns())?;
        let customer = mapping.file.customer_type.as_ref().and_then(|said| said.value.as_deref());
        let customer = customer.map(customer_type).transpose().map_err(Failure::config)?;
        let options = options(&mapping, mapping.template.clone(), customer);
        let plan = plan_of(connection, &options, &[]).await?;
        let mut history = Vec::new();
        for one in &mapping.records {
            let (lines, _) = opened(&mapping.folder.join(&one.table), one.encoding.as_deref())?;
            let options = self::options(&mapping, Some(one.template.clone()), customer);
            history.push((one.clone(), plan_of(connection, &options, &[]).await?, by_key(one, lines)?));
        }
        let (zone, waiting) = (mapping.zone()?, VecDeque::new());
        Ok(Self { mapping, zone, lines, plan, history, waiting, done: 0, of })
    }

    fn file(&self, record: &Record) -> Parts {
        let mut wrong = Wrong { line: record.line, key: format!("line {}", record.line), all: Vec::new() };
        let head = self.header(record, &mut wrong);
        let first = CustomerFileRevision {
            customer_file: Some(CustomerFile { fields: self.said(record, &mut wrong), ..CustomerFile::default() }),
            author: head.creator.clone(),
            create_time: head.create_time,
            ..CustomerFileRevision::default()
        };
        let key = head.name.clone();
        let mut items = VecDeque::from([Item::Part(Part::File(head)), Item::Part(Part::Revision(first))]);
        for (history, plan, lines) in &self.history {
            for (at, line) in lines.get(&key).map(Vec::as_slice).unwrap_or_default().iter().enumerate() {
                self.happened(
                    (history, plan),
                    line,
                    format!("{}:{at}", history.table.display()),
                    &mut items,
                    &mut wrong,
                );
            }
        }
        for attachments in &self.mapping.attachments {
            self.attached(attachments, record, &mut items, &mut wrong);
        }
        let parts = items.iter().filter(|item| matches!(item, Item::Part(_))).count();
        items.push_back(Item::Part(Part::End(TransferEnd { parts: i64::try_from(parts).unwrap_or(i64::MAX) })));
        if wrong.all.is_empty() { Ok(items) } else { Err(wrong.all) }
    }

    fn header(&self, record: &Record, wrong: &mut Wrong) -> CustomerFile {
        let said = &self.mapping.file;
        let name = wrong.text("key", Some(&said.key), record);
        if name.is_empty() {
            wrong.add("key", "is empty");
        } else {
            wrong.key.clone_from(&name);
        }
        let own = wrong.text("unit_ref", said.unit_ref.as_ref(), record);
        let unit_ref = if said.unit_ref.is_none() { name.clone() } else { own };
        let customer = wrong.text("customer_type", said.customer_type.as_ref(), record);
        let customer_type = match customer.as_str() {
            "" => CustomerType::Unspecified,
            word => customer_type(word).unwrap_or_else(|why| {
                wrong.add("customer_type", &why);
                CustomerType::Unspecified
            }),
        };
        let mut time = |field: &str, said: Option<&Said>| wrong.time(field, said, record, &self.zone);
        let create_time = time("create_time", said.create_time.as_ref());
        let (activate_time, close_time) =
            (time("activate_time", said.activate_time.as_ref()), time("close_time", said.close_time.as_ref()));
        let first_contact_time = time("first_contact_time", said.first_contact_time.as_ref());
        let contract_effect_time = time("contract_effect_time", said.contract_effect_time.as_ref());
        let state = wrong.word::<CustomerFileState>("state", said.state.as_ref(), record);
        let mut classification = BTreeMap::new();
        for (axis, said) in &self.mapping.classification {
            let label = wrong.text(&format!("classification.{axis}"), Some(said), record);
            if !label.is_empty() {
                classification.insert(axis.clone(), label);
            }
        }
        CustomerFile {
            name,
            number: wrong.text("number", said.number.as_ref(), record),
            customer_type: customer_type.into(),
            file_kind: wrong.text("file_kind", said.file_kind.as_ref(), record),
            unit_ref,
            template: self.plan.template().to_owned(),
            level: wrong.text("level", said.level.as_ref(), record),
            unit: wrong.text("unit", Some(&said.unit), record),
            custodian: wrong.text("custodian", said.custodian.as_ref(), record),
            state,
            classification,
            first_contact_time,
            contract_effect_time,
            create_time,
            creator: wrong.text("creator", said.creator.as_ref(), record),
            activate_time,
            close_time,
            of: wrong.text("of", said.of.as_ref(), record),
            ..CustomerFile::default()
        }
    }

    fn said(&self, record: &Record, wrong: &mut Wrong) -> BTreeMap<String, FieldValue> {
        filled(&self.plan, &self.mapping.fields, record, wrong)
    }

    fn happened(
        &self,
        (history, plan): (&History, &Plan),
        line: &Record,
        key: String,
        items: &mut VecDeque<Item>,
        wrong: &mut Wrong,
    ) {
        let (creator, number) = (
            wrong.text("records.creator", history.creator.as_ref(), line),
            wrong.text("records.number", history.number.as_ref(), line),
        );
        let create_time = wrong.time("records.create_time", history.create_time.as_ref(), line, &self.zone);
        let record = FileRecord {
            name: key,
            kind: history.kind.clone(),
            stage: wrong.text("records.stage", history.stage.as_ref(), line),
            state: wrong.word::<RecordState>("records.state", history.state.as_ref(), line),
            number,
            creator: creator.clone(),
            create_time,
            ..FileRecord::default()
        };
        let fields = filled(plan, &history.fields, line, wrong);
        let version = FileRecordRevision { fields, author: creator, create_time, ..FileRecordRevision::default() };
        items.extend([Item::Part(Part::Record(record)), Item::Part(Part::Version(version))]);
    }

    fn attached(&self, said: &Attachments, record: &Record, items: &mut VecDeque<Item>, wrong: &mut Wrong) {
        let Some((_, cell)) = record.cells.iter().find(|(name, _)| **name == *said.column) else { return };
        let names = text(cell);
        let folder = self.mapping.folder.join(&said.folder);
        for name in names.split([';', '；']).map(str::trim).filter(|name| !name.is_empty()) {
            match self.document(said, record, (&folder, name), wrong) {
                Ok(mut document) => items.append(&mut document),
                Err(why) => wrong.add(&format!("attachments.{}", said.column), &why),
            }
        }
    }

    fn document(
        &self,
        said: &Attachments,
        record: &Record,
        (folder, name): (&Path, &str),
        wrong: &mut Wrong,
    ) -> Result<VecDeque<Item>, String> {
        let path = below(folder, name)?;
        let size = std::fs::metadata(&path).map_err(|_| "names a file that is not there".to_owned())?.len();
        let media_type = content::guessed(&path).map_err(|_| "names a file of a type that is not known".to_owned())?;
        let told = wrong.text("attachments.title", said.title.as_ref(), record);
        let title = if told.is_empty() { name.to_owned() } else { told };
        let carrier = DocumentCarrier::from_str_name(&format!("DOCUMENT_CARRIER_{}", said.carrier.to_uppercase()));
        let content = DocumentContent {
            size_bytes: i64::try_from(size).unwrap_or(i64::MAX),
            media_type: media_type.to_owned(),
            sha256: Vec::new(),
        };
        let day = |text: String| crate::import::cells_day(&text).map(|day| day.to_string()).unwrap_or(text);
        let document = Document {
            name: name.to_owned(),
            kind: said.kind.clone(),
            carrier: carrier.unwrap_or_default().into(),
            document_date: day(wrong.text("attachments.date", said.date.as_ref(), record)),
            expire_date: day(wrong.text("attachments.expires", said.expires.as_ref(), record)),
            content: Some(content),
            ..Document::default()
        };
        let title = FieldValue { value: Some(dossier_proto::types::field_value::Value::Text(title)), provenance: None };
        let version = FileRecordRevision {
            fields: [(said.title_field.clone(), title)].into_iter().collect(),
            ..FileRecordRevision::default()
        };
        Ok([Item::Part(Part::Document(document)), Item::Part(Part::Version(version)), Item::Bytes(path)].into())
    }
}

impl Source for Archive {
    fn next(&mut self) -> Result<Option<Item>, Failure> {
        if let Some(item) = self.waiting.pop_front() {
            return Ok(Some(item));
        }
        let Some(record) = self.lines.records.next() else { return Ok(None) };
        self.done += 1;
        let wrong = match record {
            Ok(record) => match self.file(&record) {
                Ok(items) => {
                    self.waiting = items;
                    return Ok(self.waiting.pop_front());
                }
                Err(wrong) => wrong,
            },
            Err(Broken::Line { line, why }) => {
                let (key, reason) = (format!("line {line}"), "LINE_BROKEN".to_owned());
                vec![Unsent { key, reason, field: String::new(), why }]
            }
            Err(Broken::End(fault)) => return Err(Failure::config(format!("the table cannot be read: {fault}"))),
        };
        Ok(Some(Item::Unsent(wrong)))
    }

    fn place(&self) -> (u64, u64) {
        (self.done, self.of)
    }
}

fn options(mapping: &Mapping, template: Option<String>, customer: Option<CustomerType>) -> Options {
    let mut options = Options::new("", "", customer.unwrap_or_default());
    options.template = template;
    options.source.clone_from(&mapping.note);
    options.channel.clone_from(&mapping.channel);
    options
}

fn opened(table: &Path, told: Option<&str>) -> Result<(Lines, u64), Failure> {
    let told = told.map(encoding).transpose().map_err(|why| Failure::config(format!("encoding: {why}")))?;
    let bytes = std::fs::read(table).map_err(|fault| Failure::file(table, &fault))?;
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let file = decode(bytes, told).map_err(|fault| Failure::config(format!("{}: {fault}", table.display())))?;
    out::note(format!("{} is read as {}", table.display(), file.encoding));
    let jsonl = table.extension().is_some_and(|end| ["jsonl", "ndjson", "json"].iter().any(|one| end == *one));
    Ok((Lines::open(file, if jsonl { Format::Jsonl } else { Format::Csv })?, lines))
}

fn require_columns(table: &Path, lines: &Lines, named: &[&str]) -> Result<(), Failure> {
    let known = |name: &&&str| lines.columns.is_empty() || lines.columns.iter().any(|one| **one == ***name);
    if let Some(missing) = named.iter().find(|name| !known(name)) {
        return Err(Failure::config(format!("{} has no column `{missing}`", table.display())));
    }
    let unused: Vec<_> = lines.columns.iter().filter(|one| !named.contains(&&***one)).map(|one| &**one).collect();
    if !unused.is_empty() {
        out::note(format!("columns that the mapping does not name, left out: {}", unused.join(", ")));
    }
    Ok(())
}

fn by_key(history: &History, lines: Lines) -> Result<HashMap<String, Vec<Record>>, Failure> {
    let mut found: HashMap<String, Vec<Record>> = HashMap::new();
    for line in lines.records {
        let told = |line: u64, why: &str| Failure::config(format!("{}: line {line}: {why}", history.table.display()));
        let line = match line {
            Ok(line) => line,
            Err(Broken::Line { line, why }) => return Err(told(line, &why)),
            Err(Broken::End(fault)) => return Err(Failure::file(&history.table, &fault)),
        };
        let key = history.key.of(&line).map_err(|why| told(line.line, &why))?;
        let key = key.ok_or_else(|| told(line.line, "has no key"))?;
        found.entry(key).or_default().push(line);
    }
    Ok(found)
}

// A name out of a table leads nowhere but into its folder.
fn below(folder: &Path, name: &str) -> Result<PathBuf, String> {
    let path = folder.join(name);
    let inside = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
    if inside { Ok(path) } else { Err("names a file outside of its folder".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_lies_in_its_folder() {
        let folder = Path::new("scans");
        assert_eq!(below(folder, "2019/a.pdf"), Ok(PathBuf::from("scans/2019/a.pdf")));
        for outside in ["../a.pdf", "/etc/passwd", "x/../../a"] {
            assert!(below(folder, outside).is_err(), "{outside}");
        }
    }
}
