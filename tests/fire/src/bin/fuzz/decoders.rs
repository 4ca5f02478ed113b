//! What reads the words of strangers, each with what must hold of an input that it takes.

use dossier_journal::checkpoint::{Checkpoint, VerifierKey};
use dossier_journal::merkle::verify_consistency;
use dossier_journal::verify::Receipt;
use dossier_kernel::call::Call;
use dossier_kernel::filter::{Field, Filter};
use dossier_kernel::name as names;
use dossier_kernel::order::Order;
use dossier_kernel::page::Page;
use dossier_kernel::path::Path;
use dossier_regime::{Regimes, Sources};

use crate::made;

/// A decoder, and what must hold of what it takes.
pub(crate) type Reader = fn(&[u8]) -> Outcome;

/// What became of an input.
pub(crate) enum Outcome {
    /// It was taken, and comes back as it was.
    Taken,
    /// It was refused.
    Refused,
    /// It was taken, and written again it is something else.
    Differs,
}

const FIELDS: [Field; 7] = [
    Field::name("borrower", "persons"),
    Field::text("subject"),
    Field::text("classification.*"),
    Field::state("state", &["OUT", "RETURNED"]),
    Field::time("time"),
    Field::flag("active"),
    Field::number("seq"),
];

// === impl Outcome ===

impl Outcome {
    fn of(taken: bool, same: bool) -> Self {
        match (taken, same) {
            (false, _) => Self::Refused,
            (true, true) => Self::Taken,
            (true, false) => Self::Differs,
        }
    }
}

pub(crate) fn filter(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    let Ok(filter) = Filter::parse(text) else { return Outcome::Refused };
    let written = filter.to_string();
    // The one spelling may be longer than a filter may be.
    let same = written.chars().count() > 1_000 || Filter::parse(&written).is_ok_and(|again| again == filter);
    if let Ok(found) = filter.against(&FIELDS) {
        let _ = (found.id("borrower"), found.range("time"), found.range("seq"), found.below("classification").count());
    }
    Outcome::of(true, same)
}

pub(crate) fn order(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    let Ok(order) = Order::parse(text) else { return Outcome::Refused };
    let written = order.to_string();
    let same = written.chars().count() > 200 || Order::parse(&written).is_ok_and(|again| again == order);
    let _ = order.among(&["name desc"]);
    Outcome::of(true, same)
}

pub(crate) fn path(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    let Some(path) = Path::parse(text) else { return Outcome::Refused };
    Outcome::of(true, path.to_string() == text && Path::parse(path.as_str()).as_ref() == Some(&path))
}

/// Tokens of the page that [`made`] asks for; only what that page gave is taken.
pub(crate) fn token(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    let call: Call = made::call();
    let Ok(page) = Page::of(&call, 50, text, &["filter", "name desc"]) else { return Outcome::Refused };
    let _ = (page.after_uuid(), page.after_number(0));
    Outcome::of(true, text.is_empty() || page.token(&page.after) == text)
}

pub(crate) fn name(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    let known = [
        names::id("name", "files", text).ok().map(|id| names::name("files", id)),
        names::id("name", "services/profile/duties", text).ok().map(|id| names::name("services/profile/duties", id)),
        names::number(text).map(|number| names::of_number(&number)),
        names::numbered("name", "files", "revisions", text).ok().map(|(id, n)| format!("files/{id}/revisions/{n}")),
        names::require_service("name", "profile", "", text).ok().map(|()| names::of_service("profile")),
    ];
    let mut written = known.into_iter().flatten().peekable();
    Outcome::of(written.peek().is_some(), written.all(|written| written == text))
}

pub(crate) fn checkpoint(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    if Checkpoint::parse(text).is_err() {
        return Outcome::Refused;
    }
    match Checkpoint::verify(text, &made::verifier()) {
        // A note of nobody known.
        Err(_) => Outcome::Taken,
        // What the key has signed is what was signed, whatever stands beside it.
        Ok(signed) => Outcome::of(true, text.starts_with(&signed.text())),
    }
}

pub(crate) fn key(input: &[u8]) -> Outcome {
    let Ok(text) = str::from_utf8(input) else { return Outcome::Refused };
    let Ok(key) = text.parse::<VerifierKey>() else { return Outcome::Refused };
    Outcome::of(true, key.to_string() == text)
}

/// Receipts; one that the key confirms must be of an entry that it signed.
pub(crate) fn receipt(input: &[u8]) -> Outcome {
    let Ok(receipt) = serde_json::from_slice::<Receipt>(input) else { return Outcome::Refused };
    match receipt.verify(&made::verifier()) {
        Err(_) => Outcome::Refused,
        Ok((body, _)) => Outcome::of(true, made::bodies().contains(&body)),
    }
}

/// Proofs that one tree continues another: `{"sizes": [2, 5], "proof": [..]}` between roots that are fixed by the sizes.
pub(crate) fn extension(input: &[u8]) -> Outcome {
    let Some((first, second, proof)) = made::read_extension(input) else { return Outcome::Refused };
    let (Some(older), Some(newer)) = (made::root(first), made::root(second)) else { return Outcome::Refused };
    let taken = verify_consistency(first, &older, second, &newer, &proof).is_ok();
    Outcome::of(taken, first <= second && made::extension(first, second).is_none_or(|true_one| true_one == proof))
}

/// Packs, with the templates, calendars and organisations that are shipped.
pub(crate) fn pack(input: &[u8]) -> Outcome {
    let mut sources = Sources::shipped();
    if let Some(first) = sources.packs.first_mut() {
        first.bytes = input.to_vec();
    }
    Outcome::of(Regimes::read(&sources).is_ok(), true)
}
