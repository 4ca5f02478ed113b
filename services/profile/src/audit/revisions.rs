//! Each entry of a file beside the one revision that it made: who, what, when, why, and the content, bit by bit.
//!
//! The values that a revision wrote open the promises of its entry; the values that it did not write are, byte for byte,
//! those of the revision before. So every value of every revision hangs on the entry that brought it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Cause, Findings, time_of, word};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileChanged};
use dossier_proto::profile::v1::CustomerFile as Header;
use dossier_vault::commitment::{Salt, matches};
use dossier_vault::{DataKey, Vault};
use prost::Message;
use uuid::Uuid;

use crate::content::{Content, Seal, reason_at};
use crate::domain::customer_file::Act;
use crate::domain::field_visibility::UNIT_REF;
use crate::domain::form::path;
use crate::store::audit::{self, FileRow, Revisions};
use crate::store::revision::Revision;

pub(super) const TABLE: &str = "customer_file_revision";

/// One entry with what it changed.
struct Said<'a> {
    seq: i64,
    entry: &'a EntryBody,
    event: &'a FileChanged,
    file: Uuid,
}

/// How a revision is called in a report.
pub(super) fn called(file: Uuid, revision: i64) -> String {
    format!("{file}/{revision}")
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
    let numbers = said.iter().flat_map(|one| [(one.file, one.event.revision), (one.file, one.event.revision - 1)]);
    let revisions = audit::revisions(tx, org, &numbers.collect()).await?;
    let files = audit::keys(tx, org, &said.iter().map(|one| one.file).collect()).await?;
    for one in &said {
        one.compare(vault, org, &revisions, &files, findings);
    }
    Ok(())
}

// === impl Said ===

impl<'a> Said<'a> {
    fn of(seq: i64, entry: &'a EntryBody) -> Option<Self> {
        let Some(Kind::FileChanged(event)) = entry.event.as_ref()?.kind.as_ref() else { return None };
        let file = Uuid::try_parse(event.file.strip_prefix("files/")?).ok()?;
        Some(Self { seq, entry, event, file })
    }

    fn compare(
        &self,
        vault: &Vault,
        org: &str,
        revisions: &Revisions,
        files: &HashMap<Uuid, FileRow>,
        findings: &mut Findings,
    ) {
        let number = self.event.revision;
        let Some(row) = revisions.get(&(self.file, number)) else {
            return findings.add(TABLE, called(self.file, number), Cause::Missing { seq: self.seq });
        };
        findings.rows += 1;
        let before = revisions.get(&(self.file, number - 1));
        self.header(row, before, findings);
        let changed: BTreeSet<_> = self.event.changed_fields.iter().cloned().collect();
        let (Some(content), before) = (read(row), before.and_then(read)) else {
            return self.broken("content", findings);
        };
        let foreign = content.differing(&before.unwrap_or_default());
        for key in foreign.difference(&changed) {
            self.broken(&path(key), findings);
        }
        match self.key(vault, org, files, findings) {
            Some((key, file)) => {
                let seal = Seal::new(vault, org, self.file, key);
                self.promises(row, file, &content, &seal, findings);
            }
            None => self.unpromised(row, findings),
        }
    }

