//! What is known around a record: what its stages ask for is gathered here, and judged in [`facts`](crate::domain::record::facts).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result, one_of};
use dossier_proto::types::{FieldValue, UnmetCondition, unmet_condition::What};
use dossier_regime::{RecordKind, Sensitivity, Stage, Template, Term};
use jiff::Timestamp;
use uuid::Uuid;

use super::Opened;
use crate::content::{Content, Seal};
use crate::domain::completeness::{for_purpose, unfiled};
use crate::domain::document::Counts;
use crate::domain::field_visibility::FieldVisibility;
use crate::domain::filling::Filling;
use crate::domain::record::facts::{Facts, asked};
use crate::domain::record::signing::Signature;
use crate::domain::record::{Record, denied};
use crate::store::customer_file::Loaded;
use crate::store::record::{self, signature};
use crate::store::{document, reading};
use crate::work::customer_file::session::Session;

/// What is known of a record itself: enough to say which stages may come next.
pub struct Around<'a> {
    kind: &'a RecordKind,
    template: &'a Template,
    values: BTreeMap<String, FieldValue>,
    signatures: Vec<Signature>,
    end: Box<dyn Fn(Term, Timestamp) -> Option<Timestamp> + Send + Sync + 'a>,
    now: Timestamp,
}

/// What else its stages ask for.
pub struct Rest {
    filling: Filling,
    others: Vec<Record>,
    documents: Counts,
    readings: BTreeMap<Uuid, Timestamp>,
    gates: BTreeMap<String, Vec<UnmetCondition>>,
}

/// Which stages come next hangs on none of it.
static NOTHING: Rest = Rest {
    filling: Filling::nothing(),
    others: Vec::new(),
    documents: BTreeMap::new(),
    readings: BTreeMap::new(),
    gates: BTreeMap::new(),
};

// === impl Around ===

impl<'a> Around<'a> {
    /// Gathers it.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` when the pack has the kind no more; `SEAL_BROKEN`, `STORE_UNAVAILABLE`.
    pub async fn gather(
        session: &Session<'a>,
        tx: &mut Tx,
        opened: &Opened<'_>,
        template: &'a Template,
    ) -> Result<Self> {
        let one = &opened.record;
        let kind = session.pack().record(&one.kind).ok_or_else(|| denied("record.advance"))?;
        let mut signatures = signature::of_record(tx, &session.call.org, one.id).await?;
        signatures.retain(|signature| signature.counts(one));
        let tenant = session.tenant;
        let end = move |term, from| tenant.end(term, from).ok().map(|end| end.at);
        let (values, now) = (values(opened, template)?, session.call.now);
        Ok(Self { kind, template, values, signatures, end: Box::new(end), now })
    }

    /// Gathers what else its stages ask for, as far as somebody of `grade` may know of it.
    ///
    /// # Errors
    /// `SEAL_BROKEN`, `STORE_UNAVAILABLE`.
    pub async fn rest(
        &self,
        session: &Session<'_>,
        tx: &mut Tx,
        opened: &Opened<'_>,
        grade: Sensitivity,
    ) -> Result<Rest> {
        let (one, mut others) = (&opened.record, Vec::new());
        for other in asked(self.kind) {
            let near = session.pack().record(other).is_some_and(|other| self.kind.is_related(other));
            let near = near.then_some((one.id, one.of));
            others.extend(record::of_kind(tx, &session.call.org, one.file, other, near).await?);
        }
        let filling = seen(grade, &opened.loaded, (&opened.content, &opened.seal), self.template)?;
        let reads = self.kind.stages.iter().any(|stage| stage.consulted.is_some());
        let readings = match reads {
            true => self.readings(session, tx, opened).await?,
            false => BTreeMap::new(),
        };
        let (pack, stages) = (session.pack(), &self.kind.stages);
        let asked = stages.iter().filter_map(|stage| pack.completeness.gate(stage.gate.as_ref()?));
        let asked = asked.flat_map(|gate| &gate.documents).chain(stages.iter().flat_map(|stage| &stage.documents));
        let kinds = asked.map(|need| need.kind.as_str()).collect();
        let documents = document::counts(tx, &session.call.org, one.file, &kinds, &session.today()).await?;
        let gates = gates(session, opened, (self.kind, &documents), grade)?;
        Ok(Rest { filling, others, documents, readings, gates })
    }

    // Of those who may be asked whether they read the file, when they last did.
    async fn readings(
        &self,
        session: &Session<'_>,
        tx: &mut Tx,
        opened: &Opened<'_>,
    ) -> Result<BTreeMap<Uuid, Timestamp>> {
        let file = &opened.loaded.file;
        let people = [session.principal.person, opened.record.creator].into_iter().chain(file.custodian);
        let people: BTreeSet<_> = people.chain(self.signatures.iter().map(|one| one.signer)).collect();
        let mut readings = BTreeMap::new();
        for person in people {
            let last = reading::last(tx, &session.call.org, &file.name(), person).await?;
            readings.extend(last.map(|at| (person, at)));
        }
        Ok(readings)
    }

