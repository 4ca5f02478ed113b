//! What is said of a document in clear: its days, its sheets, its paper and ink (P-28, P-29).

use std::collections::BTreeSet;

use dossier_kernel::error::{Error, Result, one_of};
use dossier_kernel::faults::Faults;
use dossier_kernel::states;
use dossier_proto::profile::v1 as wire;
use dossier_regime::DocumentKind;
use jiff::civil::Date;

use super::Carrier;
use crate::domain::header::{self, Path, unwritable};
use crate::domain::text::tidy;

/// Most sheets or pages of one document.
const MOST_PAGES: i32 = 100_000;
/// The parts that an update changes besides fields.
pub const PARTS: [&str; 6] = ["document_date", "expire_date", "sheets", "pages", "paper", "ink"];

/// What is said in clear; an empty text and 0 mean that it is not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// The day that stands on it.
    pub document_date: String,
    /// The last day on which it holds.
    pub expire_date: String,
    /// Sheets of paper.
    pub sheets: i64,
    /// Pages with text.
    pub pages: i64,
    /// Size of the paper.
    pub paper: String,
    /// Writing material.
    pub ink: String,
}

/// The parts of a document that a mask names: those in clear, and its fields.
///
/// # Errors
/// `UPDATE_MASK_INVALID`, a violation of `update_mask`.
pub fn mask(paths: &[String]) -> Result<(BTreeSet<&'static str>, BTreeSet<Path>)> {
    // How many paths there are is told before what they name.
    if paths.is_empty() || paths.len() > header::MOST_PATHS {
        return header::mask(paths).map(|fields| (BTreeSet::new(), fields));
    }
    let part = |path: &String| PARTS.into_iter().find(|part| part == path);
    let (parts, fields): (Vec<_>, Vec<_>) = paths.iter().cloned().partition(|path| part(path).is_some());
    let foreign = fields.iter().find(|path| *path != "fields" && !path.starts_with("fields."));
    if let Some(path) = foreign {
        return Err(unwritable(path));
    }
    let fields = if fields.is_empty() && !parts.is_empty() { BTreeSet::new() } else { header::mask(&fields)? };
    Ok((parts.iter().filter_map(part).collect(), fields))
}

/// The carrier that a call names, one of those that `kind` is on, or a fault.
pub fn carrier(kind: Option<&DocumentKind>, given: i32, faults: &mut Faults) -> Option<Carrier> {
    let fits = |one: &Carrier| {
        kind.is_none_or(|kind| kind.carriers.is_empty() || kind.carriers.iter().any(|it| it.as_str() == one.as_str()))
    };
    let found = states::of_wire::<wire::DocumentCarrier, _>(given).filter(fits);
    if found.is_none() {
        let known: Vec<_> =
            Carrier::ALL.iter().filter(|one| fits(one)).map(|one| one.as_str().to_uppercase()).collect();
        faults.add("document.carrier", one_of(known.iter().map(String::as_str)));
    }
    found
}

// === impl Said ===

impl Said {
    /// What `given` says in the parts of `only`, the rest as in `self`; all of it is checked against the kind.
    pub fn after(
        &self,
        (kind, carrier): (&DocumentKind, Carrier),
        given: &wire::Document,
        only: &BTreeSet<&str>,
        faults: &mut Faults,
    ) -> Self {
        let mut after = self.clone();
        let text = |part: &str, into: &mut String, text: &str| {
            if only.contains(part) {
                *into = tidy(text);
            }
        };
        text("document_date", &mut after.document_date, &given.document_date);
        text("expire_date", &mut after.expire_date, &given.expire_date);
        text("paper", &mut after.paper, &given.paper);
        text("ink", &mut after.ink, &given.ink);
        for (part, into, count) in
            [("sheets", &mut after.sheets, given.sheets), ("pages", &mut after.pages, given.pages)]
        {
            if only.contains(part) {
                *into = counted(part, count, faults);
            }
        }
        after.check(kind, carrier, faults);
        after
    }

    fn check(&self, kind: &DocumentKind, carrier: Carrier, faults: &mut Faults) {
        let days = [("document_date", &self.document_date), ("expire_date", &self.expire_date)];
        for (part, text) in days.into_iter().filter(|(_, text)| !text.is_empty()) {
            if text.len() != 10 || text.parse::<Date>().is_err() {
                faults.add(at(part), "must be a day such as `2026-11-30`");
            }
        }
        if kind.expires && self.expire_date.is_empty() {
            faults.add(at("expire_date"), "is required: documents of this kind lapse");
        }
        let paper = carrier.is_paper();
        let asked = [("paper", &self.paper, &kind.accept.paper), ("ink", &self.ink, &kind.accept.ink)];
        for (part, text, accepted) in asked {
            if !paper && !text.is_empty() {
                faults.add(at(part), "must be empty: the document is not on paper");
            } else if paper && !accepted.is_empty() && !accepted.contains(text) {
                faults.add(at(part), format!("is not accepted: {}", one_of(accepted.iter().map(String::as_str))));
            } else if text.chars().count() > 32 {
                faults.add(at(part), "is longer than 32 characters");
            }
        }
    }
}

fn at(part: &str) -> String {
    format!("document.{part}")
}

fn counted(part: &str, count: i32, faults: &mut Faults) -> i64 {
    if !(0..=MOST_PAGES).contains(&count) {
        faults.add(at(part), format!("must be 0 to {MOST_PAGES}"));
    }
    i64::from(count)
}

/// The day in a text that was checked.
///
/// # Errors
/// A violation of `field`.
pub fn day(field: &str, text: &str) -> Result<Date> {
    text.parse().map_err(|_| Error::violation(field, "must be a day such as `2026-11-30`"))
}
