//! A filled form, section by section, with the labels of its template.

use std::collections::BTreeMap;

use dossier_proto::profile::v1::{Template, TemplateField};
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Choice, FieldValue, RowList};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Block, Fact};
use crate::money;

/// What stands in the place of a value that the reader may not see.
pub const MASKED: &str = "＊＊＊";

/// What [`MASKED`] means, beside a form in which it stands.
pub fn masked_note() -> Block {
    Block::Note(format!("{MASKED}: 无权查看 filled, and not shown to you"))
}

/// What a form says.
#[derive(Clone, Copy, Debug)]
pub struct Filled<'f> {
    /// Its template.
    pub template: &'f Template,
    /// Values by field key.
    pub fields: &'f BTreeMap<String, FieldValue>,
    /// Keys of fields that are filled and not shown.
    pub masked: &'f [String],
    /// The time zone that moments are told in.
    pub zone: &'f TimeZone,
    /// Whether fields without a value are told too, as lines to write on.
    pub empty: bool,
}

// === impl Filled ===

impl Filled<'_> {
    /// The form: each section under its label; one in which nothing is told is left out.
    pub fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        for section in &self.template.sections {
            let told = self.fields(&section.fields);
            if !told.is_empty() {
                blocks.push(Block::Heading(section.display_name.clone()));
                blocks.extend(told);
            }
        }
        // A field that the template has no more is told by its key.
        let known = |key: &str| field(self.template, key).is_some();
        let gone = self.fields.iter().filter(|(key, _)| !known(key));
        let gone: Vec<_> = gone.map(|(key, value)| Fact::new(key, text(value, self.zone))).collect();
        blocks.extend((!gone.is_empty()).then_some(Block::Facts(gone)));
        blocks
    }

    /// The values alone, without headings and tables: what stands in a few lines.
    pub fn facts(&self) -> Vec<Fact> {
        let fields = self.template.sections.iter().flat_map(|section| &section.fields);
        fields.filter_map(|field| Some(Fact::new(&field.display_name, self.value(field)?))).collect()
    }

    fn fields(&self, fields: &[TemplateField]) -> Vec<Block> {
        let (mut blocks, mut facts) = (Vec::new(), Vec::new());
        for field in fields {
            match self.fields.get(&field.key).and_then(|value| value.value.as_ref()) {
                Some(Value::Rows(rows)) => {
                    blocks.extend((!facts.is_empty()).then(|| Block::Facts(std::mem::take(&mut facts))));
                    blocks.push(Block::Heading(field.display_name.clone()));
                    blocks.push(self.table(field, rows));
                }
                _ => facts.extend(self.value(field).map(|value| Fact::new(&field.display_name, value))),
            }
        }
        blocks.extend((!facts.is_empty()).then_some(Block::Facts(facts)));
        blocks
    }

    fn value(&self, field: &TemplateField) -> Option<String> {
        match self.fields.get(&field.key) {
            Some(value) => Some(text(value, self.zone)),
            None if self.masked.contains(&field.key) => Some(MASKED.to_owned()),
            None => self.empty.then(String::new),
        }
    }

    fn table(&self, field: &TemplateField, rows: &RowList) -> Block {
        let cell = |cells: &BTreeMap<String, FieldValue>, column: &TemplateField| {
            cells.get(&column.key).map(|value| text(value, self.zone)).unwrap_or_default()
        };
        let row = |cells| field.columns.iter().map(|column| cell(cells, column)).collect();
        Block::Table {
            head: field.columns.iter().map(|column| column.display_name.clone()).collect(),
            rows: rows.rows.iter().map(|one| row(&one.cells)).collect(),
        }
    }
}

/// The label of the field at `path` of a form, such as `phone` or `contacts.7.phone`; the path itself where the form has none.
pub fn label(template: &Template, path: &str) -> String {
    let mut parts = path.splitn(3, '.');
    let Some(field) = parts.next().and_then(|key| field(template, key)) else { return path.to_owned() };
    match (parts.next(), parts.next()) {
        (Some(row), Some(column)) => {
            let label = field.columns.iter().find(|one| one.key == column).map(|one| one.display_name.as_str());
            format!("{} {row}: {}", field.display_name, label.unwrap_or(column))
        }
        _ => field.display_name.clone(),
    }
}

