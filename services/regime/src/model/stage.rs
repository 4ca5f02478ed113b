//! Stages of a record, and the conditions under which it enters one (P-35, P-38, P-57).

use std::collections::BTreeMap;

use super::document::DocumentNeed;
use super::effect::StageEffect;
use super::term::Term;
use crate::read::{Node, Outline, Reader, Scalar, Shape, Value};

shape! {
    /// A stage of a record: it is entered when all that it asks for is there.
    pub struct Stage by id {
        /// Id within the kind.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// The stages it follows; without it the one before in the list; none at all: only a refusal or a return leads here.
        pub from: Option<Vec<String>> = None,
        /// When it is a stage of this record at all; where it is not, it is passed over.
        pub when: When = When::new(),
        /// Sections of the template whose required fields must be filled, or `all` of them; they are written here and nowhere else.
        pub fills: Vec<String> = Vec::new(),
        /// Least completeness of sections in percent (P-32).
        pub percent: BTreeMap<String, u32> = BTreeMap::new(),
        /// What fields must say.
        pub values: When = When::new(),
        /// Fields that must be equal, such as `pages = counted`; of columns of one group: row by row (P-36).
        pub equal: Vec<String> = Vec::new(),
        /// Documents that must be in the file and hold (P-37).
        pub documents: Vec<DocumentNeed> = Vec::new(),
        /// Other records that must be there, of the same record or file.
        pub records: Vec<RecordNeed> = Vec::new(),
        /// Kinds of record of which none may be unfinished.
        pub none_open: Vec<String> = Vec::new(),
        /// Purpose of the pack's gate that the file must pass.
        pub gate: Option<String> = None,
        /// Who must have read the file before.
        pub consulted: Option<Consulted> = None,
        /// How long the stage before must have lasted.
        pub wait: Option<Term> = None,
        /// Slots that sign for it (P-21, A-40).
        pub sign: Vec<String> = Vec::new(),
        /// The approval that it is entered with: whoever advances the record asks for it, and until it is decided nothing of the record
        /// changes (P-49, P-83, P-85).
        pub approval: Option<StageApproval> = None,
        /// What it does beside being entered, once; then the record is neither returned nor void (P-38).
        pub effects: Vec<StageEffect> = Vec::new(),
        /// Whether the record is finished with it: nothing of it changes any more.
        pub is_final("final"): bool = false,
    }
}

shape! {
    /// A reading of the file that must have happened.
    pub struct Consulted {
        /// The slot whose holder must have read it: who signs it, or the only one who can.
        pub by: String,
        /// How long ago at most; without it, ever.
        pub within: Option<Term> = None,
    }
}

shape! {
    /// An approval that a stage is entered with.
    pub struct StageApproval {
        /// The matter whose plan decides.
        pub matter: String,
        /// Where a no leads: to a stage that the record has entered, or to one that nothing else leads to (`from: []`).
        pub rejected_to: String,
        /// The stage that it goes back to when the approvers hand it back; without it the record stays where it is.
        pub returned_to: Option<String> = None,
    }
}

shape! {
    /// A record that must be there.
    pub struct RecordNeed by at {
        /// Kind and the stage that one of it has entered, such as `survey@filed`.
        pub at: String,
        /// How long ago at most.
        pub not_older: Option<Term> = None,
        /// When it is needed at all; always, where nothing is said.
        pub when: When = When::new(),
    }
}

/// Facts by name, each with what it must be; all must hold. Facts are `customer_type`, `level`, `class.AXIS`, `SLOT.post` (the post in
/// which a slot was signed), and fields of sensitivity internal or public.
pub type When = BTreeMap<String, Expected>;

/// What a value must be: one of some, or below or above a bound that is itself allowed no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Expected {
    /// The values allowed; none: any.
    pub any_of: Vec<String>,
    /// It must be less; a number, a date, or a field that has one.
    pub below: Option<String>,
    /// It must be more.
    pub above: Option<String>,
}

/// All sections, where a stage fills `all`.
pub const ALL: &str = "all";

// === impl Stage ===

impl Stage {
    /// Whether it fills this section.
    pub fn fills(&self, section: &str) -> bool {
        self.fills.iter().any(|one| one == section || one == ALL)
    }

    /// Whether it is entered without anybody doing anything for it, and does nothing itself.
    pub fn asks_nothing(&self) -> bool {
        let conditions =
            [self.fills.len(), self.percent.len(), self.values.len(), self.equal.len(), self.records.len()];
        let more = [self.none_open.len(), self.sign.len(), self.documents.len()];
        conditions.iter().chain(&more).all(|count| *count == 0)
            && self.gate.is_none()
            && self.wait.is_none()
            && self.approval.is_none()
            && self.effects.is_empty()
            && self.consulted.is_none()
    }

    /// The two sides of each equation.
    pub fn equations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.equal.iter().filter_map(|text| text.split_once('=')).map(|(left, right)| (left.trim(), right.trim()))
    }
}

// === impl RecordNeed ===

impl RecordNeed {
    /// Kind and stage.
    pub fn parts(&self) -> (&str, &str) {
        self.at.split_once('@').unwrap_or((&self.at, ""))
    }
}

// === impl Expected ===

impl Shape for Expected {
    fn read(node: &Node, reader: &mut Reader<'_>) -> Self {
        let one = |node: &Node, reader: &mut Reader<'_>| String::read(node, reader);
        match &node.value {
            Value::Scalar { .. } => Self { any_of: vec![one(node, reader)], ..Self::default() },
            Value::List(_) => Self { any_of: Vec::read(node, reader), ..Self::default() },
            Value::Map(_) => {
                let Some(map) = reader.map(node, &["below", "above"]) else { return Self::default() };
                let (below, above) = (reader.optional(map, "below"), reader.optional(map, "above"));
                if below.is_none() && above.is_none() {
                    reader.note(&node.place, "a bound is expected: `below`, `above`, or both".to_owned());
                }
                Self { any_of: Vec::new(), below, above }
            }
        }
    }

    fn outline() -> Outline {
        Outline::Scalar(Scalar::Expected)
    }
}
