//! Each entry of a record beside its row and the one revision that it made: what it says, and every value that it promises.

use std::collections::BTreeMap;

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Cause, Findings, OF_FILE, Told, instant, time_of};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, RecordChanged, RecordStep};
use dossier_vault::Vault;
use uuid::Uuid;

use super::disposals;
use super::proof::{Kept, Proof, called};
use crate::content::{Content, SIGNED, Seal, signed};
use crate::domain::record::{PART, State, ids};
use crate::store::record::{self, Revision, Sealed};

pub(super) const TABLE: &str = "record_revision";

/// What an entry says of the row of a record.
pub(super) fn tell(told: &mut Told, entry: &EntryBody, one: &RecordChanged) {
    let (key, at) = (key(&one.record), time_of(entry));
    // A clock that went back turns no version before the last (P-48).
    let updated = at.max(told.number("record", &key, "updated_at"));
    signature(told, entry, one);
    if told.number("record", &key, "version") > one.revision {
        let _ = told.row("record", key).says("updated_at", updated);
        return;
    }
    let _ = told
        .row("record", key)
        .says("file", Value::name(&one.file))
        .says("kind", &one.kind)
        .says("single", one.single)
        .says("period", if one.single { "" } else { &one.period })
        .says("of", Value::from(one.of.rsplit('/').next().unwrap_or_default()))
        // Entries of before tell of no stages that were entered, and no record had ended then.
        .says("state", if one.state.is_empty() { State::Open.as_str() } else { &one.state })
        .says("steps", Value::list(&one.steps.iter().map(step).collect::<Vec<_>>()))
        .says("done", Value::list(&one.done.iter().map(step).collect::<Vec<_>>()))
        .says("round", one.round)
        .says("number", &one.number)
        .says("pending", &one.pending)
        .says("stage", &one.stage)
        .says("template", &one.template)
        .says("template_version", one.template_version)
        .says("version", one.revision)
        .says("creator", Value::name(&one.creator))
        .says("created_at", instant(one.create_time.as_ref()))
        .says("updated_at", updated)
        .says("completeness", one.completeness_basis_points)
        .says("complete", one.complete)
        .says("imported", one.imported);
}

// What an entry says of the signature that was given with it; its digest is what the entry promises.
fn signature(told: &mut Told, entry: &EntryBody, one: &RecordChanged) {
    let Some(signed) = &one.signed else { return };
    let digest = entry.commitments.iter().find(|promise| promise.field == SIGNED);
    let _ = told
        .row("record_signature", &signed.signature)
        .says("record", Value::name(&one.record))
        .says(OF_FILE, Value::name(&one.file))
        .says("revision", one.revision)
        .says("stage", &signed.stage)
        .says("slot", &signed.slot)
        .says("round", one.round)
        .says("signer", Value::name(&entry.actor))
        .says("post", &signed.post)
        .says("at", time_of(entry))
        .says("digest", digest.map(|promise| hex::encode(&promise.digest)));
}

fn step(one: &RecordStep) -> String {
    let at = instant(one.enter_time.as_ref()).unwrap_or_default();
    format!("{} {at} {} {}", one.stage, one.revision, one.round)
}

/// Compares the revisions that `entries` made.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn compare(
    vault: &Vault,
    tx: &mut Tx,
    org: &str,
    entries: &[(i64, EntryBody)],
    findings: &mut Findings,
) -> Result<()> {
    let said: Vec<_> = entries.iter().filter_map(|(seq, entry)| said(*seq, entry)).collect();
    let said = disposals::living(tx, org, said, |(one, _)| one.file, findings).await?;
    let keys = record::keys(tx, org, &said.iter().map(|(one, _)| one.holder).collect()).await?;
    let revisions = revisions(tx, org, said.iter().map(|(one, _)| one)).await?;
    for (one, event) in &said {
        let signed = |at: &str, content: &Content, seal: &Seal<'_>| {
            let one = event.signed.as_ref().filter(|_| at == SIGNED)?;
            signed(&event.record, (&one.stage, &one.slot), content, seal).ok()
        };
        one.compare((vault, org), &revisions, keys.get(&one.holder), signed, findings);
    }
    Ok(())
}

