//! Each entry of a record beside its row and the one revision that it made: what it says, and every value that it promises.

use std::collections::BTreeSet;

use dossier_authority::audit::key;
use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Cause, Findings, Told, instant, time_of};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, RecordChanged};
use dossier_vault::commitment::{Salt, matches};
use dossier_vault::{Aad, Vault};

use super::revisions::called;
use crate::content::{Content, Seal, reason_at};
use crate::domain::form::path;
use crate::domain::record::ids;
use crate::store::audit;
use crate::store::record::{self, Revision};
use crate::work::record::place;

pub(super) const TABLE: &str = "record_revision";

/// What an entry says of the row of a record.
pub(super) fn tell(told: &mut Told, entry: &EntryBody, one: &RecordChanged) {
    let (key, at) = (key(&one.record), time_of(entry));
    // A clock that went back turns no version before the last (P-48).
    let updated = at.max(told.number("record", &key, "updated_at"));
    if told.number("record", &key, "version") > one.revision {
        let _ = told.row("record", key).says("updated_at", updated);
        return;
    }
    let _ = told
        .row("record", key)
        .says("file", Value::name(&one.file))
        .says("kind", &one.kind)
        .says("single", one.single)
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
    for (seq, entry) in entries {
        let Some(Kind::RecordChanged(event)) = super::kind(entry) else { continue };
        let Ok((file, record)) = ids("record", &event.record) else { continue };
        let Some(row) = record::revision(tx, org, record, event.revision).await? else {
            findings.add(TABLE, called(record, event.revision), Cause::Missing { seq: *seq });
            continue;
        };
        findings.rows += 1;
        let before = record::revision(tx, org, record, event.revision - 1).await?;
        let said = Said { seq: *seq, entry, event, row: &row };
        said.header(before.as_ref(), findings);
        let files = audit::keys(tx, org, &BTreeSet::from([file])).await?;
        let (found, record) = (files.get(&file), record::lookup(tx, org, file, record).await?);
        if found.is_some_and(|file| file.erased_at.is_some()) {
            findings.erased += 1;
            continue;
        }
        let parent = found.and_then(|found| vault.key_of(org, file, &found.key).ok());
        let own = parent.zip(record).and_then(|(parent, record)| {
            let field = place(record.id);
            vault.open_part_key(&parent, record.id, Aad { org, file, field: &field }, &record.sealed_key).ok()
        });
        match own {
            Some(key) => said.values(before.as_ref(), &Seal::new(vault, org, file, key), findings),
            None => findings.add("record", key(&event.record), Cause::Unopened { seq: *seq }),
        }
    }
    Ok(())
}

/// One entry with the revision that it made.
struct Said<'a> {
    seq: i64,
    entry: &'a EntryBody,
    event: &'a RecordChanged,
    row: &'a Revision,
}

// === impl Said ===

impl Said<'_> {
    fn header(&self, before: Option<&Revision>, findings: &mut Findings) {
        let at = before.map_or(time_of(self.entry), |before| time_of(self.entry).max(before.at));
        let changed: Vec<_> = self.row.changed.iter().cloned().collect();
        let mut check = |field: &str, found: Value, said: Value| {
            if found != said {
                let cause = Cause::Field { field: field.to_owned(), found, said, seq: self.seq };
                findings.add(TABLE, called(self.row.record, self.row.revision), cause);
            }
        };
        check("at", self.row.at.into(), at.into());
        check("author", self.row.author.into(), Value::name(&self.entry.actor));
        check("changed", Value::list(&changed), Value::list(&self.event.changed_fields));
    }

    // Every promise against the value that the revision holds, and no value that nothing promises.
    fn values(&self, before: Option<&Revision>, seal: &Seal<'_>, findings: &mut Findings) {
        let content = |row: &Revision| Content::read(TABLE, &row.content).ok();
        let Some(now) = content(self.row) else { return self.broken("content", findings) };
        let changed: BTreeSet<_> = self.event.changed_fields.iter().cloned().collect();
        for key in now.differing(&before.and_then(content).unwrap_or_default()).difference(&changed) {
            self.broken(&path(key), findings);
        }
        for key in changed.iter().filter(|key| now.has(key) && !self.promised(&path(key))) {
            self.broken(&path(key), findings);
        }
        if self.row.reason.is_some() && !self.promised("reason") {
            self.broken("reason", findings);
        }
        let number = self.row.revision;
        let salts = self.row.salts.as_ref().and_then(|sealed| seal.salts(number, sealed).ok()).unwrap_or_default();
        let value = |at: &str| match at {
            "reason" => self.row.reason.as_ref().and_then(|one| seal.open_text(&reason_at(number), one).ok()),
            at => now.text(seal, at.strip_prefix("fields.")?).ok().flatten(),
        };
        for promise in &self.entry.commitments {
            let at = promise.field.as_str();
            let held = salts.get(at).and_then(|salt| Salt::of(salt).ok()).zip(value(at));
            if !held.is_some_and(|(salt, value)| matches(&promise.digest, &salt, at, value.as_bytes())) {
                self.broken(at, findings);
            }
        }
    }

    fn promised(&self, at: &str) -> bool {
        self.entry.commitments.iter().any(|promise| promise.field == at)
    }

    fn broken(&self, field: &str, findings: &mut Findings) {
        let cause = Cause::Promise { field: field.to_owned(), seq: self.seq };
        findings.add(TABLE, called(self.row.record, self.row.revision), cause);
    }
}
