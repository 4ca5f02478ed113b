//! Making an entry: who did what to what, in the caller's words, with nothing personal in it.

use dossier_kernel::call::{Call, Providers};
use dossier_kernel::error::{Error, Reason, Result};
use dossier_kernel::time::{from_proto, micros, to_proto};
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{Commitment, EntryBody, Event, FileChanged};
use jiff::Timestamp;
use uuid::Uuid;

use crate::edition::EDITION;

/// Makes the entries of one service; cheap to clone.
#[derive(Clone, Debug)]
pub struct Recorder {
    service: &'static str,
    providers: Providers,
}

/// An entry in the making; [`Draft::body`] ends it.
#[derive(Clone, Debug)]
#[must_use = "a draft records nothing until its body is appended"]
pub struct Draft(EntryBody);

/// What the store keeps beside the body, all of it repeated from the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns {
    pub id: Uuid,
    pub time: i64,
    pub topic: String,
}

// === impl Recorder ===

impl Recorder {
    /// A recorder of `service`: `profile`, `access` or `credit`.
    pub fn new(service: &'static str, providers: Providers) -> Self {
        Self { service, providers }
    }

    /// The service whose entries these are.
    pub fn service(&self) -> &'static str {
        self.service
    }

    /// An entry about what `call` does: `actor` is `persons/{uuid}` or `services/{name}`, `action` is lower case with a
    /// dot (`file.activated`), `subject` is a resource name.
    pub fn entry(&self, call: &Call, actor: &str, action: &str, subject: &str) -> Draft {
        let mut draft = self.draft(&call.org, actor, action, subject, call.now);
        draft.0.trace_id = call.trace_id.clone().unwrap_or_default();
        draft
    }

    /// An entry about work that no call started: the actor is the service itself.
    pub fn work(&self, org: &str, action: &str, subject: &str) -> Draft {
        let actor = format!("services/{}", self.service);
        self.draft(org, &actor, action, subject, self.providers.clock.now())
    }

    fn draft(&self, org: &str, actor: &str, action: &str, subject: &str, now: Timestamp) -> Draft {
        Draft(EntryBody {
            id: self.providers.ids.uuid().to_string(),
            org: org.to_owned(),
            service: self.service.to_owned(),
            time: Some(to_proto(now)),
            actor: actor.to_owned(),
            action: action.to_owned(),
            subject: subject.to_owned(),
            edition: EDITION,
            ..EntryBody::default()
        })
    }
}

// === impl Draft ===

impl Draft {
    /// The `request_id` of the call; empty is fine.
    pub fn request(mut self, request_id: &str) -> Self {
        request_id.clone_into(&mut self.0.request_id);
        self
    }

    /// The effect in typed form, for other services to apply.
    pub fn event(mut self, kind: Kind) -> Self {
        self.0.event = Some(Event { kind: Some(kind) });
        self
    }

    /// A promise about the value of `field`: its salted digest, whose salt is sealed elsewhere (I9).
    pub fn commit(mut self, field: &str, digest: impl Into<Vec<u8>>) -> Self {
        self.0.commitments.push(Commitment { field: field.to_owned(), digest: digest.into() });
        self
    }

    /// The finished entry, for [`append`](crate::append) or [`Disclosures::record`](crate::Disclosures::record).
    pub fn body(self) -> EntryBody {
        self.0
    }
}

// === impl Columns ===

impl Columns {
    /// # Errors
    /// `JOURNAL_FAULT` when the body has no well-formed id, org, service or time: a fault of this program.
    pub(crate) fn of(body: &EntryBody) -> Result<Self> {
        let fault = |why| Error::new(Reason::JournalFault).because(why);
        let id = Uuid::try_parse(&body.id).map_err(|_| fault("the entry's id is no uuid"))?;
        let time = body.time.as_ref().ok_or_else(|| fault("the entry has no time"))?;
        let time = micros(from_proto("time", time).map_err(|_| fault("the entry's time is no instant"))?);
        if body.org.is_empty() || body.service.is_empty() {
            return Err(fault("the entry names no org or no service"));
        }
        Ok(Self { id, time, topic: topic(body) })
    }
}

/// The subject of an entry about nothing that has a name: what was asked for had none, or none in the form of a name.
pub const NOTHING: &str = "-";

/// That actor and subject of a new entry have the forms that the contract says.
///
/// # Errors
/// `JOURNAL_FAULT`: a fault of this program.
pub(crate) fn require_forms(body: &EntryBody) -> Result<()> {
    let fault = |why| Error::new(Reason::JournalFault).because(why);
    let actors = ["persons/", "services/", "subjects/"];
    let named = |front: &&str| body.actor.strip_prefix(*front).is_some_and(is_part);
    if !actors.iter().any(named) {
        return Err(fault("the entry's actor has none of the forms"));
    }
    if body.subject == NOTHING || is_name(&body.subject) {
        return Ok(());
    }
    Err(fault("the entry's subject has none of the forms"))
}

/// Whether `text` has the form of a resource name: a collection of letters, then parts behind slashes.
pub fn is_name(text: &str) -> bool {
    text.split_once('/').is_some_and(|(collection, rest)| {
        !collection.is_empty()
            && collection.bytes().all(|byte| byte.is_ascii_alphabetic())
            && rest.split('/').all(is_part)
    })
}

fn is_part(text: &str) -> bool {
    // A company's file numbers may have blanks in them.
    !text.is_empty() && !text.chars().any(|c| c == '/' || c.is_control())
}

