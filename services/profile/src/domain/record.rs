//! Records: the papers of a file, each of a kind of the pack (P-47).

use std::collections::BTreeSet;

use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_regime::{Pack, RecordKind, RecordLimit, Template};
use jiff::Timestamp;
use uuid::Uuid;

use super::customer_file::{State, Weights};
use super::header::{self, Path, unwritable};

/// What stands in a name behind that of the file.
pub const PART: &str = "records";

/// One paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: Uuid,
    /// The file it lies in.
    pub file: Uuid,
    /// Its kind in the pack.
    pub kind: String,
    /// What of its kind takes no second place in the file: empty where the file may have one, else its id.
    pub slot: String,
    /// The stage it stands in.
    pub stage: String,
    /// Its template.
    pub template: String,
    /// Version of the template when it was made.
    pub template_version: i64,
    /// Its key, sealed under that of its file.
    pub sealed_key: Vec<u8>,
    /// Who made it.
    pub creator: Uuid,
    /// When.
    pub created_at: Timestamp,
    /// How complete it is.
    pub weights: Weights,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Its newest revision, from 1.
    pub version: i64,
}

// === impl Record ===

impl Record {
    /// A new one in the first stage of its kind.
    pub fn new(id: Uuid, file: Uuid, kind: &RecordKind, template: &Template, creator: Uuid, now: Timestamp) -> Self {
        let many = kind.limit == RecordLimit::Many;
        Self {
            id,
            file,
            kind: kind.id.clone(),
            slot: if many { id.to_string() } else { String::new() },
            stage: kind.stages.first().map(|stage| stage.id.clone()).unwrap_or_default(),
            template: template.id.clone(),
            template_version: i64::from(template.version),
            sealed_key: Vec::new(),
            creator,
            created_at: now,
            weights: Weights::default(),
            updated_at: now,
            version: 1,
        }
    }

    /// `files/{uuid}/records/{uuid}`.
    pub fn name(&self) -> String {
        name::below("files", self.file, PART, self.id)
    }

    /// Refuses a change that was based on another version.
    ///
    /// # Errors
    /// `ETAG_STALE`.
    pub fn require_etag(&self, given: &str) -> Result<()> {
        etag::require(given, &etag::of(self.version), &self.name())
    }
}

/// The ids in the name of a record: its file's and its own.
///
/// # Errors
/// A violation of `field`.
pub fn ids(field: &str, text: &str) -> Result<(Uuid, Uuid)> {
    name::ids_below(field, "files", PART, text)
}

/// The kind that a call names, or a fault.
pub fn kind<'p>(pack: &'p Pack, id: &str, faults: &mut Faults) -> Option<&'p RecordKind> {
    let found = pack.record(id);
    if found.is_none() {
        faults.add("kind", one_of(pack.records.iter().map(|kind| kind.id.as_str())));
    }
    found
}

/// That a file in this state takes records and changes of them.
///
/// # Errors
/// `WRONG_STATE`.
pub fn require_open(file: &str, state: State) -> Result<()> {
    let open: Vec<_> = State::ALL.iter().filter(|one| **one != State::Closed).map(|one| one.as_str()).collect();
    if state == State::Closed { Err(Error::wrong_state(file, state.as_str(), &open)) } else { Ok(()) }
}

/// The parts of a record that a mask names: fields alone.
///
/// # Errors
/// `UPDATE_MASK_INVALID`.
pub fn mask(paths: &[String]) -> Result<BTreeSet<Path>> {
    let parts = header::mask(paths)?;
    let foreign = paths.iter().find(|path| *path != "fields" && !path.starts_with("fields."));
    foreign.map_or(Ok(parts), |path| Err(unwritable(path)))
}

/// That a file has a record of this kind already, of which it may have one.
pub fn taken() -> Error {
    Error::violation("kind", "is one of which a file has a single record, and this file has it")
}

/// A refusal for who may not write such records.
pub fn denied(action: &'static str) -> Error {
    Error::new(Reason::PermissionDenied).with("action", action)
}

#[cfg(test)]
mod tests {
    use dossier_regime::Stage;

    use super::*;

    fn kind(limit: RecordLimit) -> RecordKind {
        let stages = vec![Stage { id: "noted".into(), label: "noted".into() }];
        RecordKind { id: "visit".into(), limit, stages, ..RecordKind::default() }
    }

    // proves: P-47
    #[test]
    fn a_record_begins_in_the_first_stage_and_takes_the_place_that_its_kind_has() {
        let (id, file) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let made = |limit| Record::new(id, file, &kind(limit), &Template::default(), id, Timestamp::UNIX_EPOCH);
        let (many, once) = (made(RecordLimit::Many), made(RecordLimit::Once));
        assert_eq!((many.stage.as_str(), many.version, many.slot), ("noted", 1, id.to_string()));
        assert_eq!(once.slot, "");
        assert_eq!(ids("name", &once.name()).unwrap(), (file, id));
        assert!(once.require_etag("v1").is_ok() && once.require_etag("v2").is_err());
    }

    #[test]
    fn only_fields_of_a_record_are_written_and_only_in_an_open_file() {
        let paths = |paths: &[&str]| mask(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
        assert_eq!(paths(&["fields.needs"]).unwrap(), BTreeSet::from([Path::Field("needs".to_owned())]));
        assert!(paths(&["fields"]).is_ok());
        for foreign in ["unit", "kind", "stage", "field"] {
            assert_eq!(paths(&[foreign]).unwrap_err().reason(), Reason::UpdateMaskInvalid, "{foreign}");
        }
        assert!(require_open("files/1", State::Draft).is_ok());
        assert_eq!(require_open("files/1", State::Closed).unwrap_err().reason(), Reason::WrongState);
    }
}
