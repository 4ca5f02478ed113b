//! Approvals of stages: whoever advances a record asks for one, access decides, and the record moves on by itself (P-38, A-40).
//!
//! The call that advances notes what is asked, with its revision and entry ([`begin`]); nobody has been asked then. [`go_on`] does what
//! comes next, right after the call and by a job: it asks access, takes the question back, or lets the record follow the outcome. What
//! is signed is the revision that asked: until it is decided nothing of the record changes.

mod follow;

use dossier_authority::Base;
use dossier_authority::approvals::{self, Question, State, Subject, Submission};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Reason, Result};
use dossier_kernel::name;
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};
use dossier_regime::{RecordKind, Sensitivity, Stage};
use uuid::Uuid;

use super::around::Around;
use super::{Decided, Opened};
use crate::domain::record::facts::refused;
use crate::domain::record::signing::Signature;
use crate::domain::record::{self as rule, Record};
use crate::store::record;
use crate::work::customer_file::session::Session;

pub use follow::{go_on, run};

/// Under what access is asked for the approval of a stage. It never changes.
pub const SEED: &str = "dossier/record-submission/v1";

/// What access is told when a level rose.
const RAISED: &str = "the level of the file was raised";

/// What approvers sign: the record, the stage that it waits for, and the revision that asked. Its form never changes.
pub fn digest(record: &Record) -> [u8; 32] {
    let revision = record.version.to_be_bytes();
    approvals::digest(&[b"dossier/record/v1", record.id.as_bytes(), record.pending.as_bytes(), &revision])
}

/// What is put before the approvers of the stage that `record` waits for.
pub fn question(opened: &Opened<'_>, kind: &RecordKind, stage: &Stage, asker: Uuid, signed: &[Signature]) -> Question {
    let (record, file) = (&opened.record, &opened.loaded.file);
    let mut excluded: Vec<_> = signed.iter().map(|one| one.signer).filter(|one| *one != asker).collect();
    excluded.sort_unstable();
    excluded.dedup();
    Question {
        subject: subject(record, asker),
        matter: stage.approval.as_ref().map(|one| one.matter.clone()).unwrap_or_default(),
        digest: digest(record),
        summary: format!("{}: {}", kind.label, stage.label),
        amount: None,
        unit: file.unit.clone(),
        level: file.level.clone(),
        excluded,
    }
}

/// What is asked for, by `asker`.
pub fn subject(record: &Record, asker: Uuid) -> Subject {
    Subject { id: record.id, name: record.name(), file: record.file, requester: Some(asker) }
}

/// Notes that the caller asks for the stage that `coming`, the record as it is about to be saved, waits for.
///
/// # Errors
/// `WRONG_STATE` while an earlier question is under way, `CONFLICT_RETRY`, `STORE_UNAVAILABLE`, and as the vault's.
pub async fn begin(session: &Session<'_>, tx: &mut Tx, coming: &Record, reason: &str) -> Result<()> {
    let subject = subject(coming, session.principal.person);
    let (vault, org) = (&session.base.vault, &session.call.org);
    let mut submission = kept(session.base, tx, org, &subject).await?;
    submission.begin(&subject, digest(coming), reason, session.call.now)?;
    approvals::save(vault, tx, org, &mut submission).await
}

/// Notes that what `record` waits for is to be taken back; what comes first, that or a decision, access says.
///
/// # Errors
/// `WRONG_STATE` while it is not known whether access was asked, and as [`begin`].
pub async fn leave(session: &Session<'_>, tx: &mut Tx, record: &Record, reason: &str) -> Result<()> {
    let subject = subject(record, session.principal.person);
    let org = &session.call.org;
    let mut submission = kept(session.base, tx, org, &subject).await?;
    submission.leave(&subject, reason, session.call.now)?;
    approvals::save(&session.base.vault, tx, org, &mut submission).await
}

