//! Each rule of R17, R19, R20 and R30 on both sides of its boundary; [`law`] has what holds for all inputs.

mod law;

use dossier_regime::{Apart, PageCount, Relation, VolumeDivision, VolumeOrder, VolumeRule, YearRule};
use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::compose::{Open, Proposed, compose};
use super::order::{Numbers, arrange, is_uncounted, paginate};
use super::paper::{Class, Lies, Paper, by_id};
use super::why::{Ground, Why};
use super::*;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn class(id: &str) -> Class {
    let weight = [("short", 10), ("long", 30), ("permanent", u32::MAX)].into_iter().find(|one| one.0 == id).unwrap().1;
    Class { weight, id: id.into() }
}

// One of that kind and date, filed on the n-th day of 2026.
fn paper(n: u128, kind: &str, on: Option<Date>) -> Paper {
    let day = i64::try_from(n).unwrap() - 1;
    Paper {
        id: id(n),
        kind: kind.into(),
        date: on,
        period: (None, None),
        received: Timestamp::UNIX_EPOCH.checked_add(jiff::SignedDuration::from_hours(24 * day)).unwrap(),
        received_on: date(2026, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap(),
        apart: false,
        class: class("long"),
        position: u32::MAX,
        links: Vec::new(),
        sheets: 1,
        pages: 1,
        lies: Lies::Free,
    }
}

fn dated(n: u128, kind: &str, year: i16) -> Paper {
    paper(n, kind, Some(date(year, 6, 1)))
}

fn linked(mut one: Paper, links: &[(Relation, u128)]) -> Paper {
    one.links = links.iter().map(|(relation, other)| (*relation, id(*other))).collect();
    one
}

fn order(words: &[&str]) -> Vec<VolumeOrder> {
    words.iter().map(|word| VolumeOrder::parse(word).unwrap()).collect()
}

/// Year volumes as R30 has them.
fn yearly() -> VolumeRule {
    let year = [
        ("request", YearRule::Answered),
        ("plan", YearRule::First),
        ("summary", YearRule::Last),
        ("meeting", YearRule::First),
        ("other", YearRule::Date),
    ];
    VolumeRule {
        id: "yearly".into(),
        label: "年度案卷".into(),
        per: vec![VolumeDivision::File, VolumeDivision::Year, VolumeDivision::Retention],
        year: year.into_iter().map(|(kind, rule)| (kind.to_owned(), rule)).collect(),
        together: vec![Relation::CopyOf, Relation::RepliesTo, Relation::Forwards, Relation::TranslationOf],
        apart: Some(Apart { level: "top_secret".into(), kinds: vec!["secret".into()], guests: 2 }),
        order: order(&["replies_to", "annex_of", "draft_of", "received"]),
        count: PageCount::TextPages,
        unpaged: vec!["receipt".into()],
        ..VolumeRule::default()
    }
}

/// One volume of a file, in the order of `words`.
fn whole(words: &[&str], count: PageCount) -> VolumeRule {
    VolumeRule {
        id: "whole".into(),
        per: vec![VolumeDivision::File],
        order: order(words),
        count,
        ..VolumeRule::default()
    }
}

fn proposed(rule: &VolumeRule, papers: &[Paper]) -> Vec<Proposed> {
    compose(rule, &by_id(papers), &[])
}

// The year of the volume into which the n-th comes, and the first ground that says so.
fn year(rule: &VolumeRule, papers: &[Paper], n: u128) -> (i16, Why) {
    let found = proposed(rule, papers);
    let one = found.iter().find(|one| one.laid.iter().any(|laid| laid.document == id(n))).unwrap();
    let laid = one.laid.iter().find(|laid| laid.document == id(n)).unwrap();
    (one.key.year.unwrap(), laid.why[0])
}

fn arranged(rule: &VolumeRule, papers: &[Paper]) -> Vec<u128> {
    let wanted = papers.iter().map(|one| one.id).collect();
    arrange(rule, &by_id(papers), &wanted).iter().map(|id| id.as_u128()).collect()
}

fn shares(rule: &VolumeRule, papers: &[Paper], one: u128, other: u128) -> bool {
    proposed(rule, papers)
        .iter()
        .any(|found| [one, other].iter().all(|n| found.laid.iter().any(|laid| laid.document == id(*n))))
}

// proves: P-92
#[test]
fn r30_documents_of_different_years_are_not_mixed() {
    let papers = [
        paper(1, "letter", Some(date(2025, 12, 31))),
        paper(2, "letter", Some(date(2026, 1, 1))),
        paper(3, "letter", None),
    ];
    let found = proposed(&yearly(), &papers);
    let years: Vec<_> = found.iter().map(|one| (one.key.year.unwrap(), one.laid.len())).collect();
    assert_eq!(years, [(2025, 1), (2026, 2)]);
    assert_eq!(year(&yearly(), &papers, 1), (2025, Why::of(Ground::Date)));
    assert_eq!(year(&yearly(), &papers, 3), (2026, Why::of(Ground::Received)));
}

// proves: P-92
#[test]
fn r30_a_request_lies_in_the_year_of_the_reply_and_without_one_in_its_own() {
    let (asked, answer) = (dated(1, "request", 2024), linked(dated(2, "letter", 2026), &[(Relation::RepliesTo, 1)]));
    assert_eq!(year(&yearly(), std::slice::from_ref(&asked), 1), (2024, Why::of(Ground::Unanswered)));
    let papers = [asked, answer];
    assert_eq!(year(&yearly(), &papers, 1), (2026, Why::with(Ground::Answered, id(2))));
    assert_eq!(year(&yearly(), &papers, 2), (2026, Why::of(Ground::Date)));
    // What is no request, and kept together with nothing, has its own year, answered or not.
    let alone = VolumeRule { together: Vec::new(), ..yearly() };
    let papers = [dated(1, "letter", 2024), papers[1].clone()];
    assert_eq!(year(&alone, &papers, 1).0, 2024);
    let papers = [dated(1, "request", 2024), papers[1].clone()];
    assert_eq!(year(&alone, &papers, 1).0, 2026);
    // An answer that was never on paper answers all the same, and of several the last.
    let electronic = Paper { lies: Lies::Never, ..papers[1].clone() };
    let later = linked(dated(3, "letter", 2027), &[(Relation::RepliesTo, 1)]);
    assert_eq!(year(&yearly(), &[papers[0].clone(), electronic.clone()], 1).0, 2026);
    assert_eq!(year(&yearly(), &[papers[0].clone(), electronic, later], 1), (2027, Why::with(Ground::Answered, id(3))));
}

// proves: P-92
#[test]
fn r30_a_plan_and_a_meeting_lie_in_their_first_year_a_summary_in_its_last() {
    let span = (Some(date(2024, 1, 1)), Some(date(2026, 12, 31)));
    for (kind, spanning, expected) in [
        ("plan", 2024, Ground::First),
        ("meeting", 2024, Ground::First),
        ("summary", 2026, Ground::Last),
        ("letter", 2025, Ground::Date),
    ] {
        let one = Paper { period: span, ..dated(1, kind, 2025) };
        assert_eq!(year(&yearly(), &[one], 1), (spanning, Why::of(expected)), "{kind}");
        // Of one year, or of none that is said, it is of its own.
        let one = Paper { period: (Some(date(2025, 3, 1)), Some(date(2025, 9, 1))), ..dated(1, kind, 2025) };
        assert_eq!(year(&yearly(), &[one], 1).0, 2025, "{kind}");
        assert_eq!(year(&yearly(), &[dated(1, kind, 2025)], 1), (2025, Why::of(Ground::Date)), "{kind}");
    }
}

// proves: P-93
#[test]
fn r30_what_is_kept_together_is_never_split_and_lies_where_its_leader_lies() {
    for (relation, led) in
        [(Relation::CopyOf, 2), (Relation::TranslationOf, 2), (Relation::Forwards, 1), (Relation::RepliesTo, 1)]
    {
        // The second names the first, a year later.
        let papers = [dated(1, "letter", 2024), linked(dated(2, "letter", 2025), &[(relation, 1)])];
        assert!(shares(&yearly(), &papers, 1, 2), "{relation}");
        let leader = 3 - led;
        let at = if leader == 1 { 2024 } else { 2025 };
        assert_eq!(year(&yearly(), &papers, led), (at, Why::with(Ground::Together, id(leader))), "{relation}");
        // The other side: a relation that keeps nothing together.
        let loose = VolumeRule { together: Vec::new(), ..yearly() };
        assert!(!shares(&loose, &papers, 1, 2), "{relation}");
    }
    let annexed = [dated(1, "letter", 2024), linked(dated(2, "letter", 2025), &[(Relation::AnnexOf, 1)])];
    assert!(!shares(&yearly(), &annexed, 1, 2), "annexes are not named");
}

// proves: P-100
#[test]
fn r30_documents_of_different_value_lie_apart_and_what_is_together_lies_with_what_is_kept_longest() {
    let short = Paper { class: class("short"), ..dated(1, "letter", 2026) };
    let long = dated(2, "letter", 2026);
    assert!(!shares(&yearly(), &[short.clone(), long.clone()], 1, 2));
    let long = linked(long, &[(Relation::RepliesTo, 1)]);
    let found = proposed(&yearly(), &[short, long]);
    assert_eq!((found.len(), found[0].key.class.clone()), (1, Some(class("long"))));
    let why = |n: u128| found[0].laid.iter().find(|laid| laid.document == id(n)).unwrap().why.last().copied();
    assert_eq!(why(1), Some(Why::with(Ground::LongerClass, id(2))));
    assert_eq!(why(2), Some(Why::of(Ground::Class)));
    // By year alone, value divides nothing.
    let rule = VolumeRule { per: vec![VolumeDivision::File, VolumeDivision::Year], ..yearly() };
    let papers = [Paper { class: class("short"), ..dated(1, "letter", 2026) }, dated(2, "letter", 2026)];
    assert!(shares(&rule, &papers, 1, 2));
}

fn secret(n: u128) -> Paper {
    Paper { apart: true, ..dated(n, "secret", 2026) }
}

// proves: P-94
#[test]
fn r30_top_secret_documents_have_volumes_of_their_own_which_a_few_others_may_join() {
    let papers = [secret(1), dated(2, "letter", 2026)];
    assert!(!shares(&yearly(), &papers, 1, 2), "nothing links them");
    let guest = |n| linked(dated(n, "letter", 2026), &[(Relation::RepliesTo, 1)]);
    let two = [secret(1), guest(2), guest(3)];
    let found = proposed(&yearly(), &two);
    assert_eq!((found.len(), found[0].key.apart, found[0].laid.len()), (1, true, 3), "two may");
    let laid = found[0].laid.iter().find(|laid| laid.document == id(2)).unwrap();
    assert_eq!(laid.why[0], Why::with(Ground::Guest, id(1)));
    let three = [secret(1), guest(2), guest(3), guest(4)];
    let found = proposed(&yearly(), &three);
    assert_eq!(found.iter().map(|one| (one.key.apart, one.laid.len())).collect::<Vec<_>>(), [(false, 3), (true, 1)]);
    assert_eq!(found[0].laid[0].why[0], Why::with(Ground::Parted, id(1)));
    // Guests of two hosts fill two volumes, so that none has more than may join.
    let host = |n, of| linked(Paper { apart: true, ..dated(n, "secret", 2026) }, &[(Relation::RepliesTo, of)]);
    let hosts = [
        host(1, 11),
        host(2, 12),
        dated(11, "letter", 2026),
        dated(12, "letter", 2026),
        linked(dated(13, "letter", 2026), &[(Relation::CopyOf, 12)]),
    ];
    let found = proposed(&yearly(), &hosts);
    assert_eq!(found.iter().map(|one| (one.key.apart, one.laid.len())).collect::<Vec<_>>(), [(true, 2), (true, 3)]);
}

// proves: P-95
#[test]
fn r30_a_reply_stands_before_the_request_the_text_before_its_annex_the_print_before_the_draft() {
    let rule = yearly();
    let request = dated(1, "request", 2026);
    let annex_of_request = linked(dated(2, "letter", 2026), &[(Relation::AnnexOf, 1)]);
    let draft = linked(dated(3, "letter", 2026), &[(Relation::DraftOf, 5)]);
    let annex = linked(dated(4, "letter", 2026), &[(Relation::AnnexOf, 5)]);
    let reply = linked(dated(5, "letter", 2026), &[(Relation::RepliesTo, 1)]);
    let other = dated(6, "letter", 2026);
    let papers = [request, annex_of_request, draft, annex, reply, other];
    assert_eq!(arranged(&rule, &papers), [5, 3, 4, 1, 2, 6]);
    // Turned, or not asked for.
    assert_eq!(
        arranged(&VolumeRule { order: order(&["-replies_to", "received"]), ..rule.clone() }, &papers[..5])[0],
        1
    );
    assert_eq!(arranged(&VolumeRule { order: order(&["received"]), ..rule }, &papers), [1, 2, 3, 4, 5, 6]);
}

// proves: P-95
#[test]
fn r19_documents_stand_by_their_dates_the_earliest_first_and_r20_the_newest_first() {
    let papers = [
        paper(1, "letter", Some(date(2026, 3, 2))),
        paper(2, "letter", Some(date(2026, 3, 1))),
        paper(3, "letter", Some(date(2025, 12, 31))),
        paper(4, "letter", None), // filed on the fourth of January 2026
        paper(5, "letter", Some(date(2026, 3, 1))),
    ];
    assert_eq!(arranged(&whole(&["date"], PageCount::Sheets), &papers), [3, 4, 2, 5, 1]);
    assert_eq!(arranged(&whole(&["-date"], PageCount::Sheets), &papers), [1, 2, 5, 4, 3]);
}

// proves: P-95, C-27
#[test]
fn r17_the_four_parts_stand_in_their_order_and_in_each_as_they_came() {
    let at = |n, position| Paper { position, ..dated(n, "part", 2026) };
    let papers = [at(1, 2), at(2, 1), at(3, u32::MAX), at(4, 2), at(5, 1)];
    assert_eq!(arranged(&whole(&["position", "received"], PageCount::Sheets), &papers), [2, 5, 1, 4, 3]);
    assert_eq!(arranged(&whole(&["received"], PageCount::Sheets), &papers), [1, 2, 3, 4, 5]);
    let found = proposed(&whole(&["position"], PageCount::Sheets), &papers);
    assert_eq!((found.len(), found[0].laid[0].why.clone()), (1, vec![Why::of(Ground::WholeFile)]));
}

// proves: P-96, P-101
#[test]
fn r17_numbers_every_sheet_but_not_annexes_and_r30_pages_with_text_alone() {
    let paged = |n, kind, sheets, pages| Paper { sheets, pages, ..dated(n, kind, 2026) };
    let papers =
        [paged(1, "letter", 2, 3), paged(2, "receipt", 4, 4), paged(3, "letter", 1, 0), paged(4, "letter", 3, 5)];
    let sheets = VolumeRule { unpaged: vec!["receipt".into()], ..whole(&["received"], PageCount::Sheets) };
    let numbers = |rule: &VolumeRule| {
        paginate(rule, papers.iter()).into_iter().map(|one| (one.first, one.last)).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&sheets), [(1, 2), (0, 0), (3, 3), (4, 6)]);
    assert_eq!(numbers(&yearly()), [(1, 3), (0, 0), (0, 0), (4, 8)]);
    // What bears none must not be counted; the rest must.
    assert!(!is_uncounted(&sheets, &papers[2]) && is_uncounted(&yearly(), &papers[2]));
    assert!(!is_uncounted(&yearly(), &Paper { pages: 0, ..papers[1].clone() }));
    assert_eq!(paginate(&sheets, [].into_iter()), [] as [Numbers; 0]);
}

