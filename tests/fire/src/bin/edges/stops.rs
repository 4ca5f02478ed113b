//! Stops that are announced, and stops that are not waited for.

use std::time::Duration;

use dossier_fire::ground::{Fault, Replica, Result, Service, Signal};
use tokio::time::Instant;
use tonic_health::pb::health_check_response::ServingStatus::NotServing;

use crate::stand::{SOON, Stand, get, me, observed, require, says, soon};

const ANNOUNCED: (&str, &str) = ("DOSSIER__SERVER__PRE_STOP", "3s");

/// SIGHUP ends nothing. After SIGTERM a service says that it is not ready and still answers; then it ends in good order.
pub(crate) async fn announced(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[ANNOUNCED]).await?;
    fleet.go().await?;
    let at = fleet.of(Service::Access)[0];
    let address = observed(&mut fleet.replicas[at], &[]).await?;
    fleet.replicas[at].until_ready(SOON).await?;
    fleet.replicas[at].signal(Signal::Hangup)?;
    fleet.replicas[at].signal(Signal::Terminate)?;
    let since = Instant::now();
    let replica = &fleet.replicas[at];
    soon("it says that it leaves", async || says(replica, Service::Access, NotServing).await).await?;
    me(&fleet, replica, "gm").await?.map_err(|status| Fault::new(format!("not answered: {status}")))?;
    soon("/readyz says so too", async || get(&address, "/readyz").await.contains("\"leaving\"").then_some(())).await?;
    require(since.elapsed() < Duration::from_secs(3), "this machine is too slow to see the time between")?;
    require(code(&mut fleet.replicas[at]).await? == Some(0), "it did not end in good order")?;
    let took = since.elapsed().as_secs_f64();
    require(took >= 3.0, format!("it ended after {took:.1} s"))?;
    Ok(format!("announced, answered meanwhile, ended after {took:.1} s with 0"))
}

/// The second SIGTERM means now.
pub(crate) async fn twice(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[("DOSSIER__SERVER__PRE_STOP", "1h")]).await?;
    fleet.go().await?;
    let at = fleet.of(Service::Access)[0];
    fleet.replicas[at].signal(Signal::Terminate)?;
    let replica = &fleet.replicas[at];
    soon("it says that it leaves", async || says(replica, Service::Access, NotServing).await).await?;
    fleet.replicas[at].signal(Signal::Terminate)?;
    let since = Instant::now();
    require(code(&mut fleet.replicas[at]).await?.is_some(), "it goes on")?;
    Ok(format!("ended {:.1} s after the second signal", since.elapsed().as_secs_f64()))
}

async fn code(replica: &mut Replica) -> Result<Option<i32>> {
    let Some(process) = replica.process.as_mut() else { return Ok(None) };
    if !process.ended(SOON).await? {
        return Ok(None);
    }
    Ok(process.code())
}
