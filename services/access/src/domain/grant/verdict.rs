//! The one question: may this person do this with this file now?

use dossier_authority::Scope;
use dossier_regime::{Pack, Sensitivity};
use uuid::Uuid;

use super::super::access_request::{AccessKind, Rule};
use super::{Grant, State};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the person would do.
    pub kind: AccessKind,
    /// How much of the file it is about.
    pub scope: &'a Scope,
    /// What for, a label of the pack.
    pub purpose: &'a str,
    /// Where it would be read; empty: not said.
    pub place: &'a str,
    /// When, microseconds.
    pub now: i64,
}

/// What is known of a file that person and asker are cleared for, and of the person.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The rules.
    pub pack: &'a Pack,
    /// The file's level.
    pub level: &'a str,
    /// Whether the file is active or closed, so that its original exists.
    pub filed: bool,
    /// Whether the person has standing access.
    pub standing: bool,
    /// The posts that the person holds.
    pub posts: &'a [String],
    /// Up to what sensitivity the person reads.
    pub grade: Sensitivity,
    /// For each field asked for, none for the whole file: how sensitive it is; `None`: no template knows it.
    pub sensitivities: &'a [Option<Sensitivity>],
    /// Every grant of the person on the file, ended ones included.
    pub grants: &'a [Grant],
    /// Whether the original is out.
    pub out: bool,
}

/// Why, or why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Standing access.
    Standing,
    /// A current grant.
    Grant,
    /// An executive who borrows directly.
    Executive,
    /// No such file, or not for this person: deliberately one answer.
    FileNotFound,
    /// Cleared, but no need to know.
    NeedToKnow,
    /// The level never allows this kind of use.
    KindNotAllowed,
    /// Only in the place that level or grant name.
    ReadingPlace,
    /// None of the fields is within grade or grant.
    FieldsDenied,
    /// The only grant is over.
    GrantEnded,
    /// The person is switched off or holds no post.
    PersonInactive,
    /// The state of the file does not allow it.
    FileState,
    /// The original is out.
    OnLoan,
    /// The person's grants are for other purposes.
    OtherPurpose,
}

/// Yes or no, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The ground.
    pub ground: Ground,
    /// The grant that a yes rests on.
    pub grant: Option<Uuid>,
    /// Until when a yes holds at most, microseconds.
    pub until: Option<i64>,
    /// Fields asked for that may not be read.
    pub denied: Vec<String>,
}

// === impl Ground ===

impl Ground {
    /// Whether it is a yes.
    pub fn allows(self) -> bool {
        matches!(self, Self::Standing | Self::Grant | Self::Executive)
    }
}

// === impl Answer ===

impl Answer {
    /// A no.
    pub fn no(ground: Ground) -> Self {
        Self { ground, grant: None, until: None, denied: Vec::new() }
    }

    fn yes(ground: Ground) -> Self {
        Self::no(ground)
    }
}

/// Answers the question. Everything is refused that nothing allows.
pub fn judge(facts: &Facts<'_>, question: &Question<'_>) -> Answer {
    if facts.posts.is_empty() {
        return Answer::no(Ground::PersonInactive);
    }
    let Ok(rule) = Rule::of(facts.pack, facts.level, question.kind) else {
        return Answer::no(Ground::KindNotAllowed);
    };
    let answer = match question.kind {
        AccessKind::Original => borrow(facts, question, &rule),
        AccessKind::View | AccessKind::Copy | AccessKind::Share | AccessKind::Edit => read(facts, question),
    };
    if answer.ground.allows() { within_scope(facts, question, answer) } else { answer }
}

