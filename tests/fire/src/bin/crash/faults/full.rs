//! Disks without room, below SQLite and below PostgreSQL.

use std::time::Duration;

use dossier_fire::ground::{Disk, Fault, Halt, Result};
use tokio::time::sleep;

use crate::chance::Chance;
use crate::world::{Machine, World};

/// Room that the small disk has beside what lies on it, for what is written until it is filled; in megabytes.
const ROOM: u64 = 64;

/// The SQLite files have no room for a while. Nothing where no disk of their own could be mounted.
pub(super) async fn sqlite(world: &World, chance: &mut Chance) -> Result<Option<String>> {
    let Some(disk) = &world.disk else { return Ok(None) };
    disk.fill()?;
    let span = chance.within(400, 1200);
    sleep(Duration::from_millis(span)).await;
    disk.free()?;
    Ok(Some(format!("for {span} ms")))
}

/// PostgreSQL lies on a small disk that fills up under the load, until it ends by itself; then it comes back with room.
/// Nothing where no file system may be mounted.
///
/// First tables cannot grow, and single statements fail; then the log cannot, and PostgreSQL gives up for want of a place to
/// write what it promised. It lies on the small disk for this fault alone, so that the others meet a disk that syncs.
pub(super) async fn postgres(machine: &mut Machine, chance: &mut Chance) -> Result<Option<String>> {
    let Some(postgres) = machine.postgres.as_mut() else { return Err(Fault::new("no PostgreSQL here")) };
    let size = u32::try_from(postgres.megabytes()? + ROOM).map_err(Fault::new)?;
    let Ok(small) = Disk::mount(&machine.scratch, "postgres-disk", size) else { return Ok(None) };
    let large = postgres.folder().to_owned();
    postgres.halt(Halt::Fast).await?;
    postgres.relocate(&small.path().join("postgres"))?;
    postgres.go().await?;
    let refused = postgres.without_room();
    small.fill()?;
    let span = chance.within(400, 1200);
    sleep(Duration::from_millis(span)).await;
    let ended = postgres.exhaust_log(Duration::from_secs(5)).await?;
    let refused = postgres.without_room() - refused;
    postgres.halt(Halt::Immediate).await?;
    small.free()?;
    postgres.relocate(&large)?;
    postgres.go().await?;
    if refused == 0 || !ended {
        return Err(Fault::new(format!(
            "the disk was full, and PostgreSQL did not end of it ({refused} lines say so)"
        )));
    }
    Ok(Some(format!("for {span} ms, then without a log; {refused} lines of PostgreSQL say so")))
}
