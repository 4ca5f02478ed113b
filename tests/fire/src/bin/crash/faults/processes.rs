//! Faults of the services' own processes.

use std::time::Duration;

use dossier_fire::ground::{Fault, Result, Service, Signal};
use tokio::time::sleep;

use crate::chance::Chance;
use crate::world::{Kind, World};

/// Kills `many` processes at once and starts them again.
pub(super) async fn kill(world: &mut World, chance: &mut Chance, many: usize) -> Result<String> {
    let mut victims: Vec<_> = (0..world.fleet.replicas.len()).collect();
    chance.shuffle(&mut victims);
    victims.truncate(many.max(1));
    let mut names = Vec::new();
    for at in &victims {
        world.fleet.replicas[*at].signal(Signal::Kill)?;
        names.push(world.fleet.replicas[*at].name.clone());
    }
    restart(world, &victims).await?;
    Ok(names.join(", "))
}

/// Starts what has ended, as a supervisor does, and does not wait for it.
pub(super) async fn restart(world: &mut World, those: &[usize]) -> Result<()> {
    for at in those {
        let replica = &mut world.fleet.replicas[*at];
        replica.kill().await?;
        replica.start(&[])?;
    }
    Ok(())
}

/// The holder of a lease stands still for longer than the lease.
pub(super) async fn freeze(world: &mut World, chance: &mut Chance) -> Result<String> {
    let service = *chance.one(&Service::ALL);
    let at = holder(world, service);
    let span = if world.kind == Kind::Sqlite { 800 } else { 2500 };
    let replica = &world.fleet.replicas[at];
    replica.signal(Signal::Stop)?;
    sleep(Duration::from_millis(span)).await;
    replica.signal(Signal::Continue)?;
    Ok(format!("{} stood still for {span} ms", replica.name))
}

/// The replica that took the lease of the sequencer of `service` last, by what the logs say.
fn holder(world: &World, service: Service) -> usize {
    let job = format!("{}.sequencer", service.name());
    let epoch = |at: &usize| {
        let log = std::fs::read_to_string(world.fleet.replicas[*at].log()).unwrap_or_default();
        let lines = log.lines().filter(|line| line.contains("lease acquired") && line.contains(&job));
        let number = |line: &str| {
            let tail = line.rsplit("epoch").next()?;
            let digits: String =
                tail.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
            digits.parse::<u64>().ok()
        };
        lines.filter_map(number).max()
    };
    world.fleet.of(service).into_iter().max_by_key(epoch).unwrap_or(0)
}

/// Every process ends in good order and starts again, one after the other.
pub(super) async fn rolling(world: &mut World) -> Result<String> {
    for replica in &mut world.fleet.replicas {
        replica.signal(Signal::Terminate)?;
        let ended = match replica.process.as_mut() {
            Some(process) => process.ended(Duration::from_secs(8)).await?,
            None => true,
        };
        if !ended {
            return Err(Fault::new(format!("{} does not end within 8 s of SIGTERM", replica.name)));
        }
        replica.start(&[])?;
        replica.until_ready(Duration::from_secs(20)).await?;
    }
    Ok(format!("{} processes", world.fleet.replicas.len()))
}

/// One process runs for a while with a clock that is minutes off, and then with the right one again.
pub(super) async fn skewed(world: &mut World, chance: &mut Chance) -> Result<String> {
    let at = usize::try_from(chance.next()).unwrap_or(0) % world.fleet.replicas.len();
    let seconds = if chance.percent(50) { "300" } else { "-300" };
    let replica = &mut world.fleet.replicas[at];
    replica.kill().await?;
    replica.start(&[("DOSSIER_CLOCK_OFFSET", seconds)])?;
    let span = chance.within(2500, 4000);
    sleep(Duration::from_millis(span)).await;
    if !replica.runs() {
        return Err(Fault::new(format!("{} ended for its clock: {}", replica.name, replica.last_words())));
    }
    let name = replica.name.clone();
    restart(world, &[at]).await?;
    Ok(format!("{name} was {seconds} s off for {span} ms"))
}
