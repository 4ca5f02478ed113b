//! Each entry of a record beside its row and the one revision that it made: what it says, and every value that it promises.

use std::collections::BTreeMap;

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Cause, Findings, Told, instant, time_of};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, RecordChanged, RecordStep};
use dossier_vault::Vault;
use uuid::Uuid;

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
        .says("complete", one.complete);
}

// What an entry says of the signature that was given with it; its digest is what the entry promises.
fn signature(told: &mut Told, entry: &EntryBody, one: &RecordChanged) {
    let Some(signed) = &one.signed else { return };
    let digest = entry.commitments.iter().find(|promise| promise.field == SIGNED);
    let _ = told
        .row("record_signature", &signed.signature)
        .says("record", Value::name(&one.record))
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
    let said: Vec<_> = entries.iter().filter_map(|(seq, entry)| Said::of(*seq, entry)).collect();
    let numbers = said.iter().flat_map(|one| [(one.record, one.event.revision), (one.record, one.event.revision - 1)]);
    let revisions = record::revisions(tx, org, &numbers.collect()).await?;
    let keys = record::keys(tx, org, &said.iter().map(|one| one.record).collect()).await?;
    for one in &said {
        one.compare(vault, org, &revisions, keys.get(&one.record), findings);
    }
    Ok(())
}

/// One entry with what it changed.
struct Said<'a> {
    seq: i64,
    entry: &'a EntryBody,
    event: &'a RecordChanged,
    file: Uuid,
    record: Uuid,
}

// === impl Said ===

impl<'a> Said<'a> {
    fn of(seq: i64, entry: &'a EntryBody) -> Option<Self> {
        let Some(Kind::RecordChanged(event)) = super::kind(entry) else { return None };
        let (file, record) = ids("record", &event.record).ok()?;
        Some(Self { seq, entry, event, file, record })
    }

    fn compare(
        &self,
        vault: &Vault,
        org: &str,
        revisions: &BTreeMap<(Uuid, i64), Revision>,
        key: Option<&Sealed>,
        findings: &mut Findings,
    ) {
        let number = self.event.revision;
        let Some(row) = revisions.get(&(self.record, number)) else {
            return findings.add(TABLE, called(self.record, number), Cause::Missing { seq: self.seq });
        };
        findings.rows += 1;
        let proof = Proof {
            table: TABLE,
            holder: self.record,
            number,
            seq: self.seq,
            entry: self.entry,
            changed: &self.event.changed_fields,
            now: row.into(),
            before: revisions.get(&(self.record, number - 1)).map(Into::into),
        };
        proof.made(&row.changed.iter().map(String::as_str).collect::<Vec<_>>(), findings);
        let Some(content) = proof.carried(findings) else { return };
        match self.seal(vault, org, key, findings) {
            Some(seal) => proof.promises(&content, &seal, |at| self.signed(at, &content, &seal), findings),
            None => proof.unpromised(findings),
        }
    }

    // What was signed with this revision.
    fn signed(&self, at: &str, content: &Content, seal: &Seal<'_>) -> Option<String> {
        let one = self.event.signed.as_ref().filter(|_| at == SIGNED)?;
        signed(&self.event.record, (&one.stage, &one.slot), content, seal).ok()
    }

    // What opens the record; nothing when its file was erased, or it cannot be opened, which is told.
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
        let own = key.and_then(|key| {
            let file = Seal::new(vault, org, self.file, vault.key_of(org, self.file, &key.file).ok()?);
            file.part(PART, self.record, &key.sealed_key).ok()
        });
        if own.is_none() {
            findings.add("record", self.record.to_string(), Cause::Unopened { seq: self.seq });
        }
        own
    }
}

// === impl Kept ===

impl<'r> From<&'r Revision> for Kept<'r> {
    fn from(row: &'r Revision) -> Self {
        let (reason, salts) = (row.reason.as_deref(), row.salts.as_deref());
        Self { at: row.at, author: row.author, content: &row.content, reason, salts }
    }
}
