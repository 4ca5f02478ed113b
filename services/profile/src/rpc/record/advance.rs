//! `AdvanceRecord`: a record enters the next stage, once it has all that the stage asks for (P-38, P-57).

use dossier_authority::Base;
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{AdvanceRecordRequest, FileRecord};

use super::act::Asked;
use crate::domain::record::facts::refused;
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::around::goal;
use crate::work::record::right::ADVANCE;

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(base: &Base, call: &Call, request: AdvanceRecordRequest) -> Result<FileRecord> {
    mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        ADVANCE.require_some(&session)?;
        Box::pin(advance(&session, tx, &request)).await
    }, kept => again(base, tx, call, ADVANCE, kept).await)
}

async fn advance(session: &Session<'_>, tx: &mut Tx, request: &AdvanceRecordRequest) -> Result<FileRecord> {
    let asked =
        Asked { right: ADVANCE, name: &request.name, etag: &request.etag, reason: &request.reason, must_say: false };
    let mut acting = asked.open(session, tx).await?;
    let rest = acting.around.rest(session, tx, &acting.opened).await?;
    let facts = acting.around.facts(session, &acting.opened, &rest);
    let stage = goal(&facts, &request.stage)?;
    if !(acting.part.edits || acting.part.created || acting.part.signs(stage)) {
        return Err(ADVANCE.denied());
    }
    let unmet = facts.unmet(stage);
    if !unmet.is_empty() {
        return Err(refused(&acting.opened.record, stage, unmet));
    }
    let (stage, kind) = (stage.id.clone(), acting.around.kind());
    let record = &mut acting.opened.record;
    record.enter(kind, &stage, session.call.micros(), record.version + 1);
    acting.save(session, tx, ("record.advanced", &request.request_id), None).await
}
