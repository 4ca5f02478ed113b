//! Kinds of place, and the effects that move things into them.

use crate::Regimes;
use crate::fault::{Fault, Faults};

const ROOMS: &str = include_str!("../../../../../tests/packs/ROOMS.yaml");
const FORMS: [(&str, &str); 2] = [
    ("movement", include_str!("../../../../../tests/packs/templates/movement.yaml")),
    ("difference", include_str!("../../../../../tests/packs/templates/difference.yaml")),
];

fn read(text: &str) -> Result<Regimes, Faults> {
    super::beside("rooms.yaml", text, &FORMS)
}

#[track_caller]
fn refused(from: &str, to: &str, sentence: &str) {
    assert!(ROOMS.contains(from), "{from}");
    let faults = read(&ROOMS.replacen(from, to, 1)).unwrap_err();
    let told: Vec<&Fault> = faults.errors().collect();
    assert!(told.iter().any(|one| one.sentence == sentence), "{from} -> {to}: {faults}");
}

// proves: X-37, P-09
#[test]
fn places_form_a_tree_and_each_is_for_something() {
    let rules = read(ROOMS).unwrap();
    assert_eq!(rules.pack("ROOMS").unwrap().place("bag").unwrap().holds, Some(2));
    refused(
        "in: [room], takes: [paper], holds",
        "in: [hall], takes: [paper], holds",
        "there is no kind of place `hall`",
    );
    refused("{id: room, label: 库房}", "{id: room, label: 库房, in: [shelf]}", "`room` would stand in itself");
    let idle = "nothing is laid into `safe`, and nothing stands in it";
    refused("label: 保险柜, in: [room], takes: [valuable]", "label: 保险柜, in: [room]", idle);
    refused("holds: 2", "holds: 0", "holds nothing: leave it out for any number");
    refused("by: [cooperation_stage]", "by: [colour]", "there is no axis of classification `colour`");
    let open = "nothing is laid there: it says something of `takes`";
    refused("label: 档案袋, in: [room], takes: [paper], holds", "label: 档案袋, in: [room], holds", open);
}

// proves: X-37, C-31
#[test]
fn what_is_kept_like_cash_has_a_place() {
    refused("takes: [valuable]", "takes: [document]", "no kind of place takes what is `valuable` (C-31)");
}

// proves: X-37, P-106, X-22
#[test]
fn what_moves_and_where_to_is_named_by_the_form() {
    let thing =
        "field or column that names documents, volumes or items (`type: ref`, `to: document`, `volume` or `item`)";
    refused(
        "each: lines.thing, at: lines.place}]}",
        "each: lines.place, at: lines.place}]}",
        &format!("there is no {thing} `lines.place`"),
    );
    let place = "field, or column of the same group, that names a place (`type: ref`, `to: place`)";
    refused("do: custody.accept, at: place", "do: custody.accept, at: taker", &format!("there is no {place} `taker`"));
    refused("do: custody.place, at: place", "do: custody.place", "`custody.place` needs key `at`");
    refused("each: lines.thing, to: taker", "each: lines.thing", "`custody.release` needs key `to`");
    refused(
        "do: custody.accept, at: place",
        "do: custody.accept, to: taker, at: place",
        "`custody.accept` takes no `to`",
    );
    refused(
        "set: {thing: item, finding: finding}",
        "set: {thing: colour}",
        "there is no part of a difference `colour`",
    );
    let named = "there is no field of the case that names an item (`type: ref`, `to: item`) `settled`";
    refused("set: {thing: item, finding", "set: {settled: item, finding", named);
}
