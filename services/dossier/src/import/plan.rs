//! Which column becomes which field, and a record as a request.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dossier_proto::profile::v1::{
    CreateCustomerFileRequest, CustomerFile, FieldType, SubmitCustomerFileRequest, Template,
};
use dossier_proto::types::{Choice, ChoiceList, FieldValue, Provenance, ReferenceList, TextList, field_value};
use prost::Message;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use uuid::{Builder, Uuid};

use super::lines::{Cell, Record};
use super::{Options, Refused, cells};
use crate::Failure;

/// The separator of several texts in one cell of CSV.
const SEPARATOR: char = ';';

/// How records become requests.
#[derive(Clone, Debug)]
pub struct Plan {
    options: Options,
    template: String,
    types: BTreeMap<String, FieldType>,
    /// Fields whose text may have lines.
    long: BTreeSet<String>,
    mapped: BTreeMap<String, String>,
    name: Option<Pattern>,
    unit_ref: Pattern,
}

/// A text with columns in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Column(String),
}

// === impl Plan ===

impl Plan {
    /// The plan for a template and the columns of a header (none for JSON lines, where lines name their own).
    ///
    /// # Errors
    /// A column or a field that is named but does not exist.
    pub fn new(options: &Options, template: &Template, columns: &[Arc<str>]) -> Result<Self, Failure> {
        let fields = || template.sections.iter().flat_map(|section| &section.fields);
        let types: BTreeMap<_, _> = fields().map(|field| (field.key.clone(), field.r#type())).collect();
        let long = fields().filter(|field| field.format == "long_text").map(|field| field.key.clone()).collect();
        let known = |column: &str| columns.is_empty() || columns.iter().any(|one| **one == *column);
        let mut mapped: BTreeMap<_, _> = types.keys().map(|key| (key.clone(), key.clone())).collect();
        mapped.extend(labelled(template, columns));
        for (column, field) in &options.map {
            if !known(column) {
                return Err(Failure::config(format!("--map: there is no column `{column}`")));
            }
            if !field.is_empty() && !types.contains_key(field) {
                return Err(Failure::config(format!("--map: the template has no field `{field}`")));
            }
            // A field that is filled from this column is not filled from the one that has its name.
            mapped.retain(|_, other| other != field);
            mapped.insert(column.clone(), field.clone());
        }
        mapped.retain(|_, field| !field.is_empty());
        filled_once(&mapped, columns)?;
        let name = options.name_from.as_deref().map(|text| Pattern::read("--name-from", text, columns)).transpose()?;
        if name.is_some() && !types.contains_key(&options.name_field) {
            return Err(Failure::config(format!("--name-field: the template has no field `{}`", options.name_field)));
        }
        let unit_ref = Pattern::read("--unit-ref-from", &options.unit_ref_from, columns)?;
        let (options, template) = (options.clone(), template.name.clone());
        Ok(Self { options, template, types, long, mapped, name, unit_ref })
    }

    /// The columns that fill nothing.
    pub fn unused(&self, columns: &[Arc<str>]) -> Vec<String> {
        let patterns = [self.name.as_ref(), Some(&self.unit_ref)];
        let used = |column: &str| {
            self.mapped.contains_key(column) || patterns.iter().flatten().any(|pattern| pattern.names(column))
        };
        columns.iter().filter(|column| !used(column)).map(ToString::to_string).collect()
    }

    /// The call that creates the file of a record.
    ///
    /// # Errors
    /// Every value that does not have the type of its field.
    pub fn create(&self, record: &Record) -> Result<CreateCustomerFileRequest, Vec<Refused>> {
        let (fields, mut refused) = self.fields(record);
        let text = |pattern: &Pattern, field: &str, refused: &mut Vec<Refused>| {
            pattern.fill(record, self.options.batch()).unwrap_or_else(|column| {
                refused.push(Refused::value(record.line, field, &format!("column `{column}` is empty")));
                String::new()
            })
        };
        let unit_ref = text(&self.unit_ref, "unit_ref", &mut refused);
        let mut fields = fields;
        if let Some(pattern) = &self.name {
            let name = text(pattern, &self.options.name_field, &mut refused);
            fields.insert(self.options.name_field.clone(), self.noted(field_value::Value::Text(name)));
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        Ok(self.request(self.file(unit_ref, fields)))
    }

    /// The call that hands in a created file.
    pub fn submit(&self, name: &str) -> SubmitCustomerFileRequest {
        SubmitCustomerFileRequest {
            name: name.to_owned(),
            request_id: self.request_id("submit", name.as_bytes()).to_string(),
            reason: self.options.reason.clone(),
            ..SubmitCustomerFileRequest::default()
        }
    }

    fn request(&self, file: CustomerFile) -> CreateCustomerFileRequest {
        let mut request = CreateCustomerFileRequest {
            customer_file: Some(file),
            validate_only: self.options.check,
            reason: self.options.reason.clone(),
            ..CreateCustomerFileRequest::default()
        };
        request.request_id = self.request_id("create", &request.encode_to_vec()).to_string();
        request
    }

    fn file(&self, unit_ref: String, fields: BTreeMap<String, FieldValue>) -> CustomerFile {
        let options = &self.options;
        CustomerFile {
            customer_type: options.customer_type.into(),
            unit_ref,
            template: self.template.clone(),
            level: options.level.clone().unwrap_or_default(),
            unit: options.unit.clone(),
            custodian: options.custodian.clone().unwrap_or_default(),
            fields,
            classification: options.classification.iter().cloned().collect(),
            first_contact_time: options.first_contact.map(dossier_kernel::time::to_proto),
            ..CustomerFile::default()
        }
    }

    /// The template that it follows, `templates/{id}`.
    pub(crate) fn template(&self) -> &str {
        &self.template
    }

    /// The values of a record by field, and every one that does not have the type of its field.
    pub(crate) fn fields(&self, record: &Record) -> (BTreeMap<String, FieldValue>, Vec<Refused>) {
        let (mut fields, mut refused) = (BTreeMap::new(), Vec::new());
        for (column, cell) in &record.cells {
            let Some(field) = self.mapped.get(&**column) else { continue };
            let kind = self.types.get(field).copied().unwrap_or_default();
            match value(kind, self.long.contains(field), cell) {
                Ok(value) => {
                    fields.insert(field.clone(), self.noted(value));
                }
                Err(why) => refused.push(Refused::value(record.line, &format!("fields.{field}"), why)),
            }
        }
        (fields, refused)
    }

    fn noted(&self, value: field_value::Value) -> FieldValue {
        let options = &self.options;
        let provenance = Provenance {
            source_note: options.source.clone().unwrap_or_default(),
            collect_date: options.collect_date.map(|date| date.to_string()).unwrap_or_default(),
            channel: options.channel.clone().unwrap_or_default(),
            ..Provenance::default()
        };
        let provenance = Some(provenance).filter(|noted| *noted != Provenance::default());
        FieldValue { value: Some(value), provenance }
    }

    /// A UUID that follows from batch and content: the same row of the same import is the same call, on whatever line it
    /// stands and however the lines end.
    fn request_id(&self, step: &str, content: &[u8]) -> Uuid {
        following(&["dossier/import/v2", step, self.options.batch()], content)
    }
}

/// A UUID that follows from what is brought: the same of the same is the same call.
pub(crate) fn following(parts: &[&str], content: &[u8]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    let digest: [u8; 32] = hash.chain_update(content).finalize().into();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

/// The labels of the form that are headings here, and the fields that they mean; a label that several fields have means
/// none. JSON lines name their columns later, so all labels count there.
fn labelled(template: &Template, columns: &[Arc<str>]) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for field in template.sections.iter().flat_map(|section| &section.fields) {
        fields.entry(heading(&field.display_name)).or_default().push(&field.key);
    }
    let only = |label: &str| match fields.get(&heading(label)).map(Vec::as_slice) {
        Some([key]) if !label.is_empty() => Some((label.to_owned(), (*key).to_owned())),
        _ => None,
    };
    let labels = template.sections.iter().flat_map(|section| &section.fields).map(|field| field.display_name.as_str());
    match columns.is_empty() {
        true => labels.filter_map(only).collect(),
        false => columns.iter().filter_map(|column| only(column)).collect(),
    }
}

// Headings are compared without case, width, spaces and the marks of required columns.
fn heading(text: &str) -> String {
    let plain = text.nfkc().flat_map(char::to_lowercase);
    plain.filter(|letter| !letter.is_whitespace() && *letter != '*').collect()
}

// Of two columns that fill one field one would be lost without a word.
fn filled_once(mapped: &BTreeMap<String, String>, columns: &[Arc<str>]) -> Result<(), Failure> {
    let mut filled: BTreeMap<&str, &str> = BTreeMap::new();
    for column in columns {
        let Some(field) = mapped.get(&**column) else { continue };
        if let Some(other) = filled.insert(field, column) {
            let why =
                format!("columns `{other}` and `{column}` both fill `{field}`; leave one out with --map {column}=");
            return Err(Failure::config(why));
        }
    }
    Ok(())
}

/// A cell as a value of its field's type; a refusal never repeats it.
fn value(kind: FieldType, long: bool, cell: &Cell) -> Result<field_value::Value, &'static str> {
    use field_value::Value;
    let text = match (kind, cell) {
        (FieldType::List, Cell::List(items)) => return Ok(Value::List(TextList { items: items.clone() })),
        (FieldType::References, Cell::List(items)) => {
            return Ok(Value::References(ReferenceList { items: items.clone() }));
        }
        (FieldType::Choices, Cell::List(items)) => return Ok(chosen(items.clone())),
        (_, Cell::List(_)) => return Err("must be one value"),
        (_, Cell::Text(text)) => text,
    };
    Ok(match kind {
        FieldType::Text | FieldType::Unspecified if long => Value::Text(text.clone()),
        FieldType::Text | FieldType::Unspecified => Value::Text(cells::one_line(text)),
        FieldType::Choice => Value::Choice(Choice { id: cells::one_line(text), label: String::new() }),
        FieldType::Integer => Value::Integer(cells::integer(text)?),
        FieldType::Decimal => Value::Decimal(cells::decimal(text).ok_or("must be a decimal number such as `12.50`")?),
        FieldType::Boolean => {
            Value::Boolean(cells::truth(text).ok_or("must be true or false, yes or no, 1 or 0, 是 or 否")?)
        }
        FieldType::Date => Value::Date(cells::day(text)?.to_string()),
        FieldType::Money => Value::Money(cells::amount(text)?),
        FieldType::Timestamp => Value::Timestamp(cells::instant(text)?),
        FieldType::List => Value::List(TextList { items: several(text) }),
        FieldType::References => Value::References(ReferenceList { items: several(text) }),
        FieldType::Reference => Value::Reference(cells::one_line(text)),
        FieldType::Choices => chosen(several(text)),
        FieldType::YearMonth => Value::YearMonth(cells::one_line(text)),
        FieldType::DateRange | FieldType::Rows => {
            return Err("is of a type that no cell can hold; leave the column out");
        }
        FieldType::Shown => return Err("is only shown on the form; leave the column out"),
    })
}

fn chosen(ids: Vec<String>) -> field_value::Value {
    let items = ids.into_iter().map(|id| Choice { id, label: String::new() }).collect();
    field_value::Value::Choices(ChoiceList { items })
}

fn several(text: &str) -> Vec<String> {
    let items = text.split([SEPARATOR, '；']).map(str::trim).filter(|item| !item.is_empty());
    items.map(str::to_owned).collect()
}

// === impl Pattern ===

impl Pattern {
    /// A column, or a text with `{column}` in it.
    fn read(flag: &str, text: &str, columns: &[Arc<str>]) -> Result<Self, Failure> {
        let known = |name: &str| columns.iter().any(|one| **one == *name);
        if known(text) {
            return Ok(Self(vec![Part::Column(text.to_owned())]));
        }
        let unclosed = || Failure::config(format!("{flag}: a `{{` has no `}}`"));
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').ok_or_else(unclosed)?;
            if !columns.is_empty() && !known(name) && !["line", "batch"].contains(&name) {
                return Err(Failure::config(format!("{flag}: there is no column `{name}`")));
            }
            parts.push(Part::Text(before.to_owned()));
            parts.push(Part::Column(name.to_owned()));
            rest = behind;
        }
        match parts.is_empty() {
            // The keys of JSON lines are not known before they are read.
            true if columns.is_empty() => Ok(Self(vec![Part::Column(text.to_owned())])),
            true => Err(Failure::config(format!("{flag}: `{text}` is neither a column nor a pattern with a column"))),
            false => {
                parts.push(Part::Text(rest.to_owned()));
                Ok(Self(parts))
            }
        }
    }

    fn names(&self, column: &str) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Column(name) if name == column))
    }

    /// The text for a record, or the column that is empty.
    fn fill(&self, record: &Record, batch: &str) -> Result<String, String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Column(name) => match record.cells.iter().find(|(column, _)| **column == **name) {
                    Some((_, Cell::Text(value))) => text.push_str(value),
                    None if name == "line" => text.push_str(&record.line.to_string()),
                    None if name == "batch" => text.push_str(batch),
                    _ => return Err(name.clone()),
                },
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests;
