//! Making a grant, fulfilling it, and writing every other change of it.

use dossier_authority::disposal;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use uuid::Uuid;

use super::event::changed;
use crate::domain::access_request::{AccessRequest, Rule};
use crate::domain::grant::Grant;
use crate::store;
use crate::work::cause::Cause;
use crate::work::record::Word;

/// Makes the grant `id` that a request leads to; it holds from this transaction's commit on.
///
/// # Errors
/// `WRONG_STATE` when the destruction of the file was announced, `LOAN_TOO_LONG` or `ACCESS_KIND_NOT_ALLOWED` when the pack became stricter meanwhile, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn give(cause: &Cause<'_>, tx: &mut Tx, request: &AccessRequest, id: Uuid) -> Result<Grant> {
    disposal::require_open(tx, cause.org, request.file).await?;
    let tenant = cause.base.tenant(cause.org)?;
    let rule = Rule::of(tenant.pack(), &request.level, request.kind)?;
    let grant = Grant::of(tenant, &rule, request, id, cause.now)?;
    store::grant::insert(tx, cause.org, &grant).await?;
    cause.publish(tx, "grant.given", &grant.name(), &[], changed(&grant)).await?;
    Ok(grant)
}

/// Writes a change of a grant: the journal's event to the shared tables, the rest to access's own.
///
/// # Errors
/// `CONFLICT_RETRY` when somebody was faster, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(crate) async fn publish(
    cause: &Cause<'_>,
    tx: &mut Tx,
    action: &'static str,
    words: &[Word<'_>],
    grant: &mut Grant,
) -> Result<()> {
    store::grant::update(tx, cause.org, grant, cause.now).await?;
    cause.publish(tx, action, &grant.name(), words, changed(grant)).await
}

/// Ends a grant because its purpose is fulfilled.
///
/// # Errors
/// `WRONG_STATE`, also while its loan is out; as [`publish`].
pub(crate) async fn complete(cause: &Cause<'_>, tx: &mut Tx, words: &[Word<'_>], grant: &mut Grant) -> Result<()> {
    let out = store::loan::open_of_grant(tx, cause.org, grant.id).await?.is_some();
    grant.complete(out, cause.now)?;
    publish(cause, tx, "grant.completed", words, grant).await
}
