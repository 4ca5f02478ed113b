//! Putting a matter before its approvers, for every part of this service.

use dossier_authority::{Base, disposal, feed};
use dossier_kernel::db::Tx;
use dossier_kernel::error::{Error, Reason, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_regime::Pack;
use uuid::Uuid;

use super::event::changed;
use crate::domain::act::Act;
use crate::domain::appointment::{label, require_unit};
use crate::domain::approval::{Amount, Approval, State};
use crate::domain::candidate::{Case, Facts};
use crate::domain::feasibility::Feasibility;
use crate::domain::plan::Plan;
use crate::store;
use crate::work::record::{Asked, Saying, Word, record};

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The matter, an id of the pack.
    pub matter: String,
    /// Resource name of what is decided on.
    pub subject: String,
    /// The file that it is about, if there is one apart from the subject.
    pub file: Option<Uuid>,
    /// What is to be done, where the matter decides an act.
    pub act: Option<Act>,
    /// The unit of the matter.
    pub unit: String,
    /// The level; empty: the lowest.
    pub level: String,
    /// The sum in question.
    pub amount: Option<Amount>,
    /// SHA-256 of the content.
    pub digest: Vec<u8>,
    /// What is asked, for the approver.
    pub summary: String,
    /// The human who asks.
    pub requester: Uuid,
    /// Subject of the service that asks for the requester; empty: the requester itself.
    pub asker: String,
    /// People who must stay separate.
    pub excluded: Vec<Uuid>,
}

/// What a question would meet.
#[derive(Clone, Debug)]
pub(crate) struct Prospect {
    /// The steps that it would take.
    pub plan: Plan,
    /// Who may fill them.
    pub feasibility: Feasibility,
    /// Whether distinct humans can.
    pub reachable: bool,
}

// === impl Question ===

impl Question {
    /// Checks every field against its limits and the pack.
    ///
    /// # Errors
    /// `FIELD_VIOLATION` with every field at fault.
    pub(crate) fn check(&self, pack: &Pack) -> Result<()> {
        let mut faults = Faults::default();
        let mut demand = |holds: bool, field: &str, why: &str| {
            if !holds {
                faults.add(format!("approval.{field}"), why);
            }
        };
        let within = |text: &str, most: usize| (1..=most).contains(&text.chars().count());
        let matter = pack.matter(&self.matter).and_then(|matter| pack.plan(&matter.plan));
        demand(matter.is_some(), "matter", &one_of(pack.matters.iter().map(|one| one.id.as_str())));
        // What such a matter decides is compared with what is done: nobody else says what it is.
        let decides = pack.act_of_matter(&self.matter).is_some();
        demand(
            self.act.is_some() == decides,
            "act",
            "must say what is to be done, in a matter that decides acts alone",
        );
        demand(within(&self.subject, 200), "subject", "must have 1 to 200 characters");
        demand(within(&self.unit, 63), "unit", "must have 1 to 63 characters");
        let level = self.level.is_empty() || pack.level(&self.level).is_some();
        demand(level, "level", &one_of(pack.levels.iter().map(|one| one.id.as_str())));
        demand(self.digest.len() == 32, "content_digest", "must have 32 bytes");
        demand(within(&self.summary, 500), "summary", "must have 1 to 500 characters");
        demand(self.excluded.len() <= 20, "excluded_persons", "must name at most 20 people");
        faults.finish()
    }

    fn level<'a>(&'a self, pack: &'a Pack) -> &'a str {
        if self.level.is_empty() { pack.lowest_level() } else { &self.level }
    }

    fn facts(&self, pack: &Pack) -> Result<Facts> {
        let unknown = || Error::violation("approval.matter", "must be a matter of the pack");
        let matter = pack.matter(&self.matter).ok_or_else(unknown)?;
        let plan = pack.plan(&matter.plan).ok_or_else(unknown)?;
        Ok(Facts {
            plan: Plan::of(plan, &self.unit),
            matter: self.matter.clone(),
            rank: pack.rank(self.level(pack)).unwrap_or(i64::MAX),
            requester: self.requester,
            excluded: self.excluded.clone(),
            delegable_to: matter.delegable_to.clone(),
        })
    }