// proves: P-92, P-93
#[test]
fn what_comes_later_joins_the_open_volume_and_never_a_closed_one() {
    let key = proposed(&yearly(), &[dated(1, "letter", 2026)])[0].key.clone();
    let volume = id(900);
    let lying = Paper { lies: Lies::Open(volume), ..dated(1, "letter", 2026) };
    let open = [Open { id: volume, key }];
    let copy = linked(dated(2, "letter", 2027), &[(Relation::CopyOf, 1)]);
    let papers = [lying.clone(), copy.clone(), dated(3, "letter", 2026), dated(4, "letter", 2027)];
    let found = compose(&yearly(), &by_id(&papers), &open);
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.into, one.laid.iter().map(|laid| laid.document.as_u128()).collect::<Vec<_>>()))
        .collect();
    assert_eq!(told, [(Some(volume), vec![2, 3]), (None, vec![4])]);
    // Closed, it binds nothing: the copy is of its own year.
    let papers = [Paper { lies: Lies::Closed(volume), ..lying }, copy];
    let found = compose(&yearly(), &by_id(&papers), &[]);
    assert_eq!((found.len(), found[0].into, found[0].key.year), (1, None, Some(2027)));
}

// proves: P-94
#[test]
fn a_guest_whose_host_has_no_room_left_lies_among_the_others() {
    let host = Paper { lies: Lies::Open(id(900)), ..secret(1) };
    let key = proposed(&yearly(), &[secret(1)])[0].key.clone();
    let guest = |n, lies| Paper { lies, ..linked(dated(n, "letter", 2026), &[(Relation::RepliesTo, 1)]) };
    let stranger = Paper { lies: Lies::Open(id(900)), ..dated(8, "letter", 2026) };
    let room = [host.clone(), stranger.clone(), guest(2, Lies::Free)];
    let open = [Open { id: id(900), key }];
    let found = compose(&yearly(), &by_id(&room), &open);
    assert_eq!((found.len(), found[0].into), (1, Some(id(900))));
    let full = [host, stranger, guest(2, Lies::Open(id(900))), guest(3, Lies::Free)];
    let found = compose(&yearly(), &by_id(&full), &open);
    assert_eq!((found.len(), found[0].into, found[0].key.apart), (1, None, false));
}

#[test]
fn relations_have_the_words_that_packs_have() {
    let words: Vec<_> = Relation::ALL.iter().map(|one| one.as_str()).collect();
    let mut links = crate::domain::document::Link::WORDS.to_vec();
    links.sort_unstable();
    let mut sorted = words;
    sorted.sort_unstable();
    assert_eq!(sorted, links);
}
