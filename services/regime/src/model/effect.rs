//! Effects: by what a record moves that which must be hard, once, in the transaction that enters the stage.

use std::collections::BTreeMap;

use super::record::RecordKind;
use super::stage::When;

words! {
    /// What a stage does beside being entered; each is code of the mechanism that owns it, and has no other way in.
    pub enum EffectKind {
        /// The file becomes effective and gets its number; of kinds of file that this kind of record establishes (P-38).
        FileActivate = "file.activate",
        /// The file is closed.
        FileClose = "file.close",
        /// The file gets the custodian whom field `to` names (P-22).
        FileAllocate = "file.allocate",
        /// Fields of the file's form take the values of fields of the record, as `set` says (P-08, P-49).
        FileAmend = "file.amend",
        /// A record of `kind` is made in the file, under this one where that kind belongs to this (P-24, P-33, P-86).
        RecordOpen = "record.open",
        /// The unfinished records of `kind` that concern this one are void (P-33).
        RecordVoid = "record.void",
        /// The open duty of `duty` is due on the day of field `until` (P-109).
        DutyExtend = "duty.extend",
        /// The file is held: nothing of it is removed, until a record releases it (C-06).
        HoldPlace = "hold.place",
        /// The holds end that this record or the one it belongs to placed; with `kind`, those that records of that kind placed.
        HoldRelease = "hold.release",
    }
}

shape! {
    /// One effect of a stage.
    pub struct StageEffect {
        /// What is done.
        pub does("do"): EffectKind,
        /// When it is done at all; always, where nothing is said.
        pub when: When = When::new(),
        /// The field of the record that names the new custodian; for `file.allocate`.
        pub to: Option<String> = None,
        /// Fields of the file, each with the field of the record that it takes its value from; for `file.amend`.
        pub set: BTreeMap<String, String> = BTreeMap::new(),
        /// The kind of record; for `record.open` and `record.void`, and for a `hold.release` of what other records placed.
        pub kind: Option<String> = None,
        /// The kind of duty; for `duty.extend`.
        pub duty: Option<String> = None,
        /// The field of the record that says the new day; for `duty.extend`.
        pub until: Option<String> = None,
    }
}

// === impl RecordKind ===

impl RecordKind {
    /// Whether a stage of it does this.
    pub fn does(&self, what: EffectKind) -> bool {
        self.stages.iter().flat_map(|stage| &stage.effects).any(|effect| effect.does == what)
    }
}
