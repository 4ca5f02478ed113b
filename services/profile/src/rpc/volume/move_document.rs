//! `MoveDocument`: a document lies in another volume from now on, or in none, with what belongs together with it (P-93).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Result};
use dossier_kernel::faults::Faults;
use dossier_kernel::mutate;
use dossier_proto::profile::v1 as wire;
use dossier_proto::profile::v1::MoveDocumentRequest;
use dossier_regime::Action;
use uuid::Uuid;

use super::{binding, shown};
use crate::domain::document::ids;
use crate::domain::{text, volume};
use crate::work::customer_file::session::Session;
use crate::work::volume::gather::gather;
use crate::work::volume::{Said, move_to};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: MoveDocumentRequest) -> Result<wire::Volume> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::open(base, tx, call, Action::VolumeCompose).await?;
        Box::pin(lay(&session, tx, &request)).await
    }, kept => Session::open(base, tx, call, Action::VolumeCompose).await.map(|_| kept))
}

async fn lay(session: &Session<'_>, tx: &mut Tx, request: &MoveDocumentRequest) -> Result<wire::Volume> {
    let mut faults = Faults::default();
    let document = faults.absorb(ids("document", &request.document));
    let reason = faults.absorb(text::reason(&request.reason, false)).unwrap_or_default();
    let to = faults.absorb(goal(document, &request.volume)).flatten();
    let (file, document) = faults.finish_with(document)?;
    let loaded = binding(session, tx, file).await?;
    let gathered = gather(session, tx, &loaded, "document").await?;
    let said = Said { reason: &reason, request_id: &request.request_id };
    let one = move_to(session, tx, &gathered, (document, to), said).await?;
    Ok(shown(session, &loaded, &one))
}

fn goal(document: Option<(Uuid, Uuid)>, text: &str) -> Result<Option<Uuid>> {
    if text.is_empty() {
        return Ok(None);
    }
    let (above, id) = volume::ids("volume", text)?;
    match document.is_none_or(|(file, _)| file == above) {
        true => Ok(Some(id)),
        false => Err(Error::violation("volume", "must name something in the same file")),
    }
}
