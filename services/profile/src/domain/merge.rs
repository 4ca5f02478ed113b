//! Two files of one customer become one: what stands against it, what is taken over, and what goes back (P-02, P-28, P-49).

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::one_of;
use dossier_kernel::faults::Faults;
use dossier_kernel::states;
use dossier_proto::types::FieldValue;
use dossier_regime::{CustomerType, Field, Pack, Template};
use uuid::Uuid;

use super::changed::Writing;
use super::classification::{self, Labels};
use super::customer_file::{Act, CustomerFile, State};
use super::form::{self, plain};
use super::ties::{self, Link};

/// Most files that are merged into one.
pub const MOST_MERGED: usize = 100;
/// What stands before the axis where a label is taken.
const LABEL: &str = "classification.";

states! {
    /// Why two files cannot be merged; the words are those of the contract.
    pub enum Obstacle {
        /// Different kinds.
        FileKind = "file_kind",
        /// Different types of customers.
        CustomerType = "customer_type",
        /// Different templates.
        Template = "template",
        /// They belong to different files.
        Parent = "parent",
        /// One stands where it cannot be kept or merged.
        State = "state",
        /// Different levels.
        Level = "level",
        /// Different custodians, where the custodian reads.
        Custodian = "custodian",
        /// Different units, and the caller may not hand over.
        Unit = "unit",
        /// A record is under way.
        OpenRecord = "open_record",
        /// A record waits for an approval.
        PendingApproval = "pending_approval",
        /// The caller does not read a filled field.
        MaskedField = "masked_field",
        /// The merged file holds the unit of the kept one.
        UnitHeld = "unit_held",
        /// More links or merged files than a file may have.
        TooMany = "too_many",
        /// A value is not admitted any more.
        Value = "value",
    }
}

/// Something that stands against a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    /// What.
    pub obstacle: Obstacle,
    /// The file that it lies in; `None`: in both.
    pub file: Option<Uuid>,
    /// The field that it is about; empty: none.
    pub field: String,
}

/// What is known of two files beside their content.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The file that stays.
    pub kept: &'a CustomerFile,
    /// The file that ends.
    pub merged: &'a CustomerFile,
}

/// What hangs on the merged file, and on who asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around {
    /// A record of it is under way.
    pub under_way: bool,
    /// A record of it waits for an approval.
    pub pending: bool,
    /// It holds the unit that the kept one claims.
    pub holds_unit: bool,
    /// The caller may hand files over.
    pub hands_over: bool,
}

/// What a file says: values by key, as they are kept, and labels by axis.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Values.
    pub fields: BTreeMap<String, FieldValue>,
    /// Labels.
    pub labels: Labels,
}

/// What the caller wants of the merged file where the kept one says something too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Keys of fields.
    pub fields: BTreeSet<String>,
    /// Axes of labels that hang on no field.
    pub axes: BTreeSet<String>,
}

/// The rules that both files follow.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a> {
    /// The rule book.
    pub pack: &'a Pack,
    /// Their template.
    pub template: &'a Template,
    /// Their customers' type.
    pub customer: Option<CustomerType>,
}

/// One merge in the life of a kept file: what it said before and after.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// Labels before.
    pub before: Labels,
    /// Labels after.
    pub after: Labels,
    /// Links that it brought.
    pub links: BTreeSet<Link>,
}

// === impl Blocker ===

impl Blocker {
    fn both(obstacle: Obstacle) -> Self {
        Self { obstacle, file: None, field: String::new() }
    }

    fn of(obstacle: Obstacle, file: &CustomerFile) -> Self {
        Self { obstacle, file: Some(file.id), field: String::new() }
    }

    /// One about a field of `file`.
    pub fn at(obstacle: Obstacle, file: &CustomerFile, field: &str) -> Self {
        Self { obstacle, file: Some(file.id), field: field.to_owned() }
    }
}

// === impl Pair ===

impl Pair<'_> {
    /// What stands against merging them, beside what they say.
    pub fn blockers(&self, pack: &Pack, around: Around) -> Vec<Blocker> {
        let (kept, merged) = (self.kept, self.merged);
        let differs = [
            (kept.unit_kind != merged.unit_kind, Obstacle::FileKind),
            (kept.customer_type != merged.customer_type, Obstacle::CustomerType),
            (kept.template != merged.template, Obstacle::Template),
            (kept.ties.of != merged.ties.of, Obstacle::Parent),
            (kept.level != merged.level, Obstacle::Level),
            (pack.is_kept(&kept.level) && kept.custodian != merged.custodian, Obstacle::Custodian),
            (kept.unit != merged.unit && !around.hands_over, Obstacle::Unit),
        ];
        let mut found: Vec<_> =
            differs.iter().filter(|(differs, _)| *differs).map(|(_, obstacle)| Blocker::both(*obstacle)).collect();
        let mut note = |stands: bool, obstacle: Obstacle, file: &CustomerFile| {
            found.extend(stands.then(|| Blocker::of(obstacle, file)));
        };
        note(!Act::Keep.allowed().contains(&kept.state), Obstacle::State, kept);
        note(!Act::Merge.allowed().contains(&merged.state), Obstacle::State, merged);
        note(self.buries(), Obstacle::State, kept);
        note(around.under_way, Obstacle::OpenRecord, merged);
        note(around.pending, Obstacle::PendingApproval, merged);
        note(around.holds_unit, Obstacle::UnitHeld, merged);
        note(kept.ties.merged.len() >= MOST_MERGED, Obstacle::TooMany, kept);
        found
    }

    // What is effective does not end in what is not.
    fn buries(&self) -> bool {
        self.merged.state == State::Active
            && Act::Keep.allowed().contains(&self.kept.state)
            && self.kept.state != State::Active
    }

    /// The links among `seen` that the kept file takes over; `None`: it would have too many then.
    pub fn links(&self, seen: &BTreeSet<Uuid>) -> Option<BTreeSet<Link>> {
        let has = &self.kept.ties.links;
        let fresh = |link: &&Link| seen.contains(&link.1) && link.1 != self.kept.id && !has.contains(*link);
        let fresh: BTreeSet<_> = self.merged.ties.links.iter().filter(fresh).cloned().collect();
        // How many are hidden must not show: they are not counted.
        let shown = has.iter().filter(|(_, file)| seen.contains(file)).count();
        (fresh.is_empty() || shown + fresh.len() <= ties::MOST).then_some(fresh)
    }
}

