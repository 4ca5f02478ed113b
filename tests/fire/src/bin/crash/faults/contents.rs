//! The store of contents fails, or the processes that fill it die, in the midst of uploads.
//!
//! Whatever happens, callers go on from where they are told that their bytes are kept. Afterwards every content that was acknowledged
//! is taken out byte for byte, what nobody went on with is swept, and `dossier verify --content` finds nothing but the piece that
//! is taken away on purpose.

mod after;

use std::time::Duration;

use dossier_fire::ground::{Result, Service, Signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::processes::restart;
use crate::chance::Chance;
use crate::papers::{PIECE, Paper, Until};
use crate::workers::Stage;
use crate::world::World;

pub(super) use after::aftermath;

/// Where a process dies while contents come in.
const POINTS: [&str; 5] = ["content.put", "content.kept", "content.noted", "content.attached", "content.dropped"];
/// How many bring contents in at the same time, and how many each.
const BRINGERS: u64 = 3;
const EACH: usize = 3;

/// What is done meanwhile.
#[derive(Clone, Copy, Debug)]
enum Deed {
    /// All processes of profile are killed.
    Kill,
    /// They die at a named point.
    Die,
    /// A piece takes long to be written.
    Slow,
    /// The folder is not there: something else stands in its place.
    Gone,
    /// The disk below it is full.
    Full,
}

const DEEDS: [Deed; 6] = [Deed::Kill, Deed::Die, Deed::Die, Deed::Slow, Deed::Gone, Deed::Full];

/// Lets people bring contents in, and disturbs them.
pub(super) async fn disturbed(world: &mut World, chance: &mut Chance) -> Result<String> {
    let deed = *chance.one(&DEEDS);
    let armed = match deed {
        Deed::Die => format!("{}=abort@{}", chance.one(&POINTS), chance.within(1, 3)),
        Deed::Slow => format!("content.put=pause(1500ms)@{}", chance.within(1, 4)),
        Deed::Kill | Deed::Gone | Deed::Full => String::new(),
    };
    let profiles = world.fleet.of(Service::Profile);
    if !armed.is_empty() {
        start(world, &profiles, &armed).await?;
    }
    let (stop, stopped) = watch::channel(false);
    let mut bringers = JoinSet::new();
    for _ in 0..BRINGERS {
        bringers.spawn(bring(world.stage.clone(), Chance::new(chance.next(), 0), stopped.clone()));
    }
    sleep(Duration::from_millis(chance.within(200, 700))).await;
    let words = match deed {
        Deed::Kill => {
            for at in &profiles {
                world.fleet.replicas[*at].signal(Signal::Kill)?;
            }
            restart(world, &profiles).await?;
            "profile killed".to_owned()
        }
        Deed::Die => died(world, &profiles, &armed).await?,
        Deed::Slow => armed.clone(),
        Deed::Gone => gone(world, chance).await?,
        Deed::Full => match full(world, chance).await? {
            Some(words) => words,
            None => gone(world, chance).await?,
        },
    };
    sleep(Duration::from_millis(chance.within(300, 800))).await;
    stop.send_replace(true);
    let mut count = 0;
    while let Some(brought) = bringers.join_next().await {
        let brought = brought.unwrap_or_default();
        count += brought.len();
        world.papers.extend(brought);
    }
    if !armed.is_empty() {
        start(world, &profiles, "").await?;
    }
    Ok(format!("{words}; {count} contents under way or in"))
}

// Brings contents in, one after the other, until it is told to stop: then some are in and one is not.
async fn bring(stage: Stage, mut chance: Chance, stop: watch::Receiver<bool>) -> Vec<Paper> {
    let mut brought = Vec::new();
    while brought.len() < EACH && !*stop.borrow() {
        let size = match chance.percent(40) {
            true => PIECE + usize::try_from(chance.within(1, 300_000)).unwrap_or(1),
            false => usize::try_from(chance.within(100, 60_000)).unwrap_or(100),
        };
        let honest = chance.percent(85);
        let Some(mut paper) = Paper::filed(&stage, &mut chance, size, honest).await else { continue };
        while !paper.go_on(&stage.callers, &mut chance, Until::Anywhere).await && !*stop.borrow() {
            sleep(Duration::from_millis(chance.within(20, 150))).await;
        }
        brought.push(paper);
    }
    brought
}

// Starts processes anew, with fault points or without.
async fn start(world: &mut World, those: &[usize], faults: &str) -> Result<()> {
    for at in those {
        world.fleet.replicas[*at].kill().await?;
        world.fleet.replicas[*at].start(&[("DOSSIER_FAULTS", faults)])?;
    }
    for at in those {
        let replica = &mut world.fleet.replicas[*at];
        let ready = replica.until_ready(Duration::from_secs(20)).await;
        // It may die at once, if that is what it was armed for.
        if ready.is_err() && replica.runs() {
            return ready;
        }
    }
    Ok(())
}

// Waits for processes to die, and starts them again.
async fn died(world: &mut World, profiles: &[usize], armed: &str) -> Result<String> {
    let mut fallen = 0;
    for _ in 0..100 {
        for at in profiles {
            let replica = &mut world.fleet.replicas[*at];
            if !replica.runs() {
                replica.start(&[])?;
                fallen += 1;
            }
        }
        if fallen >= profiles.len() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(format!("{armed}, {fallen} of {} died", profiles.len()))
}

// Something else stands where the folder was, so that nothing can be read or written.
async fn gone(world: &World, chance: &mut Chance) -> Result<String> {
    let folder = &world.contents.0;
    let aside = folder.with_extension("aside");
    loop {
        std::fs::rename(folder, &aside)?;
        if std::fs::write(folder, b"in the way").is_ok() {
            break;
        }
        // Somebody was faster and made it anew: what they put there goes with the rest.
        let early = folder.with_extension("early");
        std::fs::rename(folder, &early)?;
        for path in after::files(&early)? {
            let to = aside.join(&path);
            std::fs::create_dir_all(to.parent().unwrap_or(&aside))?;
            std::fs::rename(early.join(path), to)?;
        }
        std::fs::remove_dir_all(&early)?;
        std::fs::rename(&aside, folder)?;
    }
    let span = chance.within(400, 1500);
    sleep(Duration::from_millis(span)).await;
    std::fs::remove_file(folder)?;
    std::fs::rename(&aside, folder)?;
    Ok(format!("no folder for {span} ms"))
}

// Nothing where no disk of its own could be mounted.
async fn full(world: &World, chance: &mut Chance) -> Result<Option<String>> {
    let Some(disk) = &world.contents.1 else { return Ok(None) };
    disk.fill()?;
    let span = chance.within(400, 1500);
    sleep(Duration::from_millis(span)).await;
    disk.free()?;
    Ok(Some(format!("disk full for {span} ms")))
}
