//! Exposures: how much of a limit is used, and whether an amount would fit.

use dossier_kernel::call::Call;
use dossier_kernel::error::Result;
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_kernel::time::to_proto;
use dossier_proto::credit::v1::{
    CheckCreditRequest, CheckCreditResponse, CreditObstacle, Exposure as Message, GetExposureRequest,
};
use dossier_regime::Action;
use uuid::Uuid;

use super::ExposureRpc;
use super::enter::{amount, customer, file_name, money};
use crate::domain::exposure::{Exposure, Obstacle, admit};
use crate::store::exposure;

/// CheckCredit.
pub(crate) async fn check(rpc: &ExposureRpc, call: &Call, request: CheckCreditRequest) -> Result<CheckCreditResponse> {
    let mut tx = rpc.base.db.read().await?;
    let principal = rpc.base.authorise(&mut tx, call, Action::ExposureRead).await?;
    let mut faults = Faults::default();
    let id = faults.absorb(name::id("customer", "files", &request.customer));
    let asked = faults.absorb(amount("amount", request.amount.as_ref()));
    faults.finish()?;
    let id = id.unwrap_or_default();
    customer(&mut tx, call, &principal, id).await?;
    let found = exposure::lookup(&mut tx, &call.org, id, call.micros()).await?.map(|found| found.exposure);
    let asked: Vec<_> = asked.iter().collect();
    let obstacle = admit(found.as_ref(), &asked, call.now).into_iter().next().flatten();
    Ok(CheckCreditResponse {
        sufficient: obstacle.is_none(),
        obstacle: obstacle.map_or(CreditObstacle::Unspecified, |one| wire(&one)).into(),
        exposure: Some(message(rpc, call, id, found.as_ref())?),
    })
}

/// GetExposure.
pub(crate) async fn get(rpc: &ExposureRpc, call: &Call, request: GetExposureRequest) -> Result<Message> {
    let mut tx = rpc.base.db.read().await?;
    let principal = rpc.base.authorise(&mut tx, call, Action::ExposureRead).await?;
    let id = name::id("customer", "files", &request.customer)?;
    customer(&mut tx, call, &principal, id).await?;
    let found = exposure::lookup(&mut tx, &call.org, id, call.micros()).await?.map(|found| found.exposure);
    message(rpc, call, id, found.as_ref())
}

fn message(rpc: &ExposureRpc, call: &Call, customer: Uuid, found: Option<&Exposure>) -> Result<Message> {
    let pack = rpc.base.pack(&call.org)?;
    let currency = found.map_or(pack.credit.currency.as_str(), |one| &one.currency);
    let in_force = found.filter(|one| one.in_force(call.now));
    Ok(Message {
        customer: file_name(customer),
        limit: in_force.map(|one| name::name("limits", one.limit)).unwrap_or_default(),
        limit_amount: Some(money(in_force.map_or(0, |one| one.limit_minor), currency)),
        drawn: Some(money(found.map_or(0, |one| one.drawn), currency)),
        held: Some(money(found.map_or(0, |one| one.held), currency)),
        available: Some(money(found.map_or(0, |one| one.available(call.now)), currency)),
        valid_until: in_force.map(|one| to_proto(one.valid_until)),
        as_of_time: Some(to_proto(call.now)),
    })
}

const fn wire(obstacle: &Obstacle) -> CreditObstacle {
    match obstacle {
        Obstacle::NoLimit | Obstacle::NotBegun | Obstacle::Over => CreditObstacle::NoLimit,
        Obstacle::Currency => CreditObstacle::Currency,
        Obstacle::Exceeded { .. } => CreditObstacle::Exceeded,
    }
}
