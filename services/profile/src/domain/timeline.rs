//! What of the journal the timeline of a file tells, and to whom (P-25).

use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{DocumentChanged, EntryBody, RecordChanged};

use super::record::ids;

/// The action of a reading: who looked is a matter of the journal itself.
pub const READING: &str = "file.disclosed";

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum About<'e> {
    /// The file, or its number.
    File,
    /// A record in it.
    Record(&'e RecordChanged),
    /// A document in it.
    Document(&'e DocumentChanged),
}

/// What `body` is about, where the timeline of its file tells it to a reader; `records`: their right reaches what lies in the file.
///
/// Of a duty not everybody may know who sees its file, so that duties are told by their own list alone.
pub fn told(body: &EntryBody, records: bool) -> Option<About<'_>> {
    // No wildcard: of a new kind of event somebody must decide whether everybody who sees the file may know.
    match body.event.as_ref()?.kind.as_ref()? {
        Kind::FileChanged(_) => Some(About::File),
        // The number of a record tells of the record.
        Kind::NumberChanged(one) => (records || ids("holder", &one.holder).is_err()).then_some(About::File),
        Kind::RecordChanged(one) => records.then_some(About::Record(one)),
        Kind::DocumentChanged(one) => records.then_some(About::Document(one)),
        // What it was held for the record tells.
        Kind::HoldChanged(_) | Kind::ItemChanged(_) | Kind::DisposalChanged(_) => records.then_some(About::File),
        Kind::FileDisclosed(_)
        | Kind::PromisesOpened(_)
        | Kind::AccessRefused(_)
        | Kind::DutyChanged(_)
        | Kind::PersonChanged(_)
        | Kind::AppointmentChanged(_)
        | Kind::DelegationChanged(_)
        | Kind::GrantChanged(_)
        | Kind::ApprovalChanged(_)
        | Kind::AccessRequestChanged(_)
        | Kind::LoanChanged(_)
        | Kind::DisposalAnswered(_)
        | Kind::ScoreModelChanged(_)
        | Kind::RatingChanged(_)
        | Kind::LimitChanged(_)
        | Kind::ReservationChanged(_)
        | Kind::OrganisationLoaded(_)
        | Kind::ImportBatchChanged(_)
        | Kind::PlaceChanged(_)
        | Kind::VolumeChanged(_)
        | Kind::JournalRecovered(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use dossier_proto::journal::v1::{
        AccessRefused, DutyChanged, Event, FileChanged, FileDisclosed, NumberChanged, PromisesOpened,
    };

    use super::*;

    fn entry(kind: Kind) -> EntryBody {
        EntryBody { event: Some(Event { kind: Some(kind) }), ..EntryBody::default() }
    }

    // proves: P-25
    #[test]
    fn what_was_done_is_told_and_not_who_looked_or_tried_or_owes() {
        assert_eq!(told(&entry(Kind::FileChanged(FileChanged::default())), false), Some(About::File));
        for other in [
            Kind::FileDisclosed(FileDisclosed::default()),
            Kind::PromisesOpened(PromisesOpened::default()),
            Kind::AccessRefused(AccessRefused::default()),
            Kind::DutyChanged(DutyChanged::default()),
        ] {
            assert_eq!(told(&entry(other), true), None);
        }
        assert_eq!(
            told(&EntryBody::default(), true),
            None,
            "what has no event is recorded for those who read journals"
        );
    }

    // proves: P-25, A-24
    #[test]
    fn a_record_is_told_to_whose_right_reaches_it() {
        let one = RecordChanged { kind: "complaint".into(), ..RecordChanged::default() };
        let body = entry(Kind::RecordChanged(one.clone()));
        assert_eq!((told(&body, true), told(&body, false)), (Some(About::Record(&one)), None));
        let (file, record) = (uuid::Uuid::nil(), uuid::Uuid::max());
        let number = |holder: String| entry(Kind::NumberChanged(NumberChanged { holder, ..NumberChanged::default() }));
        let body = number(format!("files/{file}/records/{record}"));
        assert_eq!((told(&body, true), told(&body, false)), (Some(About::File), None), "its number too");
        assert_eq!(told(&number(format!("files/{file}")), false), Some(About::File));
    }
}
