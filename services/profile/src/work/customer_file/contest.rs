//! Drafts for a unit whose open file their author may not see (P-02, I10).
//!
//! The author is answered as anybody else, and nothing that they may read says that their draft is contested. The holders of the
//! pack's custodian post owe a duty to resolve it: they close the draft, wherever it stands, or close the other file. Until
//! then the draft does not become effective. Whoever else wants to activate it is answered as for a file that was drawn for
//! examination, which happens to a share of all units. A custodian is told of the contest even where they made the draft: where
//! one person alone holds the post, nobody else could settle what was drawn, and what they try is in the journal.
//!
//! The duties follow by a job and not inside the calls, so that no call takes longer for a contested draft.

use std::collections::BTreeMap;
use std::time::Duration;

use dossier_authority::Base;
use dossier_authority::duty::{self, About, Confined};
use dossier_authority::store::duty::open_of;
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::name::name;
use dossier_kernel::transact;
use dossier_proto::duty::v1::DutyState;
use dossier_regime::duty::{CONTESTED, review_due};
use dossier_regime::{Due, Scope, Tenant};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::session::Session;
use crate::domain::customer_file::{CustomerFile, State};
use crate::store::customer_file::Loaded;
use crate::store::customer_file::contest::{self, Claim, Contested};
use crate::work::drawn;

/// How often the duties are brought up to what the files say.
const PAUSE: Duration = Duration::from_secs(1);

/// Refuses a new file whose unit has an open one that the caller may see; whoever may not see it gets their draft.
///
/// # Errors
/// `FILE_UNIT_TAKEN`.
pub async fn require_unseen(session: &Session<'_>, tx: &mut Tx, file: &CustomerFile) -> Result<()> {
    let claim = contest::claim(tx, session.viewer(), file.id).await?;
    seen(session, &claim).map_or(Ok(()), |other| Err(taken(file, Some(other))))
}

/// Refuses to make a file effective while another one holds its unit, or while the custodian is to examine it first.
///
/// # Errors
/// `FILE_UNIT_TAKEN` for who may see the other file and for the custodian; `EXAMINATION_PENDING` for everybody else.
pub async fn require_settled(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded) -> Result<()> {
    let claim = contest::claim(tx, session.viewer(), loaded.file.id).await?;
    let drawn = drawn::is_examined(&session.base.vault, &session.call.org, session.pack(), &loaded.unit_token)?;
    if let Some(other) = seen(session, &claim) {
        return Err(taken(&loaded.file, Some(other)));
    }
    let keeps =
        session.principal.posts.iter().any(|held| session.pack().post(&held.post).is_some_and(|post| post.custodian));
    match (claim.contested, drawn) {
        (true, _) if keeps => Err(taken(&loaded.file, None)),
        (true, _) | (_, true) if !keeps => Err(Error::new(Reason::ExaminationPending).with("file", loaded.file.name())),
        _ => Ok(()),
    }
}

/// Whether `file` holds the unit that `loaded` claims, or claims it longer.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub async fn is_held_by(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded, file: Uuid) -> Result<bool> {
    let claim = contest::claim(tx, session.viewer(), loaded.file.id).await?;
    Ok(seen(session, &claim) == Some(file))
}

/// Refuses to let a closed file stand again in `state` where another one holds its unit by now. Who may not see that one, and wants no
/// effective file, gets what they would get by a new file: one that a custodian settles.
///
/// # Errors
/// As [`require_settled`].
pub async fn require_free(session: &Session<'_>, tx: &mut Tx, loaded: &Loaded, state: State) -> Result<()> {
    if state == State::Active {
        return require_settled(session, tx, loaded).await;
    }
    let claim = contest::claim(tx, session.viewer(), loaded.file.id).await?;
    match seen(session, &claim) {
        // It was contested before it was closed.
        _ if claim.noted => Ok(()),
        Some(other) => Err(taken(&loaded.file, Some(other))),
        None => contest::note(tx, &session.call.org, loaded.file.id).await,
    }
}

