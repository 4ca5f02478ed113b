//! Approvals of stages: whoever advances a record asks for one, access decides, and the record moves on by itself (P-38, A-40).
//!
//! The call that advances notes what is asked, with its revision and entry ([`begin`]); nobody has been asked then. [`go_on`] does what
//! comes next, right after the call and by a job: it asks access, takes the question back, or lets the record follow the outcome. What
//! is signed is the revision that asked: until it is decided nothing of the record changes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use dossier_authority::approvals::{self, Approvals, Asked, Question, State, Subject, Submission};
use dossier_authority::store::principal::lookup_person;
use dossier_authority::{Base, Principal};
use dossier_kernel::call::{Bearer, Call};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Again, Reason, Result};
use dossier_kernel::time::micros;
use dossier_kernel::{name, transact};
use dossier_proto::journal::v1::{ApprovalChanged, EntryBody};
use dossier_regime::{RecordKind, Stage};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{Change, Opened, template};
use crate::content::Content;
use crate::domain::changed::Writing;
use crate::domain::record::signing::Signature;
use crate::domain::record::{self as rule, PART, Record};
use crate::store::customer_file::{self, Viewer, inconsistent};
use crate::store::record::{self, signature};
use crate::work::customer_file::session::Session;

/// Under what access is asked for the approval of a stage. It never changes.
pub const SEED: &str = "dossier/record-submission/v1";

/// How often records are looked for that wait for something that has come.
const PAUSE: Duration = Duration::from_millis(250);

/// Most records that one look takes on.
const MOST: i64 = 100;

/// What access is told when a level rose.
const RAISED: &str = "the level of the file was raised";

/// How long a record that could not go on is left alone.
const REST: Duration = Duration::from_secs(60);

/// Most people whom an approval excludes.
const MOST_EXCLUDED: usize = 20;

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
    excluded.truncate(MOST_EXCLUDED);
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

