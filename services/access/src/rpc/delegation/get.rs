//! GetDelegation and ListDelegations.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::page::Page;
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;

use super::{found, message};
use crate::rpc::enter::given_id;
use crate::store;
use crate::store::delegation::Wanted;

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
/// `FIELD_VIOLATION`, `PAGE_TOKEN_INVALID`.
pub(crate) async fn list(
    base: &Base,
    call: &Call,
    request: pb::ListDelegationsRequest,
) -> Result<pb::ListDelegationsResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.principal(&mut tx, call).await?;
    let all = principal.can(base.pack(&call.org)?, Action::DirectoryRead);
    let person = |field: &str, text: &str| given_id(field, "persons", text);
    let wanted = Wanted {
        delegator: person("delegator", &request.delegator)?,
        delegate: person("delegate", &request.delegate)?,
        party: (!all).then_some(principal.person),
        ended: request.show_ended,
        now: call.micros(),
    };
    let filters = [request.delegator.as_str(), &request.delegate, if request.show_ended { "all" } else { "" }];
    let page = Page::of(call, request.page_size, &request.page_token, &filters)?;
    let mut letters = store::delegation::list(&mut tx, &call.org, &wanted, &page).await?;
    let next_page_token = page.cut(&mut letters, |one| one.letter.id.to_string());
    let delegations = letters.iter().map(|one| message(one, call.micros())).collect();
    Ok(pb::ListDelegationsResponse { delegations, next_page_token })
}
