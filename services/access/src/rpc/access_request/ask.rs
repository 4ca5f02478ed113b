//! RequestAccess.

use dossier_authority::store::file;
use dossier_authority::{Base, Principal, Scope};
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::time::micros_to_proto;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::{kind, length, message};
use crate::domain::access_request::{AccessRequest, State};
use crate::rpc::plan;
use crate::rpc::policy::term;
use crate::work::access_request::{self, Answer};
use crate::work::approval::Prospect;
use crate::work::file::{no_file, require_known};
use crate::work::record::Asked;

/// Asks for a right to a file: granted at once where the level is free, put to approval where it asks for one.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `NOT_KNOWN_YET`, `REQUEST_NOT_WORK_RELATED`, `WRONG_STATE`,
/// `ACCESS_KIND_NOT_ALLOWED`, `LOAN_TOO_LONG`, `APPROVER_NOT_CONFIGURED`, `ALREADY_EXISTS`, `APPROVAL_UNREACHABLE`.
pub(crate) async fn ask(
    base: &Base,
    call: &Call,
    request: pb::RequestAccessRequest,
) -> Result<pb::RequestAccessResponse> {
    mutate!(base.mutations, call, request, tx => {
        let principal = base.authorise(tx, call, Action::AccessRequest).await?;
        let asked = read(&request, &principal, base.providers.ids.uuid(), call.micros())?;
        let found = file::askable(tx, &call.org, principal.person, call.micros(), asked.file).await?;
        let found = found.ok_or_else(|| no_file(&request.file))?;
        require_known(&request.file, &found, request.file_revision)?;
        let actor = principal.name();
        let given = Asked { base, call, actor: &actor, request_id: &request.request_id, reason: &request.reason };
        let answer = access_request::ask(given, tx, &principal, (asked, request.validate_only), &found);
        Ok(reply(answer.await?, request.validate_only))
    }, kept => {
        let principal = base.authorise(tx, call, Action::AccessRequest).await?;
        let file = name::id("file", "files", &request.file)?;
        let found = file::askable(tx, &call.org, principal.person, call.micros(), file).await?;
        found.map(|_| kept).ok_or_else(|| no_file(&request.file))
    })
}

fn reply(answer: Answer, tried: bool) -> pb::RequestAccessResponse {
    let prospect = answer.decided.as_ref().and_then(|decided| decided.prospect.as_ref());
    let steps = |seen: &Prospect| plan::steps(&seen.plan, &seen.feasibility, |_| None);
    pb::RequestAccessResponse {
        longest_term: Some(term(answer.longest)),
        longest_until: Some(micros_to_proto(answer.longest_until)),
        direct_borrowing: answer.decided.is_none(),
        reachable: prospect.is_none_or(|seen| seen.reachable),
        steps: prospect.map(steps).unwrap_or_default(),
        access_request: answer.decided.map(|decided| shown(&decided.request, tried)),
    }
}

// What is only tried has no name: nobody could find it under one.
fn shown(request: &AccessRequest, tried: bool) -> pb::AccessRequest {
    let mut shown = message(request);
    if tried {
        (shown.name, shown.approval, shown.grant, shown.etag) = Default::default();
    }
    shown
}

fn read(request: &pb::RequestAccessRequest, principal: &Principal, id: Uuid, now: i64) -> Result<AccessRequest> {
    let asked = AccessRequest {
        id,
        file: name::id("file", "files", &request.file)?,
        requester: principal.person,
        kind: kind(request.kind)?,
        purpose: request.purpose.clone(),
        justification: request.justification.trim().to_owned(),
        scope: Scope::asked(request.scope.as_ref())?,
        duration: request.duration.as_ref().map(|value| length("duration", value)).transpose()?,
        reading_place: request.reading_place.clone(),
        level: String::new(),
        matter: String::new(),
        state: State::Pending,
        approval: None,
        grant: None,
        created_at: now,
        decided_at: None,
        version: 1,
        updated_at: now,
    };
    let mut faults = Faults::default();
    asked.check(&mut faults);
    words::reason(&request.reason, false, &mut faults);
    faults.finish()?;
    Ok(asked)
}
