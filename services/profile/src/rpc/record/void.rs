//! `VoidRecord`: a record ends without effect, with a reason, and stays readable (P-33).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{FileRecord, VoidRecordRequest};

use super::act::Asked;
use crate::domain::record::Record;
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::right::VOID;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: VoidRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        VOID.require_some(&session)?;
        Box::pin(void(&session, tx, &request)).await
    }, kept => again(base, tx, call, VOID, kept).await)
}

async fn void(session: &Session<'_>, tx: &mut Tx, request: &VoidRecordRequest) -> Result<FileRecord> {
    let asked = Asked {
        right: VOID,
        name: &request.name,
        etag: &request.etag,
        reason: &request.reason,
        must_say: true,
        stands: Record::require_idle,
    };
    let mut acting = asked.open(session, tx).await?;
    let begun = acting.part.created && acting.opened.record.stage.is_empty();
    if !(acting.part.edits || begun) {
        return Err(VOID.denied());
    }
    acting.opened.record.void()?;
    acting.save(session, tx, ("record.voided", &request.request_id), None).await
}