/// Notes that the caller asks for the stage that `record`, about to be saved, waits for.
///
/// # Errors
/// `WRONG_STATE` while an earlier question is under way, `CONFLICT_RETRY`, `STORE_UNAVAILABLE`, and as the vault's.
pub async fn begin(session: &Session<'_>, tx: &mut Tx, record: &Record, reason: &str) -> Result<()> {
    let coming = Record { version: record.version + 1, ..record.clone() };
    let subject = subject(&coming, session.principal.person);
    let (vault, org) = (&session.base.vault, &session.call.org);
    let mut submission = kept(session.base, tx, org, &subject).await?;
    submission.begin(&subject, digest(&coming), reason, session.call.now)?;
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
pub async fn given(session: &Session<'_>, tx: &mut Tx, record: &Record) -> Result<Option<String>> {
    let found = approvals::lookup(&session.base.vault, tx, &session.call.org, record.id).await?;
    let approved = found.filter(|one| one.state == State::Approved && one.digest == digest(record));
    Ok(approved.map(|one| approval_name(&one)))
}

/// The name of the approval that was asked for last; empty: none was, or the kind asks for none.
///
/// # Errors
/// `STORE_UNAVAILABLE`, `KEY_UNAVAILABLE`.
pub async fn asked_last(session: &Session<'_>, tx: &mut Tx, kind: &RecordKind, record: &Record) -> Result<String> {
    if kind.stages.iter().all(|stage| stage.approval.is_none()) {
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

/// Goes on with the records of every org until `stop`.
pub async fn run(base: Base, approvals: Approvals, stop: CancellationToken) {
    let mut resting = Resting::new();
    while !stop.is_cancelled() {
        for org in base.orgs() {
            if let Err(fault) = go_on_all(&base, &approvals, &org, &mut resting).await {
                // The next look tries again.
                tracing::warn!(org, ?fault, "records that wait for approvals cannot be looked for");
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
    }
}

// Records that could not go on, each with the moment from which they are tried again.
type Resting = HashMap<Uuid, Instant>;

// Every record of `org` that waits for something that has come; one that cannot go on keeps no other from it.
async fn go_on_all(base: &Base, approvals: &Approvals, org: &str, resting: &mut Resting) -> Result<()> {
    let now = Instant::now();
    resting.retain(|_, until| *until > now);
    let waiting = record::unsettled(&mut base.db.read().await?, org, MOST).await?;
    for one in waiting.into_iter().filter(|one| !resting.contains_key(&one.id)).collect::<Vec<_>>() {
        if let Err(fault) = Box::pin(go_on(base, approvals, org, (one.file, one.id))).await {
            tracing::warn!(org, record = one.name(), ?fault, "a record cannot follow its approval");
            // An outage passes; what the act demands, somebody must see to.
            let passing = Again::of(fault.reason()) == Again::Same;
            resting.insert(one.id, now + if passing { 4 * PAUSE } else { REST });
        }
    }
    Ok(())
}

/// Does what comes next for a record that waits for an approval; nothing where that is for others to do.
///
/// # Errors
/// What access says, and what the act of entering the stage demands.
pub async fn go_on(base: &Base, approvals: &Approvals, org: &str, ids: (Uuid, Uuid)) -> Result<()> {
    let call = work(base, org);
    let found = {
        let tx = &mut base.db.read().await?;
        waiting(base, &call, tx, ids).await?
    };
    let Some(Waiting { session, opened, submission, .. }) = found else { return Ok(()) };
    let asker = subject(&opened.record, session.principal.person);
    match submission.state {
        State::Pending => Ok(()),
        State::Asking => ask(&session, approvals, &opened, &submission).await,
        State::Leaving => approvals.abandon(&call, &asker, &submission).await,
        State::Approved | State::Rejected | State::Returned | State::Withdrawn => {
            transact!(base.db, tx => settle(base, &call, tx, ids).await)?;
            base.wake.ring();
            Ok(())
        }
    }
}

/// A record that waits, with whoever asked as the session's person.
struct Waiting<'a> {
    session: Session<'a>,
    opened: Opened<'a>,
    submission: Submission,
}

async fn waiting<'a>(base: &'a Base, call: &'a Call, tx: &mut Tx, ids: (Uuid, Uuid)) -> Result<Option<Waiting<'a>>> {
    let (org, (file, id)) = (&call.org, ids);
    let Some(record) = record::lookup(tx, org, file, id).await?.filter(|one| !one.pending.is_empty()) else {
        return Ok(None);
    };
    let Some(submission) = approvals::lookup(&base.vault, tx, org, id).await? else { return Ok(None) };
    let newest = record::revision(tx, org, id, record.version).await?;
    let newest = newest.ok_or_else(|| inconsistent("record_revision", "revision"))?;
    // Who asked may have left since: then they hold nothing more.
    let known = lookup_person(tx, org, newest.author, call.micros()).await?;
    let principal = known.unwrap_or(Principal { person: newest.author, posts: Vec::new() });
    let session = Session::again(base, call, principal, true)?;
    let viewer = Viewer { org, person: newest.author, now: call.micros() };
    let Some(loaded) = customer_file::regardless(tx, viewer, file).await? else { return Ok(None) };
    if loaded.file.require_open().is_err() {
        return Ok(None);
    }
    let content = Content::read("record_revision", &newest.content)?;
    let seal = match session.seal(&loaded).and_then(|seal| seal.part(PART, id, &record.sealed_key)) {
        // Of a file that was erased nothing goes on.
        Err(fault) if fault.reason() == Reason::KeyDestroyed => return Ok(None),
        seal => seal?,
    };
    Ok(Some(Waiting { session, opened: Opened { loaded, record, content, seal }, submission }))
}

// Puts the question, and notes what access said for good.
async fn ask(session: &Session<'_>, approvals: &Approvals, opened: &Opened<'_>, asked: &Submission) -> Result<()> {
    let (base, org, record) = (session.base, &session.call.org, &opened.record);
    let kind = session.pack().record(&record.kind);
    let Some((kind, stage)) = kind.and_then(|kind| Some((kind, kind.stage(&record.pending)?))) else { return Ok(()) };
    let mut signed = signature::of_record(&mut base.db.read().await?, org, record.id).await?;
    signed.retain(|one| one.counts(record));
    let question = question(opened, kind, stage, session.principal.person, &signed);
    let said = approvals.ask(session.call, &question, asked).await?;
    if let Asked::Refused(fault) = &said {
        tracing::warn!(org, record = record.name(), ?fault, "access takes no question about a stage");
    }
    transact!(base.db, tx => {
        let mut submission = kept(base, tx, org, &question.subject).await?;
        let news = match &said {
            Asked::Approval(given) => submission.asked(asked.round, *given),
            Asked::Refused(_) => submission.refused(asked.round),
        };
        match news {
            true => approvals::save(&base.vault, tx, org, &mut submission).await,
            false => Ok(()),
        }
    })
}

// Lets the record follow what was decided.
async fn settle(base: &Base, call: &Call, tx: &mut Tx, ids: (Uuid, Uuid)) -> Result<()> {
    let Some(Waiting { session, mut opened, submission }) = waiting(base, call, tx, ids).await? else { return Ok(()) };
    let (at, record) = (micros(call.now), &mut opened.record);
    let kind = session.pack().record(&record.kind);
    let rule = kind.and_then(|kind| Some((kind, kind.stage(&record.pending)?.approval.as_ref()?)));
    let (stage, coming) = (record.pending.clone(), record.version + 1);
    let ours = submission.digest == digest(record);
    let (action, left) = match (submission.state, rule.filter(|_| ours)) {
        (State::Asking | State::Pending | State::Leaving, _) => return Ok(()),
        (State::Approved, Some((kind, _))) => {
            record.enter(kind, &stage, at, coming);
            ("record.advanced", Vec::new())
        }
        (State::Rejected, Some((kind, rule))) => ("record.refused", record.refuse(kind, &rule.rejected_to, at, coming)),
        (State::Returned, Some((_, rule))) => ("record.handed_back", record.handed_back(rule.returned_to.as_deref())),
        // Taken back, or the pack has no such stage any more.
        _ => ("record.handed_back", record.handed_back(None)),
    };
    let (approval, reason) = (approval_name(&submission), String::new());
    let writing = Writing::default();
    let form = template(&session, &opened.record.template)?;
    let mut change = Change { opened, action, writing, signing: None, left, approval, reason, request_id: "" };
    super::save(&session, tx, form, &mut change).await.map(drop)
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

// No call does this: the record goes on for who asked.
fn work(base: &Base, org: &str) -> Call {
    Call {
        org: org.to_owned(),
        subject: base.service.to_owned(),
        service: true,
        method: "dossier.profile.v1.RecordService/work",
        now: base.providers.clock.now(),
        expires: jiff::Timestamp::MAX,
        bearer: Bearer::default(),
        deadline: None,
        trace_id: None,
        replayed: Default::default(),
    }
}
