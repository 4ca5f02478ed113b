use dossier_regime::Stage;

use super::*;
use crate::domain::customer_file::{CustomerFile, State as FileState};

fn kind(limit: RecordLimit) -> RecordKind {
    let stage = |id: &str, is_final| Stage { id: id.into(), label: id.into(), is_final, ..Stage::default() };
    let stages = vec![stage("noted", false), stage("read", false), stage("done", true)];
    RecordKind { id: "visit".into(), limit, stages, ..RecordKind::default() }
}

fn made(limit: RecordLimit) -> Record {
    let (id, file) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let when = (Timestamp::UNIX_EPOCH, Date::constant(2026, 11, 3));
    Record::new(id, file, &kind(limit), &Template::default(), id, when)
}

// proves: P-47
#[test]
fn a_record_begins_before_the_first_stage_and_takes_the_place_that_its_kind_has() {
    let (many, once) = (made(RecordLimit::Many), made(RecordLimit::Once));
    assert_eq!((many.stage.as_str(), many.version, many.period()), ("", 1, ""));
    assert_eq!((once.slot.as_str(), once.period()), ("", ""));
    assert_eq!(made(RecordLimit::OneAMonth).period(), "2026-11");
    assert_eq!(made(RecordLimit::OneAYear).period(), "2026");
    assert_eq!(ids("name", &once.name()).unwrap(), (once.file, once.id));
    assert!(once.require_etag("v1").is_ok() && once.require_etag("v2").is_err());
}

// proves: P-38
#[test]
fn what_it_enters_and_leaves_stands_in_order_and_an_end_frees_its_place() {
    let kind = kind(RecordLimit::OneOpen);
    let mut one = made(RecordLimit::OneOpen);
    one.enter(&kind, "noted", 5, 1);
    // A clock that went back turns no step round.
    one.enter(&kind, "read", 3, 2);
    assert_eq!((one.stage.as_str(), one.steps.len(), one.steps[1].at), ("read", 2, 5));
    assert_eq!(one.go_back("read").unwrap_err().reason(), Reason::FieldViolation, "it stands there");
    assert_eq!(one.go_back("done").unwrap_err().reason(), Reason::FieldViolation, "it was never there");
    one.go_back("noted").unwrap();
    assert_eq!((one.stage.as_str(), one.steps.len(), one.round), ("noted", 1, 1));
    one.enter(&kind, "read", 9, 4);
    one.enter(&kind, "done", 9, 5);
    assert_eq!((one.state, one.slot.clone()), (State::Final, one.id.to_string()));
    assert_eq!(one.require_open().unwrap_err().reason(), Reason::WrongState);
}

// proves: P-38
#[test]
fn what_was_decided_leads_where_the_kind_says_and_what_did_something_for_good_is_not_undone() {
    let kind = kind(RecordLimit::Once);
    let waiting = |stage: &str| {
        let mut one = made(RecordLimit::Once);
        one.enter(&kind, "noted", 1, 1);
        one.pending = stage.into();
        one
    };
    let mut one = waiting("read");
    assert_eq!(one.require_idle().unwrap_err().metadata("state"), Some("PENDING"));
    assert!(one.require_open().is_ok());
    assert_eq!(one.refuse(&kind, "noted", 2, 2), Vec::<String>::new());
    assert_eq!(
        (one.stage.as_str(), one.pending.as_str(), one.round),
        ("noted", "", 1),
        "it stands where it stood, to be signed anew"
    );
    let mut one = waiting("read");
    one.refuse(&kind, "done", 2, 2);
    assert_eq!((one.stage.as_str(), one.state), ("done", State::Final), "a stage that only a no leads to");
    let mut one = waiting("read");
    one.handed_back(None);
    assert_eq!((one.stage.as_str(), one.pending.as_str(), one.steps.len()), ("noted", "", 1));
    let mut one = waiting("read");
    one.enter(&kind, "read", 2, 2);
    one.note_done(2, |stage| stage == "read");
    assert_eq!((one.stage.as_str(), one.pending.as_str()), ("read", ""));
    assert_eq!(one.go_back("noted").unwrap_err().metadata("stage"), Some("read"));
    let ended = one.clone().void().unwrap_err();
    assert_eq!((ended.reason(), ended.metadata("stage")), (Reason::WrongState, Some("read")));
    assert_eq!((one.done.len(), one.done[0].revision), (1, 2));
}

// proves: P-48, P-49
#[test]
fn a_correction_opens_a_record_before_the_stage_that_it_touches_and_nothing_happens_twice() {
    let kind = kind(RecordLimit::OneOpen);
    let mut one = made(RecordLimit::OneOpen);
    for (at, stage) in ["noted", "read", "done"].into_iter().enumerate() {
        let revision = 1 + i64::try_from(at).unwrap();
        one.enter(&kind, stage, 1, revision);
        one.note_done(revision, |stage| stage == "read");
    }
    assert_eq!((one.state, one.slot.as_str()), (State::Final, one.id.to_string().as_str()));
    assert_eq!(one.reopen(&kind, |stage| stage == "read"), ["read", "done"]);
    assert_eq!((one.state, one.stage.as_str(), one.slot.as_str(), one.round), (State::Open, "noted", "", 1));
    assert!(one.clone().void().is_err(), "what happened has happened");
    one.enter(&kind, "read", 9, 5);
    one.note_done(5, |_| true);
    assert_eq!((one.done.len(), one.done[0].revision), (1, 2), "once, as it was entered then");
    assert_eq!(one.reopen(&kind, |_| true), ["noted", "read"]);
    assert_eq!(one.stage, "");
}

#[test]
fn only_fields_of_a_record_are_written_and_only_in_an_open_file() {
    let paths = |paths: &[&str]| mask(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
    assert_eq!(paths(&["fields.needs"]).unwrap(), BTreeSet::from([Path::Field("needs".to_owned())]));
    assert!(paths(&["fields"]).is_ok());
    for foreign in ["unit", "kind", "stage", "field"] {
        assert_eq!(paths(&[foreign]).unwrap_err().reason(), Reason::UpdateMaskInvalid, "{foreign}");
    }
    let open = crate::domain::customer_file::tests::file();
    assert!(open.require_open().is_ok());
    let closed = CustomerFile { state: FileState::Closed, ..open };
    assert_eq!(closed.require_open().unwrap_err().reason(), Reason::WrongState);
}
