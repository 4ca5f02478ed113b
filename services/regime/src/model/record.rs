//! Record kinds: the papers that are filled in, signed, decided on a day and stay in a file (P-47, P-55).

use std::collections::BTreeMap;

use super::effect::EffectKind;
use super::numbering::RecordNumber;
use super::stage::{Stage, When};
use super::words::Scope;

shape! {
    /// A kind of record. Its lists are the rights: no action of a post is asked besides.
    pub struct RecordKind by id {
        /// Id, unique in the pack.
        pub id: String,
        /// Name in the company's language.
        pub label: String,
        /// Template of its form.
        pub template: String,
        /// The kinds of file that hold it; none: every kind.
        pub files("in"): Vec<String> = Vec::new(),
        /// The kind of record that it belongs to, such as a supplement to its handover; without it it belongs to the file.
        pub of: Option<String> = None,
        /// Posts whose holders make one.
        pub create: Vec<String>,
        /// Posts whose holders change what no stage fills, and beside its slots what a stage does; none: nobody besides.
        pub edit: Vec<String> = Vec::new(),
        /// How many of it a file may have.
        pub limit: RecordLimit = RecordLimit::Many,
        /// Who signs it, by a name of its own for each hand: different slots are different people.
        pub slots: BTreeMap<String, RecordSlot> = BTreeMap::new(),
        /// Numbers of its own, out of the register that files draw theirs from; without it a record goes by the number of its file.
        pub number: Option<RecordNumber> = None,
        /// Who keeps a copy of it: slots, or `file`.
        pub copies: Vec<String> = Vec::new(),
        /// Whether it is a contact with the customer, as a talk or a visit is: the newest is the last contact of an overview.
        pub contact: bool = false,
        /// Whether it is a claim or a dispute: while one is unfinished nothing of its file is removed (C-06). Such records are made and go
        /// on in a closed file too.
        pub dispute: bool = false,
        /// Its stages in order. A new record stands before the first, or in it where that asks for nothing.
        pub stages: Vec<Stage>,
    }
}

shape! {
    /// One hand that signs.
    pub struct RecordSlot {
        /// Posts whose holders fill it.
        pub posts: Vec<String> = Vec::new(),
        /// Whether the holder belongs to the unit of the file, or to any.
        pub scope: Scope = Scope::Unit,
        /// Who fills it instead of a post: `creator`, or `custodian` of the file.
        pub who: Option<SlotHolder> = None,
        /// When it is needed at all; always, where nothing is said.
        pub when: When = When::new(),
    }
}

words! {
    /// Who fills a slot, where no post does.
    pub enum SlotHolder {
        /// Who made the record.
        Creator = "creator",
        /// Who keeps the file.
        Custodian = "custodian",
    }
}

words! {
    /// How many records of a kind a file may have.
    pub enum RecordLimit {
        /// As many as there are occasions.
        Many = "many",
        /// One that is not finished.
        OneOpen = "one_open",
        /// One.
        Once = "once",
        /// One that was made in a calendar month.
        OneAMonth = "one a month",
        /// One that was made in a calendar year.
        OneAYear = "one a year",
    }
}

// === impl SlotHolder ===

impl SlotHolder {
    /// Which of the two it is; `custodian` where somebody keeps the file.
    pub fn of<T>(self, creator: T, custodian: Option<T>) -> Option<T> {
        match self {
            Self::Creator => Some(creator),
            Self::Custodian => custodian,
        }
    }
}

// === impl RecordKind ===

impl RecordKind {
    /// The stage of this id, with its place.
    pub fn stage(&self, id: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.id == id)
    }

    /// Whether records of the other kind belong to those of this, these to those, or both to the same.
    pub fn is_related(&self, other: &Self) -> bool {
        let belongs = |one: &Self, to: &Self| one.of.as_deref() == Some(to.id.as_str());
        belongs(self, other) || belongs(other, self) || (self.of.is_some() && self.of == other.of)
    }

    /// Whether a stage of it is entered with an approval.
    pub fn asks_approval(&self) -> bool {
        self.stages.iter().any(|stage| stage.approval.is_some())
    }

    /// Whether files of this kind hold it.
    pub fn is_in(&self, file_kind: &str) -> bool {
        self.files.is_empty() || self.files.iter().any(|one| one == file_kind)
    }

    /// Whether its records come to an end: one that has no final stage is only noted.
    pub fn ends(&self) -> bool {
        self.stages.iter().any(|stage| stage.is_final)
    }

    /// Whether its records are made and go on in a closed file too: a claim comes when it comes, and so does what a file is held for.
    pub fn outlives(&self) -> bool {
        self.dispute || self.does(EffectKind::HoldPlace) || self.does(EffectKind::HoldRelease)
    }

    /// The stages that a record in stage `at` may enter next; empty text: one that stands before the first. `there` says which stages it
    /// has at all: the others are passed over.
    pub fn goals<'k>(&'k self, at: &str, there: impl Fn(&Stage) -> bool) -> Vec<&'k Stage> {
        if self.stage(at).is_some_and(|stage| stage.is_final) {
            return Vec::new();
        }
        let follows = |(place, stage): &(usize, &Stage)| match &stage.from {
            Some(from) => from.iter().any(|one| one == at),
            None => {
                // The stage it stands in is one that it has, whatever holds by now.
                let before = self.stages[..*place].iter().rev().find(|stage| stage.id == at || there(stage));
                before.map_or("", |stage| stage.id.as_str()) == at
            }
        };
        self.stages.iter().enumerate().filter(|one| there(one.1)).filter(follows).map(|(_, stage)| stage).collect()
    }

    /// Whether some stage fills this section of the template; what none fills is written by `edit` until the record is finished.
    pub fn is_staged(&self, section: &str) -> bool {
        self.stages.iter().any(|stage| stage.fills(section))
    }
}
