//! Machines whose clocks differ.

use std::time::Duration;

use dossier_fire::ground::{Fault, Fleet, Result, Service, Signal};
use dossier_fire::history::facts;
use dossier_fire::scene::{CAST, Scene, fresh_id, given, money, units};
use dossier_proto::credit::v1::ReserveCreditRequest;
use tokio::time::Instant;
use tonic::Code;
use tonic_health::pb::health_check_response::ServingStatus;

use crate::stand::{Stand, get, observed, read, require, says, soon};

const AHEAD: (&str, &str) = ("DOSSIER_CLOCK_OFFSET", "300");

/// A replica five minutes ahead says so, by how much, and is not ready; its siblings serve.
pub(crate) async fn ahead(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(2, &[]).await?;
    fleet.go().await?;
    let at = fleet.of(Service::Access)[1];
    let address = observed(&mut fleet.replicas[at], &[AHEAD]).await?;
    let told = soon("it says that its clock is ahead", async || {
        let answer = get(&address, "/readyz").await;
        (answer.contains("503") && answer.contains("ahead of the store's clock")).then_some(answer)
    });
    told.await?;
    require(
        says(&fleet.replicas[at], Service::Access, ServingStatus::NotServing).await.is_some(),
        "it says it serves",
    )?;
    let sibling = &fleet.replicas[fleet.of(Service::Access)[0]];
    require(says(sibling, Service::Access, ServingStatus::Serving).await.is_some(), "its sibling does not serve")?;
    let measured = get(&address, "/metrics").await;
    let line = measured.lines().find(|line| line.starts_with("dossier_clock_skew_seconds")).unwrap_or_default();
    let skew: f64 = line.rsplit(' ').next().and_then(|text| text.parse().ok()).unwrap_or_default();
    require((299.0..301.0).contains(&skew), format!("the metric says {skew}"))?;
    Ok(format!("not ready, {skew:.2} s by its metric; the sibling serves"))
}

/// Whoever is ahead keeps a lease no longer than anybody.
pub(crate) async fn lease(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(2, &[]).await?;
    let pair = fleet.of(Service::Profile);
    let (ahead, other) = (pair[0], pair[1]);
    // The one that is ahead holds the journal of profile: it is there alone.
    for at in (0..fleet.replicas.len()).filter(|at| *at != other) {
        fleet.replicas[at].start(if at == ahead { &[AHEAD] } else { &[] })?;
    }
    soon("it knows the people", async || refused(&fleet, ahead).await.ok()).await?;
    numbered(&fleet).await?;
    fleet.replicas[other].start(&[])?;
    fleet.replicas[other].until_ready(Duration::from_secs(30)).await?;
    fleet.replicas[ahead].signal(Signal::Kill)?;
    refused(&fleet, other).await?;
    let took = numbered(&fleet).await?;
    require(took < Duration::from_secs(10), format!("the journal stood still for {took:?}"))?;
    Ok(format!("the journal went on {:.1} s after its holder, 300 s ahead, was killed", took.as_secs_f64()))
}

/// What a service does by itself it does by the store's time: whoever is ahead lets nothing go before its end.
pub(crate) async fn work(stand: &mut Stand) -> Result<String> {
    let mut fleet = stand.fleet(2, &[]).await?;
    fleet.go().await?;
    let scene = Scene::enter(&fleet, 1, &CAST).await?;
    let model = scene.model().await?;
    let customer = scene.customer(&model, "clock-work", 1_000).await?;
    let reserve = ReserveCreditRequest {
        customer: customer.clone(),
        amount: Some(money(400)),
        ttl: Some(prost_types::Duration { seconds: 120, nanos: 0 }),
        reference: "order-1".to_owned(),
        request_id: fresh_id(),
        ..Default::default()
    };
    given("reserve", scene.exposures().reserve_credit(scene.say("sales-1", reserve)).await)?;
    let ahead = fleet.of(Service::Credit)[1];
    observed(&mut fleet.replicas[ahead], &[AHEAD]).await?;
    // Two rounds and more of what it does every five seconds.
    let until = Instant::now() + Duration::from_secs(12);
    let mut looks = 0;
    while Instant::now() < until {
        let held = units(scene.exposure(&customer).await?.held);
        require(held == 400, format!("{held} are held, although two minutes have not passed"))?;
        looks += 1;
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(format!("400 stayed held at {looks} looks beside a replica 300 s ahead"))
}

// Until no entry of profile's waits for its number.
async fn numbered(fleet: &Fleet) -> Result<Duration> {
    let rest = async || {
        let (waiting, _, size) = facts::backlog(&fleet.plan.store, Service::Profile).await.ok()?;
        (waiting == 0 && size > 0).then_some(())
    };
    Ok(soon("every entry has its number", rest).await?.1)
}

// A refusal by rule, which leaves an entry that the holder of the lease must number.
async fn refused(fleet: &Fleet, at: usize) -> Result<()> {
    match read(fleet, &fleet.replicas[at], "sales-1").await?.err().map(|status| status.code()) {
        Some(Code::NotFound) => Ok(()),
        other => Err(Fault::new(format!("a file that is not there: {other:?}"))),
    }
}
