//! What a request becomes: a grant at once, or a question to the approvers; tried or done.

use dossier_authority::disposal;
use dossier_authority::store::file::FileCopy;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name;
use dossier_regime::Pack;
use uuid::Uuid;

use super::event::{action, changed};
use crate::domain::access_request::AccessRequest;
use crate::store::access_request;
use crate::work::approval::{self, Prospect, Question};
use crate::work::cause::Cause;
use crate::work::grant;
use crate::work::record::{Asked, Word};

/// Most characters of a summary.
const SUMMARY: usize = 500;

/// A request with who decides it.
pub(crate) struct Decided {
    /// As it stands.
    pub request: AccessRequest,
    /// Who decides; `None`: nobody has to.
    pub prospect: Option<Prospect>,
}

/// Writes the request, and in the same transaction its grant or its approval.
///
/// # Errors
/// `WRONG_STATE`, `ALREADY_EXISTS`, `APPROVAL_UNREACHABLE`, `RESOURCE_NOT_FOUND`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn submit(
    asked: Asked<'_>,
    tx: &mut Tx,
    mut request: AccessRequest,
    file: &FileCopy,
) -> Result<Decided> {
    let cause = Cause::by(asked);
    disposal::require_open(tx, &asked.call.org, file.id).await?;
    let prospect = if request.matter.is_empty() {
        request.grant_at_once(asked.base.providers.ids.uuid(), cause.now);
        None
    } else {
        let question = question(asked.base.pack(&asked.call.org)?, &request, file);
        let prospect = approval::prospect(asked.base, tx, &asked.call.org, &question, cause.now).await?;
        // Why it is asked is kept with the request.
        let asked = Asked { reason: "", ..asked };
        request.approval = Some(approval::ask(asked, tx, question).await?.id);
        Some(prospect)
    };
    if !access_request::insert(tx, &asked.call.org, &request).await? {
        return Err(exists(request.id));
    }
    if let Some(id) = request.grant {
        grant::give(&cause, tx, &request, id).await?;
    }
    let justification = Word { field: "justification", text: &request.justification, keep: false };
    let words = [justification, Word::reason(asked.reason)];
    let action = if request.state.is_final() { action(&request) } else { "access_request.created" };
    cause.record(tx, action, &request.name(), &words, changed(&request)).await?;
    Ok(Decided { request, prospect })
}

/// The request as it would be, and who would decide it; nothing is written.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn would_be(
    asked: Asked<'_>,
    tx: &mut Tx,
    mut request: AccessRequest,
    file: &FileCopy,
) -> Result<Decided> {
    let Asked { base, call, .. } = asked;
    if request.matter.is_empty() {
        request.grant_at_once(request.id, call.micros());
        return Ok(Decided { request, prospect: None });
    }
    let question = question(base.pack(&call.org)?, &request, file);
    let prospect = Some(approval::prospect(base, tx, &call.org, &question, call.micros()).await?);
    Ok(Decided { request, prospect })
}

/// The requester has an open request for the same file and kind of use.
pub(super) fn exists(id: Uuid) -> Error {
    Error::new(Reason::AlreadyExists).with("resource", name::name("accessRequests", id))
}

fn question(pack: &Pack, request: &AccessRequest, file: &FileCopy) -> Question {
    Question {
        matter: request.matter.clone(),
        subject: request.name(),
        file: Some(file.id),
        act: None,
        unit: file.unit.clone(),
        level: request.level.clone(),
        amount: None,
        digest: request.digest().to_vec(),
        summary: summary(pack, request, file),
        requester: request.requester,
        asker: String::new(),
        excluded: Vec::new(),
    }
}

fn summary(pack: &Pack, request: &AccessRequest, file: &FileCopy) -> String {
    let level = pack.level(&request.level).map_or("", |level| level.label.as_str());
    let place = if request.reading_place.is_empty() { String::new() } else { format!(", {}", request.reading_place) };
    let length = request.duration.map(|micros| format!(", {} min", micros / 60_000_000)).unwrap_or_default();
    let (kind, purpose) = (request.kind.as_str(), &request.purpose);
    let text = format!("{kind}: {} ({level}), {purpose}{length}{place}. {}", file.number, request.justification);
    text.chars().take(SUMMARY).collect()
}
