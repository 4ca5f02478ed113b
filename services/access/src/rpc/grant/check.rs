//! CheckAccess and BatchCheckAccess: questions, not attempts. They change and journal nothing; a "no" is an answer.
//!
//! All who ask at the same time are answered by the same few statements. A yes of CheckAccess to who reads the file themselves is
//! remembered and given again while nothing changed that it rests on: people and rules (the stamp of the org), the file's
//! place in the rules, its template, its grants and its loans (the stamp of the file). Every other answer is worked out anew:
//! whoever does not see a file would learn from the time of a remembered one that the file was changed (I10).

use std::sync::Arc;

use dossier_authority::memo::{Question as Asked, Span};
use dossier_authority::store::principal;
use dossier_authority::{Base, Scope};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::shared::{Look, Shared};
use dossier_kernel::stamp::Stamp;
use dossier_kernel::time::{micros_to_proto, to_proto};
use dossier_kernel::{name, stamp};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use prost::Message;

use crate::domain::grant::{Answer, Ground};
use crate::rpc::access_request::kind;
use crate::work::caller::Caller;
use crate::work::grant::{Case, judge_all};

/// Most questions of one batch.
const MOST: usize = 100;

/// `CheckAccess` for all who ask at the same time.
#[derive(Debug)]
pub(crate) struct Checks(pub(crate) Base);

/// One call of `CheckAccess`.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    call: Arc<Call>,
    request: Arc<pb::CheckAccessRequest>,
}

/// An answer, with what it rests on.
#[derive(Debug)]
pub(crate) struct Checked {
    answer: pb::CheckAccessResponse,
    stamp: Stamp,
    span: Span,
    // Whether who asked sees the file, so that its changes are no secret before them.
    seen: bool,
}

/// Answers one question.
///
/// # Errors
/// `FIELD_VIOLATION`, `PERMISSION_DENIED`.
pub(crate) async fn check(
    base: &Base,
    call: &Call,
    request: pb::CheckAccessRequest,
    checks: &Shared<Checks>,
) -> Result<pb::CheckAccessResponse> {
    let file = name::id("file", "files", &request.file).ok().filter(|_| base.memo.is_on());
    let pack = base.pack(&call.org)?;
    let asked = file.map(|file| Asked::of(call, pack, file, &request));
    if let Some(asked) = &asked
        && let Some(known) = base.memo.recall::<pb::CheckAccessResponse>(asked, call.micros()).await
    {
        return Ok(pb::CheckAccessResponse { check_time: Some(to_proto(call.now)), ..(*known).clone() });
    }
    let question = Question { call: Arc::new(call.clone()), request: Arc::new(request) };
    let Checked { answer, stamp, span, seen } = checks.ask(question).await??;
    if let Some(asked) = asked.filter(|_| seen) {
        base.memo.keep(asked, stamp, span, answer.encoded_len() + size_of_val(&answer), Arc::new(answer.clone()));
    }
    Ok(answer)
}

/// Answers up to 100 questions of one moment.
///
/// # Errors
/// `FIELD_VIOLATION`, `PERMISSION_DENIED`; one bad question refuses all.
pub(crate) async fn batch(
    base: &Base,
    call: &Call,
    request: pb::BatchCheckAccessRequest,
) -> Result<pb::BatchCheckAccessResponse> {
    let mut tx = base.db.read().await?;
    let caller = Caller::of(base, &mut tx, call).await?;
    if !(1..=MOST).contains(&request.checks.len()) {
        return Err(Error::violation("checks", "must hold 1 to 100 questions"));
    }
    let cases = request.checks.iter().enumerate().map(|(at, one)| {
        // A caller must find the question, not only what is wrong with one of a hundred.
        case(base, call, caller.clone(), one).map_err(|fault| fault.under(&format!("checks.{at}")))
    });
    let mut cases = cases.collect::<Result<Vec<_>>>()?;
    let answers = judge_all(base, &mut tx, &mut cases.iter_mut().collect::<Vec<_>>()).await?;
    Ok(pb::BatchCheckAccessResponse { results: answers.into_iter().map(|answer| reply(call, answer)).collect() })
}

// === impl Checks ===

#[async_trait::async_trait]
impl Look for Checks {
    type Question = Question;
    type Answer = Result<Checked>;

    const NAME: &'static str = "check_access";

