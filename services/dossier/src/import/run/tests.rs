//! What becomes of answers, without any service.

use dossier_kernel::error::{Error, Missing};

use super::*;

fn take(status: Status) -> (bool, Report) {
    let mut report = Report::default();
    let goes_on = report.take(outcome(7, None, &status), &mut Progress::default());
    (goes_on, report)
}

#[test]
fn a_refused_line_is_told_by_reason_and_field() {
    let fault = Error::violation("customer_file.fields.age", "is over its limit").and_violation("reason", "x");
    let (goes_on, report) = take(fault.into());
    assert!(goes_on);
    assert_eq!(report.refused_lines(), 1);
    let told: Vec<_> = report.refused.iter().map(|one| (one.reason.as_str(), one.field.as_str())).collect();
    assert_eq!(told, [("FIELD_VIOLATION", "fields.age"), ("FIELD_VIOLATION", "reason")]);
    let (goes_on, report) = take(Error::new(Reason::FileUnitTaken).into());
    assert!(goes_on && report.refused[0].reason == "FILE_UNIT_TAKEN" && !report.refused[0].why.is_empty());
}

#[test]
fn what_every_line_would_suffer_stops_the_import() {
    let faults = [Reason::TokenExpired, Reason::PermissionDenied, Reason::StoreUnavailable].map(Error::new);
    for fault in faults.into_iter().chain([Error::missing(Missing::Unit, "moon")]) {
        let told = format!("{fault:?}");
        let (goes_on, report) = take(fault.into());
        assert!(!goes_on && report.stopped.is_some() && report.refused.is_empty(), "{told}");
    }
    let (goes_on, _) = take(Error::missing(Missing::Person, "persons/1").into());
    assert!(goes_on, "another line may name another person");
}

#[test]
fn a_line_that_was_sent_and_not_answered_is_not_refused_and_its_outcome_is_unknown() {
    for status in [Status::unavailable("x"), Status::cancelled("x"), Status::unknown("x"), Status::internal("x")] {
        let (goes_on, report) = take(status);
        assert!(!goes_on && report.stopped.is_some() && report.refused.is_empty());
        assert_eq!(report.unknown, [7]);
    }
    let (_, report) = take(Error::new(Reason::PermissionDenied).into());
    assert!(report.unknown.is_empty());
}

#[test]
fn what_is_created_and_what_was_there_are_counted_apart() {
    let (mut report, mut reached) = (Report::default(), Progress::default());
    for (line, existing) in [(2, false), (3, true), (4, true)] {
        assert!(report.take(Line::Done(line, format!("files/{line}"), existing), &mut reached));
    }
    assert!(report.take(Line::Left, &mut reached));
    assert_eq!((reached.lines, reached.created, reached.existing), (3, 1, 2));
    assert_eq!((report.lines, report.files.len(), report.existing), (3, 3, 2));
}

#[tokio::test(start_paused = true)]
async fn a_busy_service_is_asked_again_but_not_for_ever() {
    let asked = std::cell::Cell::new(0);
    let call = |until: u32| {
        asked.set(asked.get() + 1);
        let busy = asked.get() < until;
        async move { if busy { Err(Status::unavailable("busy")) } else { Ok(Response::new(asked_enough())) } }
    };
    assert!(repeated(|| call(3)).await.is_ok());
    assert_eq!(asked.replace(0), 3);
    assert!(repeated(|| call(100)).await.is_err());
    assert_eq!(asked.get(), ATTEMPTS);
}

fn asked_enough() -> u8 {
    1
}
