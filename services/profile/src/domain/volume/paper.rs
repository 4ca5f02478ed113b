//! What the rules of volumes ask of a document (P-92 to P-96).

use std::collections::BTreeMap;

use dossier_regime::{Relation, VolumeRule, YearRule};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::why::{Ground, Why};

/// A document of a file, as the rules of volumes see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// The day that stands on it.
    pub date: Option<Date>,
    /// The first and the last day of its period.
    pub period: (Option<Date>, Option<Date>),
    /// When it was filed.
    pub received: Timestamp,
    /// The day on which it was, where the company counts it.
    pub received_on: Date,
    /// Whether it stands at a level that has volumes of its own.
    pub apart: bool,
    /// Its retention class.
    pub class: Class,
    /// Where its kind stands; the last where that does not say.
    pub position: u32,
    /// How it hangs together with others.
    pub links: Vec<(Relation, Uuid)>,
    /// Sheets of paper.
    pub sheets: i64,
    /// Pages with text.
    pub pages: i64,
    /// Where it lies.
    pub lies: Lies,
}

/// Where a document lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lies {
    /// In no volume: it is there to be laid into one.
    Free,
    /// In a volume that is not closed.
    Open(Uuid),
    /// In one that is: it binds nothing any more.
    Closed(Uuid),
    /// It is bound into none: it is not on paper, or is kept by itself.
    Never,
}

/// A retention class; the one with the greater weight keeps longer.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Class {
    /// How long it keeps.
    pub weight: u32,
    /// Its id.
    pub id: String,
}

/// The documents of a file by id: in whatever order they came, they are judged in one.
pub type Papers<'p> = BTreeMap<Uuid, &'p Paper>;

/// Documents by id.
pub fn by_id(papers: &[Paper]) -> Papers<'_> {
    papers.iter().map(|one| (one.id, one)).collect()
}

/// Of a relation from `source` to `target` the one that leads: the reply, what forwards or supersedes, otherwise the target. It stands
/// before the other, and the other lies in its year.
pub fn leader(relation: Relation, source: Uuid, target: Uuid) -> Uuid {
    match relation {
        Relation::RepliesTo | Relation::Forwards | Relation::Supersedes => source,
        Relation::AnnexOf | Relation::CopyOf | Relation::TranslationOf | Relation::DraftOf => target,
    }
}

// === impl Paper ===

impl Paper {
    /// Whether it is there to be laid into a volume.
    pub fn is_free(&self) -> bool {
        self.lies == Lies::Free
    }

    /// The year that it lies in by itself, and why (P-92).
    pub fn year(&self, rule: &VolumeRule, papers: &Papers<'_>) -> (i16, Why) {
        let own = self.dated();
        match rule.year_of(&self.kind) {
            YearRule::Date => own,
            YearRule::Answered => self.answered(papers).unwrap_or((own.0, Why::of(Ground::Unanswered))),
            YearRule::First => self.period.0.map_or(own, |day| (day.year(), Why::of(Ground::First))),
            YearRule::Last => self.period.1.map_or(own, |day| (day.year(), Why::of(Ground::Last))),
        }
    }

    // The year of its own date.
    fn dated(&self) -> (i16, Why) {
        match self.date {
            Some(day) => (day.year(), Why::of(Ground::Date)),
            None => (self.received_on.year(), Why::of(Ground::Received)),
        }
    }

    // That of the last reply.
    fn answered(&self, papers: &Papers<'_>) -> Option<(i16, Why)> {
        let answers = |one: &&&Paper| one.id != self.id && one.links.contains(&(Relation::RepliesTo, self.id));
        let replies = papers.values().filter(answers).map(|one| (one.dated().0, one.id));
        replies.max().map(|(year, reply)| (year, Why::with(Ground::Answered, reply)))
    }
}
