//! What the columns of an archive mean: a TOML file, where every part of a file is a column, a constant, or a code of a table.
//!
//! ```toml
//! zone = "Asia/Shanghai"                 # days without an hour are midnight here
//! encoding = "gb18030"                   # where it cannot be judged: utf-8, gb18030, utf-16le, utf-16be
//! template = "customer_core"
//! note = "旧馆目录"                      # where the values come from, noted with each
//! channel = "customer_visit"
//!
//! [file]
//! key = { column = "档号" }
//! unit_ref = { column = "证照号" }
//! customer_type = { value = "company" }
//! unit = { column = "部门", codes = { "销售一部" = "sales", "客服" = "customer-service" } }
//! state = { column = "状态", codes = { "在用" = "active", "注销" = "closed" }, otherwise = "draft" }
//! number = { column = "档号" }
//! creator = { column = "建档人" }
//! create_time = { column = "建档日期" }
//!
//! [fields]
//! name = { column = "客户名称" }
//! cooperation_stage = { value = "signed" }
//!
//! [[attachments]]
//! folder = "scans"                       # beside this file
//! column = "附件"                        # names parted by `;`
//! kind = "other"
//! carrier = "scan"
//! title = { column = "附件名" }
//!
//! [[records]]
//! table = "visits.csv"                   # beside this file
//! key = { column = "档号" }               # the file that it belongs to
//! kind = "communication"
//! stage = { value = "noted" }
//! state = { value = "final" }
//! create_time = { column = "日期" }
//! fields = { needs = { column = "内容" } }
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::Failure;
use crate::import::cells_day;
use crate::import::lines::{Cell, Record};

/// What the columns of an archive mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where days without an hour lie.
    #[serde(default = "shanghai")]
    pub zone: String,
    /// What the table is written in; judged by the whole of it unless told.
    pub encoding: Option<String>,
    /// The template of the files; the pack's for the customer type unless told.
    pub template: Option<String>,
    /// Where the values come from, noted with each.
    pub note: Option<String>,
    /// The collection channel, noted with each value.
    pub channel: Option<String>,
    /// What each file is.
    pub file: Header,
    /// What it says.
    #[serde(default)]
    pub fields: BTreeMap<String, Said>,
    /// How it is classified.
    #[serde(default)]
    pub classification: BTreeMap<String, Said>,
    /// What is attached to it.
    #[serde(default)]
    pub attachments: Vec<Attachments>,
    /// What happened in it.
    #[serde(default)]
    pub records: Vec<History>,
    /// The folder that the paths in it are of.
    #[serde(skip)]
    pub folder: PathBuf,
}

/// What each file is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// What the archive calls it.
    pub key: Said,
    /// What identifies it; its key unless told.
    pub unit_ref: Option<Said>,
    /// The owning unit.
    pub unit: Said,
    /// The customer type, in the words of packs.
    pub customer_type: Option<Said>,
    /// The kind of file.
    pub file_kind: Option<Said>,
    /// The level.
    pub level: Option<Said>,
    /// Who keeps it, `persons/{uuid}`.
    pub custodian: Option<Said>,
    /// Where it stands.
    pub state: Option<Said>,
    /// The number that it had.
    pub number: Option<Said>,
    /// The key of the file that it belongs to.
    pub of: Option<Said>,
    /// Who made it.
    pub creator: Option<Said>,
    /// When it was made.
    pub create_time: Option<Said>,
    /// When it became effective.
    pub activate_time: Option<Said>,
    /// When it was closed.
    pub close_time: Option<Said>,
    /// When the customer was first met.
    pub first_contact_time: Option<Said>,
    /// When the contract took effect.
    pub contract_effect_time: Option<Said>,
}

/// What is attached to a file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attachments {
    /// The folder they lie in.
    pub folder: PathBuf,
    /// The column with their names, parted by `;`.
    pub column: String,
    /// The kind of document.
    pub kind: String,
    /// What they are on: `scan` or `electronic`.
    #[serde(default = "scan")]
    pub carrier: String,
    /// What each is called; its file's name unless told.
    pub title: Option<Said>,
    /// The field of its form that takes the title.
    #[serde(default = "title")]
    pub title_field: String,
    /// The day that stands on it.
    pub date: Option<Said>,
    /// The last day on which it holds.
    pub expires: Option<Said>,
}

/// A table of what happened.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// The table.
    pub table: PathBuf,
    /// What it is written in; judged by the whole of it unless told.
    pub encoding: Option<String>,
    /// The key of the file that a line belongs to.
    pub key: Said,
    /// The kind of record.
    pub kind: String,
    /// Its template; that of its kind unless told.
    pub template: String,
    /// The stage it stood in.
    pub stage: Option<Said>,
    /// Where its life stood.
    pub state: Option<Said>,
    /// The number that it had.
    pub number: Option<Said>,
    /// Who made it.
    pub creator: Option<Said>,
    /// When it was made.
    pub create_time: Option<Said>,
    /// What it says.
    #[serde(default)]
    pub fields: BTreeMap<String, Said>,
}

/// How one part is said.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// In this column.
    pub column: Option<String>,
    /// As this, everywhere.
    pub value: Option<String>,
    /// What the words of the column mean.
    #[serde(default)]
    pub codes: BTreeMap<String, String>,
    /// What every other word, and an empty cell, means.
    pub otherwise: Option<String>,
}

fn shanghai() -> String {
    "Asia/Shanghai".to_owned()
}

fn scan() -> String {
    "scan".to_owned()
}

fn title() -> String {
    "title".to_owned()
}

