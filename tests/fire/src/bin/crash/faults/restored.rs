//! One store is put back from a backup: nothing is served on it that its siblings know better, and after `dossier recover`
//! everything goes on, and no number is carried by two files.

use std::collections::BTreeMap;
use std::time::Duration;

use dossier_fire::ground::{Backup, Fault, Result, Service};
use dossier_fire::history::Facts;
use dossier_fire::history::facts::File;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::acts::read;
use crate::chance::Chance;
use crate::world::{Machine, World};

/// What a service does that must not.
pub(crate) const BELIEVED: &str = "serves on a store that was put back";

/// How long the siblings may take to see it.
const PATIENCE: Duration = Duration::from_secs(20);

/// Backs up, lets people work on, puts back, and recovers. Credit's store no other service rests on, so it is not drawn.
pub(super) async fn put_back(world: &mut World, machine: &Machine, chance: &mut Chance) -> Result<String> {
    let service = *chance.one(&[Service::Profile, Service::Access]);
    let (postgres, from) = (machine.postgres.as_ref(), world.stage.callers.now());
    let copy = machine.scratch.path().join(format!("{}-{from}.backup", service.name()));
    let backup = Backup::take(world.store(), postgres, service, copy).await?;
    let span = chance.within(1500, 3000);
    sleep(Duration::from_millis(span)).await;
    world.fleet.kill().await?;
    let before = Facts::read(world.store()).await?;
    backup.put_back(world.store(), postgres).await?;
    world.put_back = Some((service, from, world.stage.callers.now()));
    world.fleet.go().await?;
    refused(world, chance).await?;
    world.fleet.kill().await?;
    let said = recovered(world).await?;
    world.fleet.go().await?;
    let after = Facts::read(world.store()).await?;
    // What profile told nobody before it was killed is gone with it, and its number may be anybody's.
    once(&numbers(before.file_copies.values().flatten()), &numbers(&after.files))?;
    Ok(format!("{} after {span} ms; {said} lines of what to do again", service.name()))
}

// Nothing of a confidential file is served, at any replica, once its siblings have seen it; they see it in time.
async fn refused(world: &World, chance: &mut Chance) -> Result<()> {
    let callers = &world.stage.callers;
    let file = chance.one(&world.stage.scene.confidential).clone();
    for at in 0..callers.replicas(Service::Profile) {
        let end = Instant::now() + PATIENCE;
        while read(callers, chance, "archivist", &file, Some(at)).await.done().is_some() {
            if Instant::now() > end {
                return Err(Fault::new(format!("profile {} {BELIEVED}", at + 1)));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
    for _ in 0..10 {
        if read(callers, chance, "archivist", &file, None).await.done().is_some() {
            return Err(Fault::new(format!("profile again {BELIEVED}")));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

// Those who were killed keep their leases for a while, and nobody recovers what somebody may be working on.
async fn recovered(world: &World) -> Result<usize> {
    let end = Instant::now() + PATIENCE;
    loop {
        let told = world.fleet.command(&["recover", "--by", "gm"]).await;
        match told {
            Ok(told) => return Ok(String::from_utf8_lossy(&told.stdout).lines().count()),
            Err(fault) if Instant::now() > end || !fault.to_string().contains("running") => return Err(fault),
            Err(_) => sleep(Duration::from_millis(200)).await,
        }
    }
}

// Which file carries a number.
fn numbers<'a>(known: impl IntoIterator<Item = (&'a Uuid, &'a File)>) -> BTreeMap<String, Uuid> {
    let numbered = known.into_iter().filter(|(_, file)| !file.number.is_empty());
    numbered.map(|(id, file)| (file.number.clone(), *id)).collect()
}

fn once(before: &BTreeMap<String, Uuid>, after: &BTreeMap<String, Uuid>) -> Result<()> {
    let twice = after.iter().find(|(number, file)| before.get(*number).is_some_and(|known| known != *file));
    twice.map_or(Ok(()), |(number, _)| Err(Fault::new(format!("the number {number} was issued twice"))))
}
