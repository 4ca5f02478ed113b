//! I3, the effects: what the tables say happened and what the journal says happened are the same, one to one.

use std::collections::{BTreeMap, BTreeSet};

use dossier::serve::Which;
use dossier_kernel::sql;
use dossier_proto::journal::v1::event::Kind;
use uuid::Uuid;

use super::{Stored, id, journal, kind, orgs, word};
use crate::world::World;

type Tally = BTreeMap<(String, String), i64>;

/// Violations of I3 between tables and journals.
pub async fn effects(world: &World) -> Vec<String> {
    let mut wrong = Vec::new();
    for (what, (stored, told)) in [
        ("a revision", both(world, Which::Profile, REVISIONS, revision).await),
        ("a number", both(world, Which::Profile, NUMBERS, number).await),
        ("an item", both(world, Which::Profile, ITEMS, item).await),
        ("a place", both(world, Which::Profile, PLACES, place).await),
        ("a volume", both(world, Which::Profile, VOLUMES, volume).await),
        ("a hold", both(world, Which::Profile, HOLDS, hold).await),
        ("a signature", both(world, Which::Access, DECISIONS, decisions).await),
        ("a loan", both(world, Which::Access, LOANS, loan).await),
        ("a grant", both(world, Which::Access, GRANTS, grant).await),
        ("a person", both(world, Which::Access, PEOPLE, person).await),
        ("a rating", both(world, Which::Credit, RATINGS, rating).await),
        ("a limit", both(world, Which::Credit, LIMITS, limit).await),
        ("a reservation", both(world, Which::Credit, RESERVATIONS, reservation).await),
    ] {
        for key in stored.keys().chain(told.keys()).collect::<BTreeSet<_>>() {
            let (stored, told) = (stored.get(key).copied().unwrap_or(0), told.get(key).copied().unwrap_or(0));
            if stored != told {
                wrong.push(format!("{what} {key:?}: {stored} in the store, {told} in the journal"));
            }
        }
    }
    wrong
}

// Each statement gives org, key and how often the journal must speak of it.
const REVISIONS: &str = "SELECT org, file, revision, CAST(1 AS BIGINT) FROM customer_file_revision";
const NUMBERS: &str =
    "SELECT org, COALESCE(record, file, who), sequence, CAST(1 AS BIGINT) FROM file_number WHERE state = 'issued'";
const ITEMS: &str = "SELECT org, id, CAST(0 AS BIGINT), version FROM item";
const VOLUMES: &str = "SELECT org, id, CAST(0 AS BIGINT), version FROM volume";
const PLACES: &str = "SELECT org, id, CAST(0 AS BIGINT), version FROM place";
const HOLDS: &str = "SELECT org, id, CAST(0 AS BIGINT), version FROM hold";
const DECISIONS: &str = "SELECT org, approval, round, COUNT(*) FROM approval_decision GROUP BY org, approval, round";
// The demand to return has an entry of its own and changes nothing that a reader of the loan sees.
const LOANS: &str =
    "SELECT org, id, CAST(0 AS BIGINT), version + CASE WHEN demanded_at IS NULL THEN 0 ELSE 1 END FROM loan";
const GRANTS: &str = "SELECT org, id, CAST(0 AS BIGINT), CAST(1 AS BIGINT) FROM access_grant";
const PEOPLE: &str = "SELECT org, id, CAST(0 AS BIGINT), CAST(1 AS BIGINT) FROM person";
const RATINGS: &str = "SELECT org, id, CAST(0 AS BIGINT), CAST(1 AS BIGINT) FROM rating";
const LIMITS: &str = "SELECT org, id, CAST(0 AS BIGINT), CAST(1 AS BIGINT) FROM credit_limit";
const RESERVATIONS: &str = "SELECT org, id, CAST(0 AS BIGINT), version FROM reservation";

async fn both(
    world: &World,
    which: Which,
    text: &'static str,
    told: fn(&Kind, &mut dyn FnMut(Uuid, i64, Count)),
) -> (Tally, Tally) {
    let mut stored = Tally::new();
    let mut tx = world.db(which).read().await.unwrap();
    for (org, id, part, count) in sql!(&mut tx, fetch_all as (String, Uuid, i64, i64), text).unwrap() {
        stored.insert((org, format!("{id} {part}")), count);
    }
    drop(tx);
    let mut counted = Tally::new();
    for org in orgs(world, which).await {
        let entries = journal(world, which, &org).await;
        let gone = destroyed(&entries);
        for entry in entries {
            let Some(kind) = kind(&entry.body) else { continue };
            if of_rows(kind).is_some_and(|file| gone.contains(&file)) {
                continue;
            }
            told(kind, &mut |id, part, count| {
                let slot = counted.entry((org.clone(), format!("{id} {part}"))).or_default();
                match count {
                    Count::Each => *slot += 1,
                    Count::Some => *slot = 1,
                    Count::Now(now) => *slot = now,
                }
            });
        }
    }
    (stored, counted)
}

