//! SimulateApproval.

use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::time::{from_proto, micros};
use dossier_proto::access::v1 as pb;
use dossier_regime::Action;
use uuid::Uuid;

use crate::domain::appointment::require_unit;
use crate::rpc::enter::{given, given_id};
use crate::rpc::plan;
use crate::store;
use crate::work::approval::{Question, prospect};
use crate::work::person::no_person;

/// Says which steps a matter would take, who could fill them and whether that can succeed; changes nothing.
///
/// # Errors
/// `PERMISSION_DENIED`, `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`.
pub(crate) async fn simulate(
    base: &Base,
    call: &Call,
    request: pb::SimulateApprovalRequest,
) -> Result<pb::SimulateApprovalResponse> {
    let mut tx = base.db.read().await?;
    let principal = base.authorise(&mut tx, call, Action::PolicyRead).await?;
    let requester = requester(base, &mut tx, call, &principal, &request.requester).await?;
    let at = request.time.as_ref().map(|time| from_proto("time", time).map(micros)).transpose()?;
    let at = at.unwrap_or_else(|| call.micros());
    let question = question(base, &mut tx, call, &request, requester, at).await?;
    let seen = prospect(base, &mut tx, &call.org, &question, at).await?;
    let steps = plan::steps(&seen.plan, &seen.feasibility, |_| None);
    Ok(pb::SimulateApprovalResponse { steps, reachable: seen.reachable })
}

async fn requester(base: &Base, tx: &mut Tx, call: &Call, principal: &Principal, text: &str) -> Result<Uuid> {
    let named = given_id("requester", "persons", text)?;
    let Some(named) = named.filter(|&named| named != principal.person) else { return Ok(principal.person) };
    principal.require(base.pack(&call.org)?, Action::DirectoryRead)?;
    store::person::lookup(tx, &call.org, named).await?.map(|person| person.id).ok_or_else(|| no_person(named))
}

async fn question(
    base: &Base,
    tx: &mut Tx,
    call: &Call,
    request: &pb::SimulateApprovalRequest,
    requester: Uuid,
    at: i64,
) -> Result<Question> {
    let tenant = base.tenant(&call.org)?;
    let pack = tenant.pack();
    if pack.plan_for_matter(&request.matter).is_none() {
        return Err(Error::violation("matter", one_of(pack.matters.iter().map(|one| one.id.as_str()))));
    }
    if !request.level.is_empty() && pack.level(&request.level).is_none() {
        return Err(Error::violation("level", one_of(pack.levels.iter().map(|one| one.id.as_str()))));
    }
    let unit = match given(&request.unit) {
        Some(unit) => unit.to_owned(),
        None => own_unit(tx, call, requester, at).await?,
    };
    require_unit(tenant.organisation(), &unit)?;
    Ok(Question {
        matter: request.matter.clone(),
        subject: String::new(),
        file: None,
        act: None,
        unit,
        level: request.level.clone(),
        amount: None,
        digest: Vec::new(),
        summary: String::new(),
        requester,
        asker: String::new(),
        excluded: Vec::new(),
    })
}

async fn own_unit(tx: &mut Tx, call: &Call, requester: Uuid, at: i64) -> Result<String> {
    let person = store::person::lookup(tx, &call.org, requester).await?;
    let held = person.into_iter().flat_map(|person| person.appointments).rfind(|held| held.holds_at(at));
    held.map(|held| held.unit).ok_or_else(|| Error::violation("unit", "must be given for somebody without a post"))
}
