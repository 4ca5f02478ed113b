//! Faults that come by arming: processes that are started anew with a fault point, before the load begins.

use std::time::Duration;

use dossier_fire::ground::{Result, Service};
use tokio::time::{Instant, sleep};

use super::Done;
use super::processes::restart;
use crate::chance::Chance;
use crate::world::World;

/// Where a process can be made to die, the service that passes there, and whether only a holder of a lease does.
const POINTS: [(&str, Option<Service>, bool); 16] = [
    ("mutation.commit", None, false),
    ("mutation.committed", None, false),
    ("group.commit", Some(Service::Credit), false),
    ("group.committed", Some(Service::Credit), false),
    ("disclosure.committed", Some(Service::Profile), false),
    ("sequencer.begin", None, true),
    ("sequencer.claimed", None, true),
    ("sequencer.committed", None, true),
    ("publish.begin", None, true),
    ("publish.middle", None, true),
    ("publish.published", None, true),
    ("consumer.advanced", None, false),
    ("consumer.committed", None, false),
    ("lease.acquired", None, true),
    ("lease.renewed", None, true),
    ("mutation.committed", Some(Service::Credit), false),
];

/// Replicas that are started anew with a fault point armed, before the load begins.
#[derive(Clone, Debug)]
pub(crate) struct Arming {
    pub(crate) replicas: Vec<usize>,
    faults: String,
    weaken: &'static str,
    patience: Duration,
}

// === impl Arming ===

impl Arming {
    /// Death at a point that is drawn.
    pub(super) fn abort(world: &World, chance: &mut Chance) -> Self {
        let (point, only, holds) = *chance.one(&POINTS);
        let service = only.unwrap_or_else(|| *chance.one(&Service::ALL));
        // access consumes profile, the others consume access: all pass everywhere but in group commit and at disclosures.
        let mut replicas = world.fleet.of(service);
        if !holds {
            let keep = usize::try_from(chance.next()).unwrap_or(0) % replicas.len();
            replicas = vec![replicas[keep]];
        }
        let passage = match holds {
            _ if point.starts_with("lease") => 1,
            true => chance.within(1, 4),
            false => chance.within(1, 12),
        };
        let faults = format!("{point}=abort@{passage}");
        Self { replicas, faults, weaken: "", patience: Duration::from_millis(2500) }
    }

    /// A pause longer than the lease, of a holder that does not notice by itself.
    pub(super) fn stale(world: &World, chance: &mut Chance) -> Self {
        let point = *chance.one(&["sequencer.begin", "publish.begin", "publish.middle", "publish.published"]);
        let replicas = world.fleet.of(*chance.one(&Service::ALL));
        let faults = format!("{point}=pause(2500ms)@{}", chance.within(8, 20));
        Self { replicas, faults, weaken: "notice", patience: Duration::from_millis(4500) }
    }

    /// Starts the replicas anew, armed.
    pub(crate) async fn arm(&self, world: &mut World, more: &str) -> Result<()> {
        let weaken = [self.weaken, more].into_iter().filter(|one| !one.is_empty()).collect::<Vec<_>>().join(",");
        for at in &self.replicas {
            let replica = &mut world.fleet.replicas[*at];
            replica.kill().await?;
            replica.start(&[("DOSSIER_FAULTS", &self.faults), ("DOSSIER_WEAKEN", &weaken)])?;
        }
        for at in &self.replicas {
            let ready = world.fleet.replicas[*at].until_ready(Duration::from_secs(20)).await;
            // It may die at once, if that is what it was armed for.
            if ready.is_err() && world.fleet.replicas[*at].runs() {
                return ready;
            }
        }
        Ok(())
    }

    /// Waits for what was armed, and starts the replicas anew without it.
    pub(crate) async fn run(&self, world: &mut World) -> Result<Done> {
        let aborts = self.weaken.is_empty();
        let mut end = Instant::now() + self.patience;
        let mut fired = Vec::new();
        while Instant::now() < end && fired.len() < self.replicas.len() {
            for at in &self.replicas {
                let replica = &mut world.fleet.replicas[*at];
                if aborts && !fired.contains(at) && !replica.runs() {
                    fired.push(*at);
                    replica.start(&[])?;
                    // The next holder may die of the same; nobody waits for that for long.
                    end = end.min(Instant::now() + Duration::from_millis(1200));
                }
            }
            sleep(Duration::from_millis(20)).await;
        }
        let left: Vec<_> = self.replicas.iter().copied().filter(|at| !fired.contains(at)).collect();
        let names = self.replicas.iter().map(|at| world.fleet.replicas[*at].name.clone()).collect::<Vec<_>>();
        let healed = Instant::now();
        restart(world, &left).await?;
        let happened = !aborts || !fired.is_empty();
        let count =
            if aborts { format!("{} of {} died", fired.len(), self.replicas.len()) } else { self.weaken.to_owned() };
        Ok(Done { words: format!("{} in {}; {count}", self.faults, names.join(", ")), healed, happened })
    }
}