// The files that are gone with their rows (I7).
fn destroyed(entries: &[Stored]) -> BTreeSet<Uuid> {
    let gone = |entry: &Stored| match kind(&entry.body) {
        Some(Kind::DisposalChanged(one)) if one.state == "destroyed" => id(&one.file),
        _ => None,
    };
    entries.iter().filter_map(gone).collect()
}

// The file of which an entry of profile says that there is a row.
fn of_rows(kind: &Kind) -> Option<Uuid> {
    match kind {
        Kind::FileChanged(one) => id(&one.file),
        Kind::ItemChanged(one) => id(&one.file),
        Kind::HoldChanged(one) => id(&one.file),
        _ => None,
    }
}

enum Count {
    // Each entry is an effect of its own.
    Each,
    // At least one entry.
    Some,
    // The entry says how many there are by now.
    Now(i64),
}

type Tell<'a> = &'a mut dyn FnMut(Uuid, i64, Count);

fn revision(kind: &Kind, tell: Tell<'_>) {
    if let Kind::FileChanged(event) = kind {
        tell(id(&event.file).unwrap_or_default(), event.revision, Count::Each);
    }
}

fn number(kind: &Kind, tell: Tell<'_>) {
    if let Kind::NumberChanged(event) = kind
        && word(&event.state, "FILE_NUMBER_STATE_") == "issued"
    {
        tell(id(&event.holder).unwrap_or_default(), event.sequence, Count::Each);
    }
}

fn hold(kind: &Kind, tell: Tell<'_>) {
    if let Kind::HoldChanged(event) = kind {
        tell(id(&event.hold).unwrap_or_default(), 0, Count::Each);
    }
}

fn decisions(kind: &Kind, tell: Tell<'_>) {
    if let Kind::ApprovalChanged(event) = kind {
        let mut rounds = BTreeMap::<i64, i64>::new();
        for decision in &event.decisions {
            *rounds.entry(decision.round.into()).or_default() += 1;
        }
        for (round, count) in rounds {
            tell(id(&event.approval).unwrap_or_default(), round, Count::Now(count));
        }
    }
}

fn loan(kind: &Kind, tell: Tell<'_>) {
    if let Kind::LoanChanged(event) = kind {
        tell(id(&event.loan).unwrap_or_default(), 0, Count::Each);
    }
}

fn grant(kind: &Kind, tell: Tell<'_>) {
    if let Kind::GrantChanged(event) = kind {
        tell(id(&event.grant).unwrap_or_default(), 0, Count::Some);
    }
}

fn person(kind: &Kind, tell: Tell<'_>) {
    if let Kind::PersonChanged(event) = kind {
        tell(id(&event.person).unwrap_or_default(), 0, Count::Some);
    }
}

fn rating(kind: &Kind, tell: Tell<'_>) {
    if let Kind::RatingChanged(event) = kind {
        tell(id(&event.rating).unwrap_or_default(), 0, Count::Each);
    }
}

fn item(kind: &Kind, tell: Tell<'_>) {
    if let Kind::ItemChanged(event) = kind {
        tell(id(&event.item).unwrap_or_default(), 0, Count::Each);
    }
}

fn volume(kind: &Kind, tell: Tell<'_>) {
    if let Kind::VolumeChanged(event) = kind {
        tell(id(&event.volume).unwrap_or_default(), 0, Count::Each);
    }
}

fn place(kind: &Kind, tell: Tell<'_>) {
    if let Kind::PlaceChanged(event) = kind {
        tell(id(&event.place).unwrap_or_default(), 0, Count::Each);
    }
}

fn limit(kind: &Kind, tell: Tell<'_>) {
    if let Kind::LimitChanged(event) = kind {
        tell(id(&event.limit).unwrap_or_default(), 0, Count::Some);
    }
}

fn reservation(kind: &Kind, tell: Tell<'_>) {
    if let Kind::ReservationChanged(event) = kind {
        tell(id(&event.reservation).unwrap_or_default(), 0, Count::Each);
    }
}
