//! Asking access, in the name of the caller or for a person whom the service names.

use std::collections::BTreeSet;

use dossier_kernel::call::Call;
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::id::SharedIds;
use dossier_kernel::link::Link;
use dossier_kernel::name;
use dossier_proto::access::v1::approval_service_client::ApprovalServiceClient;
use dossier_proto::access::v1::{
    Approval, ApprovalState, CreateApprovalRequest, GetApprovalRequest, ResubmitApprovalRequest,
    WithdrawApprovalRequest,
};
use uuid::Uuid;

use super::fault::{Fault, unavailable};
use super::{Given, Question, Subject, Submission};

/// The way of one service to access's approvals; cheap to clone.
#[derive(Clone, Debug)]
pub struct Approvals {
    pub(super) access: Link,
    ids: SharedIds,
    seed: &'static str,
}

/// What access said for good; anything else is an error, and the question may be repeated.
#[derive(Debug)]
pub enum Asked {
    /// The approval that decides.
    Approval(Given),
    /// There is none, and the same question will not get another answer.
    Refused(Error),
}

/// One submission on its way.
struct Step<'a> {
    access: ApprovalServiceClient<Link>,
    seed: &'static str,
    requester: String,
    submission: &'a Submission,
}

// === impl Approvals ===

impl Approvals {
    /// The way over `access`. Request ids are derived under `seed`, one for each kind of subject: it never changes, since a question
    /// that is repeated after an upgrade must have the same id.
    pub fn new(access: Link, ids: SharedIds, seed: &'static str) -> Self {
        Self { access, ids, seed }
    }

    /// Puts `question`, whose round is under way in `submission`, before its approvers. It may be repeated: the same round and content
    /// always asks under the same request ids.
    ///
    /// # Errors
    /// `DEPENDENCY_UNAVAILABLE` and the like: whether it was asked is unknown, and the round stays under way.
    pub async fn ask(&self, call: &Call, question: &Question, submission: &Submission) -> Result<Asked> {
        let mut step = self.step(call, &question.subject, submission);
        let asked = match submission.approval {
            Some(before) => step.again(question, before).await,
            None => step.create(question).await,
        };
        match asked {
            Ok(approval) => Ok(Asked::Approval(given(&approval)?)),
            Err(fault) if fault.passing => Err(fault.error),
            Err(fault) => Ok(Asked::Refused(fault.error)),
        }
    }

    /// Whether access would take `question`; nothing is asked for, and no id is used up. Of the next round of an approval nothing can
    /// be said beforehand.
    ///
    /// # Errors
    /// What access would say.
    pub async fn whether(&self, call: &Call, question: &Question, submission: &Submission) -> Result<()> {
        if submission.approval.is_some() {
            return Ok(());
        }
        let mut step = self.step(call, &question.subject, submission);
        match step.put(question, self.ids.uuid(), true).await {
            // One of ours that nobody follows any more is taken over or back when it is asked in earnest.
            Err(fault) if fault.error.reason() == Reason::AlreadyExists => Ok(()),
            tried => tried.map(drop).map_err(|fault| fault.error),
        }
    }

    /// Asks access to take the approval of `submission`, which is being left, back. It may be repeated. What came first, this or a
    /// decision, the journal says: see [`follow`](super::follow).
    ///
    /// # Errors
    /// What access says; the submission stays on its way.
    pub async fn abandon(&self, call: &Call, subject: &Subject, submission: &Submission) -> Result<()> {
        let approval = submission.approval.ok_or_else(unavailable)?;
        let mut step = self.step(call, subject, submission);
        match step.withdraw(name::name("approvals", approval), "abandon", "given up").await {
            Err(fault) if fault.error.reason() != Reason::WrongState => Err(fault.error),
            _ => Ok(()),
        }
    }

    /// The client that speaks for `subject`.
    pub(super) fn client(&self, call: &Call, subject: &Subject) -> ApprovalServiceClient<Link> {
        let link = match (subject.requester, call.deadline) {
            (None, _) => self.access.acting_for(call),
            (Some(_), Some(deadline)) => self.access.as_service(&call.org).within(deadline),
            (Some(_), None) => self.access.as_service(&call.org),
        };
        ApprovalServiceClient::new(link)
    }

    fn step<'a>(&self, call: &Call, subject: &Subject, submission: &'a Submission) -> Step<'a> {
        let requester = subject.requester.map(person).unwrap_or_default();
        Step { access: self.client(call, subject), seed: self.seed, requester, submission }
    }
}

// === impl Step ===

