//! The words that entries promise: kept beside the entry, or in the row that has the text anyway.

use dossier_authority::promise::{self, Check};
use dossier_journal::verify::state::{Findings, Told};
use dossier_journal::verify::{Promise, Value};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{Commitment, EntryBody, LoanChanged};
use dossier_vault::Vault;
use dossier_vault::commitment::matches;
use uuid::Uuid;

use super::{decision_key, key, lent_key};
use crate::store::audit::notes;
use crate::work::loan::event::MATERIAL;

/// Where a text stands: table, key, field.
type Home = (&'static str, String, &'static str);

/// Compares the words of `entries` with their notes, and tells of those that a row keeps.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn compare(
    vault: &Vault,
    tx: &mut Tx,
    org: &str,
    entries: &[(i64, EntryBody)],
    told: &mut Told,
    findings: &mut Findings,
) -> Result<()> {
    let ids = promise::promising(entries);
    let mut kept = promise::kept(vault, tx, org, &ids).await?;
    for note in notes(tx, org, &ids).await? {
        kept.add(note.entry, note.field, &note.salt, note.text);
    }
    for (seq, entry) in entries {
        told.at(*seq);
        silent(told, entry);
        for promise in &entry.commitments {
            let at = Uuid::try_parse(&entry.id).unwrap_or_default();
            let found = kept.check(entry, promise);
            hear(told, entry, promise, found).tell(at, promise, *seq, findings);
        }
    }
    Ok(())
}

// Tells of the row that keeps the text, where it is not kept beside the entry.
fn hear(told: &mut Told, entry: &EntryBody, promise: &Commitment, found: Check) -> Check {
    let Check::Elsewhere(salt) = found else { return found };
    let Some((table, key, field)) = home(entry, &promise.field) else { return Check::Broken };
    let (digest, name) = (promise.digest.clone(), promise.field.clone());
    let promise = Promise::new(move |text| matches(&digest, &salt, &name, text.as_bytes()));
    told.row(table, key).newly(field, Some(promise));
    Check::Holds
}

// The row that keeps the text of a promise. Why somebody asks or borrows is content, its justification; entries of earlier
// versions call it `reason`, and so do the columns.
fn home(entry: &EntryBody, field: &str) -> Option<Home> {
    match (kind(entry)?, field) {
        (Kind::PersonChanged(one), "display_name") => Some(("person", key(&one.person), "display_name")),
        (Kind::DelegationChanged(one), "letter_reference") => Some(("letter", key(&one.delegation), "reference")),
        (Kind::AccessRequestChanged(one), "justification" | "reason") => {
            Some(("access_request", key(&one.access_request), "reason"))
        }
        (Kind::LoanChanged(one), "justification" | "reason") => Some(("loan", key(&one.loan), "reason")),
        (Kind::LoanChanged(one), "signature_reference") => Some(("loan", key(&one.loan), "signature_reference")),
        (Kind::LoanChanged(one), material) => material_row(one, material).map(|row| ("loan_item", row, "material")),
        (Kind::ApprovalChanged(one), "comment") => {
            Some(("approval_decision", decision_key(&one.approval, one.decisions.last()?), "comment"))
        }
        _ => None,
    }
}

// The row that keeps what a thing of a loan is in words; in entries of earlier versions it is the paper of the file.
fn material_row(one: &LoanChanged, field: &str) -> Option<String> {
    let place = MATERIAL.iter().position(|material| *material == field)?;
    match one.items.get(place) {
        Some(item) => Some(lent_key(one, &item.item)),
        None => Some(lent_key(one, &one.file)).filter(|_| one.items.is_empty() && place == 0),
    }
}

// A text that was left empty is promised by nothing; where the entry would have promised it, it is known to be empty.
fn silent(told: &mut Told, entry: &EntryBody) {
    let empty = |field: &str| entry.commitments.iter().all(|promise| promise.field != field);
    let none = || Value::private("");
    match kind(entry) {
        Some(Kind::ApprovalChanged(one)) if empty("comment") && entry.action.starts_with("approval.") => {
            let Some(newest) = one.decisions.last() else { return };
            told.row("approval_decision", decision_key(&one.approval, newest)).once("comment", none());
        }
        Some(Kind::DelegationChanged(one)) if one.max_rank.is_some() && empty("letter_reference") => {
            told.row("letter", key(&one.delegation)).once("reference", none());
        }
        Some(Kind::LoanChanged(one)) if one.terms.is_some() && entry.action == "loan.checked_out" => {
            let promised = [("reason", "justification"), ("signature_reference", "")];
            for (field, _) in promised.into_iter().filter(|(field, now)| empty(field) && empty(now)) {
                told.row("loan", key(&one.loan)).once(field, none());
            }
            let unsaid = MATERIAL.into_iter().filter(|field| empty(field));
            for row in unsaid.filter_map(|field| material_row(one, field)) {
                told.row("loan_item", row).once("material", none());
            }
        }
        _ => {}
    }
}

fn kind(entry: &EntryBody) -> Option<&Kind> {
    entry.event.as_ref()?.kind.as_ref()
}
