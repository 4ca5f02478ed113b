//! Records: the papers of a file, each of a kind of the pack, and how far each has come (P-38, P-47, P-57).

pub mod facts;
pub mod signing;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::etag;
use dossier_kernel::faults::Faults;
use dossier_kernel::{name, states};
use dossier_regime::{Pack, RecordKind, RecordLimit, Template};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::customer_file::Weights;
use super::header::{self, Path, unwritable};

/// What stands in a name behind that of the file.
pub const PART: &str = "records";
/// How a record stands a stage of which did something for good.
const EFFECTIVE: &str = "effective";
/// How a record stands that came from elsewhere.
const IMPORTED: &str = "imported";
/// How a record stands that waits for an approval.
const PENDING: &str = "pending";

states! {
    /// Where the life of a record stands.
    pub enum State {
        /// It goes on.
        Open = "open",
        /// It has entered a final stage.
        Final = "final",
        /// It was ended without effect.
        Void = "void",
    }
}

/// One paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id.
    pub id: Uuid,
    /// The file it lies in.
    pub file: Uuid,
    /// Its kind in the pack.
    pub kind: String,
    /// The record it belongs to; `None`: to its file alone.
    pub of: Option<Uuid>,
    /// What of its kind takes no second place in the file: empty where the file may have one, the month or year where it may have one
    /// in that, else its id.
    pub slot: String,
    /// Where its life stands.
    pub state: State,
    /// The stage it stands in; empty: before the first.
    pub stage: String,
    /// The stages it has entered and not left again.
    pub steps: Vec<Step>,
    /// How often signatures that were being collected were set aside.
    pub round: i64,
    /// Its number; `None`: it has drawn none. It never changes, whatever becomes of the record.
    pub number: Option<String>,
    /// The stages that did something for good, each as it was entered then: they do it once, whatever is corrected afterwards.
    pub done: Vec<Step>,
    /// The stage that waits for an approval; empty: none does. Until that is decided nothing of the record changes.
    pub pending: String,
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
    /// Whether it came with its file from elsewhere: it is history, and nothing of it changes.
    pub imported: bool,
}

/// A stage that a record entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The stage.
    pub stage: String,
    /// When it was entered, in microseconds.
    pub at: i64,
    /// The revision that entered it.
    pub revision: i64,
    /// The round whose signatures it was entered with.
    pub round: i64,
}

// === impl Record ===

impl Record {
    /// A new one before the first stage of its kind; `day` is today, where the company counts it.
    pub fn new(
        id: Uuid,
        file: Uuid,
        kind: &RecordKind,
        template: &Template,
        creator: Uuid,
        (now, day): (Timestamp, Date),
    ) -> Self {
        let slot = match kind.limit {
            RecordLimit::Many => id.to_string(),
            RecordLimit::Once | RecordLimit::OneOpen => String::new(),
            RecordLimit::OneAMonth => day.strftime("%Y-%m").to_string(),
            RecordLimit::OneAYear => day.strftime("%Y").to_string(),
        };
        Self {
            id,
            file,
            kind: kind.id.clone(),
            of: None,
            slot,
            state: State::Open,
            stage: String::new(),
            steps: Vec::new(),
            round: 0,
            number: None,
            done: Vec::new(),
            pending: String::new(),
            template: template.id.clone(),
            template_version: i64::from(template.version),
            sealed_key: Vec::new(),
            creator,
            created_at: now,
            weights: Weights::default(),
            updated_at: now,
            version: 1,
            imported: false,
        }
    }

    /// Whether it goes on: what came from elsewhere does not, however it stood there.
    pub fn is_open(&self) -> bool {
        self.state == State::Open && !self.imported
    }

    /// `files/{uuid}/records/{uuid}`.
    pub fn name(&self) -> String {
        name::below("files", self.file, PART, self.id)
    }

    /// The name of the record it belongs to; empty: none.
    pub fn of_name(&self) -> String {
        self.of.map(|of| name::below("files", self.file, PART, of)).unwrap_or_default()
    }

    /// The month or year in which its file may have no other of its kind; empty: none.
    pub fn period(&self) -> &str {
        if self.slot == self.id.to_string() { "" } else { &self.slot }
    }

    /// Refuses a change that was based on another version.
    ///
    /// # Errors
    /// `ETAG_STALE`.
    pub fn require_etag(&self, given: &str) -> Result<()> {
        etag::require(given, &etag::of(self.version), &self.name())
    }

