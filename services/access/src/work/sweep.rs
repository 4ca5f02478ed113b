//! What time alone brings about: another version of the rules, return demands for loans that ran out, and the end of grants
//! whose holders lost their clearance.

use std::time::Duration;

use dossier_authority::{Base, disposal};
use dossier_kernel::error::Result;
use tokio_util::sync::CancellationToken;

use super::disposal::Keeping;
use super::ending::revoke_forfeited;
use super::loan::demand_returns;
use crate::bootstrap::{bootstrap, is_loaded};

/// How often loans are looked at.
const PAUSE: Duration = Duration::from_secs(2);
/// Grants are looked at once in so many rounds: the predicate refuses at once, this only makes it final.
const ROUNDS: u32 = 15;

/// Everything that is due now in `org`.
///
/// # Errors
/// `PACK_FAULT`, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; what was done before stays done.
pub(crate) async fn sweep_once(base: &Base, org: &str) -> Result<()> {
    // What is taken away is taken away whatever becomes of the rules.
    let followed = follow_rules(base, org).await;
    while demand_returns(base, org).await? > 0 {}
    while revoke_forfeited(base, org).await? > 0 {}
    disposal::again(base, org, &Keeping(base)).await?;
    followed
}

// A version whose first day has come is journaled, as every one that is loaded; the only one was at the start.
async fn follow_rules(base: &Base, org: &str) -> Result<()> {
    base.turn_now(org).await?;
    let settled = base.regimes.versions(org).len() < 2 || is_loaded(base, org).await?;
    if settled { Ok(()) } else { bootstrap(base, org).await }
}

async fn look_again(base: &Base, org: &str) -> Result<()> {
    let followed = follow_rules(base, org).await;
    demand_returns(base, org).await?;
    // What keeps a file may have ended.
    disposal::again(base, org, &Keeping(base)).await?;
    followed
}

/// Sweeps every org until `stop`.
pub(crate) async fn sweep(base: Base, stop: CancellationToken) {
    let mut round = 0;
    while !stop.is_cancelled() {
        for org in base.orgs() {
            let done = match round {
                0 => sweep_once(&base, &org).await,
                _ => look_again(&base, &org).await,
            };
            if let Err(fault) = done {
                // The next round tries again.
                tracing::warn!(org, ?fault, "what is due could not be done");
            }
        }
        round = (round + 1) % ROUNDS;
        stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
    }
}