fn said(seq: i64, entry: &EntryBody) -> Option<(Said<'_>, &RecordChanged)> {
    let Some(Kind::RecordChanged(event)) = super::kind(entry) else { return None };
    let (file, holder) = ids("record", &event.record).ok()?;
    let (number, changed) = (event.revision, event.changed_fields.as_slice());
    Some((Said { table: "record", part: PART, seq, entry, file, holder, number, changed }, event))
}

/// The revisions that `said` made, and those before.
///
/// # Errors
/// `STORE_UNAVAILABLE`.
pub(super) async fn revisions<'s>(
    tx: &mut Tx,
    org: &str,
    said: impl Iterator<Item = &'s Said<'s>>,
) -> Result<Revisions> {
    let numbers = said.flat_map(|one| [(one.holder, one.number), (one.holder, one.number - 1)]);
    record::revisions(tx, org, &numbers.collect()).await
}

/// Revisions by holder and number.
pub(super) type Revisions = BTreeMap<(Uuid, i64), Revision>;

/// One entry with what it changed: a record, or a document.
pub(super) struct Said<'a> {
    /// Its table.
    pub(super) table: &'static str,
    /// What stands in its name behind that of the file.
    pub(super) part: &'static str,
    pub(super) seq: i64,
    pub(super) entry: &'a EntryBody,
    pub(super) file: Uuid,
    pub(super) holder: Uuid,
    pub(super) number: i64,
    pub(super) changed: &'a [String],
}

// === impl Said ===

impl Said<'_> {
    /// Compares it; `more` gives what is promised besides fields and reason.
    pub(super) fn compare(
        &self,
        (vault, org): (&Vault, &str),
        revisions: &Revisions,
        key: Option<&Sealed>,
        more: impl Fn(&str, &Content, &Seal<'_>) -> Option<String>,
        findings: &mut Findings,
    ) {
        let number = self.number;
        let Some(row) = revisions.get(&(self.holder, number)) else {
            return findings.add(TABLE, called(self.holder, number), Cause::Missing { seq: self.seq });
        };
        findings.rows += 1;
        let proof = Proof {
            table: TABLE,
            holder: self.holder,
            number,
            seq: self.seq,
            entry: self.entry,
            changed: self.changed,
            now: row.into(),
            before: revisions.get(&(self.holder, number - 1)).map(Into::into),
        };
        proof.made(&row.changed.iter().map(String::as_str).collect::<Vec<_>>(), findings);
        let Some(content) = proof.carried(findings) else { return };
        match self.seal(vault, org, key, findings) {
            Some(seal) => proof.promises(&content, &seal, |at| more(at, &content, &seal), findings),
            None => proof.unpromised(findings),
        }
    }

    // What opens it; nothing when its file was erased, or it cannot be opened, which is told.
    fn seal<'v>(
        &self,
        vault: &'v Vault,
        org: &'v str,
        key: Option<&Sealed>,
        findings: &mut Findings,
    ) -> Option<Seal<'v>> {
        if key.is_some_and(|key| key.erased_at.is_some()) {
            findings.erased += 1;
            return None;
        }
        let own = key.and_then(|key| unsealed((vault, org), (self.file, self.part, self.holder), key));
        if own.is_none() {
            findings.add(self.table, self.holder.to_string(), Cause::Unopened { seq: self.seq });
        }
        own
    }
}

/// The seal of what lies in a file; `None` when it does not open.
pub(super) fn unsealed<'v>(
    (vault, org): (&'v Vault, &'v str),
    (file, part, id): (Uuid, &str, Uuid),
    key: &Sealed,
) -> Option<Seal<'v>> {
    let whole = Seal::new(vault, org, file, vault.key_of(org, file, &key.file).ok()?);
    whole.part(part, id, &key.sealed_key).ok()
}

// === impl Kept ===

impl<'r> From<&'r Revision> for Kept<'r> {
    fn from(row: &'r Revision) -> Self {
        let (reason, salts) = (row.reason.as_deref(), row.salts.as_deref());
        Self { at: row.at, author: row.author, content: &row.content, reason, salts }
    }
}
