//! UpdateLimit.

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::etag;
use dossier_kernel::{mask, mutate, name, words};
use dossier_proto::credit::v1::{Limit as Message, UpdateLimitRequest};
use dossier_regime::Action;

use super::{again, content, load, message, saying};
use crate::rpc::LimitRpc;
use crate::rpc::record::{Saying, record};
use crate::store;
use crate::work::submission;

/// Corrects a draft or a returned limit; nobody is asked by it.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `UPDATE_MASK_INVALID`, `RESOURCE_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`,
/// `CURRENCY_MISMATCH`, `RATING_MISSING`.
pub(crate) async fn update(rpc: &LimitRpc, call: &Call, request: UpdateLimitRequest) -> Result<Message> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::LimitPropose).await?;
        let given = request.limit.as_ref().ok_or_else(|| Error::violation("limit", "must be given"))?;
        let id = name::id("limit.name", "limits", &given.name)?;
        let paths = mask::paths(request.update_mask.as_ref(), &content::WRITABLE)?;
        words::require(&request.reason, false)?;
        submission::adopt(base, tx, &call.org, id, call.now).await?;
        let mut limit = load(tx, call, principal.person, id).await?;
        etag::require(&given.etag, &etag::of(limit.version), &limit.name())?;
        limit.require_open(principal.person)?;
        let content = content::updated(&message::of(&limit, call.now), given, &paths)?;
        content::check(base, call, &content)?;
        content::require_rating(base, tx, call, &principal, limit.customer, content.rating).await?;
        // From here on nobody else begins to submit it.
        store::limit::lock(tx, &call.org, &limit).await?;
        let submission = limit.submission(submission::kept(base, tx, &call.org, id).await?);
        limit.correct(content, &submission)?;
        store::limit::update(tx, &call.org, &mut limit, call.now).await?;
        let justification = if mask::names(&paths, "justification") { limit.content.justification.as_str() } else { "" };
        let saying = saying(&limit, "limit.updated", &request.request_id, &request.reason);
        record(base, tx, call, &principal.name(), Saying { justification, ..saying }).await?;
        Ok(message::of(&limit, call.now))
    }, kept => again(rpc, tx, call, kept).await)
}
