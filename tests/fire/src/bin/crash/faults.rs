//! What is done to the services: drawn by the seed, told in words, and undone.

use std::time::Duration;

use dossier_fire::ground::{Cut, Fault, Halt, Result, Service, Signal};
use tokio::time::{Instant, sleep};

use crate::chance::Chance;
use crate::stall;
use crate::world::{Kind, Machine, World};

/// A kind of fault; what exactly happens is drawn when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(crate) enum Trouble {
    /// kill -9 of one process.
    Kill,
    /// kill -9 of several processes at once.
    KillSeveral,
    /// A process dies at a named point of its work.
    Abort,
    /// A holder of a lease stands still for longer than the lease, and then goes on.
    Freeze,
    /// The same, and it does not notice by itself that the lease is lost: only the store shuts it out.
    Stale,
    /// Every process is restarted in good order, one after the other.
    Rolling,
    /// Redis is killed and comes back empty.
    RedisKill,
    /// Redis is emptied.
    RedisFlush,
    /// Redis stands still.
    RedisPause,
    /// PostgreSQL is restarted in good order.
    PostgresFast,
    /// PostgreSQL ends at once and recovers.
    PostgresImmediate,
    /// Connections are cut at COMMIT, before the server has it.
    CutBefore,
    /// Connections are cut at COMMIT, after the server has done it.
    CutAfter,
    /// The services hear nothing of each other, neither by Redis nor by calls.
    Apart,
    /// The disk of the stores is full.
    DiskFull,
    /// Clients open streams and large lists and never read.
    Stall,
}

/// Where a process can be made to die, the service that passes there, and whether only a holder of a lease does.
const POINTS: [(&str, Option<Service>, bool); 16] = [
    ("mutation.commit", None, false),
    ("mutation.committed", None, false),
    ("desk.commit", Some(Service::Credit), false),
    ("desk.committed", Some(Service::Credit), false),
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

/// What a fault did, and when the machine was whole again.
pub(crate) struct Done {
    pub(crate) words: String,
    pub(crate) healed: Instant,
    /// Whether the fault really came: a point may not be passed in time.
    pub(crate) happened: bool,
}

// === impl Trouble ===

impl Trouble {
    /// Those that make sense on these stores, each as often as it should come up in a pass through all of them.
    pub(crate) fn deck(kind: Kind) -> Vec<Self> {
        match kind {
            Kind::Postgres => vec![
                Self::Kill,
                Self::KillSeveral,
                Self::Abort,
                Self::Abort,
                Self::Abort,
                Self::Freeze,
                Self::Stale,
                Self::Rolling,
                Self::RedisKill,
                Self::RedisFlush,
                Self::RedisPause,
                Self::PostgresFast,
                Self::PostgresImmediate,
                Self::CutBefore,
                Self::CutAfter,
                Self::Apart,
                Self::Stall,
            ],
            Kind::Sqlite => {
                vec![Self::Kill, Self::Abort, Self::Abort, Self::DiskFull, Self::Rolling, Self::Freeze, Self::Stall]
            }
        }
    }

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill -9 of one process",
            Self::KillSeveral => "kill -9 of several at once",
            Self::Abort => "abort at a named point",
            Self::Freeze => "holder of a lease stopped, then continued",
            Self::Stale => "the same, deaf to the loss of its lease",
            Self::Rolling => "rolling restart",
            Self::RedisKill => "Redis killed, back empty",
            Self::RedisFlush => "Redis flushed",
            Self::RedisPause => "Redis paused",
            Self::PostgresFast => "PostgreSQL restarted, fast",
            Self::PostgresImmediate => "PostgreSQL restarted, immediate",
            Self::CutBefore => "connections cut before COMMIT",
            Self::CutAfter => "connections cut after COMMIT",
            Self::Apart => "services cut off from each other",
            Self::DiskFull => "disk full",
            Self::Stall => "clients that stop reading",
        }
    }

    /// Whether processes must be started anew before it, and with which variables: those of the replicas named.
    pub(crate) fn arm(self, world: &World, chance: &mut Chance) -> Option<Arming> {
        match self {
            Self::Abort => Some(Arming::abort(world, chance)),
            Self::Stale => Some(Arming::stale(world, chance)),
            _ => None,
        }
    }

    /// Does it and undoes it, while the load goes on.
    pub(crate) async fn run(self, world: &mut World, machine: &mut Machine, chance: &mut Chance) -> Result<Done> {
        let words = match self {
            Self::Kill => kill(world, chance, 1).await?,
            Self::KillSeveral => {
                let many = usize::try_from(chance.within(2, 5)).unwrap_or(2);
                kill(world, chance, many).await?
            }
            Self::Abort | Self::Stale => return Err(Fault::new("this trouble comes by arming")),
            Self::Freeze => freeze(world, chance).await?,
            Self::Rolling => rolling(world).await?,
            Self::RedisKill | Self::RedisFlush | Self::RedisPause => self.redis(machine, chance).await?,
            Self::PostgresFast => postgres(machine, Halt::Fast, chance).await?,
            Self::PostgresImmediate => postgres(machine, Halt::Immediate, chance).await?,
            Self::CutBefore => cut(world, Cut::Before, chance).await?,
            Self::CutAfter => cut(world, Cut::After, chance).await?,
            Self::Apart => apart(world, machine).await?,
            Self::DiskFull => disk_full(world, chance).await?,
            Self::Stall => stall::run(world).await?,
        };
        Ok(Done { words, healed: Instant::now(), happened: true })
    }

    async fn redis(self, machine: &mut Machine, chance: &mut Chance) -> Result<String> {
        let Some(redis) = machine.redis.as_mut() else { return Err(Fault::new("no Redis here")) };
        match self {
            Self::RedisKill => {
                redis.kill().await?;
                let away = chance.within(100, 900);
                sleep(Duration::from_millis(away)).await;
                redis.go().await?;
                Ok(format!("away for {away} ms, back empty"))
            }
            Self::RedisFlush => {
                for _ in 0..3 {
                    redis.flush().await?;
                    sleep(Duration::from_millis(chance.within(50, 200))).await;
                }
                Ok("emptied three times".to_owned())
            }
            _ => {
                let away = if chance.percent(15) { 5000 } else { 1000 };
                redis.signal(Signal::Stop)?;
                sleep(Duration::from_millis(away)).await;
                redis.signal(Signal::Continue)?;
                Ok(format!("stopped for {away} ms"))
            }
        }
    }
}

