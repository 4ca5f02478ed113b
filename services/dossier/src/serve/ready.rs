//! What a service needs before it may be given calls, and looking after it while it runs.
//!
//! Redis is no condition: nothing depends on it but speed. The people are one only until they are known: a copy that grows
//! old refuses what is confidential by itself, and answers the rest.

use std::time::Duration;

use dossier_authority::Base;
use dossier_journal::keeper::measure_waiting;
use dossier_kernel::error::Result;
use dossier_kernel::ready::Ready;
use dossier_kernel::server::Stop;
use jiff::SignedDuration;
use tokio::time::timeout;

use super::Ground;

const STORE: &str = "store";
const CLOCK: &str = "clock";
const ISSUERS: &str = "issuers";
const DIRECTORY: &str = "directory";

/// Time between two looks while everything holds.
const PACE: Duration = Duration::from_secs(2);
/// Time between two looks while something is missing.
const HASTE: Duration = Duration::from_millis(200);
/// How long a store may take to say the time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Puts the service on the board and looks for the first time.
pub(super) async fn begin(ground: &Ground, base: &Base) -> Ready {
    let ready = Ready::new(base.service, &[STORE, CLOCK, ISSUERS, DIRECTORY]);
    ground.board.add(ready.clone());
    look(ground, base, &ready).await;
    ready
}

/// Looks again and again until the process leaves.
pub(super) fn keep(ground: &Ground, base: &Base, ready: Ready, stop: &Stop) {
    let (ground, base, leaving) = (ground.clone(), base.clone(), stop.leaving().clone());
    stop.spawn(async move {
        let pause = || tokio::time::sleep(if ready.is_ready() { PACE } else { HASTE });
        while leaving.run_until_cancelled(pause()).await.is_some() {
            look(&ground, &base, &ready).await;
        }
    });
}

async fn look(ground: &Ground, base: &Base, ready: &Ready) {
    let silent = ground.auth.without_keys();
    let known = if silent.is_empty() { Ok(()) } else { Err(format!("no keys of {}", silent.join(", "))) };
    ready.tell(ISSUERS, known);
    let skew = match timeout(PATIENCE, base.db.skew(base.providers.clock.as_ref())).await {
        Ok(Ok(skew)) => skew,
        // Why stands in the log of whoever asked for more than the time.
        Ok(Err(_)) => return ready.tell(STORE, Err("cannot be reached".to_owned())),
        Err(_) => return ready.tell(STORE, Err("does not answer".to_owned())),
    };
    // One that only reads answers too; what it was last told to be stands there.
    ready.tell(STORE, base.db.fault().map_or(Ok(()), |code| Err(format!("takes no work ({code})"))));
    ready.measure_clock(skew);
    for org in base.orgs() {
        // A store that ends to answer here is told of by the next look.
        let _ = measure_waiting(&base.db, base.service, &org, base.providers.clock.now()).await;
    }
    ready.tell(CLOCK, agrees(skew, ground.config.lease.max_clock_skew));
    if ready.missing().contains_key(DIRECTORY) && knows_people(base).await.unwrap_or(false) {
        ready.tell(DIRECTORY, Ok(()));
    } else if ready.missing().contains_key(DIRECTORY) {
        ready.tell(DIRECTORY, Err("the people of access have not reached this service yet".to_owned()));
    }
}

fn agrees(skew: SignedDuration, bound: Duration) -> std::result::Result<(), String> {
    if skew.unsigned_abs() <= bound {
        return Ok(());
    }
    let (by, whither) = (skew.unsigned_abs().as_secs_f64(), if skew.is_negative() { "behind" } else { "ahead of" });
    Err(format!("this machine is {by:.1} s {whither} the store's clock; lease.max_clock_skew allows {bound:?}"))
}

async fn knows_people(base: &Base) -> Result<bool> {
    let mut tx = base.db.read().await?;
    for org in base.orgs() {
        if !base.knows_people(&mut tx, &org).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_beyond_the_bound_says_by_how_much_and_which_way() {
        let bound = Duration::from_secs(2);
        for millis in [0, 2_000, -2_000] {
            assert_eq!(agrees(SignedDuration::from_millis(millis), bound), Ok(()));
        }
        let ahead = agrees(SignedDuration::from_secs(300), bound).unwrap_err();
        assert!(ahead.contains("300.0 s ahead of") && ahead.contains("lease.max_clock_skew"), "{ahead}");
        assert!(agrees(SignedDuration::from_secs(-3), bound).unwrap_err().contains("3.0 s behind"));
    }
}
