//! What is demanded of documents, without any store.

use std::collections::BTreeSet;

use dossier_kernel::error::Reason;
use dossier_kernel::faults::Faults;
use dossier_proto::profile::v1 as wire;
use dossier_regime::{Accept, Carrier as Asked, DocumentKind, DocumentNeed};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

use super::content::{MOST, PIECE, Place, Upload, bytes, ids, place_of};
use super::media;
use super::said::{PARTS, Said, mask};
use super::{Carrier, Counts, missing};

fn upload(size: i64) -> Upload {
    Upload {
        id: Uuid::from_u128(3),
        document: Uuid::from_u128(2),
        file: Uuid::from_u128(1),
        person: Uuid::from_u128(4),
        size,
        media_type: "application/pdf".into(),
        turn: 1,
        spans: Vec::new(),
        hash: None,
        touched_at: Timestamp::UNIX_EPOCH,
        version: 1,
    }
}

fn need(kind: &str, carrier: Option<Asked>, least: u32) -> DocumentNeed {
    DocumentNeed { kind: kind.into(), carrier, least, ..DocumentNeed::default() }
}

// proves: P-37
#[test]
fn a_demand_is_met_by_enough_documents_on_the_carrier_that_it_names() {
    let counts: Counts = [("a", Carrier::Original, 1), ("a", Carrier::Copy, 2)]
        .into_iter()
        .map(|(kind, carrier, count)| ((kind.to_owned(), carrier), count))
        .collect();
    for (asked, met) in [
        (need("a", None, 3), true),
        (need("a", None, 4), false),
        (need("a", Some(Asked::Original), 1), true),
        (need("a", Some(Asked::Original), 2), false),
        (need("a", Some(Asked::Scan), 1), false),
        (need("b", None, 1), false),
    ] {
        assert_eq!(missing(std::slice::from_ref(&asked), &counts, |_| true).is_empty(), met, "{asked:?}");
        assert!(missing(&[asked], &counts, |_| false).is_empty(), "what is not needed is not missing");
    }
}

// proves: P-29
#[test]
fn paper_and_ink_are_asked_of_paper_and_only_where_the_kind_says_which() {
    let strict = DocumentKind {
        accept: Accept { paper: vec!["A4".into()], ink: vec!["black_pen".into()] },
        ..DocumentKind::default()
    };
    let all: BTreeSet<_> = PARTS.into_iter().collect();
    let wrong = |kind: &DocumentKind, carrier, paper: &str, ink: &str| {
        let given = wire::Document { paper: paper.into(), ink: ink.into(), ..Default::default() };
        let mut faults = Faults::default();
        Said::default().after((kind, carrier), &given, &all, &mut faults);
        let fault = faults.finish().err();
        fault.map_or(0, |fault| fault.violations().len())
    };
    let free = DocumentKind::default();
    assert_eq!(wrong(&strict, Carrier::Original, "A4", "black_pen"), 0);
    assert_eq!(wrong(&strict, Carrier::Copy, "A4", "pencil"), 1);
    assert_eq!(wrong(&strict, Carrier::Original, "", ""), 2, "it must be said");
    assert_eq!(wrong(&strict, Carrier::Scan, "", ""), 0);
    assert_eq!(wrong(&free, Carrier::Original, "A3", "pencil") + wrong(&free, Carrier::Original, "", ""), 0);
    assert_eq!(wrong(&free, Carrier::Electronic, "A4", "pencil"), 2);
}

#[test]
fn days_and_counts_are_checked_and_what_is_not_named_stays() {
    let kind = DocumentKind { expires: true, ..DocumentKind::default() };
    let before = Said { expire_date: "2027-01-01".into(), sheets: 3, ..Said::default() };
    let after = |given: wire::Document, parts: &[&str]| {
        let mut faults = Faults::default();
        let said = before.after((&kind, Carrier::Copy), &given, &parts.iter().copied().collect(), &mut faults);
        faults.finish().map(|()| said)
    };
    let given = |date: &str, sheets| wire::Document { document_date: date.into(), sheets, ..Default::default() };
    let said = after(given("2026-02-01", 9), &["document_date"]).unwrap();
    assert_eq!((said.document_date.as_str(), said.sheets, said.expire_date.as_str()), ("2026-02-01", 3, "2027-01-01"));
    for wrong in ["2026-2-1", "2026-02-30", "heute", "20260201", "2026-02-01T00:00"] {
        assert!(after(given(wrong, 1), &["document_date"]).is_err(), "{wrong}");
    }
    assert!(after(given("", -1), &["sheets"]).is_err() && after(given("", 100_001), &["sheets"]).is_err());
    assert!(after(given("", 1), &["expire_date"]).is_err(), "one that lapses says when");
}

