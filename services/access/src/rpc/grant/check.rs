//! CheckAccess and BatchCheckAccess: questions, not attempts. They change and journal nothing; a "no" is an answer.
//!
//! An answer of CheckAccess is remembered and given again while nothing changed that it rests on: people and rules (the
//! stamp of the org), the file's place in the rules, its template, its grants and its loans (the stamp of the file).

use std::sync::Arc;

use dossier_authority::memo::{Question as Asked, Span};
use dossier_authority::{Base, Principal, store as shared};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::time::{micros_to_proto, to_proto};
use dossier_kernel::{name, stamp};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, Sensitivity};
use prost::Message;
use uuid::Uuid;

use crate::domain::access_request::{Medium, check_fields};
use crate::domain::grant::{Answer, Facts, Ground, Question, judge};
use crate::rpc::access_request::{is_filed, medium};
use crate::rpc::enter::Caller;
use crate::store;

/// Most questions of one batch.
const MOST: usize = 100;

struct Wanted<'a> {
    file: Uuid,
    person: Uuid,
    medium: Medium,
    fields: &'a [String],
    place: &'a str,
}

/// Answers one question.
///
/// # Errors
/// `FIELD_VIOLATION`, `PERMISSION_DENIED`.
pub(crate) async fn check(
    base: &Base,
    call: &Call,
    request: pb::CheckAccessRequest,
) -> Result<pb::CheckAccessResponse> {
    let file = name::id("file", "files", &request.file).ok().filter(|_| base.memo.is_on());
    let Some(asked) = file.map(|file| Asked::of(call, file, &request)) else {
        return Box::pin(compute(base, call, &request, None)).await;
    };
    match base.memo.recall::<pb::CheckAccessResponse>(&asked, call.micros()).await {
        Some(known) => Ok(pb::CheckAccessResponse { check_time: Some(to_proto(call.now)), ..(*known).clone() }),
        // Boxed: what is only sometimes needed does not make every call's future large.
        None => Box::pin(compute(base, call, &request, Some(asked))).await,
    }
}

async fn compute(
    base: &Base,
    call: &Call,
    request: &pb::CheckAccessRequest,
    asked: Option<Asked>,
) -> Result<pb::CheckAccessResponse> {
    let mut tx = base.db.read().await?;
    let caller = Caller::of(base, &mut tx, call).await?;
    let wanted = wanted(base, call, &caller, request)?;
    let mut span = Span::around(call.micros());
    let answer = answer(base, &mut tx, call, &caller, &wanted, &mut span).await?;
    if let Some(asked) = asked {
        // In the same moment of the store as everything above.
        let stamp = stamp::read(&mut tx, &call.org, wanted.file).await?;
        turns(&mut tx, call, &caller, &wanted, &mut span).await?;
        base.memo.keep(asked, stamp, span, answer.encoded_len() + size_of_val(&answer), Arc::new(answer.clone()));
    }
    Ok(answer)
}

// The instants at which time changes what asker and person hold.
async fn turns(tx: &mut Tx, call: &Call, caller: &Caller, wanted: &Wanted<'_>, span: &mut Span) -> Result<()> {
    let asker = match caller {
        Caller::Person(principal) => principal.person,
        Caller::Service(_) => wanted.person,
    };
    for (from, until) in shared::appointment::turns(tx, &call.org, asker, wanted.person).await? {
        span.turn(from);
        span.turn(until);
    }
    Ok(())
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
    let wanted = request.checks.iter().map(|one| wanted(base, call, &caller, one)).collect::<Result<Vec<_>>>()?;
    let mut results = Vec::with_capacity(wanted.len());
    for one in &wanted {
        results.push(answer(base, &mut tx, call, &caller, one, &mut Span::around(call.micros())).await?);
    }
    Ok(pb::BatchCheckAccessResponse { results })
}

fn wanted<'a>(base: &Base, call: &Call, caller: &Caller, request: &'a pb::CheckAccessRequest) -> Result<Wanted<'a>> {
    let asked = match request.person.as_str() {
        "" => None,
        person => Some(name::id("person", "persons", person)?),
    };
    let person = match (caller, asked) {
        (Caller::Person(principal), Some(person)) if person != principal.person => {
            principal.require(base.pack(&call.org)?, Action::AccessCheck)?;
            person
        }
        (Caller::Person(principal), _) => principal.person,
        (Caller::Service(_), Some(person)) => person,
        (Caller::Service(_), None) => return Err(Error::violation("person", "must be named by a service")),
    };
    let mut faults = Vec::new();
    check_fields(&request.fields, &mut faults);
    Error::check(faults)?;
    let medium = medium(request.medium)?;
    let file = name::id("file", "files", &request.file)?;
    Ok(Wanted { file, person, medium, fields: &request.fields, place: &request.reading_place })
}

