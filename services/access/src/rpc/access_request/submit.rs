//! What a request becomes: a grant at once, or a question to the approvers; tried or done.

use dossier_authority::Base;
use dossier_authority::store::file::FileCopy;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::access::v1 as pb;
use dossier_proto::types;
use dossier_regime::Pack;

use super::ask::exists;
use super::changed;
use super::settle::action;
use crate::domain::access_request::AccessRequest;
use crate::rpc::approval::{self, Asked, Question};
use crate::rpc::enter::person_name;
use crate::rpc::grant::{self, Cause};
use crate::rpc::record::Word;
use crate::store::access_request;

/// Most characters of a summary.
const SUMMARY: usize = 500;

/// A request with who decides it.
pub(super) struct Decided {
    pub request: AccessRequest,
    pub steps: Vec<types::StepExplanation>,
    pub reachable: bool,
}

/// Writes the request, and in the same transaction its grant or its approval.
///
/// # Errors
/// `ALREADY_EXISTS`, `APPROVAL_UNREACHABLE`, `RESOURCE_NOT_FOUND`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub(super) async fn submit(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    mut request: AccessRequest,
    file: &FileCopy,
    given: &pb::RequestAccessRequest,
) -> Result<Decided> {
    let request_id = given.request_id.as_str();
    let actor = person_name(request.requester);
    let cause = Cause::of(call, &actor, request_id);
    let steps = if request.matter.is_empty() {
        request.grant_at_once(base.providers.ids.uuid(), cause.now);
        Vec::new()
    } else {
        let question = question(base.pack(&call.org)?, &request, file);
        let (steps, _) = approval::prospect(base, tx, &call.org, &question, cause.now).await?;
        // Why it is asked is kept with the request.
        let asked = Asked { actor: &actor, request_id, reason: "" };
        request.approval = Some(approval::ask(base, tx, call, question, asked).await?.id);
        steps
    };
    if !access_request::insert(tx, &call.org, &request).await? {
        return Err(exists(request.id));
    }
    if let Some(id) = request.grant {
        grant::give(base, tx, &cause, &request, id).await?;
    }
    let justification = Word { field: "justification", text: &request.justification, keep: false };
    let words = [justification, Word::reason(&given.reason)];
    let action = if request.state.is_final() { action(&request) } else { "access_request.created" };
    cause.record(base, tx, action, &request.name(), &words, changed(&request)).await?;
    Ok(Decided { request, steps, reachable: true })
}

/// The request as it would be, and who would decide it; nothing is written.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn would_be(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    mut request: AccessRequest,
    file: &FileCopy,
) -> Result<Decided> {
    if request.matter.is_empty() {
        request.grant_at_once(request.id, call.micros());
        return Ok(Decided { request, steps: Vec::new(), reachable: true });
    }
    let question = question(base.pack(&call.org)?, &request, file);
    let (steps, reachable) = approval::prospect(base, tx, &call.org, &question, call.micros()).await?;
    Ok(Decided { request, steps, reachable })
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
