//! Certificates that are replaced while people work.

use std::time::Duration;

use dossier_fire::ground::{Fault, Issued, Pki, Replica, Result, Service, Signal};
use dossier_fire::history::Outcome;
use tokio::time::{Instant, sleep};

use crate::chance::Chance;
use crate::world::World;

/// What a port does that must not.
pub(crate) const UNFOLLOWED: &str = "shows the certificate of before";

/// How long the processes may take to see what was replaced: they look every five seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the log says of files that cannot be used.
const TOLD: &str = "a replaced certificate cannot be used";

/// First a certificate whose key is another: it is told, and the one before goes on. Then one that fits: new connections see
/// it. Connections that are open notice nothing, so that no call is broken off all the while.
pub(super) async fn replaced(world: &mut World, chance: &mut Chance) -> Result<String> {
    let pki = world.pki.as_ref().ok_or_else(|| Fault::new("no certificates here"))?;
    let (before, asked) = (ports(world), chance.percent(70));
    let old = shown(pki, &before).await?;
    let since = world.stage.callers.history().len();
    let lines: Vec<_> = world.fleet.replicas.iter().map(told).collect();
    let (wrong, next) = (pki.issue()?, pki.issue()?);
    pki.put_certificate(&wrong)?;
    ask(world, asked)?;
    until_told(world, &lines).await?;
    unchanged(pki, &before, &old).await?;
    sleep(Duration::from_millis(chance.within(100, 500))).await;
    pki.put_key(&next)?;
    pki.put_certificate(&next)?;
    ask(world, asked)?;
    let took = until_shown(pki, &before, &next).await?;
    let answered = until_answered(world, since).await?;
    let how = if asked { "asked by SIGHUP" } else { "by themselves" };
    Ok(format!(
        "one that does not fit was told, the next was shown after {:.1} s {how}; {answered} calls went on",
        took.as_secs_f64()
    ))
}

type Ports = Vec<(String, std::net::SocketAddr)>;

fn ports(world: &World) -> Ports {
    let of = |replica: &Replica| {
        let name = replica.name.clone();
        replica
            .addresses
            .iter()
            .map(move |(service, address)| (format!("{} of {name}", service.name()), *address))
            .collect()
    };
    world.fleet.replicas.iter().flat_map(|replica| -> Ports { of(replica) }).collect()
}

// The one certificate that all ports show.
async fn shown(pki: &Pki, ports: &Ports) -> Result<Vec<u8>> {
    let mut one = None;
    for (name, address) in ports {
        let shown = pki.shown(*address).await.map_err(|fault| fault.within(name))?;
        if one.get_or_insert_with(|| shown.clone()) != &shown {
            return Err(Fault::new(format!("{name} shows another certificate than the others")));
        }
    }
    one.ok_or_else(|| Fault::new("no ports"))
}

fn ask(world: &World, asked: bool) -> Result<()> {
    world.fleet.replicas.iter().filter(|_| asked).try_for_each(|replica| replica.signal(Signal::Hangup))
}

fn told(replica: &Replica) -> usize {
    std::fs::read_to_string(replica.log()).unwrap_or_default().matches(TOLD).count()
}

async fn until_told(world: &World, before: &[usize]) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    for (replica, before) in world.fleet.replicas.iter().zip(before) {
        while told(replica) <= *before {
            if Instant::now() > end {
                return Err(Fault::new(format!("{} says nothing of a certificate that does not fit", replica.name)));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

async fn unchanged(pki: &Pki, ports: &Ports, old: &[u8]) -> Result<()> {
    if shown(pki, ports).await? == old { Ok(()) } else { Err(Fault::new("a certificate that does not fit is shown")) }
}

async fn until_shown(pki: &Pki, ports: &Ports, next: &Issued) -> Result<Duration> {
    let begun = Instant::now();
    for (name, address) in ports {
        while pki.shown(*address).await.map_err(|fault| fault.within(name))? != next.der {
            if begun.elapsed() > PATIENCE {
                return Err(Fault::new(format!("{name} {UNFOLLOWED}")));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(begun.elapsed())
}

// How many calls were answered meanwhile, some at every service; none was broken off.
async fn until_answered(world: &World, since: usize) -> Result<usize> {
    let end = Instant::now() + PATIENCE;
    loop {
        match unbroken(world, since)? {
            0 if Instant::now() > end => return Err(Fault::new("a service answers nobody")),
            0 => sleep(Duration::from_millis(50)).await,
            answered => return Ok(answered),
        }
    }
}

// Nothing while a service has not answered.
fn unbroken(world: &World, since: usize) -> Result<usize> {
    let history = world.stage.callers.history();
    let meanwhile = &history[since.min(history.len())..];
    let broken = meanwhile.iter().find_map(|one| match &one.outcome {
        Outcome::Unknown(why) if why.starts_with("transport Un") => Some(why.clone()),
        _ => None,
    });
    if let Some(why) = broken {
        return Err(Fault::new(format!("a call was broken off: {why}")));
    }
    let answered = |service: Service| {
        meanwhile.iter().filter(|one| one.service == service && !matches!(one.outcome, Outcome::Unknown(_))).count()
    };
    let all = Service::ALL.map(answered);
    Ok(if all.contains(&0) { 0 } else { all.iter().sum() })
}