async fn answer(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    caller: &Caller,
    wanted: &Wanted<'_>,
    span: &mut Span,
) -> Result<pb::CheckAccessResponse> {
    let judged = judged(base, tx, call, caller, wanted, span).await?;
    Ok(pb::CheckAccessResponse {
        allowed: judged.ground.allows(),
        reason: reason(judged.ground).into(),
        grant: judged.grant.map(|id| name::name("grants", id)).unwrap_or_default(),
        expire_time: judged.until.map(micros_to_proto),
        denied_fields: judged.denied,
        check_time: Some(to_proto(call.now)),
    })
}

async fn judged(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    caller: &Caller,
    wanted: &Wanted<'_>,
    span: &mut Span,
) -> Result<Answer> {
    let (org, now) = (&call.org, call.micros());
    let person = match caller {
        Caller::Person(principal) if principal.person == wanted.person => Some(principal.clone()),
        _ => shared::principal::lookup_person(tx, org, wanted.person, now).await?,
    };
    let Some(person) = person.filter(|person| !person.posts.is_empty()) else {
        return Ok(Answer::no(Ground::PersonInactive));
    };
    // Who asks about somebody else learns nothing of a file that he is not cleared for himself (I10).
    if let Caller::Person(principal) = caller
        && principal.person != person.person
        && shared::file::askable(tx, org, principal.person, now, wanted.file).await?.is_none()
    {
        return Ok(Answer::no(Ground::FileNotFound));
    }
    let Some(sight) = store::grant::sight(tx, org, person.person, now, wanted.file).await? else {
        return Ok(Answer::no(Ground::FileNotFound));
    };
    let grants = store::grant::of_holder(tx, org, wanted.file, person.person).await?;
    for grant in &grants {
        for instant in [grant.valid_from, grant.valid_until, grant.read_until] {
            span.turn(instant);
        }
    }
    let sensitivities = sensitivities(base, tx, call, wanted).await?;
    let posts: Vec<String> = held(&person);
    let pack = base.pack(org)?;
    let facts = Facts {
        pack,
        level: &sight.level,
        filed: is_filed(&sight.state),
        standing: sight.standing,
        posts: &posts,
        grade: person.grade(pack),
        sensitivities: &sensitivities,
        grants: &grants,
        out: sight.out,
    };
    Ok(judge(&facts, &Question { medium: wanted.medium, fields: wanted.fields, place: wanted.place, now }))
}

fn held(person: &Principal) -> Vec<String> {
    person.posts.iter().map(|held| held.post.clone()).collect()
}

// How sensitive each field asked for is, by the file's own template; a field that it does not have is nobody's to read.
async fn sensitivities(base: &Base, tx: &mut Tx, call: &Call, wanted: &Wanted<'_>) -> Result<Vec<Option<Sensitivity>>> {
    if wanted.fields.is_empty() {
        return Ok(Vec::new());
    }
    let known = store::grant::template(tx, &call.org, wanted.file).await?;
    let tenant = base.tenant(&call.org)?;
    let template = known.as_deref().and_then(|id| tenant.template(id.strip_prefix("templates/").unwrap_or(id)));
    let sensitivity = |id: &String| {
        let field = template?.fields.iter().find(|field| field.id == *id)?;
        Some(field.sensitivity)
    };
    Ok(wanted.fields.iter().map(sensitivity).collect())
}

fn reason(ground: Ground) -> pb::AccessReason {
    match ground {
        Ground::Standing => pb::AccessReason::Standing,
        Ground::Grant => pb::AccessReason::Grant,
        Ground::Executive => pb::AccessReason::Executive,
        Ground::FileNotFound => pb::AccessReason::FileNotFound,
        Ground::NeedToKnow => pb::AccessReason::NeedToKnow,
        Ground::MediumNotAllowed => pb::AccessReason::MediumNotAllowed,
        Ground::ReadingPlace => pb::AccessReason::ReadingPlace,
        Ground::FieldsDenied => pb::AccessReason::FieldsDenied,
        Ground::GrantEnded => pb::AccessReason::GrantEnded,
        Ground::PersonInactive => pb::AccessReason::PersonInactive,
        Ground::FileState => pb::AccessReason::FileState,
        Ground::OnLoan => pb::AccessReason::OnLoan,
    }
}
