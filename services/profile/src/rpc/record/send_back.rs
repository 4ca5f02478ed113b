//! `ReturnRecord`: a record goes back to a stage that it entered before, with a reason.

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{FileRecord, ReturnRecordRequest};

use super::act::Asked;
use crate::domain::record::Record;
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::approval;
use crate::work::record::right::RETURN;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: ReturnRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        RETURN.require_some(&session)?;
        Box::pin(send_back(&session, tx, &request)).await
    }, kept => again(base, tx, call, RETURN, kept).await)
}

async fn send_back(session: &Session<'_>, tx: &mut Tx, request: &ReturnRecordRequest) -> Result<FileRecord> {
    let asked = Asked {
        right: RETURN,
        name: &request.name,
        etag: &request.etag,
        reason: &request.reason,
        must_say: true,
        stands: Record::require_open,
    };
    let mut acting = asked.open(session, tx).await?;
    let goals = acting.around.goals(session, &acting.opened);
    if !acting.opened.record.pending.is_empty() {
        if !(acting.part.edits || acting.part.created) {
            return Err(RETURN.denied());
        }
        approval::leave(session, tx, &acting.opened.record, &acting.reason).await?;
        return acting.unchanged(session, tx).await;
    }
    if !(acting.part.edits || goals.iter().any(|stage| acting.part.signs(stage))) {
        return Err(RETURN.denied());
    }
    acting.left = acting.opened.record.go_back(&request.stage)?;
    acting.save(session, tx, ("record.returned", &request.request_id), None).await
}