/// The file that an entry is about, `files/{uuid}`, wherever its event names it; otherwise its subject. The audit trail
/// of a file is all entries with its topic.
pub fn topic(body: &EntryBody) -> String {
    let kind = body.event.as_ref().and_then(|event| event.kind.as_ref());
    let named = kind.and_then(file_of).and_then(file_name).or_else(|| file_name(&body.subject));
    named.unwrap_or(&body.subject).to_owned()
}

// No wildcard: a new kind of event must decide which file it is about.
fn file_of(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::PersonChanged(_)
        | Kind::AppointmentChanged(_)
        | Kind::DelegationChanged(_)
        | Kind::ScoreModelChanged(_)
        | Kind::OrganisationLoaded(_)
        | Kind::ImportBatchChanged(_)
        | Kind::PlaceChanged(_)
        | Kind::JournalRecovered(_) => None,
        Kind::GrantChanged(event) => Some(&event.file),
        Kind::ApprovalChanged(event) => Some(file_or(&event.file, &event.subject)),
        Kind::AccessRequestChanged(event) => Some(&event.file),
        Kind::LoanChanged(event) => Some(&event.file),
        Kind::FileChanged(event) => Some(&event.file),
        Kind::NumberChanged(event) => Some(&event.holder),
        Kind::FileDisclosed(event) => Some(&event.file),
        Kind::RecordChanged(event) => Some(&event.file),
        Kind::DocumentChanged(event) => Some(&event.file),
        Kind::ItemChanged(event) => Some(&event.file),
        Kind::VolumeChanged(event) => Some(&event.file),
        Kind::HoldChanged(event) => Some(&event.file),
        // Who sees the list sees what is on it, and once the file is gone nobody else sees anything of it.
        Kind::DisposalChanged(event) => Some(file_or(&event.record, &event.file)),
        Kind::DisposalAnswered(event) => Some(&event.file),
        Kind::PromisesOpened(event) => Some(&event.file),
        Kind::AccessRefused(event) => Some(&event.resource),
        Kind::RatingChanged(event) => Some(&event.customer),
        Kind::LimitChanged(event) => Some(&event.customer),
        Kind::ReservationChanged(event) => Some(&event.customer),
        Kind::DutyChanged(event) => Some(file_or(&event.file, &event.subject)),
    }
}

// Where an event names no file of its own, its subject may be one.
fn file_or<'a>(file: &'a str, subject: &'a str) -> &'a str {
    if file.is_empty() { subject } else { file }
}

/// The other files, `files/{uuid}`, that an entry names: whoever may not know of one is not told what the entry says (I10).
pub fn also_named(body: &EntryBody) -> Vec<&str> {
    let kind = body.event.as_ref().and_then(|event| event.kind.as_ref());
    if let Some(Kind::ItemChanged(moved)) = kind {
        return moved
            .record
            .rsplit_once("/records/")
            .map(|(file, _)| file)
            .filter(|file| *file != moved.file)
            .into_iter()
            .collect();
    }
    let Some(Kind::FileChanged(FileChanged { terms: Some(terms), .. })) = kind else { return Vec::new() };
    let linked = terms.links.iter().map(|link| link.file.as_str());
    let merged = terms.merged.iter().map(String::as_str);
    let one = [terms.of.as_str(), terms.merged_into.as_str()];
    linked.chain(merged).chain(one).filter(|file| !file.is_empty()).collect()
}

/// What entries of earlier versions call the resource `name`: a duty was `duties/{uuid}` before it said whose it is.
pub fn earlier_name(name: &str) -> Option<&str> {
    let (_, earlier) = name.strip_prefix("services/")?.split_once('/')?;
    Some(earlier).filter(|earlier| earlier.starts_with("duties/"))
}

/// `files/{uuid}` at the front of a resource name.
fn file_name(name: &str) -> Option<&str> {
    let id = name.strip_prefix("files/")?.split('/').next()?;
    Some(&name[.."files/".len() + id.len()]).filter(|_| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use dossier_proto::journal::v1::{ApprovalChanged, LoanChanged, PersonChanged};

    use super::*;

    fn about(subject: &str, kind: Option<Kind>) -> String {
        topic(&EntryBody { subject: subject.into(), event: Some(Event { kind }), ..EntryBody::default() })
    }

    #[test]
    fn only_a_duty_was_called_otherwise() {
        assert_eq!(earlier_name("services/profile/duties/7"), Some("duties/7"));
        for other in ["duties/7", "services/profile", "services/profile/journal", "files/7"] {
            assert_eq!(earlier_name(other), None, "{other}");
        }
    }

    #[test]
    fn the_topic_is_the_file_wherever_it_is_named() {
        let loan = LoanChanged { file: "files/1".into(), ..LoanChanged::default() };
        assert_eq!(about("loans/2", Some(Kind::LoanChanged(loan))), "files/1");
        assert_eq!(about("loans/2", Some(Kind::LoanChanged(LoanChanged::default()))), "loans/2");
        let mut asked =
            ApprovalChanged { subject: "accessRequests/5".into(), file: "files/1".into(), ..Default::default() };
        assert_eq!(about("approvals/6", Some(Kind::ApprovalChanged(asked.clone()))), "files/1");
        (asked.subject, asked.file) = ("files/4".into(), String::new());
        assert_eq!(about("approvals/6", Some(Kind::ApprovalChanged(asked))), "files/4");
        assert_eq!(about("persons/3", Some(Kind::PersonChanged(PersonChanged::default()))), "persons/3");
        assert_eq!(about("files/4/revisions/2", None), "files/4");
        assert_eq!(about("files/", None), "files/");
    }
}