    async fn look(&self, asked: &[Question]) -> Result<Vec<Result<Checked>>> {
        let base = &self.0;
        let mut tx = base.db.read().await?;
        let callers = callers(base, &mut tx, asked).await?;
        let cases = asked.iter().zip(callers).map(|(one, caller)| {
            let (caller, span) = caller?;
            Ok(Case { span, ..case(base, &one.call, caller, &one.request)? })
        });
        let mut cases: Vec<Result<Case<'_>>> = cases.collect();
        let mut good: Vec<&mut Case<'_>> = cases.iter_mut().filter_map(|case| case.as_mut().ok()).collect();
        let files: Vec<_> = good.iter().map(|case| (case.call.org.as_str(), case.file)).collect();
        // All in one moment of the store.
        let stamps = stamp::read(&mut tx, &files).await?;
        let mut found = judge_all(base, &mut tx, &mut good).await?.into_iter().zip(stamps);
        let mut checked = |case: Case<'_>| {
            let missing = || Error::new(Reason::Internal).because("a question without an answer");
            let (answer, stamp) = found.next().ok_or_else(missing)?;
            let seen = case.caller_sees(answer.ground);
            Ok(Checked { answer: reply(case.call, answer), stamp, span: case.span, seen })
        };
        Ok(cases.into_iter().map(|case| case.and_then(&mut checked)).collect())
    }
}

// Who asks each question, and within which span they are that.
async fn callers(base: &Base, tx: &mut Tx, asked: &[Question]) -> Result<Vec<Result<(Caller, Span)>>> {
    let subjects: Vec<_> = asked.iter().map(|one| (one.call.org.as_str(), one.call.subject.as_str())).collect();
    let people = principal::by_subject(tx, &subjects).await?;
    let caller = |(one, person): (&Question, Option<dossier_authority::Tenure>)| {
        base.pack(&one.call.org)?;
        let mut span = Span::around(one.call.micros());
        if one.call.service {
            return Ok((Caller::Service(one.call.subject.clone()), span));
        }
        let person = person.ok_or_else(|| Error::new(Reason::PersonUnknown))?;
        person.turn(&mut span);
        Ok((Caller::Person(person.at(one.call.micros())), span))
    };
    Ok(asked.iter().zip(people).map(caller).collect())
}

fn case<'a>(base: &Base, call: &'a Call, caller: Caller, request: &'a pb::CheckAccessRequest) -> Result<Case<'a>> {
    let person = match (&caller, request.person.as_str()) {
        (Caller::Person(principal), named) if named.is_empty() || named == principal.name() => principal.person,
        (Caller::Service(_), "") => return Err(Error::violation("person", "must be named by a service")),
        (caller, named) => {
            if let Caller::Person(principal) = caller {
                principal.require(base.pack(&call.org)?, Action::AccessCheck)?;
            }
            name::id("person", "persons", named)?
        }
    };
    let scope = Scope::asked(request.scope.as_ref())?;
    let purpose = request.purpose.as_str();
    let purposes = &base.pack(&call.org)?.access.purposes;
    if purposes.iter().all(|one| one.value != purpose) {
        return Err(Error::violation("purpose", one_of(purposes.iter().map(|one| one.value.as_str()))));
    }
    let kind = kind(request.kind)?;
    let file = name::id("file", "files", &request.file)?;
    let (place, span) = (&request.reading_place, Span::around(call.micros()));
    Ok(Case { call, caller, file, person, kind, scope, purpose, place, span })
}

fn reply(call: &Call, judged: Answer) -> pb::CheckAccessResponse {
    pb::CheckAccessResponse {
        allowed: judged.ground.allows(),
        reason: reason(judged.ground).into(),
        grant: judged.grant.map(|id| name::name("grants", id)).unwrap_or_default(),
        expire_time: judged.until.map(micros_to_proto),
        denied_fields: judged.denied,
        check_time: Some(to_proto(call.now)),
    }
}

fn reason(ground: Ground) -> pb::AccessReason {
    match ground {
        Ground::Standing => pb::AccessReason::Standing,
        Ground::Grant => pb::AccessReason::Grant,
        Ground::Executive => pb::AccessReason::Executive,
        Ground::FileNotFound => pb::AccessReason::FileNotFound,
        Ground::NeedToKnow => pb::AccessReason::NeedToKnow,
        Ground::KindNotAllowed => pb::AccessReason::KindNotAllowed,
        Ground::ReadingPlace => pb::AccessReason::ReadingPlace,
        Ground::FieldsDenied => pb::AccessReason::FieldsDenied,
        Ground::GrantEnded => pb::AccessReason::GrantEnded,
        Ground::PersonInactive => pb::AccessReason::PersonInactive,
        Ground::FileState => pb::AccessReason::FileState,
        Ground::OnLoan => pb::AccessReason::OnLoan,
        Ground::OtherPurpose => pb::AccessReason::OtherPurpose,
    }
}