// === impl Mapping ===

impl Mapping {
    /// Reads it.
    ///
    /// # Errors
    /// What cannot be read, or is not known, with its line.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|fault| Failure::file(path, &fault))?;
        let read: Result<Self, _> = toml::from_str(&text);
        let mut mapping = read.map_err(|fault| Failure::config(format!("{}: {fault}", path.display())))?;
        mapping.folder = path.parent().map(Path::to_owned).unwrap_or_default();
        mapping.zone()?;
        Ok(mapping)
    }

    /// Where days without an hour lie.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn zone(&self) -> Result<TimeZone, Failure> {
        TimeZone::get(&self.zone).map_err(|_| Failure::config(format!("zone: there is no `{}`", self.zone)))
    }

    /// Every column that it names, for those of a table that it does not.
    pub fn columns(&self) -> Vec<&str> {
        let header = &self.file;
        let parts = [
            Some(&header.key),
            header.unit_ref.as_ref(),
            Some(&header.unit),
            header.customer_type.as_ref(),
            header.file_kind.as_ref(),
            header.level.as_ref(),
            header.custodian.as_ref(),
            header.state.as_ref(),
            header.number.as_ref(),
            header.of.as_ref(),
            header.creator.as_ref(),
            header.create_time.as_ref(),
            header.activate_time.as_ref(),
            header.close_time.as_ref(),
            header.first_contact_time.as_ref(),
            header.contract_effect_time.as_ref(),
        ];
        let said = parts.into_iter().flatten().chain(self.fields.values()).chain(self.classification.values());
        let said = said.filter_map(|one| one.column.as_deref());
        said.chain(self.attachments.iter().map(|one| one.column.as_str())).collect()
    }
}

// === impl Said ===

impl Said {
    /// What it says in a line; nothing where the cell is empty.
    ///
    /// # Errors
    /// A word that is none of the codes. Never the word.
    pub fn of(&self, record: &Record) -> Result<Option<String>, String> {
        let Some(column) = &self.column else { return Ok(self.value.clone()) };
        let found = record.cells.iter().find(|(name, _)| **name == **column).map(|(_, cell)| text(cell));
        if self.codes.is_empty() {
            return Ok(found.or_else(|| self.otherwise.clone()));
        }
        match found.as_ref().and_then(|word| self.codes.get(word)).or(self.otherwise.as_ref()) {
            Some(meant) => Ok(Some(meant.clone())),
            None if found.is_none() => Ok(None),
            None => Err(format!("column `{column}` has a word that is none of its codes")),
        }
    }

    /// As [`of`](Self::of), as an instant: a day is its midnight in `zone`.
    ///
    /// # Errors
    /// What is neither a day nor an instant.
    pub fn time(&self, record: &Record, zone: &TimeZone) -> Result<Option<Timestamp>, String> {
        let Some(text) = self.of(record)? else { return Ok(None) };
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Some(instant));
        }
        let day = cells_day(&text).map_err(str::to_owned)?;
        let midnight = day.to_zoned(zone.clone()).map_err(|_| "is no day of the calendar".to_owned())?;
        Ok(Some(midnight.timestamp()))
    }
}

/// A cell as one text.
pub(super) fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::List(items) => items.join(";"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const EXAMPLE: &str = include_str!("mapping.rs");

    fn record(cells: &[(&str, &str)]) -> Record {
        let cell = |(name, text): &(&str, &str)| (Arc::from(*name), Cell::Text((*text).to_owned()));
        Record { line: 2, cells: cells.iter().map(cell).collect() }
    }

    #[test]
    fn the_example_of_the_documentation_is_one() {
        let lines: Vec<_> = EXAMPLE.lines().filter_map(|line| line.strip_prefix("//! ")).collect();
        let begin = lines.iter().position(|line| line.starts_with("zone")).unwrap();
        let end = begin + lines[begin..].iter().position(|line| *line == "```").unwrap();
        let text = lines[begin..end]
            .join("\n")
            .replace("kind = \"communication\"", "kind = \"communication\"\ntemplate = \"communication\"");
        let mapping: Mapping = toml::from_str(&text).unwrap();
        assert_eq!((mapping.attachments.len(), mapping.records.len()), (1, 1));
        assert!(mapping.columns().contains(&"证照号"));
    }

    #[test]
    fn a_word_is_what_its_table_says_and_no_other() {
        let said: Said = toml::from_str("column = \"部门\"\ncodes = { \"销售一部\" = \"sales\" }").unwrap();
        assert_eq!(said.of(&record(&[("部门", "销售一部")])), Ok(Some("sales".to_owned())));
        assert_eq!(said.of(&record(&[])), Ok(None));
        let fault = said.of(&record(&[("部门", "机密处")])).unwrap_err();
        assert!(fault.contains("部门") && !fault.contains("机密处"), "{fault}");
        let said = Said { otherwise: Some("other".to_owned()), ..said };
        assert_eq!(said.of(&record(&[("部门", "x")])), Ok(Some("other".to_owned())));
    }

    #[test]
    fn a_day_is_its_midnight_where_the_archive_lies() {
        let said: Said = toml::from_str("column = \"d\"").unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = |text: &str| said.time(&record(&[("d", text)]), &zone);
        assert_eq!(at("1998年4月1日").unwrap().unwrap().to_string(), "1998-03-31T16:00:00Z");
        assert_eq!(at("2001-02-03T04:05:06Z").unwrap().unwrap().to_string(), "2001-02-03T04:05:06Z");
        assert!(at("03/04/1998").is_err());
    }
}
