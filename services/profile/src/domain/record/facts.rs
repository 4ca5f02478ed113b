//! The one question behind stages: does this record have what it needs? A pure function of what is known of it (P-35).
//!
//! `ExplainRecord` shows its answer, `AdvanceRecord` and `SignRecord` demand it. To add a condition: a key of the stage in the pack,
//! its lint, and one function here that [`Facts::unmet`] asks.

mod compare;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::{Error, Reason};
use dossier_kernel::time::{from_micros, to_proto};
use dossier_proto::types::UnmetCondition;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{FieldValue, unmet_condition::What};
use dossier_regime::completeness::{Report, key_of, measure};
use dossier_regime::{Expected, RecordKind, Stage, Template, Term, When};
use jiff::Timestamp;
use uuid::Uuid;

use super::signing::{Signature, unsigned};
use super::{Record, State};
use crate::domain::customer_file::CustomerFile;
use crate::domain::document::{Counts, missing};
use crate::domain::fact;
use crate::domain::file_number::lacking;
use crate::domain::filling::Filling;
use crate::domain::form::plain;

/// What is known of a record and of what lies around it.
pub struct Facts<'a> {
    /// Its kind.
    pub kind: &'a RecordKind,
    /// All kinds of the pack.
    pub kinds: &'a [RecordKind],
    /// Its form.
    pub template: &'a Template,
    /// The record.
    pub record: &'a Record,
    /// What of it is filled, as far as who asks may know of rows.
    pub filling: &'a Filling,
    /// Its values by field, of those that conditions may ask for.
    pub values: &'a BTreeMap<String, FieldValue>,
    /// Its file.
    pub file: &'a CustomerFile,
    /// The signatures that count.
    pub signatures: &'a [Signature],
    /// The other records of the file that conditions may ask for.
    pub others: &'a [Record],
    /// How many documents that hold the file has, of the kinds that conditions may ask for.
    pub documents: &'a Counts,
    /// When each person last read the file, of those who did.
    pub readings: &'a BTreeMap<Uuid, Timestamp>,
    /// Who asks.
    pub asker: Uuid,
    /// What the file lacks for a gate, by its purpose.
    pub gates: &'a BTreeMap<String, Vec<UnmetCondition>>,
    /// When a term from a moment ends, by the company's calendar.
    pub end: &'a (dyn Fn(Term, Timestamp) -> Option<Timestamp> + Send + Sync),
    /// Now.
    pub now: Timestamp,
}

// === impl Facts ===