    fn approval(self, id: Uuid, facts: Facts, level: String, now: i64) -> Approval {
        // A subject that is a file is what the approval is about.
        let file = self.file.or_else(|| name::id("subject", "files", &self.subject).ok());
        Approval {
            id,
            matter: self.matter,
            subject: self.subject,
            file,
            act: self.act,
            unit: self.unit,
            level,
            rank: facts.rank,
            amount: self.amount,
            digest: self.digest,
            summary: self.summary,
            requester: self.requester,
            asker: self.asker,
            excluded: self.excluded,
            plan: facts.plan,
            state: State::Pending,
            round: 1,
            passed_steps: 0,
            decisions: Vec::new(),
            created_at: now,
            updated_at: now,
            decided_at: None,
            version: 1,
        }
    }
}

/// What `question` would meet at `now` (microseconds).
///
/// # Errors
/// `FIELD_VIOLATION` for an unknown matter.
pub(crate) async fn prospect(base: &Base, tx: &mut Tx, org: &str, question: &Question, now: i64) -> Result<Prospect> {
    let pack = base.pack(org)?;
    let facts = question.facts(pack)?;
    let (facts, feasibility) = look(tx, org, pack, facts, now).await?;
    let closed = pack.level(question.level(pack)).is_none_or(|level| level.closed);
    Ok(Prospect { plan: facts.plan, reachable: feasibility.reachable && !closed, feasibility })
}

/// Asks: checks the question, writes the approval and its journal entry.
///
/// # Errors
/// `FIELD_VIOLATION`, `RESOURCE_NOT_FOUND`, `LEVEL_CLOSED`, `APPROVAL_UNREACHABLE` with the step, `ALREADY_EXISTS` when the
/// subject has an open approval, `WRONG_STATE` when the destruction of its file was announced.
pub(crate) async fn ask(asked: Asked<'_>, tx: &mut Tx, question: Question) -> Result<Approval> {
    let tenant = asked.base.tenant(&asked.call.org)?;
    let pack = tenant.pack();
    question.check(pack)?;
    require_unit(tenant.organisation(), &question.unit)?;
    let level = question.level(pack).to_owned();
    if pack.level(&level).is_none_or(|level| level.closed) {
        return Err(Error::new(Reason::LevelClosed).with("level", label(&level)));
    }
    let (facts, feasibility) = look(tx, &asked.call.org, pack, question.facts(pack)?, asked.call.micros()).await?;
    require_reachable(&feasibility, &question.matter)?;
    let approval = question.approval(asked.base.providers.ids.uuid(), facts, level, asked.call.micros());
    if let Some(file) = approval.file {
        disposal::require_open(tx, &asked.call.org, file).await?;
    }
    if !store::approval::insert(tx, &asked.call.org, &approval).await? {
        return Err(Error::new(Reason::AlreadyExists).with("resource", subject_label(&approval.subject)));
    }
    let name = approval.name();
    let words = [Word::reason(asked.reason)];
    let request_id = asked.request_id;
    let saying = Saying { action: "approval.created", subject: &name, request_id, words: &words };
    let entry = record(asked.base, tx, asked.call, asked.actor, saying, changed(&approval)).await?;
    feed::apply(tx, pack, &entry).await?;
    Ok(approval)
}

/// Demands that distinct humans can fill what is missing.
///
/// # Errors
/// `APPROVAL_UNREACHABLE` with the first step that cannot be filled.
pub(super) fn require_reachable(feasibility: &Feasibility, matter: &str) -> Result<()> {
    match feasibility.stuck() {
        None => Ok(()),
        Some(step) => {
            let fault = Error::new(Reason::ApprovalUnreachable).with("matter", label(matter));
            Err(fault.with("step", step.to_string()))
        }
    }
}

async fn look(tx: &mut Tx, org: &str, pack: &Pack, facts: Facts, now: i64) -> Result<(Facts, Feasibility)> {
    let snapshot = store::directory_snapshot::load(tx, org, pack, &facts.plan.posts(), now, now).await?;
    let case = Case::new(facts, &snapshot, now, now, &[]);
    let feasibility = Feasibility::before(&case);
    Ok((case.facts, feasibility))
}

fn subject_label(subject: &str) -> String {
    subject.chars().filter(|c| c.is_ascii_alphanumeric() || "/._-".contains(*c)).take(200).collect()
}
