//! What is done to the services: drawn by the seed, told in words, and undone.

mod arming;
mod certificates;
mod contents;
mod full;
mod keyring;
mod processes;
mod restored;
mod servers;

use dossier_fire::ground::{Cut, Fault, Halt, Result};
use tokio::time::Instant;

use crate::chance::Chance;
use crate::stall;
use crate::world::{Kind, Machine, World};

pub(crate) use arming::Arming;
pub(crate) use certificates::UNFOLLOWED;
pub(crate) use restored::BELIEVED;

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
    /// The disk of the SQLite files is full.
    DiskFull,
    /// The disk of PostgreSQL is full, until it ends by itself.
    PostgresFull,
    /// Clients open streams and large lists and never read.
    Stall,
    /// A process starts without the keyring, or with a foreign one.
    Keyring,
    /// One process has a clock that is minutes off.
    Skewed,
    /// Redis demands a password that nobody has.
    RedisLocked,
    /// PostgreSQL takes no writes.
    ReadOnly,
    /// A synchronous standby takes over from PostgreSQL.
    Promoted,
    /// The certificates of all ports are replaced, once by files that do not fit.
    Certificates,
    /// One store is put back from a backup.
    Restored,
    /// The store of contents fails, or processes die, in the midst of uploads.
    Contents,
}

/// What a fault did, and when the machine was whole again.
pub(crate) struct Done {
    pub(crate) words: String,
    pub(crate) healed: Instant,
    /// Whether the fault really came: a point may not be passed in time.
    pub(crate) happened: bool,
}

// === impl Done ===

impl Done {
    /// What was done to a disk; where no file system may be mounted nothing was, and that is told.
    fn perhaps(words: Option<String>) -> Self {
        let happened = words.is_some();
        let words = words.unwrap_or_else(|| "skipped: no file system may be mounted here".to_owned());
        Self { words, healed: Instant::now(), happened }
    }
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
                Self::PostgresFull,
                Self::CutBefore,
                Self::CutAfter,
                Self::Apart,
                Self::Stall,
                Self::Keyring,
                Self::Skewed,
                Self::RedisLocked,
                Self::ReadOnly,
                Self::Promoted,
                Self::Certificates,
                Self::Contents,
                Self::Restored,
            ],
            Kind::Sqlite => vec![
                Self::Kill,
                Self::Abort,
                Self::Abort,
                Self::DiskFull,
                Self::Rolling,
                Self::Freeze,
                Self::Stall,
                Self::Keyring,
                Self::Certificates,
                Self::Contents,
                Self::Restored,
            ],
        }
    }

    /// Faults of one share as rounds. A store that was put back ends its round: what its history promises from there on is
    /// another matter. Where certificates are replaced the ports speak TLS, and clients that stop reading speak none.
    pub(crate) fn rounds(share: &[Self]) -> Vec<Vec<Self>> {
        let parts = share.split_inclusive(|one| *one == Self::Restored);
        let apart = |part: &[Self]| {
            let secure = Self::secure(part);
            let (plain, rest): (Vec<_>, Vec<_>) = part.iter().partition(|one| secure && **one == Self::Stall);
            [rest, plain]
        };
        parts.flat_map(apart).filter(|part| !part.is_empty()).collect()
    }

    /// Whether a round with these faults speaks TLS.
    pub(crate) fn secure(round: &[Self]) -> bool {
        round.contains(&Self::Certificates)
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
            Self::PostgresFull => "disk full under PostgreSQL",
            Self::Stall => "clients that stop reading",
            Self::Keyring => "keyring swapped",
            Self::Skewed => "clock minutes off",
            Self::RedisLocked => "Redis with another password",
            Self::ReadOnly => "PostgreSQL read-only",
            Self::Promoted => "standby promoted",
            Self::Certificates => "certificates replaced",
            Self::Restored => "one store put back from a backup",
            Self::Contents => "store of contents, in the midst of uploads",
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
            Self::Kill => processes::kill(world, chance, 1).await?,
            Self::KillSeveral => {
                let many = usize::try_from(chance.within(2, 5)).unwrap_or(2);
                processes::kill(world, chance, many).await?
            }
            Self::Abort | Self::Stale => return Err(Fault::new("this trouble comes by arming")),
            Self::Freeze => processes::freeze(world, chance).await?,
            Self::Rolling => processes::rolling(world).await?,
            Self::RedisKill => servers::redis_killed(machine, chance).await?,
            Self::RedisFlush => servers::redis_flushed(machine, chance).await?,
            Self::RedisPause => servers::redis_paused(machine, chance).await?,
            Self::PostgresFast => servers::postgres(machine, Halt::Fast, chance).await?,
            Self::PostgresImmediate => servers::postgres(machine, Halt::Immediate, chance).await?,
            Self::CutBefore => servers::cut(world, Cut::Before, chance).await?,
            Self::CutAfter => servers::cut(world, Cut::After, chance).await?,
            Self::Apart => servers::apart(world, machine).await?,
            Self::DiskFull => return Ok(Done::perhaps(full::sqlite(world, chance).await?)),
            Self::PostgresFull => return Ok(Done::perhaps(full::postgres(machine, chance).await?)),
            Self::Stall => stall::run(world).await?,
            Self::Keyring => keyring::swapped(world, chance).await?,
            Self::Skewed => processes::skewed(world, chance).await?,
            Self::RedisLocked => servers::redis_locked(machine, chance).await?,
            Self::ReadOnly => servers::read_only(machine, chance).await?,
            Self::Promoted => servers::promoted(world, machine, chance).await?,
            Self::Certificates => certificates::replaced(world, chance).await?,
            Self::Restored => restored::put_back(world, machine, chance).await?,
            Self::Contents => contents::disturbed(world, chance).await?,
        };
        Ok(Done { words, healed: Instant::now(), happened: true })
    }

    /// What of it must not be, once it is over and nobody works any more.
    pub(crate) async fn aftermath(self, world: &mut World, chance: &mut Chance) -> Result<Vec<String>> {
        match self {
            Self::Contents => contents::aftermath(world, chance).await,
            _ => Ok(Vec::new()),
        }
    }
}
