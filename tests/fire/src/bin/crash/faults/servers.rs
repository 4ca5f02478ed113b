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

/// Redis demands a password that nobody has.
pub(super) async fn redis_locked(machine: &mut Machine, chance: &mut Chance) -> Result<String> {
    let span = chance.within(500, 3000);
    redis(machine)?.lock_out(Duration::from_millis(span)).await?;
    Ok(format!("for {span} ms"))
}

/// PostgreSQL takes no writes, as one that was failed over from; whoever is connected is dropped.
pub(super) async fn read_only(machine: &mut Machine, chance: &mut Chance) -> Result<String> {
    let Some(postgres) = &machine.postgres else { return Err(Fault::new("no PostgreSQL here")) };
    let span = chance.within(300, 2500);
    for (word, pause) in [("on", span), ("off", 0)] {
        postgres.order(&format!("ALTER SYSTEM SET default_transaction_read_only = {word}")).await?;
        postgres.order("SELECT pg_reload_conf()").await?;
        let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = 'dossier'";
        postgres.order(others).await?;
        sleep(Duration::from_millis(pause)).await;
    }
    Ok(format!("for {span} ms"))
}

/// A synchronous standby takes over from a primary that was killed; for a moment the services reach it while it only reads.
pub(super) async fn promoted(world: &mut World, machine: &mut Machine, chance: &mut Chance) -> Result<String> {
    let Some(primary) = machine.postgres.take() else { return Err(Fault::new("no PostgreSQL here")) };
    let number = usize::try_from(chance.next() % 1_000_000).unwrap_or(0);
    let standby = primary.standby(&machine.scratch, number).await?;
    sleep(Duration::from_millis(chance.within(300, 1000))).await;
    primary.retire().await?;
    let target = standby.address().parse().map_err(Fault::new)?;
    world.stores.iter().for_each(|(_, relay)| relay.lead(target));
    let reads = chance.within(0, 800);
    sleep(Duration::from_millis(reads)).await;
    standby.take_over().await?;
    world.moved(&standby);
    machine.postgres = Some(standby);
    Ok(format!("promoted after {reads} ms of reading alone"))
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
