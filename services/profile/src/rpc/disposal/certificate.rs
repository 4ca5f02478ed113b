//! `GetDisposalCertificate`: that a file was destroyed, to be proved to somebody who does not trust us.

use dossier_authority::Base;
use dossier_authority::disposal::State;
use dossier_journal::receipt;
use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::{DisposalState, GetDisposalCertificateRequest};
use dossier_regime::Action;

use super::{seen, shown};
use crate::work::customer_file::session::Session;
use crate::work::disposal::{DESTROYED, DESTROYED_BEFORE};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(
    base: &Base,
    call: &Call,
    request: GetDisposalCertificateRequest,
) -> Result<wire::DisposalCertificate> {
    let mut tx = base.db.read().await?;
    let session = Session::open(base, &mut tx, call, Action::DispositionRead).await?;
    let found = seen(&session, &mut tx, &request.name).await?;
    if found.state != State::Destroyed {
        let allowed = [DisposalState::Destroyed.as_str_name()];
        return Err(Error::wrong_state(found.name(), found.state.as_str(), &allowed));
    }
    let mut proved = receipt(&mut tx, &call.org, &found.name(), DESTROYED).await?;
    if proved.is_none() {
        proved = receipt(&mut tx, &call.org, &found.name(), DESTROYED_BEFORE).await?;
    }
    // Committed a moment ago, it has no number yet.
    let proved = proved.ok_or_else(|| Error::new(Reason::NotKnownYet).with("name", found.name()))?;
    Ok(wire::DisposalCertificate {
        disposal: Some(shown(&mut tx, &call.org, &found).await?),
        entry: proved.entry,
        proof: proved.proof,
        checkpoint: proved.checkpoint,
    })
}