fn field<'t>(template: &'t Template, key: &str) -> Option<&'t TemplateField> {
    template.sections.iter().flat_map(|section| &section.fields).find(|field| field.key == key)
}

/// A value as people write it.
pub fn text(value: &FieldValue, zone: &TimeZone) -> String {
    match &value.value {
        None => String::new(),
        Some(Value::Text(text) | Value::Decimal(text) | Value::Date(text) | Value::YearMonth(text)) => text.clone(),
        Some(Value::Reference(name)) => name.clone(),
        Some(Value::Integer(number)) => number.to_string(),
        Some(Value::Boolean(yes)) => (if *yes { "是" } else { "否" }).to_owned(),
        Some(Value::List(list)) => list.items.join("、"),
        Some(Value::References(list)) => list.items.join("、"),
        Some(Value::Money(amount)) => money::text(amount.minor_units, &amount.currency_code),
        Some(Value::Timestamp(at)) => moment(at, zone),
        Some(Value::DateRange(range)) => format!("{} – {}", range.start_date, range.end_date),
        Some(Value::Choice(one)) => choice(one).to_owned(),
        Some(Value::Choices(list)) => list.items.iter().map(choice).collect::<Vec<_>>().join("、"),
        // In a line of its own there is no place for more than how many there are.
        Some(Value::Rows(rows)) => format!("({})", rows.rows.len()),
    }
}

// A choice that the form has no more has its id alone.
fn choice(one: &Choice) -> &str {
    if one.label.is_empty() { &one.id } else { &one.label }
}

/// A moment in `zone`, to the minute.
pub fn moment(at: &prost_types::Timestamp, zone: &TimeZone) -> String {
    let at = Timestamp::new(at.seconds, at.nanos);
    at.map(|at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use dossier_proto::profile::v1::TemplateSection;
    use dossier_proto::types::Row;

    use super::*;

    fn template() -> Template {
        let field = |key: &str, label: &str| TemplateField {
            key: key.into(),
            display_name: label.into(),
            ..TemplateField::default()
        };
        let contacts = TemplateField { columns: vec![field("phone", "电话")], ..field("contacts", "联系人") };
        let section = |label: &str, fields| TemplateSection {
            id: label.into(),
            display_name: label.into(),
            fields,
            ..TemplateSection::default()
        };
        let sections = vec![
            section("基本信息", vec![field("name", "名称"), contacts, field("since", "起始")]),
            section("其他", vec![field("remark", "备注")]),
        ];
        Template { sections, ..Template::default() }
    }

    fn value(value: Value) -> FieldValue {
        FieldValue { value: Some(value), provenance: None }
    }

    #[test]
    fn a_form_is_told_by_its_sections_with_its_labels_and_what_is_masked() {
        let template = template();
        let cells = [("phone".to_owned(), value(Value::Text("1".into())))].into_iter().collect();
        let rows = RowList { rows: vec![Row { id: "7".into(), cells }] };
        let at = prost_types::Timestamp { seconds: 0, nanos: 0 };
        let fields = [("contacts", Value::Rows(rows)), ("since", Value::Timestamp(at)), ("old", Value::Integer(3))];
        let fields = fields.into_iter().map(|(key, one)| (key.to_owned(), value(one))).collect();
        let masked = ["name".to_owned()];
        let filled =
            Filled { template: &template, fields: &fields, masked: &masked, zone: &TimeZone::UTC, empty: false };
        let told = [
            Block::Heading("基本信息".into()),
            Block::Facts(vec![Fact::new("名称", MASKED)]),
            Block::Heading("联系人".into()),
            Block::Table { head: vec!["电话".into()], rows: vec![vec!["1".into()]] },
            Block::Facts(vec![Fact::new("起始", "1970-01-01 00:00")]),
            Block::Facts(vec![Fact::new("old", "3")]),
        ];
        assert_eq!(filled.blocks(), told);
        let form = Filled { empty: true, ..filled }.blocks();
        assert!(form.contains(&Block::Facts(vec![Fact::new("备注", "")])), "{form:?}");
        assert_eq!(filled.facts().len(), 3);
    }

    #[test]
    fn what_is_missing_is_called_by_its_label() {
        let template = template();
        assert_eq!(label(&template, "name"), "名称");
        assert_eq!(label(&template, "contacts.7.phone"), "联系人 7: 电话");
        assert_eq!(label(&template, "unknown"), "unknown");
    }
}