impl Step<'_> {
    /// The next round: the same approval when the content is the same, otherwise a new one in its place, because what was
    /// put before people who signed or returned it is not changed under their hands. Which content that was, access says.
    async fn again(&mut self, question: &Question, before: Uuid) -> Result<Approval, Fault> {
        let name = name::name("approvals", before);
        let found = self.access.get_approval(GetApprovalRequest { name: name.clone() }).await?.into_inner();
        match (found.content_digest == question.digest, found.state()) {
            // An attempt that broke off, or the requester in access itself, handed it in before.
            (true, ApprovalState::Pending) => Ok(found),
            // One that was taken back leaves room for another.
            (true, ApprovalState::Withdrawn) => self.create(question).await,
            // Where an attempt that broke off came through, its answer is given again, whatever was decided since.
            (true, _) => match self.resubmit(name).await {
                // It was decided while the subject said something else: that counts for nothing.
                Err(fault) if fault.error.reason() == Reason::WrongState => self.create(question).await,
                answer => answer,
            },
            (false, ApprovalState::Pending | ApprovalState::Returned) => {
                self.withdraw(name, "withdraw", REPLACED).await?;
                self.create(question).await
            }
            _ => self.create(question).await,
        }
    }

    async fn create(&mut self, question: &Question) -> Result<Approval, Fault> {
        match self.put(question, self.request_id("create"), false).await {
            Err(fault) if fault.error.reason() == Reason::AlreadyExists => self.instead(question).await,
            answer => answer,
        }
    }

    /// One that nobody follows any more lies in the way: of the same content it is the one that is wanted, another is taken back.
    async fn instead(&mut self, question: &Question) -> Result<Approval, Fault> {
        let known = super::find::of_subject(&mut self.access, &question.subject).await?;
        let open = |one: &&Approval| [ApprovalState::Pending, ApprovalState::Returned].contains(&one.state());
        let Some(other) = known.into_iter().find(|one| open(&one)) else {
            return Err(unavailable().because("it is gone again").into());
        };
        // What somebody else laid there, or what asks other people, is no answer to this question.
        let same = other.content_digest == question.digest && question.is_asked_by(&other, &self.requester);
        match (same, other.state()) {
            (true, ApprovalState::Pending) => Ok(other),
            (true, _) => self.resubmit(other.name).await,
            (false, _) => {
                self.withdraw(other.name, "withdraw", REPLACED).await?;
                self.put(question, self.request_id("create"), false).await
            }
        }
    }

    async fn put(&mut self, question: &Question, id: Uuid, validate_only: bool) -> Result<Approval, Fault> {
        let reason = self.submission.words.text().to_owned();
        let approval = Some(question.message(&self.requester));
        let request = CreateApprovalRequest { approval, request_id: id.to_string(), validate_only, reason };
        Ok(self.access.create_approval(request).await?.into_inner())
    }

    async fn resubmit(&mut self, name: String) -> Result<Approval, Fault> {
        let (request_id, reason) = (self.request_id("resubmit").to_string(), self.reason("handed in again"));
        let requester = self.requester.clone();
        let request = ResubmitApprovalRequest { name, request_id, reason, requester, ..Default::default() };
        Ok(self.access.resubmit_approval(request).await?.into_inner())
    }

    async fn withdraw(&mut self, name: String, step: &str, why: &str) -> Result<(), Fault> {
        let (request_id, reason) = (self.request_id(step).to_string(), self.reason(why));
        let requester = self.requester.clone();
        let request = WithdrawApprovalRequest { name, request_id, reason, requester, ..Default::default() };
        self.access.withdraw_approval(request).await?;
        Ok(())
    }

    fn request_id(&self, step: &str) -> Uuid {
        self.submission.request_id(self.seed, step)
    }

    // In the words of the call, or ours.
    fn reason(&self, ours: &str) -> String {
        let said = self.submission.words.text();
        if said.is_empty() { ours } else { said }.to_owned()
    }
}

const REPLACED: &str = "replaced by a corrected proposal";

// === impl Question ===

impl Question {
    // Whether `other` asks the same people for the same person. A service that names nobody asks for whom it acts.
    fn is_asked_by(&self, other: &Approval, requester: &str) -> bool {
        let people = |all: &[String]| all.iter().cloned().collect::<BTreeSet<_>>();
        let excluded: Vec<_> = self.excluded.iter().copied().map(person).collect();
        let asked = requester.is_empty() || other.requester == requester;
        asked && other.matter == self.matter && people(&other.excluded_persons).is_superset(&people(&excluded))
    }

    fn message(&self, requester: &str) -> Approval {
        let file = self.subject.file;
        Approval {
            matter: self.matter.clone(),
            subject: self.subject.name.clone(),
            file: if file.is_nil() { String::new() } else { name::name("files", file) },
            unit: self.unit.clone(),
            level: self.level.clone(),
            amount: self.amount.clone(),
            content_digest: self.digest.to_vec(),
            summary: self.summary.clone(),
            requester: requester.to_owned(),
            excluded_persons: self.excluded.iter().copied().map(person).collect(),
            ..Approval::default()
        }
    }
}

fn person(id: Uuid) -> String {
    name::name("persons", id)
}

/// What access answered with.
pub(super) fn given(approval: &Approval) -> Result<Given> {
    let id = name::id("approval", "approvals", &approval.name);
    let approval_id = id.map_err(|_| unavailable().because("an approval without name"))?;
    Ok(Given { approval: approval_id, round: approval.round.into() })
}
