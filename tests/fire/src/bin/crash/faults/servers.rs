//! Faults of the servers beside the services, and of the ways to them.

use std::time::Duration;

use dossier_fire::ground::{Cut, Fault, Halt, Redis, Result, Service, Signal};
use tokio::time::sleep;

use crate::chance::Chance;
use crate::world::{Machine, World};

/// Redis dies and comes back empty.
pub(super) async fn redis_killed(machine: &mut Machine, chance: &mut Chance) -> Result<String> {
    let redis = redis(machine)?;
    redis.kill().await?;
    let away = chance.within(100, 900);
    sleep(Duration::from_millis(away)).await;
    redis.go().await?;
    Ok(format!("away for {away} ms, back empty"))
}

/// Redis forgets everything, several times.
pub(super) async fn redis_flushed(machine: &mut Machine, chance: &mut Chance) -> Result<String> {
    let redis = redis(machine)?;
    for _ in 0..3 {
        redis.flush().await?;
        sleep(Duration::from_millis(chance.within(50, 200))).await;
    }
    Ok("emptied three times".to_owned())
}

/// Redis stands still.
pub(super) async fn redis_paused(machine: &mut Machine, chance: &mut Chance) -> Result<String> {
    let redis = redis(machine)?;
    let away = if chance.percent(15) { 5000 } else { 1000 };
    redis.signal(Signal::Stop)?;
    sleep(Duration::from_millis(away)).await;
    redis.signal(Signal::Continue)?;
    Ok(format!("stopped for {away} ms"))
}

fn redis(machine: &mut Machine) -> Result<&mut Redis> {
    machine.redis.as_mut().ok_or_else(|| Fault::new("no Redis here"))
}

/// PostgreSQL stops and comes back.
pub(super) async fn postgres(machine: &mut Machine, how: Halt, chance: &mut Chance) -> Result<String> {
    let Some(postgres) = machine.postgres.as_mut() else { return Err(Fault::new("no PostgreSQL here")) };
    postgres.halt(how).await?;
    let away = chance.within(0, 500);
    sleep(Duration::from_millis(away)).await;
    postgres.go().await?;
    Ok(format!("away for {away} ms"))
}

/// Connections to stores are cut at their COMMIT.
pub(super) async fn cut(world: &World, at: Cut, chance: &mut Chance) -> Result<String> {
    let mut words = Vec::new();
    for (service, relay) in &world.stores {
        if chance.percent(60) || words.is_empty() && *service == Service::Credit {
            let (count, before) = (chance.within(1, 8), relay.cuts());
            relay.cut(u32::try_from(count).unwrap_or(1), at);
            sleep(Duration::from_millis(chance.within(150, 400))).await;
            words.push((service.name(), relay, before));
        }
    }
    sleep(Duration::from_millis(200)).await;
    let told = words.into_iter().map(|(name, relay, before)| {
        relay.cut(0, at);
        format!("{} of {name}", relay.cuts() - before)
    });
    Ok(told.collect::<Vec<_>>().join(", "))
}

/// The services hear nothing of each other.
pub(super) async fn apart(world: &World, machine: &Machine) -> Result<String> {
    let Some(redis) = &machine.redis else { return Err(Fault::new("no Redis here")) };
    let block = |blocked| world.fleet.peers.values().for_each(|relay| relay.block(blocked));
    block(true);
    redis.signal(Signal::Stop)?;
    sleep(Duration::from_millis(3500)).await;
    redis.signal(Signal::Continue)?;
    block(false);
    Ok("for 3500 ms".to_owned())
}