    /// What the row and the header in it say in clear.
    fn header(&self, row: &Revision, before: Option<&Revision>, findings: &mut Findings) {
        let (event, entry) = (self.event, self.entry);
        // A clock that went back turns no revision before the last (P-48).
        let at = before.map_or(time_of(entry), |before| time_of(entry).max(before.at));
        let act = Act::of_action(&entry.action).map(Act::as_str);
        let changed: Vec<_> = row.changed.iter().filter_map(|path| path.strip_prefix("fields.")).collect();
        let mut said = event.changed_fields.clone();
        said.sort();
        let mut check = |field: &str, found: Value, said: Value| {
            if found != said {
                let cause = Cause::Field { field: field.to_owned(), found, said, seq: self.seq };
                findings.add(TABLE, called(self.file, event.revision), cause);
            }
        };
        check("at", row.at.into(), at.into());
        check("author", row.author.into(), Value::name(&entry.actor));
        check("act", row.act.as_str().into(), act.into());
        check("changed", Value::list(&changed), Value::list(&said));
        let Ok(header) = Header::decode(&row.header[..]) else {
            return check("header", Value::Nothing, Value::Text("readable".to_owned()));
        };
        let labels = |of: &BTreeMap<String, String>| {
            Value::list(&of.iter().map(|(axis, label)| format!("{axis}={label}")).collect::<Vec<_>>())
        };
        let state = word(header.state().as_str_name(), "CUSTOMER_FILE_STATE_");
        check("header.name", (&header.name).into(), (&event.file).into());
        check("header.number", header.number.into(), (&event.number).into());
        check("header.level", header.level.into(), (&event.level).into());
        check("header.unit", header.unit.into(), (&event.unit).into());
        check("header.custodian", header.custodian.into(), (&event.custodian).into());
        check("header.state", state.into(), word(&event.state, "CUSTOMER_FILE_STATE_").into());
        check("header.customer_type", header.customer_type.into(), event.customer_type.into());
        check("header.template", header.template.into(), (&event.template).into());
        check("header.revision", header.revision.into(), event.revision.into());
        check("header.classification", labels(&header.classification), labels(&event.classification));
    }

    // What opens the file; nothing when it was erased, or cannot be opened, which is told.
    fn key<'f>(
        &self,
        vault: &Vault,
        org: &str,
        files: &'f HashMap<Uuid, FileRow>,
        findings: &mut Findings,
    ) -> Option<(Arc<DataKey>, &'f FileRow)> {
        let file = files.get(&self.file);
        if file.is_some_and(|file| file.erased_at.is_some()) {
            findings.erased += 1;
            return None;
        }
        let key = file.and_then(|file| Some((vault.key_of(org, self.file, &file.key).ok()?, file)));
        if key.is_none() {
            findings.add("file_key", self.file.to_string(), Cause::Unopened { seq: self.seq });
        }
        key
    }

    /// Every promise of the entry against the value that the revision holds.
    fn promises(&self, row: &Revision, file: &FileRow, content: &Content, seal: &Seal<'_>, findings: &mut Findings) {
        let number = self.event.revision;
        let salts = row.salts.as_ref().and_then(|sealed| seal.salts(number, sealed).ok()).unwrap_or_default();
        let value = |at: &str| match at {
            "reason" => row.reason.as_ref().and_then(|sealed| seal.open_text(&reason_at(number), sealed).ok()),
            UNIT_REF => seal.open_text(UNIT_REF, &file.unit_ref).ok(),
            at => content.text(seal, at.strip_prefix("fields.")?).ok().flatten(),
        };
        for promise in &self.entry.commitments {
            let at = promise.field.as_str();
            let holds = salts.get(at).and_then(|salt| Salt::of(salt).ok()).zip(value(at));
            if !holds.is_some_and(|(salt, value)| matches(&promise.digest, &salt, at, value.as_bytes())) {
                self.broken(at, findings);
            }
        }
        self.unpromised(row, findings);
        // What was changed without a promise was emptied.
        for key in self.event.changed_fields.iter().filter(|key| content.has(key)) {
            if !self.promised(&path(key)) {
                self.broken(&path(key), findings);
            }
        }
    }

    // A reason that no entry knows of.
    fn unpromised(&self, row: &Revision, findings: &mut Findings) {
        if row.reason.is_some() && !self.promised("reason") {
            self.broken("reason", findings);
        }
    }

    fn promised(&self, at: &str) -> bool {
        self.entry.commitments.iter().any(|promise| promise.field == at)
    }

    fn broken(&self, field: &str, findings: &mut Findings) {
        let cause = Cause::Promise { field: field.to_owned(), seq: self.seq };
        findings.add(TABLE, called(self.file, self.event.revision), cause);
    }
}

fn read(row: &Revision) -> Option<Content> {
    Content::read(TABLE, &row.content).ok()
}
