//! Acts that are done on an approval of exactly this act.

use dossier_authority::Principal;
use dossier_authority::act::{Spending, unneeded};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_regime::Pack;

use crate::domain::act::Act;

/// Uses the `approval` that `act` needs for what it does to `subject`. Gives its name for the journal; empty: none is needed.
///
/// # Errors
/// As [`Spending::spend`].
pub(crate) async fn approved(
    tx: &mut Tx,
    call: &Call,
    pack: &Pack,
    principal: &Principal,
    act: &Act,
    (approval, subject): (&str, &str),
) -> Result<String> {
    let Some(rule) = act.rule(pack) else { return unneeded(approval) };
    Spending { act: rule, digest: act.digest(), approval, subject, person: principal.person, at: call.micros() }
        .spend(tx, &call.org, pack)
        .await
}
