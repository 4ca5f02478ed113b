//! GetAccessRequest and ListAccessRequests.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{message, no_request};
use crate::domain::access_request::{AccessRequest, State};
use crate::rpc::approval;
use crate::store::access_request::{self, Filter};

const REQUESTS: List = List {
    fields: &[
        Field::name("file", "files"),
        Field::name("requester", "persons"),
        Field::state("state", State::WORDS),
        Field::time("create_time"),
    ],
    orders: &["name desc"],
};

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
/// `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(
    base: &Base,
    call: &Call,
    request: pb::ListAccessRequestsRequest,
) -> Result<pb::ListAccessRequestsResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let (found, page) = REQUESTS.read(call, &asked!(request))?;
    let filter = Filter {
        reader: principal.person,
        all: principal.can(base.pack(&call.org)?, Action::AccessCheck),
        now: call.micros(),
        file: found.id("file"),
        requester: found.id("requester"),
        state: found.one("state")?,
        from: found.range("create_time").from,
        until: found.range("create_time").until,
    };
    let mut rows = access_request::list(&mut tx, &call.org, &filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |one| one.id.to_string());
    Ok(pb::ListAccessRequestsResponse { access_requests: rows.iter().map(message).collect(), next_page_token })
}
