//! What a service is started with, and the few things every handler does with it.

use std::sync::Arc;

use dossier_journal::entry::{NOTHING, is_name};
use dossier_journal::{Disclosures, Doubts, Freshness, Recorder, Wake, restored};
use dossier_kernel::bus::Bus;
use dossier_kernel::call::{Call, Providers};
use dossier_kernel::db::{Db, Tx};
use dossier_kernel::error::{Error, Reason, Result, code};
use dossier_kernel::mutation::Mutations;
use dossier_kernel::name;
use dossier_kernel::slots::Slots;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{AccessRefused, EntryBody};
use dossier_regime::{Pack, Regimes, Tenant};
use dossier_vault::Vault;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::entries::{Effect, Entries};
use crate::memo::Memo;
use crate::principal::Principal;
use crate::store;
use crate::strangers::Strangers;

/// Everything a service needs to answer calls; cheap to clone.
#[derive(Clone)]
pub struct Base {
    /// `profile`, `access` or `credit`.
    pub service: &'static str,
    /// The service's own store.
    pub db: Db,
    /// Packs, organisations, templates and calendars.
    pub regimes: Arc<Regimes>,
    /// Held while another version of the rules is taken.
    pub turning: Arc<tokio::sync::Mutex<()>>,
    /// Keys, sealing, blind indexes.
    pub vault: Vault,
    /// Time and ids.
    pub providers: Providers,
    /// Idempotent transactions.
    pub mutations: Mutations,
    /// Makes journal entries.
    pub recorder: Recorder,
    /// Durable read entries with shared inserts.
    pub disclosures: Disclosures,
    /// Open watches of each caller.
    pub watches: Slots,
    /// Refusals of subjects that the directory does not know.
    pub strangers: Strangers,
    /// Answers that are given again while nothing changed.
    pub memo: Memo,
    /// As of when the copy of access's directory and grants is complete.
    pub freshness: Freshness,
    /// Journals that are not what they were, here or elsewhere.
    pub doubts: Doubts,
    /// Wakes the sequencer after a commit.
    pub wake: Wake,
    /// The fast path; may vanish.
    pub bus: Arc<dyn Bus>,
}

/// The service that owns the directory.
const DIRECTORY: &str = "access";

// === impl Base ===

impl std::fmt::Debug for Base {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Base").field("service", &self.service).finish_non_exhaustive()
    }
}

impl Base {
    /// The pack that `org` runs.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`.
    pub fn pack(&self, org: &str) -> Result<&Pack> {
        Ok(self.tenant(org)?.pack())
    }

    /// `org` with the rules it lives under: pack, calendar, templates.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`.
    pub fn tenant(&self, org: &str) -> Result<&Tenant> {
        self.regimes.tenant(org).ok_or_else(|| Error::new(Reason::OrgUnknown))
    }

    /// Lets the version of the rules hold that holds for `org` at `now`, where it does not yet: its posts and levels stand in the store
    /// first. What was begun before keeps the terms it was begun with: the plan of an approval, the day of a loan or a duty.
    /// Files and records go on under the version of the day.
    ///
    /// # Errors
    /// `PACK_FAULT` when the version said something else before, `STORE_UNAVAILABLE`; then nothing is decided, by neither version.
    pub async fn turn(&self, org: &str, now: Timestamp) -> Result<()> {
        if self.regimes.due(org, now).is_none() {
            return Ok(());
        }
        // Whoever calls in the first moment of the day waits for one of them to do it.
        let _turning = self.turning.lock().await;
        let Some(next) = self.regimes.due(org, now) else { return Ok(()) };
        store::rules::admit(&self.db, next, now).await?;
        store::rules::sync(&self.db, org, next.pack()).await?;
        self.regimes.enter(org, now);
        tracing::info!(org, pack = next.pack().id, version = next.pack().version, "another version of the rules holds");
        Ok(())
    }

    /// As [`turn`](Self::turn), by the store's clock: for work that no call began. Where the rules have one version nothing is asked.
    ///
    /// # Errors
    /// As [`turn`](Self::turn).
    pub async fn turn_now(&self, org: &str) -> Result<()> {
        if self.regimes.versions(org).len() < 2 {
            return Ok(());
        }
        self.turn(org, self.store_time().await?).await
    }

    /// Every org that this installation keeps.
    pub fn orgs(&self) -> Vec<String> {
        self.regimes.tenants().map(|tenant| tenant.org().to_owned()).collect()
    }

