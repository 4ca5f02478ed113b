//! Each entry of a file beside the one revision that it made: who, what, when, why, and the content, bit by bit.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use dossier_journal::verify::Value;
use dossier_journal::verify::state::{Cause, Findings, word};
use dossier_kernel::db::Tx;
use dossier_kernel::error::Result;
use dossier_proto::journal::v1::event::Kind;
use dossier_proto::journal::v1::{EntryBody, FileChanged};
use dossier_proto::profile::v1::CustomerFile as Header;
use dossier_proto::types::FileLink;
use dossier_vault::{DataKey, Vault};
use prost::Message;
use uuid::Uuid;

use super::disposals;
use super::proof::{Kept, Proof, called};
use crate::content::Seal;
use crate::domain::customer_file::Act;
use crate::domain::field_visibility::UNIT_REF;
use crate::domain::ties;
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
    let said = disposals::living(tx, org, said, |one| one.file, findings).await?;
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
        let proof = Proof {
            table: TABLE,
            holder: self.file,
            number,
            seq: self.seq,
            entry: self.entry,
            changed: &self.event.changed_fields,
            now: row.into(),
            before: revisions.get(&(self.file, number - 1)).map(Into::into),
        };
        self.header(&proof, row, findings);
        let Some(content) = proof.carried(findings) else { return };
        match self.key(vault, org, files, findings) {
            Some((key, file)) => {
                let seal = Seal::new(vault, org, self.file, key);
                let unit = |at: &str| seal.open_text(UNIT_REF, &file.unit_ref).ok().filter(|_| at == UNIT_REF);
                proof.promises(&content, &seal, unit, findings);
            }
            None => proof.unpromised(findings),
        }
    }

    /// What the row and the header in it say in clear.
    fn header(&self, proof: &Proof<'_>, row: &Revision, findings: &mut Findings) {
        let event = self.event;
        let changed: Vec<_> = row.changed.iter().filter_map(|path| path.strip_prefix("fields.")).collect();
        proof.made(&changed, findings);
        let mut check = |field: &str, found: Value, said: Value| proof.check(field, found, said, findings);
        let act = Act::of_action(&self.entry.action).map(Act::as_str);
        check("act", row.act.as_str().into(), act.into());
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
        let terms = event.terms.clone().unwrap_or_default();
        check("header.of", header.of.into(), terms.of.into());
        let texts = |links: &[FileLink]| Value::list(&ties::texts(links));
        check("header.links", texts(&header.links), texts(&terms.links));
        check("header.merged_into", header.merged_into.into(), terms.merged_into.into());
        check("header.merged", Value::list(&header.merged), Value::list(&terms.merged));
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
}

// === impl Kept ===

impl<'r> From<&'r Revision> for Kept<'r> {
    fn from(row: &'r Revision) -> Self {
        let (reason, salts) = (row.reason.as_deref(), row.salts.as_deref());
        Self { at: row.at, author: row.author, content: &row.content, reason, salts }
    }
}
