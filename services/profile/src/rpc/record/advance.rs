//! `AdvanceRecord`: a record enters the next stage, or asks for the approval that it is entered with (P-38, P-57).

use dossier_authority::Base;
use dossier_authority::approvals::{Question, Submission};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Again, Error, Result, one_of};
use dossier_kernel::mutate;
use dossier_proto::profile::v1::{AdvanceRecordRequest, FileRecord};
use dossier_regime::RecordKind;

use super::act::{Acting, Asked};
use crate::domain::record::facts::refused;
use crate::domain::record::{Record, ids};
use crate::rpc::record_service::RecordRpc;
use crate::work::customer_file::session::Session;
use crate::work::record::again::again;
use crate::work::record::around::goal;
use crate::work::record::right::ADVANCE;
use crate::work::record::{self, approval};

/// Answers the call.
///
/// # Errors
/// As the contract says.
pub async fn run(rpc: &RecordRpc, call: &Call, request: AdvanceRecordRequest) -> Result<FileRecord> {
    let base = &rpc.base;
    if let Some((question, submission)) = asks(base, call, &request).await {
        // What access will not have is told before anything is noted.
        match rpc.approvals.whether(call, &question, &submission).await {
            // What may pass goes on by itself.
            Err(fault) if Again::of(fault.reason()) != Again::Same => return Err(fault),
            _ => {}
        }
    }
    let reply: FileRecord = mutate!(base.mutations, call, request, tx => {
        let session = Session::enter(base, tx, call).await?;
        ADVANCE.require_some(&session)?;
        Box::pin(advance(&session, tx, &request)).await
    }, kept => again(base, tx, call, ADVANCE, kept).await)?;
    if !reply.pending_stage.is_empty() && !request.validate_only {
        // What does not come through now goes on by itself.
        let asked = Box::pin(approval::go_on(base, &rpc.approvals, &call.org, ids("name", &reply.name)?)).await;
        if let Err(fault) = asked {
            tracing::info!(record = reply.name, ?fault, "access is asked later");
        }
    }
    Ok(reply)
}

const fn asked(request: &AdvanceRecordRequest) -> Asked<'_> {
    let AdvanceRecordRequest { name, etag, reason, .. } = request;
    Asked {
        right: ADVANCE,
        name: name.as_str(),
        etag: etag.as_str(),
        reason: reason.as_str(),
        must_say: false,
        stands: Record::require_open,
    }
}

// What the call would ask access for, if it would; whatever keeps it from that is told by the call itself.
async fn asks(base: &Base, call: &Call, request: &AdvanceRecordRequest) -> Option<(Question, Submission)> {
    if !base.pack(&call.org).ok()?.records.iter().any(RecordKind::asks_approval) {
        return None;
    }
    let tx = &mut base.db.read().await.ok()?;
    let session = Session::enter(base, tx, call).await.ok()?;
    // A look without content first: most kinds ask for none.
    let (_, record) = record::find(&session, tx, ids("name", &request.name).ok()?).await.ok()?;
    session.pack().record(&record.kind).filter(|kind| kind.asks_approval())?;
    let mut acting = asked(request).look(&session, tx, false).await.ok()?;
    acting.opened.record.require_idle().ok()?;
    let stage = next(&session, tx, &acting, request).await.ok()?;
    let kind = acting.around.kind();
    let stage = kind.stage(&stage).filter(|stage| stage.approval.is_some())?;
    let person = session.principal.person;
    acting.opened.record = acting.opened.record.asking(&stage.id);
    let question = approval::question(&acting.opened, kind, stage, person, acting.around.signatures());
    let submission = approval::kept(base, tx, &call.org, &question.subject).await.ok()?;
    Some((question, submission))
}

async fn advance(session: &Session<'_>, tx: &mut Tx, request: &AdvanceRecordRequest) -> Result<FileRecord> {
    let mut acting = asked(request).open(session, tx).await?;
    if !acting.opened.record.pending.is_empty() {
        return decided(session, tx, acting, request).await;
    }
    let stage = next(session, tx, &acting, request).await?;
    let kind = acting.around.kind();
    if kind.stage(&stage).is_some_and(|stage| stage.approval.is_some()) {
        approval::begin(session, tx, &acting.opened.record.asking(&stage), &acting.reason).await?;
        acting.opened.record.pending = stage;
        return acting.save(session, tx, ("record.submitted", &request.request_id), None).await;
    }
    enter(session, tx, acting, (&stage, request)).await
}

// The stage that comes next, with all that it asks for but its approval.
async fn next(
    session: &Session<'_>,
    tx: &mut Tx,
    acting: &Acting<'_>,
    request: &AdvanceRecordRequest,
) -> Result<String> {
    let rest = acting.around.rest(session, tx, &acting.opened, session.grade()).await?;
    let facts = acting.around.facts(session, &acting.opened, &rest);
    let stage = goal(&facts, &request.stage)?;
    if !(acting.part.edits || acting.part.created || acting.part.signs(stage)) {
        return Err(ADVANCE.denied());
    }
    let unmet = facts.unmet(stage);
    if unmet.is_empty() { Ok(stage.id.clone()) } else { Err(refused(&acting.opened.record, stage, unmet)) }
}

// One that waits enters what was approved; until then nothing of it changes.
async fn decided(
    session: &Session<'_>,
    tx: &mut Tx,
    mut acting: Acting<'_>,
    request: &AdvanceRecordRequest,
) -> Result<FileRecord> {
    let record = &acting.opened.record;
    let stage = record.pending.clone();
    if !request.stage.is_empty() && request.stage != stage {
        return Err(Error::violation("stage", one_of([stage.as_str()])));
    }
    let signs = acting.around.kind().stage(&stage).is_some_and(|stage| acting.part.signs(stage));
    if !(acting.part.edits || acting.part.created || signs) {
        return Err(ADVANCE.denied());
    }
    let Some(granted) = approval::given(session, tx, record).await? else {
        return record.require_idle().and_then(|()| Err(ADVANCE.denied()));
    };
    approval::require_still(session, tx, &acting.opened, (&acting.around, session.grade())).await?;
    acting.decided = granted;
    enter(session, tx, acting, (&stage, request)).await
}

async fn enter(
    session: &Session<'_>,
    tx: &mut Tx,
    mut acting: Acting<'_>,
    (stage, request): (&str, &AdvanceRecordRequest),
) -> Result<FileRecord> {
    let (kind, record) = (acting.around.kind(), &mut acting.opened.record);
    record.enter(kind, stage, session.call.micros(), record.version + 1);
    acting.save(session, tx, ("record.advanced", &request.request_id), None).await
}
