//! GetGrant and ListGrants.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::name;
use dossier_kernel::page::Page;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{message, no_grant};
use crate::domain::grant::{Grant, State};
use crate::rpc::enter::given_id;
use crate::store;
use crate::store::grant::Wanted;

/// One grant.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn get(base: &Base, call: &Call, request: pb::GetGrantRequest) -> Result<pb::Grant> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let id = name::id("name", "grants", &request.name)?;
    let grant = store::grant::lookup(&mut tx, &call.org, id).await?.ok_or_else(|| no_grant(&request.name))?;
    match sees(base, &mut tx, call, &principal, &grant).await? {
        true => Ok(message(base.tenant(&call.org)?, &grant, call.micros())),
        false => Err(no_grant(&request.name)),
    }
}

/// Whether a grant is shown to somebody: to its holder, and to action `access.check` as far as the clearance reaches.
///
/// # Errors
/// `ORG_UNKNOWN`, `STORE_UNAVAILABLE`.
pub(super) async fn sees(base: &Base, tx: &mut Tx, call: &Call, principal: &Principal, grant: &Grant) -> Result<bool> {
    if grant.holder == principal.person {
        return Ok(true);
    }
    let may = principal.can(base.pack(&call.org)?, Action::AccessCheck);
    Ok(may && store::grant::cleared(tx, &call.org, principal.person, call.micros(), grant.id).await?)
}

/// A page of grants.
///
/// # Errors
/// `FIELD_VIOLATION`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(base: &Base, call: &Call, request: pb::ListGrantsRequest) -> Result<pb::ListGrantsResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let filters = [&request.file, &request.holder, &request.state.to_string()];
    let page = Page::of(call, request.page_size, &request.page_token, &filters.map(String::as_str))?;
    let wanted = Wanted {
        reader: principal.person,
        all: principal.can(base.pack(&call.org)?, Action::AccessCheck),
        now: call.micros(),
        file: given_id("file", "files", &request.file)?,
        holder: given_id("holder", "persons", &request.holder)?,
        state: state(request.state)?,
    };
    let mut rows = store::grant::list(&mut tx, &call.org, &wanted, &page).await?;
    let next_page_token = page.cut(&mut rows, |grant| grant.id.to_string());
    let tenant = base.tenant(&call.org)?;
    let grants = rows.iter().map(|grant| message(tenant, grant, call.micros())).collect();
    Ok(pb::ListGrantsResponse { grants, next_page_token })
}

fn state(number: i32) -> Result<Option<State>> {
    Ok(Some(match pb::GrantState::try_from(number) {
        Ok(pb::GrantState::Unspecified) => return Ok(None),
        Ok(pb::GrantState::Active) => State::Active,
        Ok(pb::GrantState::Completed) => State::Completed,
        Ok(pb::GrantState::Revoked) => State::Revoked,
        Ok(pb::GrantState::Expired) => State::Expired,
        Err(_) => return Err(Error::violation("state", "must be a state of a grant")),
    }))
}
