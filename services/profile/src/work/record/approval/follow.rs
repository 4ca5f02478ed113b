//! What comes next for a record that waits: access is asked, the question is taken back, or the record follows what was decided.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use dossier_authority::approvals::{self, Approvals, Asked, Given, State, Subject, Submission};
use dossier_authority::store::principal::lookup_person;
use dossier_authority::{Base, Principal};
use dossier_kernel::call::Call;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Again, Reason, Result};
use dossier_kernel::time::micros;
use dossier_kernel::transact;
use dossier_regime::Sensitivity;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::super::around::Around;
use super::super::{Change, Decided, Opened, reach, require_living, template};
use super::{approval_name, digest, granted, kept, question, require_still, subject};
use crate::domain::record::Record;
use crate::store::customer_file::{self, Viewer, inconsistent};
use crate::store::record::{self, signature};
use crate::work::customer_file::session::Session;
use crate::work::disposal;

/// How often records are looked for that wait for something that has come.
const PAUSE: Duration = Duration::from_millis(250);

/// Most records that one look takes on.
const MOST: i64 = 100;

/// How long a record that could not go on is left alone.
const REST: Duration = Duration::from_secs(60);

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
    for one in all_waiting(base, org).await? {
        if resting.contains_key(&one.id) {
            continue;
        }
        if let Err(fault) = Box::pin(go_on(base, approvals, org, (one.file, one.id))).await {
            tracing::warn!(org, record = one.name(), ?fault, "a record cannot follow its approval");
            // An outage passes; what the act demands, somebody must see to.
            let passing = Again::of(fault.reason()) == Again::Same;
            resting.insert(one.id, now + if passing { 4 * PAUSE } else { REST });
        }
    }
    Ok(())
}

// Those of files that are not closed, and of kinds that outlive them.
async fn all_waiting(base: &Base, org: &str) -> Result<Vec<Record>> {
    let (tx, pack) = (&mut base.db.read().await?, base.pack(org)?);
    let mut waiting = record::unsettled(tx, org, None, MOST).await?;
    for kind in pack.records.iter().filter(|kind| kind.outlives() && kind.asks_approval()) {
        waiting.extend(record::unsettled(tx, org, Some(&kind.id), MOST).await?);
    }
    Ok(waiting)
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
            let settled = transact!(base.db, tx => settle(base, &call, tx, ids).await);
            let followed = match settled {
                // A stage that cannot be entered any more is not waited for: it is asked for anew by people.
                Err(fault) if Again::of(fault.reason()) != Again::Same => {
                    tracing::warn!(org, record = opened.record.name(), ?fault, "an approved stage cannot be entered");
                    transact!(base.db, tx => give_back(base, &call, tx, ids, fault.reason()).await)
                }
                settled => settled,
            };
            disposal::bury(base, org).await?;
            base.wake.ring();
            followed
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
    if require_living(&session, &loaded.file, &record.kind).is_err() {
        return Ok(None);
    }
    match reach(&session, tx, (loaded, record)).await {
        // Of a file that was erased nothing goes on.
        Err(fault) if fault.reason() == Reason::KeyDestroyed => Ok(None),
        opened => Ok(Some(Waiting { opened: opened?, session, submission })),
    }
}

// Puts the question, and notes what access said for good.
async fn ask(session: &Session<'_>, approvals: &Approvals, opened: &Opened<'_>, asked: &Submission) -> Result<()> {
    let (base, org, record) = (session.base, &session.call.org, &opened.record);
    let kind = session.pack().record(&record.kind);
    let Some((kind, stage)) = kind.and_then(|kind| Some((kind, kind.stage(&record.pending)?))) else {
        // The pack has no such stage any more: nobody is asked.
        return note(base, org, (&subject(record, session.principal.person), asked.round), None).await;
    };
    let mut signed = signature::of_record(&mut base.db.read().await?, org, record.id).await?;
    signed.retain(|one| one.counts(record));
    let question = question(opened, kind, stage, session.principal.person, &signed);
    let said = approvals.ask(session.call, &question, asked).await?;
    if let Asked::Refused(fault) = &said {
        tracing::warn!(org, record = record.name(), ?fault, "access takes no question about a stage");
    }
    let given = if let Asked::Approval(given) = said { Some(given) } else { None };
    note(base, org, (&question.subject, asked.round), given).await
}

// Notes what access said of the question of `round`; nothing: it will not have it.
async fn note(base: &Base, org: &str, (subject, round): (&Subject, i64), given: Option<Given>) -> Result<()> {
    transact!(base.db, tx => {
        let mut submission = kept(base, tx, org, subject).await?;
        let news = match given {
            Some(given) => submission.asked(round, given),
            None => submission.refused(round),
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
    let form = template(&session, &opened.record.template)?;
    let kind = session.pack().record(&opened.record.kind);
    let rule = kind.and_then(|kind| Some((kind, kind.stage(&opened.record.pending)?.approval.as_ref()?)));
    let ours = submission.digest == digest(&opened.record);
    let mut decided = Decided { approval: approval_name(&submission), granted: None };
    let (stage, at, coming) = (opened.record.pending.clone(), micros(call.now), opened.record.version + 1);
    let (action, left) = match (submission.state, rule.filter(|_| ours)) {
        (State::Asking | State::Pending | State::Leaving, _) => return Ok(()),
        (State::Approved, Some((kind, _))) => {
            let around = Around::gather(&session, tx, &opened, form).await?;
            require_still(&session, tx, &opened, (&around, Sensitivity::Secret)).await?;
            decided = granted(&session, &opened.record, &submission);
            opened.record.enter(kind, &stage, at, coming);
            ("record.advanced", Vec::new())
        }
        (State::Rejected, Some((kind, rule))) => {
            ("record.refused", opened.record.refuse(kind, &rule.rejected_to, at, coming))
        }
        (State::Returned, Some((_, rule))) => {
            ("record.handed_back", opened.record.handed_back(rule.returned_to.as_deref()))
        }
        // Taken back, or the pack has no such stage any more.
        _ => ("record.handed_back", opened.record.handed_back(None)),
    };
    let mut change = Change { left, decided, ..Change::new(opened, action, String::new(), "") };
    super::super::save(&session, tx, form, &mut change).await.map(drop)
}

// Lets the record stand where it stood, and says why.
async fn give_back(base: &Base, call: &Call, tx: &mut Tx, ids: (Uuid, Uuid), why: Reason) -> Result<()> {
    let Some(Waiting { session, mut opened, submission }) = waiting(base, call, tx, ids).await? else { return Ok(()) };
    let form = template(&session, &opened.record.template)?;
    let left = opened.record.handed_back(None);
    let decided = Decided { approval: approval_name(&submission), granted: None };
    let reason = format!("the stage could not be entered: {}", why.as_str_name());
    let mut change = Change { left, decided, ..Change::new(opened, "record.handed_back", reason, "") };
    super::super::save(&session, tx, form, &mut change).await.map(drop)
}

// No call does this: the record goes on for who asked.
fn work(base: &Base, org: &str) -> Call {
    let now = base.providers.clock.now();
    Call::of_service(org, base.service, "dossier.profile.v1.RecordService/work", now)
}
