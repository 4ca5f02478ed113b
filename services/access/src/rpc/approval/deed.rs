//! Asking for the approval of an act: read from the request, checked as the act itself would be, put to the pack's matter.

use dossier_authority::store::file::{self, FileCopy, Named};
use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::time::micros_to_proto;
use dossier_kernel::{name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::{Action, Needs, Pack};
use uuid::Uuid;

use crate::domain::act::{Act, Deed, Line};
use crate::domain::appointment::OPEN_END;
use crate::rpc::enter::given_id;
use crate::rpc::{delegation, person};
use crate::store;
use crate::work::approval::Question;
use crate::work::person::require_other;
use crate::work::wire::person_name;

/// The question of an act that the caller themselves may do.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, also where the pack asks for no approval; `RESOURCE_NOT_FOUND`,
/// `APPROVAL_MISSING` when the pack does not say who decides, and what the act itself would be refused for.
pub(super) async fn question(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    request: &pb::CreateApprovalRequest,
    act: &pb::Act,
) -> Result<Question> {
    let pack = base.pack(&call.org)?;
    let (act, unit) = match &act.kind {
        Some(pb::act::Kind::Appointment(one)) => appointing(base, call, principal, one)?,
        Some(pb::act::Kind::Delegation(one)) => delegating(base, tx, call, principal, one).await?,
        Some(pb::act::Kind::File(one)) => filing(tx, call, pack, principal, one).await?,
        None => return Err(Error::violation("approval.act", "must say what is to be done")),
    };
    words::require(&request.reason, true)?;
    let rule = act.rule(pack).map(|rule| pack.needs(rule));
    let matter = match rule {
        Some(Needs::Approval(matter)) => matter.id.clone(),
        Some(Needs::Unsettled) => return Err(Error::new(Reason::ApprovalMissing).with("matter", "")),
        Some(Needs::Nothing) | None => return Err(Error::violation("approval.act", "needs no approval here")),
    };
    require_derived(request.approval.as_ref(), &matter, principal.person)?;
    Ok(Question {
        matter,
        subject: act.subject(),
        file: act.file(),
        unit,
        level: level(pack, &act),
        amount: None,
        digest: act.digest().to_vec(),
        summary: format!("{}: {}", act.summary(), request.reason.trim()).chars().take(500).collect(),
        requester: principal.person,
        asker: String::new(),
        excluded: act.beneficiaries(),
        act: Some(act),
    })
}

// Approvers are cleared for the level of an open file. Of a closed one they are told the register line alone.
fn level(pack: &Pack, act: &Act) -> String {
    match act {
        Act::File { line, .. } if !pack.is_closed(&line.level) => line.level.clone(),
        _ => String::new(),
    }
}

// What follows from the act is not said besides.
fn require_derived(given: Option<&pb::Approval>, matter: &str, caller: Uuid) -> Result<()> {
    let Some(one) = given else { return Ok(()) };
    let requester = given_id("approval.requester", "persons", &one.requester)?;
    for (holds, field) in [
        (one.matter.is_empty() || one.matter == matter, "matter"),
        (one.subject.is_empty(), "subject"),
        (one.unit.is_empty(), "unit"),
        (one.level.is_empty(), "level"),
        (one.amount.is_none(), "amount"),
        (one.content_digest.is_empty(), "content_digest"),
        (one.summary.is_empty(), "summary"),
        (one.file.is_empty(), "file"),
        (one.excluded_persons.is_empty(), "excluded_persons"),
        (requester.is_none_or(|one| one == caller), "requester"),
    ] {
        if !holds {
            return Err(Error::violation(format!("approval.{field}"), "follows from the act and must be empty"));
        }
    }
    Ok(())
}

fn appointing(base: &Base, call: &Call, principal: &Principal, one: &pb::AppointmentAct) -> Result<(Act, String)> {
    let tenant = base.tenant(&call.org)?;
    principal.require(tenant.pack(), Action::DirectoryManage)?;
    let person = name::id("approval.act.appointment.person", "persons", &one.person)?;
    require_other(principal, person)?;
    let wanted = person::appointment_of(one.appointment.as_ref(), Uuid::nil(), call.micros())?;
    wanted.check(tenant.pack(), tenant.organisation(), call.micros())?;
    Ok((person::act(person, &wanted, one.appointment.as_ref())?, wanted.unit))
}

async fn delegating(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    one: &pb::DelegationAct,
) -> Result<(Act, String)> {
    let wanted = delegation::asked(base, tx, call, principal, one.delegation.as_ref(), Uuid::nil()).await?;
    let now = call.micros();
    let power =
        store::directory_snapshot::member(tx, &call.org, base.pack(&call.org)?, wanted.terms.delegator, now).await?;
    // The plans of such matters are of the organisation; a unit is told all the same.
    let unit = power.posts.first().map(|held| held.unit.clone()).unwrap_or_default();
    Ok((delegation::act(&wanted, one.delegation.as_ref())?, unit))
}

async fn filing(
    tx: &mut Tx,
    call: &Call,
    pack: &Pack,
    principal: &Principal,
    one: &pb::FileAct,
) -> Result<(Act, String)> {
    let kind = pb::FileActKind::try_from(one.kind).unwrap_or_default();
    let (action, closed) = match kind {
        pb::FileActKind::HandOver => (Action::FileHandOver, Action::FileHandOver),
        pb::FileActKind::Close => (Action::FileClose, Action::FileClose),
        _ => (Action::FileClassify, Action::FileDeclassify),
    };
    principal.require(pack, action)?;
    let named = Named::read("approval.act.file.file", &one.file)?;
    let deed = deed(pack, kind, one)?;
    let (org, person, now) = (&call.org, principal.person, call.micros());
    let found = file::actionable(tx, org, person, now, &named, principal.can(pack, closed)).await?;
    let found = found.ok_or_else(|| Error::missing(Missing::CustomerFile, &one.file))?;
    let unit = found.unit.clone();
    Ok((Act::File { line: line(found), deed }, unit))
}

fn deed(pack: &Pack, kind: pb::FileActKind, one: &pb::FileAct) -> Result<Deed> {
    let field = |name: &str| format!("approval.act.file.{name}");
    let only = |empty: bool, name: &str| {
        if empty { Ok(()) } else { Err(Error::violation(field(name), "must be empty for this act")) }
    };
    match kind {
        pb::FileActKind::Unspecified => Err(Error::violation(field("kind"), "must say what is to be done")),
        pb::FileActKind::Classify => {
            only(one.custodian.is_empty(), "custodian")?;
            match pack.level(&one.level) {
                Some(level) => Ok(Deed::Classify(level.id.clone())),
                None => Err(Error::violation(field("level"), "must be a level of the pack")),
            }
        }
        pb::FileActKind::HandOver => {
            only(one.level.is_empty(), "level")?;
            Ok(Deed::HandOver(name::id(&field("custodian"), "persons", &one.custodian)?))
        }
        pb::FileActKind::Close => {
            only(one.level.is_empty(), "level")?;
            only(one.custodian.is_empty(), "custodian")?;
            Ok(Deed::Close)
        }
    }
}

fn line(found: FileCopy) -> Line {
    Line { file: found.id, number: found.number, level: found.level, unit: found.unit, state: found.state }
}

/// The act as the contract shows it.
pub(super) fn message(act: &Act) -> pb::Act {
    let kind = match act {
        Act::Appointment { person, post, unit, from, until } => pb::act::Kind::Appointment(pb::AppointmentAct {
            person: person_name(*person),
            appointment: Some(pb::Appointment {
                // It is not made yet.
                name: String::new(),
                post: post.clone(),
                unit: unit.clone(),
                valid_from: from.map(micros_to_proto),
                valid_until: until.filter(|until| *until != OPEN_END).map(micros_to_proto),
            }),
        }),
        Act::Delegation { delegator, delegate, post, matters, level, from, until, reference } => {
            let delegation = pb::Delegation {
                delegator: person_name(*delegator),
                delegate: person_name(*delegate),
                post: post.clone(),
                matters: matters.clone(),
                max_level: level.clone(),
                valid_from: from.map(micros_to_proto),
                valid_until: Some(micros_to_proto(*until)),
                letter_reference: reference.clone(),
                ..pb::Delegation::default()
            };
            pb::act::Kind::Delegation(pb::DelegationAct { delegation: Some(delegation) })
        }
        Act::File { line, deed } => pb::act::Kind::File(filed(line, deed)),
    };
    pb::Act { kind: Some(kind) }
}

fn filed(line: &Line, deed: &Deed) -> pb::FileAct {
    let (kind, level, custodian) = match deed {
        Deed::Classify(level) => (pb::FileActKind::Classify, level.clone(), String::new()),
        Deed::HandOver(custodian) => (pb::FileActKind::HandOver, String::new(), person_name(*custodian)),
        Deed::Close => (pb::FileActKind::Close, String::new(), String::new()),
    };
    pb::FileAct {
        file: name::name("files", line.file),
        kind: kind.into(),
        level,
        custodian,
        number: line.number.clone(),
        present_level: line.level.clone(),
        unit: line.unit.clone(),
        state: line.state.clone(),
    }
}