/// Takes back whatever records of `file` ask for: its level rose, and who was asked need not be cleared for it any more. Their records
/// stand where they stood as soon as access has said so, and are asked for anew by people.
///
/// # Errors
/// `CONFLICT_RETRY`, `STORE_UNAVAILABLE`, and as the vault's.
pub async fn leave_all(session: &Session<'_>, tx: &mut Tx, file: Uuid) -> Result<()> {
    for one in record::pending(tx, &session.call.org, file).await? {
        match leave(session, tx, &one, RAISED).await {
            // Access is being asked, or has decided: it was first.
            Err(fault) if fault.reason() == Reason::WrongState => {}
            left => left?,
        }
    }
    Ok(())
}

/// Whether the stage that `record` waits for is approved, with the approval's name.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `KEY_UNAVAILABLE`.
pub async fn given(session: &Session<'_>, tx: &mut Tx, record: &Record) -> Result<Option<Decided>> {
    let found = approvals::lookup(&session.base.vault, tx, &session.call.org, record.id).await?;
    let approved = found.filter(|one| one.state == State::Approved && one.digest == digest(record));
    Ok(approved.map(|one| granted(session, record, &one)))
}

fn granted(session: &Session<'_>, record: &Record, submission: &Submission) -> Decided {
    let stage = session.pack().record(&record.kind).and_then(|kind| kind.stage(&record.pending));
    let granted = stage.and_then(|stage| Some(stage.approval.as_ref()?.matter.clone()));
    Decided { approval: approval_name(submission), granted }
}

/// Demands that what `record`'s stage asks for and the record does not keep frozen is still there: other records, the gate of the file,
/// a reading.
///
/// # Errors
/// `STAGE_UNMET`.
pub async fn require_still(
    session: &Session<'_>,
    tx: &mut Tx,
    opened: &Opened<'_>,
    (around, grade): (&Around<'_>, Sensitivity),
) -> Result<()> {
    let Some(stage) = around.kind().stage(&opened.record.pending) else { return Ok(()) };
    let rest = around.rest(session, tx, opened, grade).await?;
    let unmet = around.facts(session, opened, &rest).moved(stage);
    if unmet.is_empty() { Ok(()) } else { Err(refused(&opened.record, stage, unmet)) }
}

/// The name of the approval that was asked for last; empty: none was, or the kind asks for none.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `KEY_UNAVAILABLE`.
pub async fn asked_last(session: &Session<'_>, tx: &mut Tx, kind: &RecordKind, record: &Record) -> Result<String> {
    if !kind.asks_approval() {
        return Ok(String::new());
    }
    let found = approvals::lookup(&session.base.vault, tx, &session.call.org, record.id).await?;
    Ok(found.map(|one| approval_name(&one)).unwrap_or_default())
}

/// Takes what access's journal says of the approval of a record; the record follows by [`go_on`].
///
/// # Errors
/// `JOURNAL_CORRUPT`, `CONFLICT_RETRY`, `STORE_UNAVAILABLE`.
pub async fn hear(base: &Base, tx: &mut Tx, entry: &EntryBody, moved: &ApprovalChanged) -> Result<()> {
    // Approvals of other things are none of ours.
    let Ok((file, id)) = rule::ids("subject", &moved.subject) else { return Ok(()) };
    let Some(news) = approvals::News::of(entry, moved)? else { return Ok(()) };
    let Some(mut submission) = approvals::lookup(&base.vault, tx, &entry.org, id).await? else { return Ok(()) };
    let Some(record) = record::lookup(tx, &entry.org, file, id).await? else { return Ok(()) };
    let content = digest(&record);
    approvals::follow(&base.vault, tx, &entry.org, &mut submission, &content, &news).await.map(drop)
}

/// What was asked for `subject` so far.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `KEY_UNAVAILABLE`.
pub async fn kept(base: &Base, tx: &mut Tx, org: &str, subject: &Subject) -> Result<Submission> {
    let found = approvals::lookup(&base.vault, tx, org, subject.id).await?;
    Ok(found.unwrap_or_else(|| Submission::new(subject)))
}

fn approval_name(submission: &Submission) -> String {
    submission.approval.map(|id| name::name("approvals", id)).unwrap_or_default()
}