impl<'a> Facts<'a> {
    /// The stages that it may enter next.
    pub fn goals(&self) -> Vec<&'a Stage> {
        match self.record.is_open() {
            true => self.kind.goals(&self.record.stage, |stage| self.hold(&stage.when)),
            false => Vec::new(),
        }
    }

    /// What `stage` asks for that is not there, but for its approval: that is asked for when all the rest is there.
    pub fn unmet(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let mut unmet = self.unready(stage);
        unmet.extend(self.waiting(stage));
        unmet.extend(self.to_sign(stage).into_iter().map(|slot| must(What::Signature(slot.to_owned()), "")));
        unmet
    }

    /// The approval that `stage` is entered with, as something that is missing.
    pub fn to_approve(&self, stage: &Stage) -> Option<UnmetCondition> {
        stage.approval.as_ref().map(|one| must(What::Approval(one.matter.clone()), ""))
    }

    /// What must be there before anybody signs for `stage`.
    pub fn unready(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let report = measure(self.template, self.file.customer_type, |key| self.filling.of(key));
        let mut unmet = self.empty(stage, &report);
        unmet.extend(self.incomplete(stage, &report));
        unmet.extend(self.wrong(stage));
        unmet.extend(self.unequal(stage));
        unmet.extend(self.moved(stage));
        unmet
    }

    /// What of that others can change while the record itself is frozen.
    pub fn moved(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let mut unmet = self.absent(stage);
        let unfiled = missing(&stage.documents, self.documents, |need| self.hold(&need.when));
        unmet.extend(unfiled.into_iter().map(|kind| must(What::Document(kind.to_owned()), "")));
        unmet.extend(self.unnumbered(stage));
        unmet.extend(self.unfinished(stage));
        unmet.extend(self.unread(stage));
        unmet.extend(stage.gate.iter().flat_map(|gate| self.gates.get(gate).into_iter().flatten().cloned()));
        unmet
    }

    /// The slots whose signature for `stage` is missing.
    pub fn to_sign(&self, stage: &'a Stage) -> Vec<&'a str> {
        unsigned(self.kind, stage, self.signatures, |slot| self.needs(slot))
    }

    /// Whether all of `when` holds.
    pub fn hold(&self, when: &When) -> bool {
        fact::hold(when, |name| self.fact(name))
    }

    // Whether the record has this slot at all.
    fn needs(&self, slot: &str) -> bool {
        self.kind.slots.get(slot).is_some_and(|slot| self.hold(&slot.when))
    }

    fn fact(&self, name: &str) -> Option<String> {
        if let Some(value) = self.values.get(name) {
            return Some(plain(value));
        }
        match name.strip_suffix(".post") {
            Some(slot) => self.signatures.iter().find(|one| one.slot == slot).map(|one| one.post.clone()),
            None => fact::fact_of(self.file, name),
        }
    }

    fn empty(&self, stage: &Stage, report: &Report) -> Vec<UnmetCondition> {
        let section = |path: &str| self.template.field(key_of(path)).map_or("", |field| field.section.as_str());
        let missing = report.missing_required.iter().filter(|path| stage.fills(section(path)));
        missing.map(|path| must(What::Field(path.clone()), section(path))).collect()
    }

    fn incomplete(&self, stage: &Stage, report: &Report) -> Vec<UnmetCondition> {
        let reached =
            |section: &str| report.sections.iter().find(|one| one.section == section).map_or(100, |one| one.percent());
        let missed = stage.percent.iter().filter(|(section, least)| reached(section) < **least);
        missed.map(|(section, _)| must(What::Percent(section.clone()), section)).collect()
    }

    fn wrong(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let fits = |key: &str, expected: &Expected| {
            self.values.get(key).is_some_and(|value| fact::meets(&plain(value), expected, |name| self.fact(name)))
        };
        let wrong = stage.values.iter().filter(|(key, expected)| !fits(key, expected));
        wrong.map(|(key, _)| must(What::Value(key.clone()), "")).collect()
    }

    fn unequal(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let found = stage.equations().flat_map(|(left, right)| compare::unequal(self.values, left, right));
        found.map(|text| must(What::Equation(text), "")).collect()
    }

    fn absent(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let asked = stage.records.iter().filter(|need| self.hold(&need.when));
        let there = |kind: &str, goal: &str, longest: Option<Term>| {
            let entered = self.related(kind).flat_map(|one| &one.steps).filter(|step| step.stage == goal);
            entered.map(|step| from_micros(step.at)).any(|at| {
                let end = longest.map(|longest| (self.end)(longest, at));
                end.is_none_or(|end| end.is_some_and(|end| end >= self.now))
            })
        };
        let absent = asked.filter(|need| !there(need.parts().0, need.parts().1, need.not_older));
        absent.map(|need| must(What::Record(need.at.clone()), "")).collect()
    }

    fn unfinished(&self, stage: &Stage) -> Vec<UnmetCondition> {
        let open = |kind: &&String| self.related(kind).any(Record::is_open);
        stage.none_open.iter().filter(open).map(|kind| must(What::OpenRecord(kind.clone()), "")).collect()
    }

    // Of a slot that a post fills, the reader is who signed it, and until then who asks: it is they who would sign.
    fn unread(&self, stage: &Stage) -> Option<UnmetCondition> {
        let asked = stage.consulted.as_ref()?;
        let who = self.kind.slots.get(&asked.by).and_then(|slot| slot.who);
        let signed = self.signatures.iter().find(|one| one.stage == stage.id && one.slot == asked.by);
        let reader = match who {
            Some(who) => who.of(self.record.creator, self.file.custodian),
            None => Some(signed.map_or(self.asker, |one| one.signer)),
        };
        let read = reader.and_then(|reader| self.readings.get(&reader));
        let recent = |at: &Timestamp| match asked.within {
            Some(within) => (self.end)(within, *at).is_some_and(|end| end >= self.now),
            None => true,
        };
        (!read.is_some_and(recent)).then(|| must(What::Consultation(asked.by.clone()), ""))
    }

    // Records of a kind that concern this one: what it belongs to, what belongs to it, or what belongs to the same; where the kinds
    // have nothing to do with each other, all of the file.
    fn related(&self, kind: &str) -> impl Iterator<Item = &'a Record> {
        let (own, above) = (self.record.id, self.record.of);
        let mine = self.kind.of.as_deref();
        let theirs = self.kinds.iter().find(|one| one.id == kind).and_then(|one| one.of.as_deref());
        let (holds, held) = (theirs == Some(self.kind.id.as_str()), mine == Some(kind));
        let siblings = mine.is_some() && mine == theirs;
        let near = move |one: &&Record| match (held, holds, siblings) {
            (true, _, _) => Some(one.id) == above,
            (_, true, _) => one.of == Some(own),
            (_, _, true) => one.of == above,
            _ => true,
        };
        self.others.iter().filter(move |one| one.kind == kind && one.state != State::Void).filter(near)
    }

    /// What of the record's number has no value, where `stage` draws it.
    pub fn unnumbered(&self, stage: &Stage) -> Option<UnmetCondition> {
        let number = self.kind.number.as_ref().filter(|one| one.at == stage.id && self.record.number.is_none())?;
        let field = |key: &str| self.values.get(key).map(plain).filter(|text| !text.is_empty());
        lacking(number, &self.kind.id, self.file, &field).map(|part| must(What::Number(part), ""))
    }

    fn waiting(&self, stage: &Stage) -> Option<UnmetCondition> {
        let (wait, since) = (stage.wait?, self.record.steps.last());
        let since = since.map_or(self.record.created_at, |step| from_micros(step.at));
        let until = (self.end)(wait, since)?;
        (until > self.now).then(|| must(What::Time(to_proto(until)), ""))
    }
}

