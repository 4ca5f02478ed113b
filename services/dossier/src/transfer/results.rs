//! What became of every file, in two tables with the keys of the source; each line is on the disk as soon as it is known.

use std::fs::File;
use std::path::{Path, PathBuf};

use dossier_proto::profile::v1::{ImportCustomerFilesResponse, ImportOutcome};

use crate::Failure;
use crate::out::count;

/// The two tables, and how many of each outcome there are.
pub(super) struct Results {
    result: (PathBuf, csv::Writer<File>),
    refused: (PathBuf, csv::Writer<File>),
    /// How far it is.
    pub(super) counted: Counted,
}

/// How many of each outcome there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Files that are here now, or would be.
    pub created: u64,
    /// Files that were here before.
    pub existing: u64,
    /// Files that were refused, here or by the service.
    pub refused: u64,
}

/// A file that was refused before it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unsent {
    /// Its key, or the line of the table.
    pub(super) key: String,
    /// The reason, as the services give it.
    pub(super) reason: String,
    /// The field at fault.
    pub(super) field: String,
    /// What is wrong; never a value.
    pub(super) why: String,
}

// === impl Results ===

impl Results {
    /// Begins the tables anew.
    pub(super) fn begin(prefix: &Path) -> Result<Self, Failure> {
        let open = |end: &str, head: &[&str]| {
            let mut path = prefix.as_os_str().to_owned();
            path.push(end);
            let path = PathBuf::from(path);
            let told = |fault: &std::io::Error| Failure::file(&path, fault);
            let mut table = csv::Writer::from_writer(File::create(&path).map_err(|fault| told(&fault))?);
            table.write_record(head).map_err(|fault| told(&std::io::Error::other(fault)))?;
            table.flush().map_err(|fault| told(&fault))?;
            Ok::<_, Failure>((path, table))
        };
        let result = open(".result.csv", &["key", "outcome", "file", "number"])?;
        let refused = open(".refused.csv", &["key", "reason", "field", "why"])?;
        Ok(Self { result, refused, counted: Counted::default() })
    }

    /// Where the refused ones stand.
    pub(super) fn refused(&self) -> &Path {
        &self.refused.0
    }

    /// Notes what a file was answered.
    pub(super) fn answered(&mut self, one: &ImportCustomerFilesResponse) -> Result<(), Failure> {
        match one.outcome() {
            ImportOutcome::Created => self.counted.created += 1,
            ImportOutcome::AlreadyThere => self.counted.existing += 1,
            ImportOutcome::Refused | ImportOutcome::Unspecified => return self.turned_away(one),
        }
        let outcome = one.outcome().as_str_name().trim_start_matches("IMPORT_OUTCOME_").to_lowercase();
        write(&mut self.result, [&one.key, &outcome, &one.file, &one.number])
    }

    fn turned_away(&mut self, one: &ImportCustomerFilesResponse) -> Result<(), Failure> {
        self.counted.refused += 1;
        let refusal = one.refusal.clone().unwrap_or_default();
        let reason = refusal.reason().as_str_name().trim_start_matches("ERROR_REASON_").to_owned();
        if refusal.faults.is_empty() {
            let told = refusal.metadata.iter().filter(|(key, _)| *key != "resource");
            let why: Vec<_> = told.map(|(key, value)| format!("{key} {value}")).collect();
            return write(&mut self.refused, [&one.key, &reason, &String::new(), &why.join(", ")]);
        }
        for fault in &refusal.faults {
            write(&mut self.refused, [&one.key, &reason, &fault.field, &fault.description])?;
        }
        Ok(())
    }

    /// Notes what was refused before it was sent.
    pub(super) fn unsent(&mut self, all: &[Unsent]) -> Result<(), Failure> {
        let mut last = None;
        for one in all {
            self.counted.refused += u64::from(last != Some(&one.key));
            last = Some(&one.key);
            write(&mut self.refused, [&one.key, &one.reason, &one.field, &one.why])?;
        }
        Ok(())
    }
}

fn write((path, table): &mut (PathBuf, csv::Writer<File>), cells: [&String; 4]) -> Result<(), Failure> {
    let told = |fault: std::io::Error| Failure::file(path, &fault);
    table.write_record(cells).map_err(|fault| told(std::io::Error::other(fault)))?;
    table.flush().map_err(told)
}

// === impl Counted ===

impl Counted {
    /// All of them.
    pub fn all(self) -> u64 {
        self.created + self.existing + self.refused
    }
}

impl std::fmt::Display for Counted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (created, existing) = (count(self.created, "file"), count(self.existing, "file"));
        write!(f, "{created} created, {existing} there already, {} refused", count(self.refused, "file"))
    }
}
