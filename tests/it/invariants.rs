//! Each checker sees the violation it is there for. A control does to the stores what the services never would.

mod copies;
mod items;
mod limits;
mod log;
mod numbers;
mod originals;
mod requests;
mod signatures;
mod volumes;
mod worlds;

use dossier_journal::Recorder;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;

use crate::prelude::*;

/// Runs a statement that no service would run.
async fn force(world: &World, which: Which, text: &'static str) {
    let mut tx = world.db(which).write().await.unwrap();
    let rows = sql!(&mut tx, execute, text).unwrap();
    tx.commit().await.unwrap();
    assert!(text.starts_with("DROP") || rows > 0, "nothing was changed by {text}");
}

/// Writes an entry that stands for no effect.
async fn forge(world: &World, which: Which, action: &str, subject: &str, event: Kind) {
    let recorder = Recorder::new(which.name(), world.ground().providers.clone());
    let body = recorder.work(DEMO, action, subject).event(event).body();
    let done: Result<()> = transact!(*world.db(which), tx => dossier_journal::append(tx, &body).await);
    done.unwrap();
    world.settle().await;
}

/// The checker is quiet before and speaks after.
macro_rules! turns_red {
    ($checker:path, $world:expr, $violation:expr) => {{
        $world.settle().await;
        let before = $checker($world).await;
        assert!(before.is_empty(), "red before the violation: {before:#?}");
        $violation;
        let after = $checker($world).await;
        assert!(!after.is_empty(), "the violation is not seen");
        after
    }};
}
use turns_red;