    /// Who the caller is in the directory, at the call's instant.
    ///
    /// # Errors
    /// `PERSON_UNKNOWN` for strangers, leavers and service credentials; `AUTHORITY_STALE` while nobody is known here at all.
    pub async fn principal(&self, tx: &mut Tx, call: &Call) -> Result<Principal> {
        let known = match call.service {
            true => None,
            false => store::principal::lookup(tx, &call.org, &call.subject, call.micros()).await?,
        };
        known.ok_or_else(|| self.unknown(&call.org))
    }

    /// The refusal of a caller whom the copy at hand does not know: a stranger, or a colleague who has not reached it yet.
    pub fn unknown(&self, org: &str) -> Error {
        if self.knows_people(org) {
            return Error::new(Reason::PersonUnknown);
        }
        Error::new(Reason::AuthorityStale).with("source", DIRECTORY)
    }

    /// Whether the directory of `org` has ever reached this service as a whole; until then a colleague looks like a stranger.
    pub fn knows_people(&self, org: &str) -> bool {
        self.service == DIRECTORY || self.doubts.is_complete(org, DIRECTORY)
    }

    /// The caller, who must hold a post that gives `action`.
    ///
    /// # Errors
    /// `ORG_UNKNOWN`, `PERSON_UNKNOWN`, `PERMISSION_DENIED`.
    pub async fn authorise(&self, tx: &mut Tx, call: &Call, action: dossier_regime::Action) -> Result<Principal> {
        let pack = self.pack(&call.org)?;
        let principal = self.principal(tx, call).await?;
        principal.require(pack, action)?;
        Ok(principal)
    }

    /// Refuses what stands at a confidential level when the copy of directory and grants is older than the bound: a
    /// revocation may not have reached it. `fresh` is what [`Freshness::is_fresh`] said before the transaction's first
    /// statement. Only for files that the caller may see by the copy at hand, so that an invisible file stays absent.
    ///
    /// # Errors
    /// `AUTHORITY_STALE`, `ORG_UNKNOWN`.
    pub fn require_fresh(&self, fresh: bool, org: &str, level: &str) -> Result<()> {
        if fresh || !self.pack(org)?.is_confidential(level) {
            return Ok(());
        }
        let bound = self.freshness.bound().unwrap_or_default().as_millis().to_string();
        Err(Error::new(Reason::AuthorityStale).with("level", level).with("bound_millis", bound))
    }

    /// Refuses whatever would be decided on a journal that is not what it was: the own one, whose store was restored to an
    /// earlier state, or one of `copies` (services), that its owner does not contain any more. Asked before everything else,
    /// so that nobody is served on it, neither by a rule nor from memory.
    ///
    /// # Errors
    /// `STORE_RESTORED`, `AUTHORITY_STALE`.
    pub fn require_believed(&self, org: &str, copies: &[&str]) -> Result<()> {
        if self.doubts.about(org, self.service) {
            return Err(restored(self.service));
        }
        match copies.iter().find(|source| self.doubts.about(org, source)) {
            Some(source) => Err(Error::new(Reason::AuthorityStale).with("source", *source)),
            None => Ok(()),
        }
    }

    /// The moment of work that no call began: the store's own, where several processes share it. A machine whose clock is wrong takes
    /// no calls, and so it ends nothing before its time either.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`.
    pub async fn store_time(&self) -> Result<Timestamp> {
        self.db.now(&*self.providers.clock).await
    }

    /// Appends the entry of an effect to the journal, in the transaction of the effect (I3).
    ///
    /// # Errors
    /// `JOURNAL_FAULT`, `STORE_UNAVAILABLE`; the effect must not be committed then.
    pub async fn record(&self, tx: &mut Tx, call: &Call, actor: &str, effect: Effect<'_>) -> Result<EntryBody> {
        let mut entries = Entries::default();
        entries.add(self, call, actor, effect)?;
        self.write(tx, &call.org, entries).await
    }

    /// Appends the entry of work that no call started: an expiry, a consumer's effect.
    ///
    /// # Errors
    /// As [`record`](Self::record).
    pub async fn record_work(&self, tx: &mut Tx, org: &str, effect: Effect<'_>) -> Result<EntryBody> {
        let mut entries = Entries::default();
        entries.add_work(self, org, effect)?;
        self.write(tx, org, entries).await
    }

    async fn write(&self, tx: &mut Tx, org: &str, one: Entries) -> Result<EntryBody> {
        let written = one.write(self, tx, org).await?.pop();
        written.ok_or_else(|| Error::new(Reason::JournalFault).because("no entry was written"))
    }
}

