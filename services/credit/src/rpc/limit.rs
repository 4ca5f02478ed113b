//! Limits: proposed, submitted, decided by access's approvers, read (C-13, C-14).

mod content;
pub(crate) mod message;
mod submit;
mod update;

use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Missing, Reason, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::filter::Field;
use dossier_kernel::list::List;
use dossier_kernel::{asked, mutate, name, words};
use dossier_proto::credit::v1::{
    GetLimitRequest, Limit as Message, ListLimitsRequest, ListLimitsResponse, ProposeLimitRequest,
};
use dossier_regime::Action;
use uuid::Uuid;

use super::LimitRpc;
use super::enter::{customer, require_active};
use super::record::{Saying, record};
use crate::domain::limit::{Limit, LimitState, Proposal};
use crate::store::limit::{self, Filter};

pub(crate) use submit::submit;
pub(crate) use update::update;

/// ProposeLimit.
pub(crate) async fn propose(rpc: &LimitRpc, call: &Call, request: ProposeLimitRequest) -> Result<Message> {
    let base = &rpc.base;
    mutate!(base.mutations, *call, request, tx => {
        let principal = base.authorise(tx, call, Action::LimitPropose).await?;
        let (id, content) = parse(&request)?;
        words::require(&request.reason, false)?;
        content::check(base, call, &content)?;
        let file = customer(tx, call, &principal, id).await?;
        require_active(&file)?;
        content::require_rating(base, tx, call, &principal, id, content.rating).await?;
        let proposal =
            Proposal { id: base.providers.ids.uuid(), customer: id, proposer: principal.person, content };
        let limit = Limit::propose(proposal, call.now);
        limit::insert(tx, &call.org, &limit).await?;
        let saying = saying(&limit, "limit.proposed", &request.request_id, &request.reason);
        let justification = limit.content.justification.as_str();
        record(base, tx, call, &principal.name(), Saying { justification, ..saying }).await?;
        Ok(message::of(&limit, call.now))
    }, kept => again(rpc, tx, call, kept).await)
}

/// The reply to a call that was answered for who may still propose and sees the customer.
///
/// # Errors
/// `PERSON_UNKNOWN`, `PERMISSION_DENIED`, `RESOURCE_NOT_FOUND`.
async fn again(rpc: &LimitRpc, tx: &mut Tx, call: &Call, kept: Message) -> Result<Message> {
    let principal = rpc.base.authorise(tx, call, Action::LimitPropose).await?;
    load(tx, call, principal.person, name::id("name", "limits", &kept.name)?).await.map(|_| kept)
}

fn parse(request: &ProposeLimitRequest) -> Result<(Uuid, crate::domain::limit::Content)> {
    let mut faults = Faults::default();
    let customer = faults.absorb(name::id("customer", "files", &request.customer));
    let given = content::Given {
        amount: request.amount.as_ref(),
        terms: &request.payment_terms,
        valid_from: request.valid_from.as_ref(),
        valid_until: request.valid_until.as_ref(),
        rating: &request.rating,
        justification: &request.justification,
    };
    let content = faults.absorb(given.parse(""));
    faults.finish()?;
    // Nothing is missing where nothing was wrong.
    customer.zip(content).ok_or_else(|| Error::new(Reason::Internal))
}

/// GetLimit.
pub(crate) async fn get(rpc: &LimitRpc, call: &Call, request: GetLimitRequest) -> Result<Message> {
    let mut tx = rpc.base.db.read().await?;
    let principal = rpc.base.authorise(&mut tx, call, Action::LimitRead).await?;
    let id = name::id("name", "limits", &request.name)?;
    Ok(message::of(&load(&mut tx, call, principal.person, id).await?, call.now))
}

const LIMITS: List = List {
    fields: &[Field::name("customer", "files"), Field::state("state", LimitState::WORDS)],
    orders: &["name desc"],
};

/// ListLimits.
pub(crate) async fn list(rpc: &LimitRpc, call: &Call, request: ListLimitsRequest) -> Result<ListLimitsResponse> {
    let mut tx = rpc.base.db.read().await?;
    let principal = rpc.base.authorise(&mut tx, call, Action::LimitRead).await?;
    let (found, page) = LIMITS.read(call, &asked!(request))?;
    let state = found.one("state")?;
    let filter = Filter { customer: found.id("customer"), state };
    let (org, now, older) = (&call.org, call.micros(), page.before_uuid()?);
    let mut limits = limit::list(&mut tx, org, principal.person, now, &filter, older, page.size + 1).await?;
    let next_page_token = page.cut(&mut limits, |one| one.id.to_string());
    let limits = limits.iter().map(|one| message::of(one, call.now)).collect();
    Ok(ListLimitsResponse { limits, next_page_token })
}

/// The limit `id`, if `person` may see its customer.
async fn load(tx: &mut Tx, call: &Call, person: Uuid, id: Uuid) -> Result<Limit> {
    let found = limit::visible(tx, &call.org, person, call.micros(), id).await?;
    found.ok_or_else(|| Error::missing(Missing::Limit, name::name("limits", id)))
}

fn saying<'a>(limit: &Limit, action: &'static str, request_id: &'a str, reason: &'a str) -> Saying<'a> {
    let event = crate::work::limit::event(limit);
    Saying { action, subject: limit.name(), request_id, reason, justification: "", event, commitments: Vec::new() }
}
