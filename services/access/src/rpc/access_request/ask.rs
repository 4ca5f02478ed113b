//! RequestAccess.

use dossier_authority::store::file::{self, FileCopy};
use dossier_authority::{Base, Principal, Scope};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::time::micros_to_proto;
use dossier_kernel::{mutate, name, words};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use super::submit::{Decided, submit, would_be};
use super::{kind, length, message, no_file, require_filed, require_known};
use crate::domain::access_request::{AccessRequest, Rule, State, end, within};
use crate::rpc::policy::term;
use crate::store::access_request;

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
        let mut asked = read(&request, &principal, base.providers.ids.uuid(), call.micros())?;
        let found = file::askable(tx, &call.org, principal.person, call.micros(), asked.file).await?;
        let found = found.ok_or_else(|| no_file(&request.file))?;
        require_known(&request.file, &found, request.file_revision)?;
        let tenant = base.tenant(&call.org)?;
        asked.require_work(tenant.pack())?;
        require_filed(&request.file, &found.state)?;
        asked.level.clone_from(&found.level);
        let rule = Rule::of(tenant.pack(), &found.level, asked.kind)?;
        check_place(&rule, &asked.reading_place)?;
        within(tenant, rule.level(), rule.longest(), call.micros(), asked.duration)?;
        asked.duration = asked.duration.or_else(|| fixed(&rule));
        let longest_until = end(tenant, rule.longest(), call.micros())?;
        let mut reply = pb::RequestAccessResponse {
            longest_term: Some(term(rule.longest())),
            longest_until: Some(micros_to_proto(longest_until)),
            reachable: true,
            ..pb::RequestAccessResponse::default()
        };
        if rule.bypasses(principal.posts.iter().map(|held| held.post.as_str())) {
            reply.direct_borrowing = true;
            return Ok(reply);
        }
        asked.matter = rule.matter()?.unwrap_or_default().to_owned();
        require_new(tx, call, &asked).await?;
        let decided = decide(base, tx, call, asked, &found, &request).await?;
        (reply.steps, reply.reachable) = (decided.steps, decided.reachable);
        reply.access_request = Some(shown(&decided.request, request.validate_only));
        Ok(reply)
    }, kept => {
        let principal = base.authorise(tx, call, Action::AccessRequest).await?;
        let file = name::id("file", "files", &request.file)?;
        let found = file::askable(tx, &call.org, principal.person, call.micros(), file).await?;
        found.map(|_| kept).ok_or_else(|| no_file(&request.file))
    })
}

async fn decide(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    asked: AccessRequest,
    found: &FileCopy,
    request: &pb::RequestAccessRequest,
) -> Result<Decided> {
    match request.validate_only {
        true => would_be(base, tx, call, asked, found).await,
        false => submit(base, tx, call, asked, found, request).await,
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

// Where the level binds the place, it is said, so that whoever asks has understood it.
fn check_place(rule: &Rule<'_>, place: &str) -> Result<()> {
    match rule.place() {
        Some(bound) if bound != place => {
            Err(Error::violation("reading_place", "must be the place that the level of the file binds"))
        }
        None if !place.is_empty() => {
            Err(Error::violation("reading_place", "must be empty, the level of the file binds no place"))
        }
        _ => Ok(()),
    }
}

fn fixed(rule: &Rule<'_>) -> Option<i64> {
    rule.longest().fixed().and_then(|length| i64::try_from(length.as_micros()).ok())
}

async fn require_new(tx: &mut Tx, call: &Call, asked: &AccessRequest) -> Result<()> {
    let open = access_request::open(tx, &call.org, asked.file, asked.requester, asked.kind).await?;
    match open {
        None => Ok(()),
        Some(id) => Err(exists(id)),
    }
}

/// The requester has an open request for the same file and kind of use.
pub(super) fn exists(id: Uuid) -> Error {
    Error::new(Reason::AlreadyExists).with("resource", name::name("accessRequests", id))
}
