//! What an import is told.

use std::path::Path;

use dossier_kernel::sheet::Encoding;
use dossier_proto::types::CustomerType;
use jiff::Timestamp;
use jiff::civil::Date;

use super::Format;
use crate::client::{catalogue, value};
use crate::globals::pair;

/// What an import is told; the same for every line.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// The template of the files, such as german_credit_applicant; the pack's for the customer type unless told
    #[arg(long, value_name = "ID")]
    pub template: Option<String>,
    /// The owning unit, a label of the organisation file
    #[arg(long)]
    pub unit: String,
    /// individual, sole_trader, company, public_institution, government_body or trading_partner, as the packs say
    #[arg(long, value_name = "TYPE", value_parser = customer_type)]
    pub customer_type: CustomerType,
    /// How the file is written; told by its name (.jsonl, .ndjson) unless said here
    #[arg(long)]
    pub format: Option<Format>,
    /// The file's encoding: utf-8, gb18030 (GBK and GB 2312 too), utf-16le or utf-16be; judged by the whole file unless told
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<Encoding>,
    /// The customer's name: a column, or a pattern such as 'Applicant {row}'; {line} is the line number
    #[arg(long, value_name = "COLUMN|PATTERN")]
    pub name_from: Option<String>,
    /// The field that takes the name
    #[arg(long, value_name = "FIELD", default_value = "name")]
    pub name_field: String,
    /// What identifies the file unit: a column, or a pattern; {batch} is the batch, {line} the line number
    #[arg(long, value_name = "COLUMN|PATTERN", default_value = "{batch}-{line}")]
    pub unit_ref_from: String,
    /// A name for this import; the same name and lines create nothing twice. The file's name unless told
    #[arg(long, value_name = "NAME")]
    pub batch: Option<String>,
    /// A column whose field has another name; COLUMN= leaves it out; may be repeated. Columns named like a field or like its
    /// label on the form need none
    #[arg(long, value_name = "COLUMN=FIELD", value_parser = pair)]
    pub map: Vec<(String, String)>,
    /// Where the values come from, noted with each (at most 200 characters)
    #[arg(long, value_name = "NOTE")]
    pub source: Option<String>,
    /// The collection channel, a label of the pack, noted with each value
    #[arg(long)]
    pub channel: Option<String>,
    /// The day of collection, noted with each value; the day of the import unless told
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub collect_date: Option<Date>,
    /// The level of the files, a label of the pack; the template's unless told
    #[arg(long)]
    pub level: Option<String>,
    /// Who keeps the files, persons/{uuid}; the caller unless told
    #[arg(long, value_name = "PERSON")]
    pub custodian: Option<String>,
    /// A value of a classification axis; may be repeated
    #[arg(long, value_name = "AXIS=VALUE", value_parser = pair)]
    pub classification: Vec<(String, String)>,
    /// When the company first had contact with the customers
    #[arg(long, value_name = "TIME")]
    pub first_contact: Option<Timestamp>,
    /// Why, for revision and journal
    #[arg(long, default_value = "import")]
    pub reason: String,
    /// Hand every file in for review at once
    #[arg(long)]
    pub submit: bool,
    /// Check every line with the service, create nothing
    #[arg(long, conflicts_with = "submit")]
    pub check: bool,
    /// Calls at the same time, 1 to 256
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = concurrency)]
    pub concurrency: usize,
}

// === impl Options ===

impl Options {
    /// The options of a plain import.
    pub fn new(template: impl Into<String>, unit: impl Into<String>, customer_type: CustomerType) -> Self {
        Self {
            template: Some(template.into()),
            unit: unit.into(),
            customer_type,
            format: None,
            encoding: None,
            name_from: None,
            name_field: "name".to_owned(),
            unit_ref_from: "{batch}-{line}".to_owned(),
            batch: None,
            map: Vec::new(),
            source: None,
            channel: None,
            collect_date: None,
            level: None,
            custodian: None,
            classification: Vec::new(),
            first_contact: None,
            reason: "import".to_owned(),
            submit: false,
            check: false,
            concurrency: 16,
        }
    }

    /// Format and batch from the file's name, where they are not told.
    pub(super) fn completed(mut self, file: &Path) -> Self {
        let extension = file.extension().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        let lines = ["jsonl", "ndjson", "json"].contains(&extension);
        self.format = self.format.or(Some(if lines { Format::Jsonl } else { Format::Csv }));
        let stem = file.file_stem().and_then(std::ffi::OsStr::to_str).filter(|stem| *stem != "-");
        self.batch = self.batch.or_else(|| stem.map(str::to_owned));
        self
    }

    /// The name of this import.
    pub fn batch(&self) -> &str {
        self.batch.as_deref().unwrap_or("import")
    }
}

/// An encoding by the name that people use.
pub(crate) fn encoding(text: &str) -> Result<Encoding, String> {
    Encoding::parse(text).ok_or_else(|| "give utf-8, gb18030, utf-16le or utf-16be".to_owned())
}

// The words of the packs, and those of the contract.
pub(crate) fn customer_type(text: &str) -> Result<CustomerType, String> {
    let of = catalogue::pool().get_enum_by_name(value::CUSTOMER_TYPE);
    let known = of.and_then(|of| value::enum_number(&of, text)).and_then(|number| CustomerType::try_from(number).ok());
    known.filter(|one| *one != CustomerType::Unspecified).ok_or_else(|| {
        let words: Vec<_> = dossier_regime::CustomerType::ALL.iter().map(|one| one.as_str()).collect();
        format!("give one of {}", words.join(", "))
    })
}

fn concurrency(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| (1..=256).contains(number)).ok_or_else(|| "must be 1 to 256".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customer_types_are_written_as_people_do() {
        assert_eq!(customer_type("individual"), Ok(CustomerType::NaturalPerson));
        assert_eq!(customer_type("natural-person"), Ok(CustomerType::NaturalPerson));
        assert_eq!(customer_type("COMPANY"), Ok(CustomerType::Company));
        assert_eq!(customer_type("CUSTOMER_TYPE_SOLE_TRADER"), Ok(CustomerType::SoleTrader));
        assert!(customer_type("unspecified").is_err() && customer_type("martian").is_err());
    }

    #[test]
    fn the_name_of_the_file_says_format_and_batch() {
        let options = |file: &str| Options::new("t", "u", CustomerType::Company).completed(Path::new(file));
        assert_eq!(options("x/march.ndjson").format, Some(Format::Jsonl));
        assert_eq!((options("x/march.csv").format, options("x/march.csv").batch()), (Some(Format::Csv), "march"));
        assert_eq!(options("-").batch(), "import");
    }
}
