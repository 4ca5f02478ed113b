//! GetGrant and ListGrants.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, name};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{message, no_grant};
use crate::domain::grant::{Grant, State};
use crate::store;
use crate::store::grant::Filter;

const GRANTS: List = List {
    fields: &[Field::name("file", "files"), Field::name("holder", "persons"), Field::state("state", State::WORDS)],
    orders: &["name desc"],
};

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
/// `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(base: &Base, call: &Call, request: pb::ListGrantsRequest) -> Result<pb::ListGrantsResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let (found, page) = GRANTS.read(call, &asked!(request))?;
    let filter = Filter {
        reader: principal.person,
        all: principal.can(base.pack(&call.org)?, Action::AccessCheck),
        now: call.micros(),
        file: found.id("file"),
        holder: found.id("holder"),
        state: found.one("state")?,
    };
    let mut rows = store::grant::list(&mut tx, &call.org, &filter, &page).await?;
    let next_page_token = page.cut(&mut rows, |grant| grant.id.to_string());
    let tenant = base.tenant(&call.org)?;
    let grants = rows.iter().map(|grant| message(tenant, grant, call.micros())).collect();
    Ok(pb::ListGrantsResponse { grants, next_page_token })
}
