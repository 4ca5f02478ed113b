//! Stops that are announced, and stops that are not waited for.

use std::time::Duration;

use dossier_fire::ground::{Fault, Fleet, Replica, Result, Service, Signal};
use dossier_fire::history::facts::Connected;
use dossier_proto::access::v1::GetPersonRequest;
use dossier_proto::access::v1::directory_service_client::DirectoryServiceClient;
use tokio::time::Instant;
use tonic_health::pb::health_check_response::ServingStatus::NotServing;

use crate::stand::{SOON, Stand, carried, get, me, observed, require, says, soon};

const ANNOUNCED: (&str, &str) = ("DOSSIER__SERVER__PRE_STOP", "3s");

/// The exit code of a process that was told twice to end and cut calls.
const CUT: i32 = 5;

/// Fails unless somebody waits for a lock.
const WAITS: &str = "SELECT 1 / count(*) FROM pg_locks WHERE NOT granted";

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

/// The second SIGTERM means now: with 0 where no call was at work, with another code where one was cut.
pub(crate) async fn twice(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(1, &[("DOSSIER__SERVER__PRE_STOP", "1h")]).await?;
    fleet.go().await?;
    let at = fleet.of(Service::Access)[0];
    let (idle, took) = told_twice(&mut fleet, at).await?;
    require(idle == Some(0), format!("without a call at work it ended with {idle:?}"))?;
    fleet.go().await?;
    me(&fleet, &fleet.replicas[at], "gm").await?.map_err(|status| Fault::new(format!("not answered: {status}")))?;
    let mut held = Connected::to(&fleet.plan.store, Service::Access).await?;
    let mut watcher = Connected::to(&fleet.plan.store, Service::Access).await?;
    held.run("BEGIN; LOCK TABLE person IN ACCESS EXCLUSIVE MODE").await?;
    let call = carried(&fleet, "gm", GetPersonRequest { name: "persons/me".into() }).await?;
    let mut client = DirectoryServiceClient::new(fleet.replicas[at].channel(Service::Access)?);
    let waiting = tokio::spawn(async move { client.get_person(call).await });
    soon("the call waits for the lock", async || watcher.run(WAITS).await.ok()).await?;
    let (busy, _) = told_twice(&mut fleet, at).await?;
    require(busy == Some(CUT), format!("with a call at work it ended with {busy:?}"))?;
    require(matches!(waiting.await, Ok(Err(_))), "the call was answered")?;
    Ok(format!("ended {took:.1} s after the second signal with 0; with {CUT} where a call was cut"))
}

// How it ended, and how long after the second signal.
async fn told_twice(fleet: &mut Fleet, at: usize) -> Result<(Option<i32>, f64)> {
    fleet.replicas[at].signal(Signal::Terminate)?;
    let replica = &fleet.replicas[at];
    soon("it says that it leaves", async || says(replica, Service::Access, NotServing).await).await?;
    fleet.replicas[at].signal(Signal::Terminate)?;
    let since = Instant::now();
    Ok((code(&mut fleet.replicas[at]).await?, since.elapsed().as_secs_f64()))
}

async fn code(replica: &mut Replica) -> Result<Option<i32>> {
    let Some(process) = replica.process.as_mut() else { return Ok(None) };
    if !process.ended(SOON).await? {
        return Ok(None);
    }
    Ok(process.code())
}
