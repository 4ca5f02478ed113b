//! Who may do what with records: the lists of their kinds are the rights (P-23, P-42).

use std::collections::BTreeMap;

use dossier_kernel::error::Result;
use dossier_regime::{RecordKind, RecordSlot, Scope, SlotHolder, Stage};

use super::Opened;
use crate::domain::record::{Record, denied};
use crate::store::customer_file::Loaded;
use crate::work::customer_file::session::Session;

/// A right about records.
#[derive(Clone, Copy, Debug)]
pub struct Right {
    action: &'static str,
    // Whether only those who make such records have it; otherwise everybody with a part in them.
    making: bool,
}

/// To make records.
pub const CREATE: Right = Right { action: "record.create", making: true };
/// To change their fields.
pub const UPDATE: Right = Right { action: "record.update", making: false };
/// To correct what stages that they entered filled.
pub const AMEND: Right = Right { action: "record.amend", making: false };
/// To sign them.
pub const SIGN: Right = Right { action: "record.sign", making: false };
/// To move them on.
pub const ADVANCE: Right = Right { action: "record.advance", making: false };
/// To send them back.
pub const RETURN: Right = Right { action: "record.return", making: false };
/// To end them.
pub const VOID: Right = Right { action: "record.void", making: false };

/// The part that the caller has in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Whether they hold a post under `edit`.
    pub edits: bool,
    /// Whether they made it.
    pub created: bool,
    /// The slots that are theirs, each with the post in which; empty: the slot hangs on none.
    pub slots: BTreeMap<String, String>,
}

// === impl Right ===

impl Right {
    /// Demands that some kind gives it to the caller, before anything of the request is looked at.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_some(self, session: &Session<'_>) -> Result<()> {
        let held = |post: &String| session.principal.holds(post, None);
        let some = session.pack().records.iter().any(|kind| self.posts(kind).any(held) || self.is_anybodys(kind));
        if some { Ok(()) } else { Err(denied(self.action)) }
    }

    /// Demands that `kind` gives the right to make records to the caller for the unit of the file, which they see by standing access.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_in(self, session: &Session<'_>, loaded: &Loaded, kind: Option<&RecordKind>) -> Result<()> {
        let posts = kind.map(|kind| kind.create.as_slice()).unwrap_or_default();
        if loaded.standing && session.holds_in(posts, &loaded.file.unit) { Ok(()) } else { Err(self.denied()) }
    }

    /// The part that the caller has in a record, which they see by standing access; a kind that the pack has no more gives nobody one.
    ///
    /// # Errors
    /// `PERMISSION_DENIED` when they have none.
    pub fn require_part(self, session: &Session<'_>, opened: &Opened<'_>) -> Result<Part> {
        let part = Part::of(session, &opened.loaded, &opened.record);
        if part.is_none() { Err(self.denied()) } else { Ok(part) }
    }

    /// Demands it from who repeats a call about a record.
    ///
    /// # Errors
    /// `PERMISSION_DENIED`.
    pub fn require_again(self, session: &Session<'_>, opened: &Opened<'_>) -> Result<()> {
        if self.making {
            return self.require_in(session, &opened.loaded, session.pack().record(&opened.record.kind));
        }
        self.require_part(session, opened).map(drop)
    }

    /// The refusal for want of it.
    pub fn denied(self) -> dossier_kernel::error::Error {
        denied(self.action)
    }

    fn posts(self, kind: &RecordKind) -> impl Iterator<Item = &String> {
        let others = kind.edit.iter().chain(kind.slots.values().flat_map(|slot| &slot.posts));
        kind.create.iter().chain(others.filter(move |_| !self.making))
    }

    // Everybody may keep a file.
    fn is_anybodys(self, kind: &RecordKind) -> bool {
        !self.making && kind.slots.values().any(|slot| slot.who == Some(SlotHolder::Custodian))
    }
}

// === impl Part ===

impl Part {
    /// The part of the caller in `record` of `loaded`.
    pub fn of(session: &Session<'_>, loaded: &Loaded, record: &Record) -> Self {
        let Some(kind) = session.pack().record(&record.kind).filter(|_| loaded.standing) else {
            return Self::default();
        };
        let slots = kind.slots.iter();
        let mine = |(id, slot): (&String, &RecordSlot)| {
            holder(session, loaded, record, kind, slot).map(|post| (id.clone(), post))
        };
        Self {
            edits: session.holds_in(&kind.edit, &loaded.file.unit),
            created: record.creator == session.principal.person,
            slots: slots.filter_map(mine).collect(),
        }
    }

    /// Whether they sign for `stage`.
    pub fn signs(&self, stage: &Stage) -> bool {
        stage.sign.iter().any(|slot| self.slots.contains_key(slot))
    }

    /// Whether they correct `section`, which a stage that was entered filled: by `edit`, or who signs for that stage.
    pub fn amends(&self, kind: &RecordKind, record: &Record, section: &str) -> bool {
        let entered = record.steps.iter().filter_map(|step| kind.stage(&step.stage));
        entered.filter(|stage| stage.fills(section)).any(|stage| self.edits || self.signs(stage))
    }

    /// Whether they write `section` now, while `goals` may come next.
    pub fn writes(&self, kind: &RecordKind, record: &Record, goals: &[&Stage], section: &str) -> bool {
        let begun = self.created && record.stage.is_empty();
        let filled = |stage: &&&Stage| stage.fills(section);
        // What a stage that was entered fills is frozen, whatever later stages fill too.
        let entered = |stage: &str| kind.stage(stage).is_some_and(|stage| stage.fills(section));
        if record.steps.iter().any(|step| entered(&step.stage)) {
            return false;
        }
        match kind.is_staged(section) {
            true => goals.iter().filter(filled).any(|stage| self.edits || begun || self.signs(stage)),
            false => self.edits || begun,
        }
    }

    fn is_none(&self) -> bool {
        !self.edits && !self.created && self.slots.is_empty()
    }
}

// The post in which the caller fills a slot, if they do.
fn holder(
    session: &Session<'_>,
    loaded: &Loaded,
    record: &Record,
    kind: &RecordKind,
    slot: &RecordSlot,
) -> Option<String> {
    let (person, unit) = (session.principal.person, &loaded.file.unit);
    let held = |post: &&String| match slot.scope {
        Scope::Unit => session.holds_in(std::slice::from_ref(*post), unit),
        Scope::Org => session.principal.holds(post, None),
    };
    match slot.who {
        None => slot.posts.iter().find(held).cloned(),
        Some(SlotHolder::Creator) => {
            let post = kind.create.iter().find(|post| session.holds_in(std::slice::from_ref(*post), unit));
            (record.creator == person).then(|| post.cloned().unwrap_or_default())
        }
        Some(SlotHolder::Custodian) => (loaded.file.custodian == Some(person)).then(String::new),
    }
}
