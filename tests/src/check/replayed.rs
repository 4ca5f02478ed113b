//! I3, the whole: what `dossier verify` finds when it lays every row of every store beside the journals. This is the
//! services' own code; the other checkers do without it.

use dossier::serve::Which;
use dossier::verify::{Verified, stores};
use dossier_journal::checkpoint::Checkpoint;

use crate::world::World;

/// Everything that `dossier verify` finds wrong in a world, in words.
pub async fn replayed(world: &World) -> Vec<String> {
    verified(world, Vec::new()).await.iter().flat_map(faults).collect()
}

/// Demands that the journals say of every table what it holds, and open every promise, once everything has come to rest.
///
/// # Panics
/// With everything that is wrong.
pub async fn proven(world: &World) {
    world.settle().await;
    assert_eq!(replayed(world).await, Vec::<String>::new());
}

/// What `dossier verify` says of a world's journals and rows, with these checkpoints kept elsewhere.
pub async fn verified(world: &World, known: Vec<Checkpoint>) -> Vec<Verified> {
    stores(&world.ground().config, &Which::ALL, None, known).await.unwrap()
}

/// The faults of one journal and its rows, in words.
pub fn faults(one: &Verified) -> Vec<String> {
    let mut told = Vec::new();
    match &one.outcome {
        Ok(report) => told.extend(report.faults.iter().map(ToString::to_string)),
        Err(why) => told.push(why.clone()),
    }
    match &one.state {
        Some(Ok(state)) => told.extend(state.findings.differences.iter().map(ToString::to_string)),
        Some(Err(why)) => told.push(why.clone()),
        None => {}
    }
    told.into_iter().map(|fault| format!("{}: {fault}", one.name)).collect()
}
