//! The keyring is taken away, or another one lies in its place: whoever starts then must refuse, and with the right one
//! everything goes on.

use std::path::Path;
use std::time::Duration;

use dossier_fire::ground::{Fault, Result};

use super::processes::restart;
use crate::chance::Chance;
use crate::world::World;

/// How long a start may take to see what is wrong.
const PATIENCE: Duration = Duration::from_secs(10);

/// One process ends, and finds no keyring or a foreign one when it starts again; the others go on with what they hold.
pub(super) async fn swapped(world: &mut World, chance: &mut Chance) -> Result<String> {
    let at = usize::try_from(chance.next()).unwrap_or(0) % world.fleet.replicas.len();
    let ring = world.fleet.plan.data.join("keyring.json");
    let kept = world.fleet.plan.data.join("keyring.kept");
    world.fleet.replicas[at].kill().await?;
    std::fs::rename(&ring, &kept)?;
    let foreign = chance.percent(50);
    if foreign {
        forge(&kept, &ring)?;
    }
    let told = refused(world, at, foreign).await;
    world.fleet.replicas[at].kill().await?;
    // Also over what a start made in silence.
    std::fs::rename(&kept, &ring)?;
    restart(world, &[at]).await?;
    told
}

async fn refused(world: &mut World, at: usize, foreign: bool) -> Result<String> {
    let made = world.fleet.plan.data.join("keyring.json");
    let replica = &mut world.fleet.replicas[at];
    replica.start(&[])?;
    let ended = match replica.process.as_mut() {
        Some(process) => process.ended(PATIENCE).await?,
        None => false,
    };
    let (what, name) = (if foreign { "a foreign keyring" } else { "no keyring" }, &replica.name);
    if !ended {
        return Err(Fault::new(format!("{name} serves with {what}")));
    }
    if !foreign && made.exists() {
        return Err(Fault::new(format!("{name} made a keyring where one was missing")));
    }
    Ok(format!("{name} refused to start with {what}"))
}

// The same keys by name, other secrets: nothing in the file itself shows that it is not the right one.
fn forge(from: &Path, into: &Path) -> Result<()> {
    let text = std::fs::read_to_string(from)?;
    let mut ring: serde_json::Value = serde_json::from_str(&text).map_err(Fault::new)?;
    for key in ring["keys"].as_array_mut().into_iter().flatten() {
        let secret = key["secret"].as_str().unwrap_or_default();
        let first = if secret.starts_with('A') { "B" } else { "A" };
        key["secret"] = format!("{first}{}", secret.chars().skip(1).collect::<String>()).into();
    }
    // A copy first: it brings the permissions along.
    std::fs::copy(from, into)?;
    std::fs::write(into, ring.to_string())?;
    Ok(())
}