// The other file that holds the unit, if the caller may be told of it now.
fn seen(session: &Session<'_>, claim: &Claim) -> Option<Uuid> {
    let told = claim.level.as_deref().is_some_and(|level| session.admits(level));
    claim.holder.filter(|_| claim.contested && told)
}

fn taken(file: &CustomerFile, other: Option<Uuid>) -> Error {
    let taken = Error::new(Reason::FileUnitTaken).with("file_kind", &file.unit_kind);
    match other {
        Some(other) => taken.with("file", name("files", other)),
        None => taken,
    }
}

/// Keeps the duties of contested drafts until `stop`.
pub async fn follow(base: Base, stop: CancellationToken) {
    while !stop.is_cancelled() {
        for org in base.orgs() {
            if let Err(fault) = follow_once(&base, &org).await {
                // The next round tries again.
                tracing::warn!(org, ?fault, "duties of contested drafts cannot be kept");
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
    }
}

/// Opens the duty of each contested draft of `org` that has none, and ends those that are resolved. A duty that was completed
/// without resolving anything is opened again.
///
/// # Errors
/// `PACK_FAULT` when a due date lies beyond the calendar, `JOURNAL_FAULT`, `STORE_UNAVAILABLE`.
pub async fn follow_once(base: &Base, org: &str) -> Result<()> {
    // Most of the time there is nothing to do, and a look tells.
    if step(&mut base.db.read().await?, org).await?.is_empty() {
        return Ok(());
    }
    let (tenant, now) = (base.tenant(org)?, base.store_time().await?);
    transact!(base.db, tx => {
        for one in step(tx, org).await? {
            Box::pin(one.take(base, tenant, tx, now)).await?;
        }
        Ok(())
    })?;
    base.wake.ring();
    Ok(())
}

// What differs between the drafts and their duties.
enum Step {
    Release(Uuid),
    Open(Contested),
    End(String, DutyState),
}

async fn step(tx: &mut Tx, org: &str) -> Result<Vec<Step>> {
    let drafts = contest::all(tx, org).await?;
    let mut open: BTreeMap<_, _> = open_of(tx, org, CONTESTED).await?.into_iter().collect();
    let mut steps = Vec::new();
    for draft in drafts {
        let known = open.remove(&name("files", draft.id));
        match (draft.holder, known) {
            (None, _) => steps.push(Step::Release(draft.id)),
            (Some(_), None) => steps.push(Step::Open(draft)),
            // The unit changed hands: the next round opens it anew.
            (holder, Some(other)) if other != holder => {
                steps.push(Step::End(name("files", draft.id), DutyState::Cancelled));
            }
            _ => {}
        }
    }
    steps.extend(open.into_keys().map(|subject| Step::End(subject, DutyState::Completed)));
    Ok(steps)
}

// === impl Step ===

impl Step {
    async fn take(self, base: &Base, tenant: &Tenant, tx: &mut Tx, now: Timestamp) -> Result<()> {
        let org = tenant.org();
        match self {
            Self::Release(id) => contest::release(tx, org, id).await.map(drop),
            Self::End(subject, state) => duty::close_for(base, tx, org, &[CONTESTED], &subject, state, None).await,
            Self::Open(draft) if contest::lock(tx, org, draft.id).await? => {
                let (subject, confined) =
                    (name("files", draft.id), Confined { barred: draft.creator, other: draft.holder });
                let about = About { subject: &subject, file: Some(draft.id), unit: &draft.unit, assignee: None };
                duty::open_confined(base, tx, org, &due(tenant, now)?, &about, confined).await
            }
            Self::Open(_) => Ok(()),
        }
    }
}

fn due(tenant: &Tenant, now: Timestamp) -> Result<Due> {
    let (pack, calendar) = (tenant.pack(), tenant.calendar());
    let beyond = |_| Error::new(Reason::PackFault).with("place", &pack.id);
    let end = review_due(pack, calendar, now).map_err(beyond)?;
    Ok(Due {
        window: 0,
        at: end.at,
        role: pack.keeper().to_owned(),
        scope: Scope::Org,
        kind: CONTESTED.to_owned(),
        label: String::new(),
        calendar_version: calendar.version(),
        provisional: end.provisional,
        requirements: vec!["P-02".to_owned()],
    })
}