/// Journals a refused attempt, durably and before the refusal is answered, and hands the refusal back.
///
/// `resource` is the name that was asked for. Only refusals are journaled: a malformed request or an outage is none.
/// Missing and invisible resources are journaled alike, so that neither the answer nor its time tells them apart.
pub async fn refused(base: &Base, call: &Call, resource: &str, action: &str, fault: Error) -> Error {
    if !is_refusal(&fault) || base.pack(&call.org).is_err() {
        return fault;
    }
    let person = match base.db.read().await {
        Ok(mut tx) => person(&mut tx, call).await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    let stranger = person.is_empty() && !call.service;
    let actor = named(&person, call);
    let reason = fault.reason().as_str_name().to_owned();
    let event = AccessRefused {
        resource: name_only(resource),
        person,
        action: action.to_owned(),
        reason,
        ..AccessRefused::default()
    };
    let subject = if event.resource.is_empty() { NOTHING.to_owned() } else { event.resource.clone() };
    let refusal = event.clone();
    let draft = base.recorder.entry(call, &actor, "access.refused", &subject).event(Kind::AccessRefused(event));
    let body = draft.body();
    if stranger && !base.strangers.is_first(call, &body, &refusal) {
        return fault;
    }
    match base.disclosures.record(body).await {
        Ok(()) => fault,
        // A refusal that cannot be recorded is still a refusal, but the caller learns that the journal is at fault.
        Err(unwritten) => unwritten,
    }
}

/// Journals what was gathered of refusals of strangers, once their minute has passed.
pub async fn tell_strangers(base: &Base) {
    let now = dossier_kernel::time::micros(base.providers.clock.now());
    for (body, event) in base.strangers.passed(now) {
        let draft = base.recorder.work(&body.org, "access.refused", &body.subject).event(Kind::AccessRefused(event));
        // The actor is who was refused, as in the first entry.
        let body = EntryBody { actor: body.actor, ..draft.body() };
        if let Err(fault) = base.disclosures.record(body).await {
            tracing::warn!(?fault, "gathered refusals cannot be recorded");
        }
    }
}

/// Who calls, as entries name it: `persons/{uuid}`, `services/{name}`, or `subjects/{sub}` for whom the directory does not know.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(crate) async fn actor(tx: &mut Tx, call: &Call) -> Result<String> {
    Ok(named(&person(tx, call).await?, call))
}

async fn person(tx: &mut Tx, call: &Call) -> Result<String> {
    let known = store::principal::lookup(tx, &call.org, &call.subject, call.micros()).await?;
    Ok(known.map(|known| known.name()).unwrap_or_default())
}

fn named(person: &str, call: &Call) -> String {
    match (person.is_empty(), call.service) {
        (false, _) => person.to_owned(),
        (true, true) => format!("services/{}", encoded(&call.subject)),
        (true, false) => format!("subjects/{}", encoded(&call.subject)),
    }
}

fn is_refusal(fault: &Error) -> bool {
    use tonic::Code::{AlreadyExists, NotFound, PermissionDenied};
    // What exists already tells of what exists: whoever asks again and again for names leaves a trail.
    matches!(code(fault.reason()), AlreadyExists | NotFound | PermissionDenied) || is_rule(fault.reason())
}

// Refusals by the pack's rules about requests and loans, whose code is that of a state,
// and what tells of files and numbers that are there (P-02, I10).
fn is_rule(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::AccessKindNotAllowed
            | Reason::ApproverNotConfigured
            | Reason::LoanTooLong
            | Reason::OriginalOut
            | Reason::DutiesNotAccepted
            | Reason::GrantNotCurrent
            | Reason::RenewalRefused
            | Reason::ApprovalMissing
            | Reason::ExaminationPending
            | Reason::MergeBlocked
            | Reason::CustodyRefused
            | Reason::DisposalRefused
            | Reason::NumberIssued
            | Reason::NumberVoid
    )
}

// What the caller sent may hold anything; only the shape of a resource name enters the journal.
fn name_only(resource: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '~' | '%');
    let named = resource.len() <= 200 && resource.chars().all(fits) && is_name(resource);
    if named { resource.to_owned() } else { String::new() }
}

// A subject as a part of a name: percent-encoded as RFC 3986 does it.
fn encoded(subject: &str) -> String {
    const PLAIN: &AsciiSet = &name::UNRESERVED.remove(b'@');
    utf8_percent_encode(subject, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_part_of_a_name_whatever_is_in_it() {
        assert_eq!(encoded("wang@example.com"), "wang@example.com");
        assert_eq!(encoded("auth0|5/7 王"), "auth0%7C5%2F7%20%E7%8E%8B");
    }

    #[test]
    fn only_a_name_of_a_resource_is_repeated() {
        assert_eq!(name_only("files/1"), "files/1");
        for foreign in ["", "1", "files", "files/", "/1", "files//1", "files/1 OR 1=1"] {
            assert_eq!(name_only(foreign), "", "{foreign}");
        }
    }
}
