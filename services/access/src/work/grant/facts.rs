//! What the answers to many questions rest on, read by one statement for each kind of fact.

use std::collections::{BTreeMap, BTreeSet};

use dossier_authority::memo::Span;
use dossier_authority::store::file::{self, Asked};
use dossier_authority::store::principal;
use dossier_authority::{Base, Principal, Scope};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_regime::Sensitivity;
use uuid::Uuid;

use crate::domain::access_request::AccessKind;
use crate::domain::grant::{Answer, Facts, Grant, Ground, Question, judge};
use crate::store::grant::{self, Standing};
use crate::work::caller::Caller;
use crate::work::file::is_filed;

/// A question that may be asked.
pub(crate) struct Case<'a> {
    /// The call that asks it.
    pub call: &'a Call,
    /// Who asks.
    pub caller: Caller,
    /// About which file.
    pub file: Uuid,
    /// About whom.
    pub person: Uuid,
    /// The kind of use.
    pub kind: AccessKind,
    /// How much of the file.
    pub scope: Scope,
    /// What for, a label of the pack.
    pub purpose: &'a str,
    /// Where; empty: anywhere.
    pub place: &'a str,
    /// For how long the answer holds.
    pub span: Span,
}

/// Judges every case, in order; the instants at which time may change an answer go into the case's span.
///
/// # Errors
/// `STORE_INCONSISTENT`, `STORE_UNAVAILABLE`, `ORG_UNKNOWN`.
pub(crate) async fn judge_all(base: &Base, tx: &mut Tx, cases: &mut [&mut Case<'_>]) -> Result<Vec<Answer>> {
    let people = people(tx, cases).await?;
    let hidden = hidden(tx, cases).await?;
    let asked: Vec<Asked<'_>> = cases.iter().map(|case| case.asked(case.person)).collect();
    let standings = grant::standings(tx, &asked).await?;
    let keys: BTreeSet<_> = asked.iter().map(|one| (one.org, one.file, one.person)).collect();
    let grants = grant::of_holders(tx, &keys).await?;
    let templates = templates(tx, cases).await?;
    let mut answers = Vec::with_capacity(cases.len());
    for (at, case) in cases.iter_mut().enumerate() {
        let Some(person) = people[at].as_ref().filter(|person| !person.posts.is_empty()) else {
            answers.push(Answer::no(Ground::PersonInactive));
            continue;
        };
        let Some(seen) = standings[at].as_ref().filter(|_| !hidden.contains(&at)) else {
            answers.push(Answer::no(Ground::FileNotFound));
            continue;
        };
        let grants = grants.get(&(case.call.org.clone(), case.file, case.person)).map_or(&[][..], Vec::as_slice);
        let template = templates.get(&at).and_then(Option::as_deref);
        answers.push(judged(base, case, person, seen, grants, template)?);
    }
    Ok(answers)
}

// Who each question is about: mostly the caller themselves.
async fn people(tx: &mut Tx, cases: &mut [&mut Case<'_>]) -> Result<Vec<Option<Principal>>> {
    let others: Vec<usize> = (0..cases.len()).filter(|at| cases[*at].about_another()).collect();
    let asked: Vec<_> = others.iter().map(|at| (&*cases[*at].call.org, cases[*at].person)).collect();
    let found = principal::by_person(tx, &asked).await?;
    let mut people: Vec<_> = cases.iter().map(|case| case.himself().cloned()).collect();
    for (at, found) in others.into_iter().zip(found) {
        let Some(found) = found else { continue };
        found.turn(&mut cases[at].span);
        people[at] = Some(found.at(cases[at].call.micros()));
    }
    Ok(people)
}

// Who asks about somebody else learns nothing of a file that they are not cleared for themselves (I10).
async fn hidden(tx: &mut Tx, cases: &[&mut Case<'_>]) -> Result<BTreeSet<usize>> {
    let asker = |at: usize| match &cases[at].caller {
        Caller::Person(principal) if cases[at].about_another() => Some((at, cases[at].asked(principal.person))),
        _ => None,
    };
    let (places, asked): (Vec<usize>, Vec<Asked<'_>>) = (0..cases.len()).filter_map(asker).unzip();
    let askable = file::askable_each(tx, &asked).await?;
    Ok(places.into_iter().zip(askable).filter(|(_, askable)| !askable).map(|(at, _)| at).collect())
}

async fn templates(tx: &mut Tx, cases: &[&mut Case<'_>]) -> Result<BTreeMap<usize, Option<String>>> {
    let places: Vec<usize> = (0..cases.len()).filter(|at| !cases[*at].scope.fields().is_empty()).collect();
    let asked: Vec<_> = places.iter().map(|at| cases[*at].asked(cases[*at].person)).collect();
    Ok(places.into_iter().zip(grant::templates(tx, &asked).await?).collect())
}

fn judged(
    base: &Base,
    case: &mut Case<'_>,
    person: &Principal,
    seen: &Standing,
    grants: &[Grant],
    template: Option<&str>,
) -> Result<Answer> {
    for grant in grants {
        for instant in [grant.valid_from, grant.valid_until, grant.read_until] {
            case.span.turn(instant);
        }
    }
    let pack = base.pack(&case.call.org)?;
    let posts: Vec<String> = person.posts.iter().map(|held| held.post.clone()).collect();
    let facts = Facts {
        pack,
        level: &seen.level,
        filed: is_filed(&seen.state),
        standing: seen.standing,
        posts: &posts,
        grade: person.grade(pack),
        sensitivities: &sensitivities(base, case, template)?,
        grants,
        out: seen.out,
    };
    let (kind, scope, purpose, place, now) = (case.kind, &case.scope, case.purpose, case.place, case.call.micros());
    Ok(judge(&facts, &Question { kind, scope, purpose, place, now }))
}

// How sensitive each field asked for is, by the file's own template; a field that it does not have is nobody's to read.
fn sensitivities(base: &Base, case: &Case<'_>, template: Option<&str>) -> Result<Vec<Option<Sensitivity>>> {
    let tenant = base.tenant(&case.call.org)?;
    let template = template.and_then(|id| tenant.template(id.strip_prefix("templates/").unwrap_or(id)));
    let sensitivity = |id: &String| {
        let field = template?.fields.iter().find(|field| field.id == *id)?;
        Some(field.sensitivity)
    };
    Ok(case.scope.fields().iter().map(sensitivity).collect())
}

// === impl Case ===

impl<'a> Case<'a> {
    /// Whether who asked sees the file. Of who asks about somebody else it is not known here. A service sees every file; it
    /// puts the questions of people, who see what they are told yes to.
    pub(crate) fn caller_sees(&self, ground: Ground) -> bool {
        let himself = match &self.caller {
            Caller::Person(principal) => principal.person == self.person,
            Caller::Service(_) => true,
        };
        himself && matches!(ground, Ground::Standing | Ground::Grant)
    }

    // The caller, when the question is about them.
    fn himself(&self) -> Option<&Principal> {
        match &self.caller {
            Caller::Person(principal) if principal.person == self.person => Some(principal),
            _ => None,
        }
    }

    fn about_another(&self) -> bool {
        self.himself().is_none()
    }

    fn asked(&self, person: Uuid) -> Asked<'a> {
        Asked { org: &self.call.org, person, now: self.call.micros(), file: self.file }
    }
}