    /// The question to ask of it.
    pub fn facts<'f>(&'f self, session: &'f Session<'_>, opened: &'f Opened<'_>, rest: &'f Rest) -> Facts<'f> {
        Facts {
            kind: self.kind,
            kinds: &session.pack().records,
            template: self.template,
            record: &opened.record,
            filling: &rest.filling,
            values: &self.values,
            file: &opened.loaded.file,
            signatures: &self.signatures,
            others: &rest.others,
            documents: &rest.documents,
            readings: &rest.readings,
            asker: session.principal.person,
            gates: &rest.gates,
            end: &*self.end,
            now: self.now,
        }
    }

    /// The stages that may come next.
    pub fn goals<'f>(&'f self, session: &'f Session<'_>, opened: &'f Opened<'_>) -> Vec<&'f Stage> {
        self.facts(session, opened, &NOTHING).goals()
    }

    /// The stage that a new record enters by itself: the only one that may come next, where it asks for nothing.
    pub fn first<'f>(&'f self, session: &'f Session<'_>, opened: &'f Opened<'_>) -> Option<&'f Stage> {
        let facts = self.facts(session, opened, &NOTHING);
        match facts.goals().as_slice() {
            [first] if first.asks_nothing() && facts.unnumbered(first).is_none() => Some(first),
            _ => None,
        }
    }

    /// The signatures that count.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Whether a signature is there for a stage that is yet to come.
    pub fn is_being_signed(&self, record: &Record) -> bool {
        self.signatures.iter().any(|one| record.steps.iter().all(|step| step.stage != one.stage))
    }

    /// The kind of the record.
    pub fn kind(&self) -> &'a RecordKind {
        self.kind
    }
}

impl std::fmt::Debug for Around<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Around").field("kind", &self.kind.id).finish_non_exhaustive()
    }
}

/// The stage that a call names among those that may come next; empty: the only one.
///
/// # Errors
/// A violation of `stage`, also when nothing comes next; `WRONG_STATE` when the record is final or void.
pub fn goal<'f>(facts: &Facts<'f>, named: &str) -> Result<&'f Stage> {
    facts.record.require_open()?;
    let goals = facts.goals();
    let found = match (named, goals.as_slice()) {
        ("", [only]) => Some(*only),
        (named, goals) => goals.iter().find(|stage| stage.id == named).copied(),
    };
    match found {
        Some(stage) => Ok(stage),
        None if goals.is_empty() => {
            Err(Error::violation("stage", "is none: no stage comes after the one it stands in"))
        }
        None => Err(Error::violation("stage", one_of(goals.iter().map(|stage| stage.id.as_str())))),
    }
}

// What conditions may ask for is internal at most; the rest stays sealed.
fn values(opened: &Opened<'_>, template: &Template) -> Result<BTreeMap<String, FieldValue>> {
    let mut values = BTreeMap::new();
    for field in template.fields.iter().filter(|field| field.sensitivity <= Sensitivity::Internal) {
        let value = opened.content.field(&opened.seal, &field.id)?;
        values.extend(value.map(|value| (field.id.clone(), value)));
    }
    Ok(values)
}

// What is filled, as far as the caller may know of it.
fn seen(
    grade: Sensitivity,
    loaded: &Loaded,
    (content, seal): (&Content, &Seal<'_>),
    template: &Template,
) -> Result<Filling> {
    let visibility = FieldVisibility::standing(grade);
    Ok(content.filling(template, seal)?.shown(|key| loaded.standing && visibility.shows(template, key)))
}

// What the file lacks for each gate that a stage asks for.
fn gates(
    session: &Session<'_>,
    opened: &Opened<'_>,
    (kind, documents): (&RecordKind, &Counts),
    grade: Sensitivity,
) -> Result<BTreeMap<String, Vec<UnmetCondition>>> {
    let (loaded, mut gates) = (&opened.loaded, BTreeMap::new());
    for gate in kind.stages.iter().filter_map(|stage| stage.gate.as_ref()) {
        let template = session.template(&loaded.file.template)?;
        let filling = seen(grade, loaded, (&loaded.content, &session.seal(loaded)?), template)?;
        let found = for_purpose(session.pack(), template, loaded.file.customer_type, gate, |key| filling.of(key))?;
        let unfiled = unfiled(session.pack(), gate, &loaded.file, documents);
        let missing = found.missing.into_iter().filter(|(_, _, required)| *required);
        let unmet =
            missing.map(|(key, section, required)| UnmetCondition { what: Some(What::Field(key)), section, required });
        let mut unmet: Vec<_> = unmet.collect();
        unmet.extend(unfiled);
        // A gate may ask for a measure, which no field alone fails.
        if unmet.is_empty() && !found.weights.complete {
            let what = Some(What::Percent(gate.clone()));
            unmet.push(UnmetCondition { what, section: String::new(), required: true });
        }
        gates.insert(gate.clone(), unmet);
    }
    Ok(gates)
}