fn borrow(facts: &Facts<'_>, question: &Question<'_>, rule: &Rule<'_>) -> Answer {
    let fetches = |grant: &&Grant| {
        grant.kind == AccessKind::Original && grant.state(question.now) == State::Active && grant.hand_outs == 0
    };
    let of_purpose = |grant: &&Grant| fetches(grant) && grant.purpose == question.purpose;
    let answer = if rule.bypasses(facts.posts.iter().map(String::as_str)) {
        Answer::yes(Ground::Executive)
    } else if let Some(grant) = facts.grants.iter().find(of_purpose) {
        Answer { grant: Some(grant.id), until: Some(grant.valid_until), ..Answer::yes(Ground::Grant) }
    } else if facts.out && facts.grants.iter().any(|grant| grant.hand_outs > 0 && grant.ended_at().is_none()) {
        Answer::no(Ground::OnLoan)
    } else if facts.grants.iter().any(|grant| fetches(&grant)) {
        Answer::no(Ground::OtherPurpose)
    } else {
        return no_right(facts, |grant| grant.kind == AccessKind::Original);
    };
    match answer {
        answer if !answer.ground.allows() => answer,
        _ if !facts.filed => Answer::no(Ground::FileState),
        _ if facts.out => Answer::no(Ground::OnLoan),
        answer => answer,
    }
}

fn read(facts: &Facts<'_>, question: &Question<'_>) -> Answer {
    let fits = |grant: &&Grant| question.kind == AccessKind::View || grant.kind == AccessKind::Copy;
    let current = |grant: &&Grant| {
        fits(grant) && grant.ended_at().is_none() && (grant.valid_from..grant.read_until).contains(&question.now)
    };
    // The rule by which profile gives content.
    let here = facts.pack.is_read_in(facts.level, question.place);
    if facts.standing {
        return Answer::no(if here { Ground::Standing } else { Ground::ReadingPlace });
    }
    let elsewhere = |bound: &str| !bound.is_empty() && bound != question.place;
    let mut currents: Vec<&Grant> = facts.grants.iter().filter(current).collect();
    let had_one = !currents.is_empty();
    currents.retain(|grant| grant.purpose == question.purpose);
    // The one that opens most: the whole file before some fields, a later end before an earlier one.
    currents.sort_by_key(|grant| (elsewhere(&grant.reading_place), !grant.scope.is_whole(), -grant.read_until));
    match currents.first() {
        Some(grant) if !here || elsewhere(&grant.reading_place) => Answer::no(Ground::ReadingPlace),
        Some(grant) => Answer { grant: Some(grant.id), until: Some(grant.read_until), ..Answer::yes(Ground::Grant) },
        None if had_one => Answer::no(Ground::OtherPurpose),
        None => no_right(facts, |grant| fits(&grant)),
    }
}

fn no_right(facts: &Facts<'_>, fits: impl Fn(&Grant) -> bool) -> Answer {
    let had_one = facts.grants.iter().any(fits);
    Answer::no(if had_one { Ground::GrantEnded } else { Ground::NeedToKnow })
}

// What of the question the ground reaches: whoever may read some fields is told no when asked about the whole file.
fn within_scope(facts: &Facts<'_>, question: &Question<'_>, answer: Answer) -> Answer {
    // An original goes out whole, also on a grant of before that names fields.
    if question.kind == AccessKind::Original {
        return answer;
    }
    let grant = facts.grants.iter().find(|grant| answer.grant == Some(grant.id));
    let fields = match question.scope {
        Scope::WholeFile if grant.is_none_or(|grant| grant.scope.is_whole()) => return answer,
        Scope::WholeFile | Scope::Unknown => return Answer::no(Ground::FieldsDenied),
        Scope::Fields(fields) => fields,
    };
    let covered = |field: &String| grant.is_none_or(|grant| grant.scope.covers(field));
    let graded = |sensitivity: &Option<Sensitivity>| sensitivity.is_some_and(|one| one <= facts.grade);
    let asked = fields.iter().zip(facts.sensitivities);
    let denied: Vec<String> = asked
        .filter(|(field, sensitivity)| !(covered(field) && graded(sensitivity)))
        .map(|(field, _)| field.clone())
        .collect();
    if denied.len() == fields.len() {
        return Answer { denied, ..Answer::no(Ground::FieldsDenied) };
    }
    Answer { denied, ..answer }
}