    /// Refuses a change of one that is final or void.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_open(&self) -> Result<()> {
        match self.state {
            _ if self.imported => Err(Error::wrong_state(self.name(), IMPORTED, &[State::Open.as_str()])),
            State::Open => Ok(()),
            _ => Err(Error::wrong_state(self.name(), self.state.as_str(), &[State::Open.as_str()])),
        }
    }

    /// Refuses a change of one that is final or void, or waits for an approval.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_idle(&self) -> Result<()> {
        self.require_open()?;
        if self.pending.is_empty() {
            return Ok(());
        }
        Err(Error::wrong_state(self.name(), PENDING, &[State::Open.as_str()]).with("stage", &self.pending))
    }

    /// Refuses a correction of one that is void, or waits for an approval.
    ///
    /// # Errors
    /// `WRONG_STATE`.
    pub fn require_settled(&self) -> Result<()> {
        match self.state {
            State::Final if !self.imported => Ok(()),
            State::Open | State::Void | State::Final => self.require_idle(),
        }
    }

    /// As it will be once it has asked for the approval of `stage`.
    pub fn asking(&self, stage: &str) -> Self {
        Self { pending: stage.to_owned(), version: self.version + 1, ..self.clone() }
    }

    /// Takes the no of the approvers: it goes where its kind says. Gives the stages that it leaves.
    pub fn refuse(&mut self, kind: &RecordKind, to: &str, at: i64, revision: i64) -> Vec<String> {
        self.pending.clear();
        if self.steps.iter().any(|step| step.stage == to) {
            return self.stand_at(to);
        }
        self.enter(kind, to, at, revision);
        Vec::new()
    }

    /// Takes what was handed back by the approvers, or taken back: it stands at `to`, or where it stood. Gives the stages that it leaves.
    pub fn handed_back(&mut self, to: Option<&str>) -> Vec<String> {
        self.pending.clear();
        let entered = to.filter(|to| self.steps.iter().any(|step| step.stage == *to));
        match entered {
            Some(to) => self.stand_at(to),
            None => {
                self.set_aside();
                Vec::new()
            }
        }
    }

    // What it signed for is signed anew; it stays where it is, or leaves what it entered after `stage`.
    fn stand_at(&mut self, stage: &str) -> Vec<String> {
        self.go_back(stage).unwrap_or_else(|_| {
            self.set_aside();
            Vec::new()
        })
    }

    /// Enters `stage` with the revision that comes next.
    pub fn enter(&mut self, kind: &RecordKind, stage: &str, at: i64, revision: i64) {
        self.pending.clear();
        let at = self.steps.last().map_or(at, |last| last.at.max(at));
        self.steps.push(Step { stage: stage.to_owned(), at, revision, round: self.round });
        stage.clone_into(&mut self.stage);
        if kind.stage(stage).is_some_and(|stage| stage.is_final) {
            self.end(State::Final, kind);
        }
    }

    /// Notes which of the stages that `revision` entered do something now, for good; one that did so before does not do it again.
    pub fn note_done(&mut self, revision: i64, acts: impl Fn(&str) -> bool) {
        let before = |stage: &str| self.done.iter().any(|done| done.stage == stage);
        let new =
            self.steps.iter().filter(|step| step.revision == revision && acts(&step.stage) && !before(&step.stage));
        let new: Vec<_> = new.cloned().collect();
        self.done.extend(new);
    }

    /// Goes back to `stage`, one that it entered before, or to before the first. What it leaves is signed anew. Gives what it leaves.
    ///
    /// # Errors
    /// A violation of `stage` that names those that it may go back to: none from behind a stage that did something for good.
    pub fn go_back(&mut self, stage: &str) -> Result<Vec<String>> {
        let earlier = &self.steps[..self.steps.len().saturating_sub(1)];
        let stays = match earlier.iter().rposition(|step| step.stage == stage) {
            Some(at) => at + 1,
            None if stage.is_empty() && !self.steps.is_empty() => 0,
            None => return Err(Error::violation("stage", one_of(earlier.iter().map(|step| step.stage.as_str())))),
        };
        let done = |step: &&Step| self.done.iter().any(|done| done.stage == step.stage);
        if let Some(done) = self.steps[stays..].iter().find(done) {
            return Err(
                Error::violation("stage", "lies behind a stage that did something for good").with("stage", &done.stage)
            );
        }
        let left = self.steps.split_off(stays).into_iter().map(|step| step.stage).collect();
        stage.clone_into(&mut self.stage);
        self.set_aside();
        Ok(left)
    }

    /// Opens it again, for a correction of what the stages that are `touched` filled: it stands before the first of them, and what comes
    /// after that is signed anew. Gives the stages that it leaves.
    pub fn reopen(&mut self, kind: &RecordKind, touched: impl Fn(&str) -> bool) -> Vec<String> {
        let first = self.steps.iter().position(|step| touched(&step.stage)).unwrap_or(self.steps.len());
        let left = self.steps.split_off(first).into_iter().map(|step| step.stage).collect();
        self.stage = self.steps.last().map(|step| step.stage.clone()).unwrap_or_default();
        if self.state == State::Final && kind.limit == RecordLimit::OneOpen {
            self.slot.clear();
        }
        self.state = State::Open;
        self.set_aside();
        left
    }

    /// Ends it without effect.
    ///
    /// # Errors
    /// `WRONG_STATE` after a stage that did something for good.
    pub fn void(&mut self) -> Result<()> {
        if let Some(done) = self.done.first() {
            return Err(Error::wrong_state(self.name(), EFFECTIVE, &[State::Open.as_str()]).with("stage", &done.stage));
        }
        self.state = State::Void;
        // Another of its kind may take its place.
        self.slot = self.id.to_string();
        Ok(())
    }

    /// The signatures that were being collected count no more.
    pub fn set_aside(&mut self) {
        self.round += 1;
    }

    fn end(&mut self, state: State, kind: &RecordKind) {
        self.state = state;
        if kind.limit == RecordLimit::OneOpen {
            self.slot = self.id.to_string();
        }
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

/// That files of this kind hold records of `kind`.
///
/// # Errors
/// A violation of `kind`.
pub fn require_kind(kind: &RecordKind, file_kind: &str) -> Result<()> {
    if kind.is_in(file_kind) {
        Ok(())
    } else {
        Err(Error::violation("kind", "is not one that files of this kind hold"))
    }
}

/// The id of the record that a new one of `kind` in `file` belongs to, or a fault.
pub fn parent(kind: Option<&RecordKind>, file: Option<Uuid>, text: &str, faults: &mut Faults) -> Option<Uuid> {
    match (kind?.of.is_some(), text.is_empty()) {
        (false, true) => None,
        (false, false) => {
            faults.add("record.of", "must be empty: records of this kind belong to their file");
            None
        }
        (true, _) => {
            let (above, id) = faults.absorb(ids("record.of", text))?;
            if file.is_some_and(|file| file != above) {
                faults.add("record.of", "must name a record of the same file");
            }
            Some(id)
        }
    }
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