// === impl Form ===

impl Form<'_> {
    /// Reads what a caller wants of the merged file; what it does not have, or has twice, is a fault at its place.
    pub fn wanted(&self, take: &[String], merged: &Said, faults: &mut Faults) -> Wanted {
        let mut wanted = Wanted::default();
        for (at, one) in take.iter().enumerate() {
            let place = format!("take.{at}");
            let axis = one.strip_prefix(LABEL).filter(|axis| self.axes().any(|one| one == *axis));
            let field = self.fields().find(|field| field.id == *one);
            let fresh = match (axis, field) {
                (Some(axis), _) if merged.labels.contains_key(axis) => wanted.axes.insert(axis.to_owned()),
                (_, Some(field)) if merged.fields.contains_key(&field.id) => wanted.fields.insert(field.id.clone()),
                (None, None) => {
                    faults.add(place, format!("the field {}", one_of(self.fields().map(|field| field.id.as_str()))));
                    continue;
                }
                _ => {
                    faults.add(place, "is empty in the merged file");
                    continue;
                }
            };
            if !fresh {
                faults.add(place, "is given before");
            }
        }
        wanted
    }

    /// Keys of the fields in which the two say something else, in the order of the template.
    pub fn differing(&self, kept: &Said, merged: &Said) -> Vec<String> {
        let text = |said: &Said, key: &str| said.fields.get(key).map(plain);
        let differs = |field: &&Field| text(kept, &field.id) != text(merged, &field.id);
        self.fields().filter(differs).map(|field| field.id.clone()).collect()
    }

    /// Axes that hang on no field, in which the two say something else.
    pub fn differing_axes(&self, kept: &Said, merged: &Said) -> Vec<String> {
        let differs = |axis: &&str| kept.labels.get(*axis) != merged.labels.get(*axis);
        self.axes().filter(differs).map(str::to_owned).collect()
    }

    /// What the kept file takes over: what it lacks, and what is wanted.
    pub fn taken(&self, kept: &Said, merged: &Said, wanted: &Wanted) -> Said {
        let takes = |key: &String| !kept.fields.contains_key(key) || wanted.fields.contains(key);
        let fields = self.differing(kept, merged).into_iter().filter(takes);
        let takes = |axis: &String| !kept.labels.contains_key(axis) || wanted.axes.contains(axis);
        let labels = self.differing_axes(kept, merged).into_iter().filter(takes);
        Said {
            fields: fields.filter_map(|key| Some((key.clone(), merged.fields.get(&key)?.clone()))).collect(),
            labels: labels.filter_map(|axis| Some((axis.clone(), merged.labels.get(&axis)?.clone()))).collect(),
        }
    }

    // The fields that somebody writes.
    fn fields(&self) -> impl Iterator<Item = &Field> {
        self.template.fields.iter().filter(|field| field.is_written() && field.applies_to(self.customer))
    }

    // The axes whose labels hang on no field: the others follow theirs.
    fn axes(&self) -> impl Iterator<Item = &str> {
        let axes = self.pack.classification.axes_for(self.customer).map(|axis| axis.field.as_str());
        axes.filter(|axis| {
            classification::is_axis(self.pack, self.customer, axis) && !self.fields().any(|field| field.id == *axis)
        })
    }
}

// === impl Step ===

impl Step {
    /// The labels that go back from `now`: what it brought, and was not changed since.
    pub fn labels_back(&self, now: &Labels) -> Labels {
        let axes: BTreeSet<_> = self.before.keys().chain(self.after.keys()).collect();
        let brought = |axis: &&&String| {
            let (before, after) = (self.before.get(**axis), self.after.get(**axis));
            before != after && after == now.get(**axis)
        };
        let back = |axis: &String| (axis.clone(), self.before.get(axis).cloned().unwrap_or_default());
        axes.iter().filter(brought).map(|axis| back(axis)).collect()
    }
}

/// Notes a fault when more is wanted than a file has.
pub fn fits(take: &[String], faults: &mut Faults) {
    if take.len() > form::MOST_FIELDS {
        faults.add("take", format!("must be at most {}", form::MOST_FIELDS));
    }
}

/// Notes on every value of `writing` that it came from another file.
pub fn mark(writing: &mut Writing) {
    for value in writing.set.values_mut() {
        value.provenance.get_or_insert_default().taken_over = true;
    }
}

#[cfg(test)]
#[path = "merge/tests.rs"]
mod tests;
