//! GetAccessRequest and ListAccessRequests.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_kernel::page::Page;
use dossier_kernel::time::{from_proto, micros};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use prost_types::Timestamp;

use super::{message, no_request};
use crate::domain::access_request::{AccessRequest, State};
use crate::rpc::approval;
use crate::rpc::enter::given_id;
use crate::store::access_request::{self, Wanted};

/// One request.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn get(base: &Base, call: &Call, request: pb::GetAccessRequestRequest) -> Result<pb::AccessRequest> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let id = name::id("name", "accessRequests", &request.name)?;
    let found = access_request::lookup(&mut tx, &call.org, id).await?.ok_or_else(|| no_request(&request.name))?;
    match sees(base, &mut tx, call, &principal, &found).await? {
        true => Ok(message(&found)),
        false => Err(no_request(&request.name)),
    }
}

/// Whether a request is shown to somebody: to its requester, to its approvers, and to action `access.check` as far as the
/// clearance reaches.
///
/// # Errors
/// `ORG_UNKNOWN`, `STORE_UNAVAILABLE`.
pub(super) async fn sees(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    principal: &Principal,
    request: &AccessRequest,
) -> Result<bool> {
    if request.requester == principal.person {
        return Ok(true);
    }
    let may = principal.can(base.pack(&call.org)?, Action::AccessCheck);
    if may && access_request::cleared(tx, &call.org, principal.person, call.micros(), request.id).await? {
        return Ok(true);
    }
    match request.approval {
        Some(id) => approval::concerns(base, tx, call, principal.person, id).await,
        None => Ok(false),
    }
}

/// A page of requests.
///
/// # Errors
/// `FIELD_VIOLATION`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(
    base: &Base,
    call: &Call,
    request: pb::ListAccessRequestsRequest,
) -> Result<pb::ListAccessRequestsResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let from = instant("from_time", request.from_time.as_ref())?;
    let until = instant("until_time", request.until_time.as_ref())?;
    let numbers = format!("{} {from:?} {until:?}", request.state);
    let filters = [&request.file, &request.requester, &numbers];
    let page = Page::of(call, request.page_size, &request.page_token, &filters.map(String::as_str))?;
    let wanted = Wanted {
        reader: principal.person,
        all: principal.can(base.pack(&call.org)?, Action::AccessCheck),
        now: call.micros(),
        file: given_id("file", "files", &request.file)?,
        requester: given_id("requester", "persons", &request.requester)?,
        state: state(request.state)?.map(State::as_str),
        from: from.unwrap_or(i64::MIN),
        until: until.unwrap_or(i64::MAX),
    };
    let mut rows = access_request::list(&mut tx, &call.org, &wanted, &page).await?;
    let next_page_token = page.cut(&mut rows, |one| one.id.to_string());
    Ok(pb::ListAccessRequestsResponse { access_requests: rows.iter().map(message).collect(), next_page_token })
}

fn instant(field: &str, time: Option<&Timestamp>) -> Result<Option<i64>> {
    time.map(|time| from_proto(field, time).map(micros)).transpose()
}

fn state(number: i32) -> Result<Option<State>> {
    Ok(Some(match pb::AccessRequestState::try_from(number) {
        Ok(pb::AccessRequestState::Unspecified) => return Ok(None),
        Ok(pb::AccessRequestState::Pending) => State::Pending,
        Ok(pb::AccessRequestState::Returned) => State::Returned,
        Ok(pb::AccessRequestState::Granted) => State::Granted,
        Ok(pb::AccessRequestState::Refused) => State::Refused,
        Ok(pb::AccessRequestState::Cancelled) => State::Cancelled,
        Err(_) => return Err(Error::violation("state", "must be a state of a request")),
    }))
}