async fn kill(world: &mut World, chance: &mut Chance, many: usize) -> Result<String> {
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
async fn restart(world: &mut World, those: &[usize]) -> Result<()> {
    for at in those {
        let replica = &mut world.fleet.replicas[*at];
        replica.kill().await?;
        replica.start(&[])?;
    }
    Ok(())
}

async fn freeze(world: &mut World, chance: &mut Chance) -> Result<String> {
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

async fn rolling(world: &mut World) -> Result<String> {
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

async fn postgres(machine: &mut Machine, how: Halt, chance: &mut Chance) -> Result<String> {
    let Some(postgres) = machine.postgres.as_mut() else { return Err(Fault::new("no PostgreSQL here")) };
    postgres.halt(how).await?;
    let away = chance.within(0, 500);
    sleep(Duration::from_millis(away)).await;
    postgres.go().await?;
    Ok(format!("away for {away} ms"))
}

async fn cut(world: &World, at: Cut, chance: &mut Chance) -> Result<String> {
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

async fn apart(world: &World, machine: &Machine) -> Result<String> {
    let Some(redis) = &machine.redis else { return Err(Fault::new("no Redis here")) };
    let block = |blocked| world.fleet.peers.values().for_each(|relay| relay.block(blocked));
    block(true);
    redis.signal(Signal::Stop)?;
    sleep(Duration::from_millis(3500)).await;
    redis.signal(Signal::Continue)?;
    block(false);
    Ok("for 3500 ms".to_owned())
}

async fn disk_full(world: &World, chance: &mut Chance) -> Result<String> {
    let Some(disk) = &world.disk else { return Ok("skipped: no file system may be mounted here".to_owned()) };
    disk.fill()?;
    let span = chance.within(400, 1200);
    sleep(Duration::from_millis(span)).await;
    disk.free()?;
    Ok(format!("for {span} ms"))
}

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
    fn abort(world: &World, chance: &mut Chance) -> Self {
        let (point, only, holds) = *chance.one(&POINTS);
        let service = only.unwrap_or_else(|| *chance.one(&Service::ALL));
        // access consumes profile, the others consume access: all pass everywhere but at the desk and at disclosures.
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

    fn stale(world: &World, chance: &mut Chance) -> Self {
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
