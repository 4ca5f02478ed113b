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
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::Ground;

const STORE: &str = "store";
const CLOCK: &str = "clock";
const ISSUERS: &str = "issuers";
const DIRECTORY: &str = "directory";
const LEAVING: &str = "leaving";

/// Time between two looks while everything holds, and always between two questions to the store.
const PACE: Duration = Duration::from_secs(2);
/// Time between two looks at what is known in memory while something is missing.
const HASTE: Duration = Duration::from_millis(50);
/// How long a store may take to say the time and what waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// Puts the service on the board and looks for the first time.
pub(super) async fn begin(ground: &Ground, base: &Base) -> Ready {
    let ready = Ready::new(base.service, &[STORE, CLOCK, ISSUERS, DIRECTORY]);
    ground.board.add(ready.clone());
    look(ground, base, &ready);
    measured(ground, base, &ready).await;
    ready
}

/// Looks again and again until the process leaves, and says that then.
pub(super) fn keep(ground: &Ground, base: &Base, ready: Ready, stop: &Stop) {
    let (ground, base, leaving) = (ground.clone(), base.clone(), stop.leaving().clone());
    stop.spawn(async move {
        let looking = async {
            let mut measures = interval_at(Instant::now() + PACE, PACE);
            measures.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = sleep(if ready.is_ready() { PACE } else { HASTE }) => {}
                    _ = measures.tick() => measured(&ground, &base, &ready).await,
                }
                look(&ground, &base, &ready);
            }
        };
        leaving.run_until_cancelled(looking).await;
        ready.tell(LEAVING, Err("this process was told to stop".to_owned()));
    });
}

// What is known in memory.
fn look(ground: &Ground, base: &Base, ready: &Ready) {
    let silent = ground.auth.without_keys();
    ready.tell(ISSUERS, holds(silent.is_empty(), || format!("no keys of {}", silent.join(", "))));
    let known = ground.regimes.tenants().all(|tenant| base.knows_people(tenant.org()));
    ready.tell(DIRECTORY, holds(known, || "the people of access have not reached this service yet".to_owned()));
    let fault = base.db.fault();
    ready.tell(STORE, holds(fault.is_none(), || format!("takes no work ({})", fault.as_deref().unwrap_or_default())));
}

// What the store must be asked. Behind calls that hold all connections nothing is measured, and nothing is wrong.
async fn measured(ground: &Ground, base: &Base, ready: &Ready) {
    let _ = timeout(PATIENCE, measure(ground, base, ready)).await;
}

async fn measure(ground: &Ground, base: &Base, ready: &Ready) -> Result<()> {
    let clock = base.providers.clock.as_ref();
    let skew = base.db.skew(clock).await?;
    ready.measure_clock(skew);
    let agrees = agrees(skew, ground.config.lease.max_clock_skew);
    ground.auth.verifier().doubt_clock(agrees.is_err());
    ready.tell(CLOCK, agrees);
    measure_waiting(&base.db, base.service, &base.orgs(), clock.now()).await
}

fn holds(so: bool, why: impl FnOnce() -> String) -> std::result::Result<(), String> {
    if so { Ok(()) } else { Err(why()) }
}

fn agrees(skew: SignedDuration, bound: Duration) -> std::result::Result<(), String> {
    if skew.unsigned_abs() <= bound {
        return Ok(());
    }
    let (by, whither) = (skew.unsigned_abs().as_secs_f64(), if skew.is_negative() { "behind" } else { "ahead of" });
    Err(format!("this machine is {by:.1} s {whither} the store's clock; lease.max_clock_skew allows {bound:?}"))
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