impl std::fmt::Debug for Facts<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Facts").field("record", &self.record.id).finish_non_exhaustive()
    }
}

/// The refusal for want of what `stage` asks for.
pub fn refused(record: &Record, stage: &Stage, unmet: Vec<UnmetCondition>) -> Error {
    let fault = Error::new(Reason::StageUnmet).with("resource", record.name()).with("stage", &stage.id);
    unmet.into_iter().fold(fault, Error::and_unmet)
}

/// The refusal of a stage whose number lacks `part`.
pub fn unnumbered(record: &Record, kind: &RecordKind, part: String) -> Error {
    let stage = kind.number.as_ref().map(|number| number.at.as_str()).unwrap_or_default();
    let fault = Error::new(Reason::StageUnmet).with("resource", record.name()).with("stage", stage);
    fault.and_unmet(must(What::Number(part), ""))
}

/// The refusal of what would make a second record of a kind of which the file may have one.
pub fn in_the_way(record: &Record, kind: &str) -> Error {
    let unmet = must(What::OpenRecord(kind.to_owned()), "");
    Error::new(Reason::StageUnmet).with("resource", record.name()).with("stage", &record.stage).and_unmet(unmet)
}

/// The kinds of record that stages of `kind` ask for.
pub fn asked(kind: &RecordKind) -> BTreeSet<&str> {
    let needs = kind.stages.iter().flat_map(|stage| &stage.records).map(|need| need.parts().0);
    needs.chain(kind.stages.iter().flat_map(|stage| &stage.none_open).map(String::as_str)).collect()
}

fn must(what: What, section: &str) -> UnmetCondition {
    UnmetCondition { what: Some(what), section: section.to_owned(), required: true }
}

/// The texts of a column, row by row, with the row's name.
fn column(value: Option<&FieldValue>, column: &str) -> Vec<(String, String)> {
    let Some(Value::Rows(rows)) = value.and_then(|value| value.value.as_ref()) else { return Vec::new() };
    let cell = |row: &dossier_proto::types::Row| row.cells.get(column).map(plain).unwrap_or_default();
    rows.rows.iter().map(|row| (row.id.clone(), cell(row))).collect()
}
