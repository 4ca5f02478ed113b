//! GetDelegation and ListDelegations.

use dossier_authority::Base;
use dossier_kernel::asked;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{found, message};
use crate::domain::delegation::State;
use crate::store;
use crate::store::delegation::Filter;

const LETTERS: List = List {
    fields: &[
        Field::name("delegator", "persons"),
        Field::name("delegate", "persons"),
        Field::state("state", State::WORDS),
    ],
    orders: &["name desc"],
};

/// Answers one letter to its parties and to `directory.read`.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn get(base: &Base, call: &Call, request: pb::GetDelegationRequest) -> Result<pb::Delegation> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let all = principal.can(base.pack(&call.org)?, Action::DirectoryRead);
    let one = found(&mut tx, &call.org, &request.name, |party| all || party == principal.person).await?;
    Ok(message(&one, call.micros()))
}

/// Lists letters, newest first; without `directory.read` only the caller's own.
///
/// # Errors
/// `FIELD_VIOLATION`, `FILTER_INVALID`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(
    base: &Base,
    call: &Call,
    request: pb::ListDelegationsRequest,
) -> Result<pb::ListDelegationsResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let all = principal.can(base.pack(&call.org)?, Action::DirectoryRead);
    let (found, page) = LETTERS.read(call, &asked!(request))?;
    let filter = Filter {
        delegator: found.id("delegator"),
        delegate: found.id("delegate"),
        party: (!all).then_some(principal.person),
        state: found.one("state")?,
        now: call.micros(),
    };
    let mut delegations = store::delegation::list(&mut tx, &call.org, &filter, &page).await?;
    let next_page_token = page.cut(&mut delegations, |one| one.terms.id.to_string());
    let delegations = delegations.iter().map(|one| message(one, call.micros())).collect();
    Ok(pb::ListDelegationsResponse { delegations, next_page_token })
}