#[test]
fn a_mask_names_parts_and_fields_and_nothing_else() {
    let paths = |paths: &[&str]| mask(&paths.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>());
    assert_eq!(paths(&["sheets", "ink"]).unwrap().0, BTreeSet::from(["sheets", "ink"]));
    assert_eq!(paths(&["pages", "fields.title"]).unwrap().1.len(), 1);
    for wrong in ["kind", "carrier", "state", "content", "relations", "unit"] {
        assert_eq!(paths(&[wrong]).unwrap_err().reason(), Reason::UpdateMaskInvalid, "{wrong}");
    }
    assert!(paths(&[]).is_err());
}

#[test]
fn content_is_of_the_type_that_was_said_or_refused() {
    let docx = b"PK\x03\x04....[Content_Types].xml....word/document.xml";
    let word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    let png = b"\x89PNG\r\n\x1a\n and so on";
    for (media_type, head, fits) in [
        ("application/pdf", &b"%PDF-1.7 ..."[..], true),
        ("application/pdf", &png[..], false),
        ("image/png", &png[..], true),
        ("image/jpeg", &png[..], false),
        (word, &docx[..], true),
        ("application/ofd", &docx[..], false),
        ("text/plain", "往来函件".as_bytes(), true),
        // Cut in the middle of a letter.
        ("text/plain", &"往来".as_bytes()[..5], true),
        ("text/plain", &b"MZ\x90\x00\x03"[..], false),
        ("text/csv", &b"%PDF-1.7 ..."[..], false),
        ("text/plain", &b"\xff\xfeo"[..], false),
        ("image/svg+xml", &b"<svg/>"[..], false),
    ] {
        assert_eq!(media::require_found("files/1", media_type, head).is_ok(), fits, "{media_type}");
    }
    let pictures = DocumentKind { types: vec!["image/png".into()], ..DocumentKind::default() };
    assert!(media::require(Some(&pictures), "image/png").is_ok() && media::require(None, "text/csv").is_ok());
    assert!(media::require(Some(&pictures), "application/pdf").is_err());
    assert!(media::require(None, "application/x-msdownload").is_err());
}

#[test]
fn an_upload_has_one_name_and_only_what_began_it_goes_on() {
    let one = upload(10);
    assert_eq!(ids("name", &one.name()).unwrap(), (one.file, one.document, one.id));
    for wrong in ["", "files/1", &one.name()[..20], &format!("{}/x", one.name())] {
        assert_eq!(ids("name", wrong).unwrap_err().violations()[0].field, "name", "{wrong}");
    }
    assert!(one.require_same(10, "application/pdf").is_ok());
    assert!(one.require_same(11, "application/pdf").is_err() && one.require_same(10, "image/png").is_err());
    assert_eq!(one.require_checked().unwrap_err().reason(), Reason::WrongState);
}

proptest! {
    // Whatever streams begin and break, each piece that is kept is found under the turn that wrote it.
    #[test]
    fn each_piece_is_found_under_the_turn_that_wrote_it(streams in prop::collection::vec(0..5_u64, 1..8)) {
        let mut one = upload(MOST);
        let mut wrote = Vec::new();
        for pieces in streams {
            for _ in 0..pieces {
                wrote.push(one.turn);
                one.add_piece(Timestamp::UNIX_EPOCH);
            }
            one.turn += 1;
        }
        prop_assert_eq!(one.pieces(), wrote.len() as u64);
        prop_assert_eq!(one.received(), bytes(one.pieces()));
        let place: Place = one.place();
        for (at, turn) in wrote.iter().enumerate() {
            let expected = Some(format!("{}/{at:08}-{turn}", one.id));
            prop_assert_eq!(place.piece(at as u64), expected);
        }
        prop_assert_eq!(place.piece(wrote.len() as u64), None);
    }

    #[test]
    fn every_byte_has_one_place(offset in 0..MOST) {
        let (piece, within) = place_of(offset);
        prop_assert!(within < PIECE);
        prop_assert_eq!(bytes(piece) + i64::try_from(within).unwrap(), offset);
    }
}
