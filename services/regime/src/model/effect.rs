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
        /// The archive accepts the paper of the file, or what `each` names, and lays it where `at` says (P-106, C-30).
        CustodyAccept = "custody.accept",
        /// What the archive has is laid where `at` says (P-67).
        CustodyPlace = "custody.place",
        /// The archive gives it to the person whom field `to` names.
        CustodyRelease = "custody.release",
        /// What `each` found is held against what lies in the place of field `at` and below it: for each difference a record of `kind` is
        /// made, whose fields say of it what `set` names.
        CustodyCount = "custody.count",
        /// The volumes that `each` names are closed: nothing is laid into them or taken out any more; without it all of the file, into which
        /// every paper must be laid (P-67, P-98).
        VolumeClose = "volume.close",
        /// The file is held: nothing of it is removed, until a record releases it (C-06).
        HoldPlace = "hold.place",
        /// The holds end that this record or the one it belongs to placed; with `kind`, those that records of that kind placed.
        HoldRelease = "hold.release",
        /// The destruction of the files that `each` names is announced: access and credit are asked whether anything keeps them.
        DisposalAnnounce = "disposal.announce",
        /// The announced destruction of the files that `each` names is given up: they stay.
        DisposalKeep = "disposal.keep",
        /// The files that `each` names are destroyed, with their keys, for good; the record, or the one that it belongs to, announced it
        ///
        DisposalDestroy = "disposal.destroy",
    }
}

shape! {
    /// One effect of a stage.
    pub struct StageEffect {
        /// What is done.
        pub does("do"): EffectKind,
        /// When it is done at all; always, where nothing is said. For `disposal.*` also `GROUP.COLUMN` of `each`: it is done to those rows.
        pub when: When = When::new(),
        /// The field of the record that names the new custodian, or who takes what is released; for `file.allocate` and
        /// `custody.release`.
        pub to: Option<String> = None,
        /// The field that names what moves or is closed, or the column, `GROUP.COLUMN`, that names it in each row; for `custody.*` and
        /// `volume.close`. Without it: the paper of the file, or all its volumes. The field or column that names the files; for
        /// `disposal.*`.
        pub each: Option<String> = None,
        /// The field or column that names the place; for `custody.accept` and `custody.place`, the field alone for `custody.count`.
        pub at: Option<String> = None,
        /// Fields of the file, each with the field of the record that it takes its value from; for `file.amend`. Fields of the case, each
        /// with `item` or `finding`; for `custody.count`.
        pub set: BTreeMap<String, String> = BTreeMap::new(),
        /// The kind of record; for `record.open`, `record.void` and `custody.count`, and for a `hold.release` of what other records placed.
        pub kind: Option<String> = None,
        /// The kind of duty; for `duty.extend`.
        pub duty: Option<String> = None,
        /// The field of the record that says the new day; for `duty.extend`.
        pub until: Option<String> = None,
    }
}

words! {
    /// How what was found in a place differs from what should lie there.
    pub enum CountFinding {
        /// It should lie there, and was not found.
        Missing = "missing",
        /// It was found there, and should lie elsewhere.
        Misplaced = "misplaced",
        /// It was found there, and the archive never accepted it or gave it out.
        Unexpected = "unexpected",
    }
}

/// What the fields of a case may say of a difference.
pub const DIFFERENCE_PARTS: [&str; 2] = ["item", "finding"];

// === impl EffectKind ===

impl EffectKind {
    /// Whether it moves what is physical.
    pub const fn is_custody(self) -> bool {
        matches!(self, Self::CustodyAccept | Self::CustodyPlace | Self::CustodyRelease | Self::CustodyCount)
    }

    /// Whether it is about the end of files.
    pub const fn is_disposal(self) -> bool {
        matches!(self, Self::DisposalAnnounce | Self::DisposalKeep | Self::DisposalDestroy)
    }
}

// === impl StageEffect ===

impl StageEffect {
    /// Group and column of what moves, or the field alone behind an empty group.
    pub fn moved(&self) -> Option<(&str, &str)> {
        self.each.as_deref().map(parts)
    }

    /// The column of the rows of `each` that a fact of `when` asks about; `None`: it asks about the record or the file.
    pub fn of_row<'k>(&self, fact: &'k str) -> Option<&'k str> {
        let (group, _) = self.moved().filter(|_| self.does.is_disposal())?;
        fact.strip_prefix(group).filter(|_| !group.is_empty())?.strip_prefix('.')
    }

    /// As [`moved`](Self::moved), of the place.
    pub fn place(&self) -> Option<(&str, &str)> {
        self.at.as_deref().map(parts)
    }
}

// === impl RecordKind ===

impl RecordKind {
    /// Whether a stage of it does this.
    pub fn does(&self, what: EffectKind) -> bool {
        self.stages.iter().flat_map(|stage| &stage.effects).any(|effect| effect.does == what)
    }
}

fn parts(path: &str) -> (&str, &str) {
    path.split_once('.').unwrap_or(("", path))
}
